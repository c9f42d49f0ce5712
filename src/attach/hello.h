/*
 * hello.h - the first message of a client: what it is, where it was called
 * from, and what it wants. The engine believes none of it that decides about
 * rights: those come from the kernel (peer.h).
 */
#ifndef XENDECK_ATTACH_HELLO_H
#define XENDECK_ATTACH_HELLO_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"
#include "src/command/batch.h"

#define HELLO_TOKEN_MAX  4096
#define HELLO_LINES_MAX  10000
#define HELLO_VALUES_MAX (4 * HELLO_LINES_MAX) /* of JSON: see conn.h */
/* Of one who is no admin: what he sends is parsed in the loop. */
#define HELLO_BULK_OTHERS   (256 * 1024)
#define HELLO_CONFIG_OTHERS (64 * 1024)
#define HELLO_LINES_OTHERS  2000

enum hello_kind { HELLO_TERMINAL, HELLO_BATCH };

struct hello {
    enum hello_kind kind;
    char version[32]; /* of the client's program, for the sentence that refuses
                         another version of the protocol */
    char cwd[1024];   /* absolute */
    char term[64];    /* $TERM */
    char theme[64];   /* --theme, "" if not given */
    char theme_dirs[1024];
    bool utf8;  /* its locale */
    bool stdio; /* a batch: its standard input and output come along */
    bool read_only, no_color, no_unicode;
    bool only_config;      /* --config: a fault of it refuses the session */
    char config_name[512]; /* of the user's settings, "" if there are none */
    char *config_text;     /* owned; NULL if there are none */
    /* Of a batch; the first one of a terminal is run once it is open. Owned
     * with their texts. */
    struct cmd_line *lines;
    size_t n_lines;
    char hook[64];               /* $XENDECK_HOOK: a proof, or "" */
    char token[HELLO_TOKEN_MAX]; /* that an earlier engine gave it, or "" */
};

/* Borrows what *h holds. */
struct json_object *hello_encode(const struct hello *h);
/* -1 with one sentence; end *out with hello_fini either way. */
int hello_decode(struct json_object *msg, struct hello *out, struct err *e);
/* -1 with one sentence: its settings or lines are more than one may bring who
 * is no admin. */
int hello_check_others(const struct hello *h, struct err *e);
void hello_fini(struct hello *h);

#endif
