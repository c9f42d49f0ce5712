/*
 * edit.c - one line of UTF-8 text under a cursor.
 * Invariant: text is valid UTF-8 without control characters, at stands on the
 * start of a character.
 */
#include "ui/widget/edit.h"

#include <string.h>

#include "src/base/buf.h"
#include "ui/draw/ui_cells.h"
#include "ui/draw/ui_text.h"
#include "ui/draw/utf8.h"

static size_t
prev_at(const struct edit *ed, size_t at)
{
    while (at > 0 && ((unsigned char)ed->text[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static size_t
next_at(const struct edit *ed, size_t at)
{
    if (at < ed->len)
        at++;
    while (at < ed->len && ((unsigned char)ed->text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static void
cut(struct edit *ed, size_t from, size_t to)
{
    memmove(ed->text + from, ed->text + to, ed->len - to + 1);
    ed->len -= to - from;
    ed->at = from;
}

void
edit_set(struct edit *ed, const char *text)
{
    ed->len = ed->at = 0;
    ed->text[0] = '\0';
    edit_insert(ed, text, strlen(text));
}

void
edit_insert(struct edit *ed, const char *text, size_t n)
{
    char safe[EDIT_MAX];
    size_t room = EDIT_MAX - 1 - ed->len;
    const char *end = memchr(text, '\n', n);

    if (end != NULL)
        n = (size_t)(end - text);
    if (n > 0 && text[n - 1] == '\r')
        n--;
    text_safe(safe, room + 1, text, n);
    n = strlen(safe);
    memmove(ed->text + ed->at + n, ed->text + ed->at, ed->len - ed->at + 1);
    memcpy(ed->text + ed->at, safe, n);
    ed->len += n;
    ed->at += n;
}

static void
insert_char(struct edit *ed, uint32_t c)
{
    char bytes[4] = { 0 };

    edit_insert(ed, bytes, (size_t)utf8_put(bytes, c));
}

static size_t
word_start(const struct edit *ed)
{
    size_t at = ed->at;

    while (at > 0 && ed->text[at - 1] == ' ')
        at--;
    while (at > 0 && ed->text[at - 1] != ' ')
        at--;
    return at;
}

static bool
edit_ctrl_key(struct edit *ed, uint32_t c)
{
    switch (c) {
    case 'a':
        ed->at = 0;
        return true;
    case 'e':
        ed->at = ed->len;
        return true;
    case 'b':
        ed->at = prev_at(ed, ed->at);
        return true;
    case 'f':
        ed->at = next_at(ed, ed->at);
        return true;
    case 'd':
        cut(ed, ed->at, next_at(ed, ed->at));
        return true;
    case 'h':
        cut(ed, prev_at(ed, ed->at), ed->at);
        return true;
    case 'k':
        cut(ed, ed->at, ed->len);
        return true;
    case 'u':
        cut(ed, 0, ed->at);
        return true;
    case 'w':
        cut(ed, word_start(ed), ed->at);
        return true;
    default:
        return false;
    }
}

bool
edit_key(struct edit *ed, const struct key *k)
{
    if (k->mods == KEY_M_CTRL && k->code < K_BASE)
        return edit_ctrl_key(ed, k->code);
    switch (k->code) {
    case K_PASTE:
        edit_insert(ed, k->paste, k->paste_len);
        return true;
    case K_LEFT:
        ed->at = prev_at(ed, ed->at);
        return true;
    case K_RIGHT:
        ed->at = next_at(ed, ed->at);
        return true;
    case K_HOME:
        ed->at = 0;
        return true;
    case K_END:
        ed->at = ed->len;
        return true;
    case K_DEL:
        cut(ed, ed->at, next_at(ed, ed->at));
        return true;
    case K_BACKSPACE:
        cut(ed, prev_at(ed, ed->at), ed->at);
        return true;
    default:
        if (k->mods != 0 || k->code < ' ' || k->code >= K_BASE)
            return false;
        insert_char(ed, k->code);
        return true;
    }
}

/* Where the text begins that is shown in width columns; the cursor's column
 * among them in *cols_out. */
static size_t
shown_from(const struct edit *ed, int width, int *cols_out)
{
    char head[EDIT_MAX];
    size_t from = 0;

    memcpy(head, ed->text, ed->at);
    head[ed->at] = '\0';
    while ((*cols_out = ui_text_cols(head + from)) >= width && from < ed->at)
        from = next_at(ed, from);
    return from;
}

void
edit_draw(const struct edit *ed, WINDOW *w, int y, int x, int width)
{
    int cols;
    size_t from = shown_from(ed, width, &cols);

    ui_text(w, y, x, width, ed->text + from, true);
}

int
edit_cursor(const struct edit *ed, int width)
{
    int cols;

    (void)shown_from(ed, width, &cols);
    return cols;
}
