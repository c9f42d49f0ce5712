/*
 * move_note.h - what two hosts say to each other while a domain migrates: the
 * fixed sentences of xl's protocol, and what only two xendecks tell each other:
 * a note in the header (saved_file.h), the answer to one that only asks.
 *
 *   receiver  MOVE_BANNER, without its NUL; all others have theirs
 *   sender    the header, the stream
 *   receiver  MOVE_READY
 *   sender    MOVE_GO: from here on it is the receiver's
 *   receiver  MOVE_REPORT, a byte: 0, or why it does not run; then MOVE_GO as
 *             well, once nothing of it is left: it is the sender's again
 *
 * Each line of a note and of an answer is "KEY VALUE". All of it is another
 * host's word: bounded and checked here.
 */
#ifndef XENDECK_ENGINE_MOVE_NOTE_H
#define XENDECK_ENGINE_MOVE_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/err.h"

#define MOVE_BANNER "xl migration receiver ready, send binary domain data.\n"
#define MOVE_READY  "domain received, ready to unpause"
#define MOVE_GO     "domain is yours, you are cleared to unpause"
#define MOVE_REPORT "my copy unpause results are as follows"

#define MOVE_ID_MAX     33 /* 32 hexadecimal digits */
#define MOVE_CPU_WORDS  32
#define MOVE_ANSWER_MAX 2048

enum move_what {
    MOVE_MOVE,  /* a stream follows */
    MOVE_CHECK, /* could it come? */
    MOVE_SETTLE /* has it come? If not, it never will */
};

struct move_note {
    enum move_what what;
    char id[MOVE_ID_MAX]; /* of this migration, and no other */
    unsigned xen_major, xen_minor;
    uint32_t cpu[MOVE_CPU_WORDS]; /* features of the sender's processors */
    unsigned n_cpu;
    bool defined; /* the definition goes along */
};

/* A new identity. */
int move_id_make(char id[MOVE_ID_MAX], struct err *e);
void move_note_print(const struct move_note *n, struct buf *out);
/* -1 with *e: it is none. Keys of later versions are skipped. */
int move_note_parse(const char *text, struct move_note *out, struct err *e);

enum move_answer {
    MOVE_YES,   /* it could come */
    MOVE_NO,    /* it could not: the sentence says why */
    MOVE_TAKEN, /* it has come, and lives or has lived there */
    MOVE_FREE,  /* it has not, and never will */
    MOVE_BUSY,  /* not decided yet: ask again */
    MOVE_ANSWERS
};

/* sentence: NULL for none. */
void move_answer_print(enum move_answer a, const char *sentence,
                       struct buf *out);
/* n bytes as they came. sentence: safe to show, "" if there is none. */
int move_answer_parse(const char *bytes, size_t n, enum move_answer *out,
                      char *sentence, size_t sentence_size, struct err *e);

#endif
