/*
 * verbs.h - the verbs that move what is on the screen. They are entered into
 * the one table of verbs by ui_verbs_add.
 */
#ifndef XENDECK_UI_APP_VERBS_H
#define XENDECK_UI_APP_VERBS_H

#include "src/command/command.h"
#include "ui/ui.h"

extern const struct cmd_family ui_family_console;
extern const struct cmd_family ui_family_events;
extern const struct cmd_family ui_family_program;
extern const struct cmd_family ui_family_scroll;
extern const struct cmd_family ui_family_sort;
extern const struct cmd_family ui_family_view;

/* The front end of a verb that needs a screen. */
struct ui *verb_ui(const struct cmd_ctx *ctx);
/* Opens the form that attaches a device to a domain. */
void device_form(struct ui *ui, uint64_t dom_id);
/* For desk_ops: a text in the user's pager. */
void ui_screen_page(struct ui *ui, const char *title, const char *text);

#endif
