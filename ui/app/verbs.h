/*
 * verbs.h - the verbs that move what is on the screen. They are entered into
 * the one table of verbs by ui_verbs_add.
 */
#ifndef XENDECK_UI_APP_VERBS_H
#define XENDECK_UI_APP_VERBS_H

#include "src/command/command.h"
#include "ui/ui.h"

extern const struct cmd_family ui_family_console;
extern const struct cmd_family ui_family_copy;
extern const struct cmd_family ui_family_events;
extern const struct cmd_family ui_family_layout;
extern const struct cmd_family ui_family_mark;
extern const struct cmd_family ui_family_past;
extern const struct cmd_family ui_family_program;
extern const struct cmd_family ui_family_scroll;
extern const struct cmd_family ui_family_sort;
extern const struct cmd_family ui_family_tile;
extern const struct cmd_family ui_family_view;

/* The front end of a verb that needs a screen. */
struct ui *verb_ui(const struct cmd_ctx *ctx);
/* Opens the form that attaches a device to a domain. */
void device_form(struct ui *ui, uint64_t dom_id);
/* Runs a verb with these words, the verb first, on a domain (0: on none that is
 * not named) without asking. False: it was not begun, *e says why. */
struct form_run {
    const char *const *words;
    int n;
    uint64_t dom_id;
    const char *const *values; /* as struct cmd_ctx has them, or NULL */
};
bool ui_run_form(struct ui *ui, const struct form_run *fr, struct err *e);
/* Opens the form of a verb for a domain, or for none (0). */
void verb_form(struct ui *ui, const struct cmd *c, uint64_t dom_id);
/* For desk_ops: a text in the user's pager. */
void ui_screen_page(struct ui *ui, const char *title, const char *text);
/* The same with the user's editor; what is made of the text is not taken. */
void ui_screen_editor(struct ui *ui, const char *title, const char *text);

#endif
