/*
 * screen_values.h - checks of values that a vfb and the screen of an HVM domain
 * have in common. Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_SCREEN_VALUES_H
#define XENDECK_ENGINE_CONFIG_SCREEN_VALUES_H

#include <stdbool.h>

#include "engine/config/core/set.h"

/* A VNC server's address, "ADDRESS" or "ADDRESS:DISPLAY"; a keymap's name. */
bool value_listen_ok(const char *text);
#define VALUE_LISTEN_ALLOWED "the address of an interface"
bool value_keymap_ok(const char *text);
#define VALUE_KEYMAP_ALLOWED "the name of a keymap, such as \"en-us\""

/* Cuts VNC's passwords to what VNC compares of them, with a warning; refuses a
 * longer one in the native format. */
int screen_cut_passwords(const struct config_src *src, struct domain_config *c);

#endif
