/*
 * console_last.c - see console_last.h. Between two lives of a guest stands a
 * line of ours (console_mark_seam), which is looked for from the end: a guest
 * that writes the same hides its own past alone.
 */
#include "engine/console/console_last.h"

#include <string.h>

#include "engine/console/console_int.h"
#include "engine/console/console_scroll.h"

#define LIFE_SEAM CONSOLE_STRAIGHT "\r\n--- "

/* The line that tells of another engine has the same beginning. */
static bool
last_is_engine_seam(const char *s, const char *end)
{
    size_t n = sizeof(CONSOLE_SEAM_END) - 1;
    const char *nl;

    s += sizeof(LIFE_SEAM) - 1;
    nl = memchr(s, '\n', (size_t)(end - s));
    return nl != NULL && (size_t)(nl + 1 - s) >= n &&
           memcmp(nl + 1 - n, CONSOLE_SEAM_END, n) == 0;
}

size_t
console_life_at(const struct console *c)
{
    const char *begin = buf_text(&c->capture), *end = begin + c->capture.len;
    const char *s = begin, *at;
    size_t life = 0, n = sizeof(LIFE_SEAM) - 1;

    for (; (at = memmem(s, (size_t)(end - s), LIFE_SEAM, n)) != NULL;
         s = at + n)
        if (!last_is_engine_seam(at, end))
            life = (size_t)(at - begin);
    return life;
}

static struct console *
last_console_of(struct engine *en, const uint8_t uuid[16])
{
    struct list_node *it;

    list_foreach (it, &console_room(en)->consoles) {
        struct console *c = list_entry(it, struct console, node);

        if (c->place.number == 0 && memcmp(c->uuid, uuid, 16) == 0)
            return c;
    }
    return NULL;
}

void
console_last_text(struct engine *en, const uint8_t uuid[16], size_t max,
                  struct buf *out)
{
    struct console *c = last_console_of(en, uuid);
    size_t at;

    if (c == NULL)
        return;
    scroll_begin(c);
    if (c->fd >= 0)
        console_readable(&c->lf, LOOP_READ);
    at = console_life_at(c);
    if (c->capture.len - at > max)
        at = c->capture.len - max;
    buf_add(out, buf_text(&c->capture) + at, c->capture.len - at);
}
