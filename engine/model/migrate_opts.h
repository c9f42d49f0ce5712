/*
 * migrate_opts.h - how a domain goes to another host, and the words that say
 * it: those of the verb `migrate', which settings take as well.
 */
#ifndef XENDECK_MODEL_MIGRATE_OPTS_H
#define XENDECK_MODEL_MIGRATE_OPTS_H

#include <stdbool.h>

#define MIGRATE_HOST_MAX 128 /* bytes, with the zero */

struct migrate_opts {
    const char *command; /* that leads to the other host; NULL: ssh */
    bool to_xl;          /* xl is there, not xendeck */
    bool unchecked;      /* the other host is not asked beforehand */
    unsigned rounds;     /* at most so many while it runs; 0: 5 */
    unsigned stop_ms;    /* it stops when the rest takes no longer; 0: 300 */
};

/* Is it the name or address of a host, as USER@HOST or tls://HOST[:PORT], which
 * a shell may be given? */
bool migrate_host_ok(const char *host);
/* Takes one word: an option ("--xl", "--command=COMMAND", "--unchecked",
 * "--rounds=N", "--stop-ms=N"), or the host, of which there is one. What is
 * kept is borrowed from the word. False: it is neither, or out of bounds. */
bool migrate_word_take(const char *word, struct migrate_opts *o,
                       const char **host);

#endif
