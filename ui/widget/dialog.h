/*
 * dialog.h - how panes and verbs talk with the user: a notice, a prompt, a
 * question, a form, longer text. All but the notice are overlays on the stack
 * of their front end (ui/desk/overlay.h); each done is called exactly once,
 * also when the front end closes.
 */
#ifndef XENDECK_UI_DIALOG_H
#define XENDECK_UI_DIALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/model.h"
#include "src/base/buf.h"
#include "src/base/err.h"

struct ui;

/* Short notice in the status line; errors stay until a key is pressed. */
void ui_notice(struct ui *ui, enum event_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* It is true no more: ends the notice if it is the one that is shown. */
void ui_notice_end(struct ui *ui, const char *text);
/* Longer text over the panes (takes nothing). */
void ui_pager(struct ui *ui, const char *title, const char *text);

/* Prompt line: kind of history, what it shows, and who gets the text. done
 * gets NULL if it was cancelled; changed (may be NULL) on each key. One that
 * is open is cancelled. */
enum prompt_kind { PROMPT_COMMAND, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_MARK };
typedef void (*prompt_cb)(struct ui *ui, const char *text, void *arg);
void ui_prompt(struct ui *ui, enum prompt_kind kind, const char *initial,
               prompt_cb done, prompt_cb changed, void *arg);
/* What Tab offers in the open prompt: complete appends candidates for the end
 * of a line, one a line, and returns the offset where they begin. */
typedef size_t (*prompt_complete_cb)(const char *line, struct buf *out);
void ui_prompt_completes(struct ui *ui, prompt_complete_cb complete);
/* What is wrong with the text so far, shown beside the open prompt until it is
 * told something else; "": nothing. */
void ui_prompt_note(struct ui *ui, const char *text);

/* Yes/no question, no is the default. With typed not NULL the user must type
 * that text. yes false: refused or cancelled. One that comes while another is
 * shown waits for its turn. */
typedef void (*confirm_cb)(struct ui *ui, bool yes, void *arg);
void ui_confirm(struct ui *ui, const char *question, const char *typed,
                confirm_cb done, void *arg);

/* A form: fields with labels. done gets one value a field ("": empty, or not
 * shown) and returns false, with the sentence that the form shows, to have it
 * corrected; values NULL: cancelled. After true or NULL it is not called
 * again. */
#define FORM_FIELDS_MAX 24
struct form_field {
    const char *label;
    const char *choices; /* "w|r|w!"; NULL: a text */
    const char *only;    /* shown for these choices of the first field; NULL:
                            always */
    const char *hint;    /* shown while it is empty, or NULL */
    const char *initial; /* what it begins with, or NULL: empty, or the first
                            choice */
    const char *help; /* a line at the foot while the user is in it, or NULL */
};
struct form_spec {
    const char *title;
    const struct form_field *fields; /* borrowed until done is over */
    size_t n;
    /* Appends candidates for the value of a field, one a line; NULL: none. */
    void (*complete)(struct ui *ui, size_t field, const char *value,
                     struct buf *out, void *arg);
    /* Appends what these values would give, to be shown under them; NULL:
     * nothing is shown. */
    void (*preview)(struct ui *ui, const char *const *values, struct buf *out,
                    void *arg);
};
typedef bool (*form_cb)(struct ui *ui, const char *const *values, struct err *e,
                        void *arg);
void ui_form(struct ui *ui, const struct form_spec *spec, form_cb done,
             void *arg);

#endif
