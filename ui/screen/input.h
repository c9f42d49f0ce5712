/*
 * input.h - bytes of the outer terminal become keys. Knows xterm's, rxvt's,
 * the Linux console's and vt100's encodings by form (with modifiers), others
 * by terminfo.
 */
#ifndef XENDECK_UI_INPUT_H
#define XENDECK_UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/command/key.h"

#define INPUT_CAPS_MAX 48

/* Key of a terminal that follows none of the known forms. */
struct input_cap {
    char bytes[16];
    size_t n;
    struct key key;
};

struct input {
    struct buf in;    /* begun, not complete */
    struct buf paste; /* empty if it has become longer than KEY_PASTE_MAX */
    size_t paste_len; /* of what has come, kept or not */
    bool pasting;
    unsigned char erase; /* what Backspace sends: 8 or 127 */
    unsigned esc_ms;     /* how long an Esc waits for more; 0: the usual */
    struct input_cap caps[INPUT_CAPS_MAX];
    size_t n_caps;
    void (*key)(struct input *in, const struct key *k);
};

/* Takes the keys of the current terminfo entry, after newterm. */
void input_init(struct input *in, unsigned char erase,
                void (*key)(struct input *in, const struct key *k));
/* Adds one by hand; ignored if the form of bytes is known anyway. */
void input_cap_add(struct input *in, const char *bytes, const char *name);
void input_fini(struct input *in);
void input_feed(struct input *in, const char *bytes, size_t n);
/* True: call input_timeout if nothing follows in input_wait_ms: an Esc of its
 * own and the start of a sequence look alike. */
bool input_pending(const struct input *in);
unsigned input_wait_ms(const struct input *in);
void input_timeout(struct input *in);

#endif
