/*
 * tty.c - the outer terminal: modes, non-blocking output, emergency restore.
 * Invariant: between tty_enter and tty_leave the emergency record is armed, so
 * that a fatal signal at any instant can put the terminal back.
 */
#include "ui/screen/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/base/xalloc.h"
#include "ui/ui.h"

#define PASTE_ON   "\033[?2004h"
#define PASTE_OFF  "\033[?2004l"
#define MOUSE_ON   "\033[?1000h\033[?1006h"
#define MOUSE_OFF  "\033[?1006l\033[?1000l"
#define READ_BYTES 4096
#define LEAVE_MS   300 /* how long a stuck terminal may delay the end */

/* The one mutable thing of file scope: a handler of a fatal signal has no
 * argument to find the terminal by. */
static struct {
    volatile sig_atomic_t armed;
    int in_fd, out_fd;
    struct termios saved;
    char bytes[512];
    size_t n;
} emergency;

/* Writes all, waiting at most LEAVE_MS each time the terminal is stuck. Only
 * calls that are legal in a signal handler. */
static void
write_patiently(int fd, const char *p, size_t n)
{
    while (n > 0) {
        struct pollfd pf = { .fd = fd, .events = POLLOUT };
        ssize_t r = write(fd, p, n);

        if (r > 0) {
            p += r;
            n -= (size_t)r;
        } else if (r < 0 && errno == EAGAIN) {
            if (poll(&pf, 1, LEAVE_MS) <= 0)
                return;
        } else if (r == 0 || errno != EINTR) {
            return;
        }
    }
}

void
ui_emergency_restore(void)
{
    int saved_errno = errno;

    if (!emergency.armed)
        return;
    emergency.armed = 0;
    write_patiently(emergency.out_fd, emergency.bytes, emergency.n);
    tcsetattr(emergency.in_fd, TCSANOW, &emergency.saved);
    errno = saved_errno;
}

static bool
has_cap(const char *cap)
{
    const char *s = tigetstr(cap);

    return s != NULL && s != (const char *)-1;
}

/* A terminfo string without its padding marks ("$<5>"). */
static void
add_unpadded(struct buf *b, const char *s)
{
    while (*s != '\0') {
        const char *end = strncmp(s, "$<", 2) == 0 ? strchr(s, '>') : NULL;

        if (end != NULL)
            s = end + 1;
        else
            buf_chr(b, *s++);
    }
}

static void
add_cap(struct buf *b, const char *cap)
{
    if (has_cap(cap))
        add_unpadded(b, tigetstr(cap));
}

static void
emergency_prepare(const struct tty *t)
{
    static const char *const caps[] = { "rmkx", "sgr0", "op", "cnorm",
                                        "rmcup" };
    struct buf b = { 0 };
    size_t i;

    if (t->has_paste)
        buf_str(&b, PASTE_OFF);
    if (t->has_mouse)
        buf_str(&b, MOUSE_OFF);
    for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
        add_cap(&b, caps[i]);
    buf_str(&b, "\r\n");
    emergency.n =
        b.len < sizeof(emergency.bytes) ? b.len : sizeof(emergency.bytes);
    memcpy(emergency.bytes, buf_text(&b), emergency.n);
    emergency.in_fd = t->in_fd;
    emergency.out_fd = t->out_fd;
    emergency.saved = t->saved;
    buf_free(&b);
}

static void
tty_lost(struct tty *t)
{
    if (t->lost)
        return;
    t->lost = true;
    loop_fd_del(&t->in_lf);
    loop_fd_del(&t->out_lf);
    buf_free(&t->out);
    t->input(t, NULL, 0);
}

static void
in_ready(struct loop_fd *lf, unsigned ready)
{
    struct tty *t = container_of(lf, struct tty, in_lf);
    char bytes[READ_BYTES];
    ssize_t r;

    (void)ready;
    r = read(t->in_fd, bytes, sizeof(bytes));
    if (r > 0)
        t->input(t, bytes, (size_t)r);
    else if (r == 0 || (errno != EAGAIN && errno != EINTR))
        tty_lost(t);
}

static void out_ready(struct loop_fd *lf, unsigned ready);

