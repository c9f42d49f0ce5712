/*
 * filter.h - stands between a guest's bytes and libvterm. Private to ui/term.
 *
 * libvterm 0.1.4 trusts its input: more than 16 parameters, a string split in
 * front of its end, C1 controls in UTF-8, or a REP before any text write
 * outside its memory or never return. So it only gets whole sequences, built
 * anew from a list of what it is known to handle, with bounded numbers, and
 * valid UTF-8. Strings (titles, clipboard...) never reach it.
 */
#ifndef XENDECK_UI_TERM_FILTER_H
#define XENDECK_UI_TERM_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILTER_ARGS    15
#define FILTER_OWN_CSI "@ABCDEFGHP`adefjkr"

/* Sequences without numbers that the terminal does itself. */
enum filter_own {
    FILTER_SAVE,
    FILTER_RESTORE,
    FILTER_ALIGN,
    FILTER_RESET,
    FILTER_SOFT_RESET
};

struct filter_ops {
    /* Text and sequences that are more often than others, done at once: the
     * bytes taken, 0 if what comes next is none of that. NULL: nothing is. It
     * adds to the cost, and keeps marks and last of the filter. */
    size_t (*fast)(void *arg, const char *bytes, size_t n);
    /* Text and single controls without escapes, at most 16 KiB a call.
     * Returns the bytes taken: at least one, less than n if the limit is
     * reached. */
    size_t (*text)(void *arg, const char *bytes, size_t n);
    /* One whole sequence. */
    void (*pass)(void *arg, const char *bytes, size_t n);
    void (*own)(void *arg, enum filter_own what);
    /* A CSI sequence that the terminal does itself: FILTER_OWN_CSI, 'n' for a
     * report of the cursor (b: with `?`), 'p' for that of mode a. A number
     * that is missing is -1. */
    void (*csi)(void *arg, char final, long a, long b);
    /* A DEC private mode; true: it is done, libvterm does not get it. */
    bool (*mode)(void *arg, long mode, bool on);
    /* An erase of the display follows: all says that it is of the whole,
     * else it is from the cursor on. */
    void (*erasing)(void *arg, bool all);
    void (*title)(void *arg, const char *text, size_t n); /* raw bytes */
    /* CSI n t that asks for a size: 18 of the text area, 19 of the screen. */
    void (*size_query)(void *arg, long what);
    void (*reply)(void *arg, const char *text, size_t n);
};

/* Why a character of ASCII may be more than itself in the next cell. */
enum {
    FILTER_ODD_SETS = 15, /* bit n: set Gn is not ASCII */
    FILTER_ODD_INSERT = 16,
    FILTER_ODD_NO_WRAP = 32,
    FILTER_ODD_PROTECT = 64,
    FILTER_ODD_NEWLINE = 128, /* LF is CR LF */
    FILTER_ODD_SINGLE = 256   /* one of another set is to come */
};

enum filter_state {
    FILTER_GROUND,
    FILTER_ESC,
    FILTER_ESC_INTER, /* after ESC and an intermediate */
    FILTER_CSI,
    FILTER_STRING,
    FILTER_STRING_ESC
};

struct filter {
    const struct filter_ops *ops;
    void *arg;
    enum filter_state state;
    char utf8[4]; /* a character not yet whole */
    size_t n_utf8;
    unsigned marks; /* combining characters in a row */
    char last[4];   /* the last character, for REP */
    size_t n_last;
    unsigned odd; /* FILTER_ODD_ bits */
    char set[4];  /* the final byte that chose G0..G3 */
    int gl;       /* which of them is in use */
    /* Work done since whoever set the limit set it to 0: a byte is
     * FILTER_BYTE_COST, the owner adds what its callbacks cost beyond. */
    size_t cost, limit;
    /* a CSI or escape sequence at work */
    long args[FILTER_ARGS];
    bool sub[FILTER_ARGS]; /* a colon follows this one */
    int n_args;
    char leader, inter;
    bool bad;
    /* a string at work: OSC ']', DCS 'P', others are thrown away */
    char string;
    char text[512];
    size_t n_text, string_bytes;
};

void filter_init(struct filter *f, const struct filter_ops *ops, void *arg);
/* Stops at the limit, behind at least one byte; returns the bytes taken. */
size_t filter_feed(struct filter *f, const char *bytes, size_t n);
/* A combining character: it takes no column. */
bool filter_is_mark(uint32_t cp);
/* Forgets what is not whole. */
void filter_abort(struct filter *f);

/* Character sets as after a reset. */
void filter_sets_reset(struct filter *f);

/* filter_seq.c: a sequence is whole */
void filter_csi(struct filter *f, char final);
void filter_escape(struct filter *f, char final);
void filter_string(struct filter *f);
void filter_pass(struct filter *f, const char *text);

/* A cell that is written costs 1, a byte that goes through the parsers is
 * slower than that. */
#define FILTER_BYTE_COST 8
#define FAST_BYTE_COST   2

#endif
