/*
 * bare_pane.c - the console pane's terminal and drawing without the program
 * around them: pane FILE prints "ready", waits for Enter, then shows on the
 * terminal it runs on what cat prints of the file on a pty, at most 60 times a
 * second, and prints "PROMPT" at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "ui/term/term.h"

#define READ_BYTES (64 * 1024) /* as the engine's console reads */
#define FRAME_MS   16

struct pane {
    struct loop *lp;
    struct loop_fd lf;
    struct loop_timer frame;
    struct term *t;
    struct colors *colors;
};

static void
draw(struct loop_timer *lt)
{
    struct pane *p = container_of(lt, struct pane, frame);

    term_draw(p->t, stdscr, p->colors, false, NULL);
    term_drawn(p->t, NULL);
    wrefresh(stdscr);
}

static void
readable(struct loop_fd *lf, unsigned ready)
{
    struct pane *p = container_of(lf, struct pane, lf);
    char bytes[READ_BYTES];
    size_t n = 0;
    ssize_t r;

    (void)ready;
    do {
        r = read(lf->fd, bytes + n, sizeof(bytes) - n);
        n += r > 0 ? (size_t)r : 0;
    } while (r > 0 && n < sizeof(bytes));
    if (n > 0)
        term_write(p->t, bytes, n);
    if (!loop_timer_active(&p->frame))
        loop_timer_arm(p->lp, &p->frame, FRAME_MS, draw);
    if (r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR))
        loop_stop(p->lp);
}

static void
no_output(void *arg, const char *bytes, size_t n)
{
    (void)arg;
    (void)bytes;
    (void)n;
}

/* The file as a guest prints it: over a pty that changes nothing but adds CR
 * to NL, as tmux's does. */
static int
start_cat(const char *file)
{
    struct winsize ws = { .ws_row = 24, .ws_col = 80 };
    int fd;
    pid_t pid = forkpty(&fd, NULL, NULL, &ws);

    if (pid == 0) {
        execlp("cat", "cat", file, (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        fcntl(fd, F_SETFL, O_NONBLOCK);
    return pid > 0 ? fd : -1;
}

static void
show(struct pane *p, int fd)
{
    struct term_opts o = { .rows = 24,
                           .cols = 80,
                           .scrollback_bytes = 4U << 20,
                           .output = no_output };

    p->t = term_new(&o);
    initscr();
    p->colors = colors_new(true);
    if (loop_fd_add(p->lp, &p->lf, fd, LOOP_READ, readable) == 0)
        loop_run(p->lp);
    draw(&p->frame);
    endwin();
    colors_free(p->colors);
    term_free(p->t);
}

int
main(int argc, char **argv)
{
    struct pane p = { 0 };
    int fd, c;

    if (argc != 2)
        return 2;
    setlocale(LC_CTYPE, "");
    printf("ready\n");
    fflush(stdout);
    do
        c = getchar();
    while (c != '\n' && c != EOF);
    p.lp = loop_new(LOOP_CLOCK_REAL);
    fd = start_cat(argv[1]);
    if (p.lp == NULL || fd < 0)
        return 1;
    show(&p, fd);
    loop_free(p.lp);
    printf("PROMPT\n");
    fflush(stdout);
    getchar(); /* so that its CPU time can be read */
    return 0;
}