/* Writes what the terminal takes now. */
static void
out_push(struct tty *t)
{
    ssize_t r;

    while (t->out.len > 0 && !t->lost) {
        r = write(t->out_fd, t->out.data, t->out.len);
        if (r > 0) {
            buf_consume(&t->out, (size_t)r);
        } else if (r < 0 && errno == EAGAIN) {
            if (t->out_lf.lp == NULL &&
                loop_fd_add(t->lp, &t->out_lf, t->out_fd, LOOP_WRITE,
                            out_ready) < 0)
                tty_lost(t);
            return;
        } else if (r == 0 || errno != EINTR) {
            tty_lost(t);
        }
    }
    loop_fd_del(&t->out_lf);
}

static void
out_ready(struct loop_fd *lf, unsigned ready)
{
    struct tty *t = container_of(lf, struct tty, out_lf);

    if ((ready & LOOP_HUP) && !(ready & LOOP_WRITE)) {
        tty_lost(t);
        return;
    }
    out_push(t);
    if (t->out.len == 0 && !t->lost)
        t->drained(t);
}

/* Moves what curses wrote from its memory file to the queue. */
static void
collect(struct tty *t)
{
    int fd = fileno(t->mem);
    off_t end, at = 0;
    char piece[16384];

    fflush(t->mem);
    end = lseek(fd, 0, SEEK_CUR);
    while (at < end) {
        ssize_t r = pread(fd, piece, sizeof(piece), at);

        if (r <= 0)
            break;
        buf_add(&t->out, piece, (size_t)r);
        at += r;
    }
    if (end > 0 && lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) < 0)
        tty_lost(t);
}

bool
tty_flush(struct tty *t)
{
    if (t->lost)
        return true;
    collect(t);
    out_push(t);
    return t->out.len == 0;
}

bool
tty_busy(const struct tty *t)
{
    return t->out.len > 0;
}

void
tty_size(const struct tty *t, int *rows_out, int *cols_out)
{
    struct winsize ws = { 0 };

    *rows_out = 24;
    *cols_out = 80;
    if (ioctl(t->out_fd, TIOCGWINSZ, &ws) < 0 || ws.ws_row == 0 ||
        ws.ws_col == 0)
        return;
    *rows_out = ws.ws_row > 1000 ? 1000 : ws.ws_row;
    *cols_out = ws.ws_col > 2000 ? 2000 : ws.ws_col;
}

/* Setting the region moves the cursor, which curses does not know. */
void
tty_resized(struct tty *t, int rows)
{
    if (t->lost || !has_cap("csr") || !has_cap("sc") || !has_cap("rc"))
        return;
    collect(t);
    add_cap(&t->out, "sc");
    add_unpadded(&t->out, tparm(tigetstr("csr"), 0, rows - 1));
    add_cap(&t->out, "rc");
}

void
tty_mouse(struct tty *t, bool on)
{
    if (!t->has_mouse || on == t->mouse)
        return;
    t->mouse = on;
    buf_str(&t->out, on ? MOUSE_ON : MOUSE_OFF);
    out_push(t);
}

void
tty_enter(struct tty *t)
{
    emergency.armed = 1;
    tcsetattr(t->in_fd, TCSADRAIN, &t->raw);
    keypad(stdscr, TRUE); /* only sends smkx: input is ours */
    if (t->has_paste)
        buf_str(&t->out, PASTE_ON);
    if (t->mouse)
        buf_str(&t->out, MOUSE_ON);
    out_push(t);
}

void
tty_leave(struct tty *t)
{
    if (!t->lost) {
        endwin();
        collect(t);
        if (t->has_paste)
            buf_str(&t->out, PASTE_OFF);
        if (t->mouse)
            buf_str(&t->out, MOUSE_OFF);
        if (!has_cap("rmcup")) /* our last frame stays: below it, then */
            buf_str(&t->out, "\r\n");
        write_patiently(t->out_fd, buf_text(&t->out), t->out.len);
        buf_clear(&t->out);
        loop_fd_del(&t->out_lf);
    }
    tcsetattr(t->in_fd, TCSANOW, &t->saved);
    emergency.armed = 0;
}

