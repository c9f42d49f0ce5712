/*
 * ui_keys.c - where a key goes: overlay, prefix, pane, binding.
 */
#include "ui/app/ui_int.h"
#include "ui/desk/paint.h"
#include "ui/pane/console/console_pane.h"
#include "ui/widget/notice.h"

#include <string.h>

#define LEFT_MS 700 /* a q that comes sooner was meant for what was left */

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

    ui->fr.prefix = false;
    ui->fr.focus->dirty = true;
    if (key_same(k, &ui->desk.set->prefix)) {
        if (ui->fr.focus->ops->kind == PANE_CONSOLE)
            console_pane_send_prefix(ui->fr.focus);
        return;
    }
    line = cmd_of_key(ui->desk.set, CMD_IN_CONSOLE, k);
    key_print(k, text, sizeof(text));
    if (line != NULL)
        ui_run(ui, line);
    else if (k->code != K_ESC && !is_ctrl_c(k))
        ui_notice(ui, EVENT_WARN, "%s has no meaning after the prefix key",
                  text);
}

/* One that nothing is bound to says so, and where the others stand; Esc, the
 * way back, may be pressed too often. */
static void
unbound_key(struct ui *ui, const struct key *k)
{
    char key[24], help[24], more[48] = "";

    if (k->code == K_ESC)
        return;
    if (ui_key_of(ui, "help", ui->fr.focus->ops->context, help, sizeof(help)))
        text_fmt(more, sizeof(more), "; %s shows the keys", help);
    key_print(k, key, sizeof(key));
    if (k->code == K_PASTE)
        ui_notice(ui, EVENT_WARN,
                  "a paste is for a console or a line that is "
                  "being typed: nothing was done");
    else
        ui_notice(ui, EVENT_INFO, "%s does nothing here%s", key, more);
}

/* Who leaves a console or a view presses its key once more than it takes. While
 * the key is held down each q comes too soon. */
static bool
is_hasty_quit(struct ui *ui, const char *line)
{
    uint64_t now = loop_now_ms(ui->desk.lp);

    if (strcmp(line, "quit") != 0 || ui->left_ms == 0 ||
        now - ui->left_ms >= LEFT_MS)
        return false;
    ui->left_ms = now;
    ui_notice(ui, EVENT_INFO,
              "this is the list: the same key again ends "
              "xendeck");
    return true;
}

/* The prefix key holds in every pane: who has left a console means it still. */
static void
pane_key(struct ui *ui, const struct key *k)
{
    struct pane *p = ui->fr.focus;
    bool is_prefix = key_same(k, &ui->desk.set->prefix);
    const char *line;

    if (p->ops->kind == PANE_CONSOLE && is_prefix) {
        ui->fr.prefix = true;
        return;
    }
    if (p->ops->key != NULL && p->ops->key(p, k))
        return;
    if (p->ops->kind == PANE_CONSOLE)
        return;
    line = cmd_of_key(ui->desk.set, p->ops->context, k);
    if (line != NULL) {
        if (!is_hasty_quit(ui, line))
            ui_run(ui, line);
    } else if (is_prefix) {
        ui->fr.prefix = true;
    } else if (is_ctrl_c(k)) {
        how_to_quit(ui);
    } else {
        unbound_key(ui, k);
    }
}

/* Panes and overlays. */
static size_t
views_open(const struct ui *ui)
{
    const struct overlay *ov;
    size_t n = ui->fr.n_slots;

    for (ov = overlay_top(ui); ov != NULL; ov = ov->below)
        n++;
    return n;
}

static void
ui_keys_dispatch(struct ui *ui, const struct key *k)
{
    bool leaves = ui->fr.prefix || k->code == K_ESC || k->code == 'q';
    size_t views = views_open(ui);

    if (k->code == K_MOUSE) {
        ui_mouse_key(ui, k);
        return;
    }
    notice_key(ui);
    if (k->code == K_PASTE && k->paste == NULL) {
        ui_notice(ui, EVENT_WARN,
                  "%zu bytes are more than can be pasted at once, allowed are "
                  "%u MiB: nothing is typed",
                  k->paste_len, KEY_PASTE_MAX >> 20);
        return;
    }
    if (ui->fr.lay.too_small && (ui->fr.focus->ops->kind != PANE_CONSOLE ||
                                 ui->fr.prefix || overlay_top(ui) != NULL))
        return; /* what would be hit cannot be seen */
    if (!overlay_key(ui, k)) {
        if (ui->fr.prefix)
            prefix_key(ui, k);
        else
            pane_key(ui, k);
    }
    if (leaves && views_open(ui) < views)
        ui->left_ms = loop_now_ms(ui->desk.lp);
}

/* Such a key shows nothing until the guest echoes it: a frame for the key
 * itself would only make the one of the echo wait. */
static bool
is_guests(const struct ui *ui, const struct key *k)
{
    return ui->fr.focus->ops->kind == PANE_CONSOLE && k->code != K_MOUSE &&
           !ui->fr.prefix && !key_same(k, &ui->desk.set->prefix) &&
           overlay_top(ui) == NULL;
}

void
ui_dispatch(struct ui *ui, const struct key *k)
{
    bool nested = ui->desk.in_key; /* a click on the bar is a key */

    if (!is_guests(ui, k))
        ui_mark(ui); /* before: the frame must show what the key did */
    ui->hurry = true;
    ui->desk.in_key = true;
    ui_keys_dispatch(ui, k);
    ui->desk.in_key = nested;
}
