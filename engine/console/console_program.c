/*
 * console_program.c - see console_program.h. Xenstore names no tty for it: the
 * program is ours, as its terminal is, and `xl console` waits for the guest.
 */
#include "engine/console/console_program.h"

#include "engine/console/clients.h"
#include "engine/console/console_int.h"

void
console_show_program(struct dom_entry *de, struct console_program *p)
{
    struct console *c = console_of_entry(de);

    console_close(c);
    c->let_go = false;
    if (loop_fd_add(engine_loop(c->en), &c->lf, p->fd, LOOP_READ,
                    console_readable) < 0)
        return;
    c->fd = p->fd;
    c->program = p;
    p->con = c;
    console_set(c, CONSOLE_ATTACHED, "attached to %s, which finds its kernel",
                p->name);
    console_fit(c);
}

void
console_hide_program(struct console_program *p)
{
    struct console *c = p->con;

    if (c == NULL)
        return;
    if (c->fd >= 0)
        console_readable(&c->lf, LOOP_READ);
    console_close(c);
    buf_clear(&c->queue); /* it was typed for the program */
    if (c->dom_id != 0)
        console_set(c, CONSOLE_WAITING, "%s has ended; waits for the guest",
                    p->name);
}