void
tty_stop_process(void)
{
    struct sigaction dfl = { .sa_handler = SIG_DFL }, was;
    sigset_t set, mask;

    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigaction(SIGTSTP, &dfl, &was);
    /* Not SIGSTOP: without a shell to continue us (orphaned process group)
     * the kernel drops SIGTSTP and we go on, instead of hanging for ever. */
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &was, NULL);
}

/* Our own open file, so that O_NONBLOCK does not leak into the shell's. */
static int
open_output(void)
{
    int fd =
        open("/proc/self/fd/1", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) /* another user's terminal (su): blocking, but it works */
        fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    return fd;
}

static void
env_put(const char *name, const char *value)
{
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* Curses asks its output file for the size, which is no terminal here: what
 * it is not told now it takes for 24 x 80, and confines scrolling to that. */
static SCREEN *
new_screen(struct tty *t)
{
    static const char *const names[] = { "LINES", "COLUMNS" };
    const char *now;
    char *was[2], text[16];
    int size[2], i;
    SCREEN *scr;

    tty_size(t, &size[0], &size[1]);
    for (i = 0; i < 2; i++) {
        now = getenv(names[i]);
        was[i] = now != NULL ? xstrdup(now) : NULL;
        text_fmt(text, sizeof(text), "%d", size[i]);
        env_put(names[i], text);
    }
    scr = newterm(NULL, t->mem, stdin);
    for (i = 0; i < 2; i++) {
        env_put(names[i], was[i]);
        free(was[i]);
    }
    return scr;
}

static int
open_curses(struct tty *t, struct err *e)
{
    const char *term = getenv("TERM");
    int fd;

    if (term == NULL || *term == '\0')
        return err_set(e, ERR_INVALID,
                       "TERM is not set: it must name the terminal's type");
    fd = memfd_create("xendeck-frame", MFD_CLOEXEC);
    if (fd < 0)
        return err_sys(e, errno, "frame buffer");
    t->mem = fdopen(fd, "w");
    if (t->mem == NULL) {
        close(fd);
        return err_sys(e, errno, "frame buffer");
    }
    t->scr = new_screen(t);
    if (t->scr == NULL)
        return err_set(e, ERR_INVALID,
                       "the terminal type '%.40s' (TERM) is unknown here",
                       term);
    set_term(t->scr);
    if (!has_cap("cup"))
        return err_set(e, ERR_UNSUPPORTED,
                       "a terminal of type '%.40s' (TERM) cannot place its "
                       "cursor",
                       term);
    return 0;
}

static void
set_modes(struct tty *t)
{
    t->raw = t->saved;
    cfmakeraw(&t->raw);
    t->raw.c_cc[VMIN] = 1;
    t->raw.c_cc[VTIME] = 0;
    t->has_mouse = has_cap("kmous");
    t->has_paste = has_cap("BE") || t->has_mouse;
    typeahead(-1); /* curses must not look at the input */
    noecho();
    nonl();
    leaveok(stdscr, FALSE);
}

int
tty_open(struct tty *t, struct loop *lp, struct err *e)
{
    t->lp = lp;
    t->in_fd = STDIN_FILENO;
    t->out_fd = -1;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(e, ERR_INVALID,
                       "standard input and output must be a terminal (use -e "
                       "'COMMAND' without one)");
    if (tcgetattr(t->in_fd, &t->saved) < 0)
        return err_sys(e, errno, "terminal modes");
    t->out_fd = open_output();
    if (t->out_fd < 0)
        return err_sys(e, errno, "terminal");
    if (open_curses(t, e) < 0 ||
        (loop_fd_add(lp, &t->in_lf, t->in_fd, LOOP_READ, in_ready) < 0 &&
         err_sys(e, errno, "terminal input"))) {
        tty_close(t);
        return -1;
    }
    set_modes(t);
    emergency_prepare(t);
    tty_enter(t);
    return 0;
}

void
tty_close(struct tty *t)
{
    loop_fd_del(&t->in_lf);
    if (emergency.armed && t->scr != NULL)
        tty_leave(t);
    loop_fd_del(&t->out_lf);
    if (t->scr != NULL)
        delscreen(t->scr);
    t->scr = NULL;
    if (t->mem != NULL)
        fclose(t->mem);
    t->mem = NULL;
    if (t->out_fd > STDERR_FILENO)
        close(t->out_fd);
    t->out_fd = -1;
    buf_free(&t->out);
}
