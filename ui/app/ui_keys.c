/*
 * ui_keys.c - where a key goes: widget, prefix, pane, binding.
 */
#include "ui/app/ui_int.h"

#include <string.h>

bool
ui_key_of(struct ui *ui, const char *verb, unsigned context, char *out,
          size_t out_size)
{
    const struct cmd *c = cmd_find(ui->ses->cmds, verb, NULL);
    struct buf keys = { 0 };
    bool ok;

    if (c == NULL)
        return false;
    cmd_keys_of(ui->set, c, context, &keys);
    ok = keys.len > 0;
    if (ok)
        text_fmt(out, out_size, "%.*s", (int)strcspn(buf_text(&keys), " "),
                 buf_text(&keys));
    buf_free(&keys);
    return ok;
}

static bool
is_ctrl_c(const struct key *k)
{
    return k->code == 'c' && k->mods == KEY_M_CTRL;
}

static void
how_to_quit(struct ui *ui)
{
    char key[24];

    if (ui_key_of(ui, "quit", CMD_IN_LIST, key, sizeof(key)))
        ui_notice(ui, EVENT_INFO,
                  "^C does not end xendeck: %s in the list "
                  "does, or the command quit",
                  key);
    else
        ui_notice(ui, EVENT_INFO,
                  "^C does not end xendeck: the command quit does");
}

/* A key after the prefix. */
static void
prefix_key(struct ui *ui, const struct key *k)
{
    const char *line;
    char text[24];

    ui->prefix = false;
    ui->focus->dirty = true;
    if (key_same(k, &ui->set->prefix)) {
        console_pane_send_prefix(ui->focus);
        return;
    }
    line = cmd_of_key(ui->set, CMD_IN_CONSOLE, k);
    key_print(k, text, sizeof(text));
    if (line != NULL)
        ui_run(ui, line);
    else if (k->code != K_ESC && !is_ctrl_c(k))
        ui_notice(ui, EVENT_WARN, "%s has no meaning after the prefix key",
                  text);
}

static void
pane_key(struct ui *ui, const struct key *k)
{
    struct pane *p = ui->focus;
    const char *line;

    if (p->ops->kind == PANE_CONSOLE && key_same(k, &ui->set->prefix)) {
        ui->prefix = true;
        return;
    }
    if (p->ops->key != NULL && p->ops->key(p, k))
        return;
    if (p->ops->kind == PANE_CONSOLE)
        return;
    line = cmd_of_key(ui->set, p->ops->context, k);
    if (line != NULL)
        ui_run(ui, line);
    else if (is_ctrl_c(k))
        how_to_quit(ui);
}

static void
dispatch(struct ui *ui, const struct key *k)
{
    if (k->code == K_MOUSE) {
        ui_mouse_key(ui, k);
        return;
    }
    notice_key(ui);
    if (ui->lay.too_small &&
        (ui->focus->ops->kind != PANE_CONSOLE || ui->n_confirms > 0 ||
         ui->form.open || ui->prompt.open || ui->pager.open || ui->prefix))
        return; /* what would be hit cannot be seen */
    if (ui->n_confirms > 0)
        confirm_key(ui, k);
    else if (ui->form.open)
        form_key(ui, k);
    else if (ui->prompt.open)
        prompt_key(ui, k);
    else if (ui->pager.open)
        pager_key(ui, k);
    else if (ui->prefix)
        prefix_key(ui, k);
    else
        pane_key(ui, k);
}

/* Such a key shows nothing until the guest echoes it: a frame for the key
 * itself would only make the one of the echo wait. */
static bool
is_guests(const struct ui *ui, const struct key *k)
{
    return ui->focus->ops->kind == PANE_CONSOLE && k->code != K_MOUSE &&
           !ui->prefix && !key_same(k, &ui->set->prefix) && !ui->prompt.open &&
           !ui->pager.open && !ui->form.open && ui->n_confirms == 0;
}

void
ui_dispatch(struct ui *ui, const struct key *k)
{
    bool nested = ui->in_key; /* a click on the bar is a key */

    if (!is_guests(ui, k))
        ui_mark(ui); /* before: the frame must show what the key did */
    ui->hurry = true;
    ui->in_key = true;
    dispatch(ui, k);
    ui->in_key = nested;
}
