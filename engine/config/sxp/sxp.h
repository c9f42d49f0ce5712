/*
 * sxp.h - S-expressions as xend wrote them: a tree of atoms and lists, its
 * reader and its printer. Knows nothing of domains (that is sxp_map.c and
 * sxp_out.c). Private to engine/config.
 */
#ifndef XENDECK_ENGINE_CONFIG_SXP_H
#define XENDECK_ENGINE_CONFIG_SXP_H

#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define SXP_TEXT_MAX  (1024 * 1024) /* bytes of a file */
#define SXP_DEPTH_MAX 64            /* lists inside lists */
#define SXP_NODES_MAX 65536         /* atoms and lists */
#define SXP_ATOM_MAX  4096          /* bytes of an atom */

/* Zeroed: an empty list. */
struct sxp {
    char *atom;       /* NULL: a list. May hold any byte but NUL */
    struct sxp *kids; /* n of a list */
    size_t n, cap;
    unsigned line; /* where it begins; 0: not from a file */
};

/* *out becomes the list of the expressions in text; the caller's (sxp_fini).
 * -1 with one sentence, "FILE:LINE: syntax: ...", and *out empty. */
int sxp_read(const char *text, const char *file, struct sxp *out,
             struct err *e);
void sxp_fini(struct sxp *s); /* back to an empty list */

/* Appends the expressions of the list s in normal form, which sxp_read takes
 * and which prints the same again: an atom is bare where xend would write it
 * bare, else in Python's quotes; a list that fits is one line. */
void sxp_print(const struct sxp *s, struct buf *out);

/* Adds to a list: an empty list, to fill (borrowed until the next add to s),
 * or an atom. */
struct sxp *sxp_add_list(struct sxp *s);
void sxp_add_atom(struct sxp *s, const char *text);
/* Adds "(NAME VALUE)"; value NULL adds nothing. */
void sxp_add_pair(struct sxp *s, const char *name, const char *value);

/* The first atom of a list, "" if it has none. */
const char *sxp_name(const struct sxp *s);
/* The first list of this name in s, or NULL. */
const struct sxp *sxp_child(const struct sxp *s, const char *name);
/* The one value of "(NAME VALUE)"; NULL if it is not of that form. */
const char *sxp_value(const struct sxp *s);

#endif
