/*
 * ui_marked.h - a verb on all marked domains of the list: one question with
 * their number and names, a call for each, and what became of each.
 */
#ifndef XENDECK_UI_MARKED_H
#define XENDECK_UI_MARKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "ui/ui.h"

struct cmd;
struct marked_set;

/* Whether a line that names no domain is for the marked ones: there are some,
 * the list has the keys, and the verb acts on more than one. Its set, or NULL.
 * The caller's (marked_free) until it is run. */
struct marked_set *marked_take(struct ui *ui, const struct cmd *c);
void marked_free(struct marked_set *s);
size_t marked_count(const struct marked_set *s);

/* Runs a line of words, the verb first and no name among them, on the set,
 * which it takes; asks first. False: on none of them, *e says why; the set
 * stays the caller's. */
bool marked_run(struct marked_set *s, const char *const *words, int n,
                struct err *e);
/* The same for a line as it is typed. False: it is not for the marked ones. */
bool marked_line(struct ui *ui, const char *line);
/* What a line without NAME is parsed for: the domain that the user is at, or
 * the first marked one, if the verb asks for what is missing. */
uint64_t marked_target(struct ui *ui, const char *line);

/* Operations have changed: sets that are over are told. */
void marked_check(struct ui *ui);
void marked_fini(struct ui *ui);
/* What became of each domain of the last set, a line each; NULL: there was
 * none. Borrowed. */
const char *marked_report(struct ui *ui);

#endif
