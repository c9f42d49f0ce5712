/*
 * clip.c - the texts that the user has copied.
 */
#include "ui/widget/clip.h"

#include <string.h>

#include "ui/desk/paint.h"
#include "ui/desk/pane.h"

struct clips {
    struct buf text[CLIP_TEXTS]; /* the newest first */
    size_t n;
};

static struct clips *
clips_of(struct ui *ui)
{
    return ui_part(ui, UI_PART_CLIP, sizeof(struct clips));
}

bool
clip_add(struct ui *ui, struct buf *text)
{
    struct clips *c = clips_of(ui);

    if (c->n == CLIP_TEXTS)
        buf_free(&c->text[--c->n]);
    memmove(&c->text[1], &c->text[0], c->n * sizeof(c->text[0]));
    c->text[0] = *text;
    c->n++;
    *text = (struct buf){ 0 };
    return ui_settings(ui)->clipboard &&
           ui_clipboard(ui, buf_text(&c->text[0]), c->text[0].len);
}

size_t
clip_count(struct ui *ui)
{
    return clips_of(ui)->n;
}

const struct buf *
clip_at(struct ui *ui, size_t i)
{
    return &clips_of(ui)->text[i];
}

void
clip_summary(const struct buf *text, char *out, size_t out_size)
{
    const char *s = text->len > 0 ? text->data : "";

    text_safe(out, out_size, s, strcspn(s, "\n"));
}

void
clip_fini(struct ui *ui)
{
    struct clips *c = clips_of(ui);

    while (c->n > 0)
        buf_free(&c->text[--c->n]);
    ui_part_free(ui, UI_PART_CLIP);
}
