/*
 * xl_int.h - what the parts of the xl.cfg reader share. Private to
 * engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_INT_H
#define XENDECK_ENGINE_CONFIG_XL_INT_H

#include <stdbool.h>

#include "engine/config/core/set.h"
#include "engine/config/xl/xl_lib.h"
#include "engine/config/xl/xl_scan.h"
#include "engine/config/xl/xl_table.h"

/* --- xl_device.c: a device from xl's specification */
#define XL_PAIRS_MAX 24

struct xl_device {
    const struct config_src *src;
    struct xl_lib *lib;
    const char *shown; /* "disk[0]" */
    unsigned line;
    /* Of a pci that does not say otherwise: pci_permissive = 1... */
    bool permissive, msitranslate, seize, power_mgmt;
    struct {
        const char *key; /* native */
        char *value;
        unsigned line; /* of a setting that stands by itself; else 0 */
    } pairs[XL_PAIRS_MAX];
    size_t n;
};

/* Each takes a specification apart; 0 with the pairs, to be freed by
 * xl_device_fini also after -1. */
int xl_disk(struct xl_device *d, const char *spec);
int xl_vif(struct xl_device *d, const char *spec);
int xl_pci(struct xl_device *d, const char *spec);
int xl_vfb(struct xl_device *d, const char *spec);
/* Sets a key; an earlier value is replaced. */
void xl_device_put(struct xl_device *d, const char *key, const char *value);
const char *xl_device_get(const struct xl_device *d, const char *key);
void xl_device_fini(struct xl_device *d);

/* --- xl_devices.c: all devices of a file */
struct xl_file {
    struct config_src src;
    struct xl_lib lib;
    struct xl_names names;
    struct domain_config *c;
    unsigned file_lines; /* what is behind them was given beside the file */
};

int xl_devices(struct xl_file *f);
/* xl.c: the name as the file has it; NULL: it has none. */
const struct xl_name *xl_file_name(const struct xl_file *f, const char *name);
/* "FILE:LINE: NAME: found VALUE, allowed " and the text. -1. */
int xl_file_refuse(struct xl_file *f, const char *name, enum err_code code,
                   const char *allowed);
/* The text of a setting in *out, NULL if there is none or it is empty. -1: it
 * is a list. */
int xl_file_text(struct xl_file *f, const char *name, const char **out);
/* Whether a number is there and not 0. -1: it is no number. */
int xl_file_flag(struct xl_file *f, const char *name, bool *on_out);

/* xl.c: the text as the native setting's value. */
int xl_file_set(struct xl_file *f, const char *native, const char *name,
                const char *value);
/* A text, or each text of a list. */
int xl_file_texts(struct xl_file *f, const struct xl_setting *s);

#endif
