/*
 * tty.c - one outer terminal: modes, non-blocking output, its curses screen.
 * Invariant: between tty_enter and tty_leave its entry in the rescue table is
 * armed, so that a fatal signal at any instant can put the terminal back.
 */
#include "ui/screen/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "src/base/loop_first.h"
#include "ui/screen/ascii.h"

#define PASTE_ON   "\033[?2004h"
#define PASTE_OFF  "\033[?2004l"
#define MOUSE_ON   "\033[?1000h\033[?1006h"
#define MOUSE_OFF  "\033[?1006l\033[?1000l"
#define READ_BYTES 16         /* at once: keys that cost little together */
#define KEYS_NS    2000000ULL /* of a turn, for the keys of a terminal */
#define ROWS_MAX   1000
#define COLS_MAX   2000

/* --- the selected terminal --- */

SCREEN *
tty_select(struct tty *t)
{
    return curses_select(t->screen != NULL ? t->screen->scr : NULL);
}

void
tty_select_back(SCREEN *was)
{
    curses_select(was);
}

/* --- what its type can do: of the selected one --- */

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

/* How a process that knows nothing of us puts the terminal back. */
static void
prepare_rescue(struct tty *t)
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
    t->back.n = b.len < sizeof(t->back.text) ? b.len : sizeof(t->back.text);
    memcpy(t->back.text, buf_text(&b), t->back.n);
    buf_free(&b);
    t->rescue = rescue_new(&t->back);
}

/* --- bytes --- */

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

static bool
tty_holds(struct tty *t)
{
    return t->holds == NULL || t->holds(t);
}

/* False: there was less than a piece. */
static bool
read_piece(struct tty *t)
{
    char bytes[READ_BYTES];
    ssize_t r = read(t->back.in_fd, bytes, sizeof(bytes));

    if (r > 0)
        t->input(t, bytes, (size_t)r);
    else if (r == 0 || (errno != EAGAIN && errno != EINTR))
        tty_lost(t);
    return r == (ssize_t)sizeof(bytes);
}

/* Another may have read it: the descriptor need not be O_NONBLOCK. */
static bool
has_more(const struct tty *t)
{
    int n = 0;

    return t->in_lf.lp != NULL && ioctl(t->back.in_fd, FIONREAD, &n) == 0 &&
           n > 0;
}

/* A key may cost a millisecond, and thousands may lie there: a terminal gets a
 * share of the turn for them. */
static void
in_ready(struct loop_fd *lf, unsigned ready)
{
    struct tty *t = container_of(lf, struct tty, in_lf);
    SCREEN *was = tty_select(t);
    uint64_t began = loop_now_ns(t->lp);

    (void)ready;
    while (tty_holds(t) && read_piece(t) &&
           loop_now_ns(t->lp) - began < KEYS_NS && has_more(t))
        ;
    tty_select_back(was);
}

static void out_ready(struct loop_fd *lf, unsigned ready);

/* Writes what the terminal takes now. */
static void
out_push(struct tty *t)
{
    long r;

    while (t->out.len > 0 && !t->lost) {
        r = rescue_write_now(t->back.out_fd, t->back.blocking, t->out.data,
                             t->out.len);
        if (r > 0) {
            buf_consume(&t->out, (size_t)r);
        } else if (r < 0 && errno == EAGAIN) {
            if (t->out_lf.lp == NULL &&
                loop_fd_add(t->lp, &t->out_lf, t->back.out_fd, LOOP_WRITE,
                            out_ready) < 0)
                tty_lost(t);
            return;
        } else if (r == 0 || errno != EINTR) {
            tty_lost(t);
        }
    }
    loop_fd_del(&t->out_lf);
}

/* Not while output waits: whoever types blindly could make it grow. */
static void
tell_mouse(struct tty *t)
{
    if (t->lost || !t->entered || t->out.len > 0 || t->mouse == t->mouse_told)
        return;
    t->mouse_told = t->mouse;
    buf_str(&t->out, t->mouse ? MOUSE_ON : MOUSE_OFF);
    out_push(t);
}

static void
out_ready(struct loop_fd *lf, unsigned ready)
{
    struct tty *t = container_of(lf, struct tty, out_lf);
    SCREEN *was = tty_select(t);

    if ((ready & LOOP_HUP) && !(ready & LOOP_WRITE))
        tty_lost(t);
    else if (tty_holds(t))
        out_push(t);
    tell_mouse(t);
    if (t->out.len == 0 && !t->lost)
        t->drained(t);
    tty_select_back(was);
}

/* Moves what curses wrote from its memory file to the queue. */
static void
tty_collect(struct tty *t)
{
    int fd = fileno(t->screen->mem);
    struct buf frame = { 0 };
    off_t end, at = 0;
    char piece[16384];

    fflush(t->screen->mem);
    end = lseek(fd, 0, SEEK_CUR);
    while (at < end) {
        ssize_t r = pread(fd, piece, sizeof(piece), at);

        if (r <= 0)
            break;
        buf_add(t->ascii ? &frame : &t->out, piece, (size_t)r);
        at += r;
    }
    ascii_add(&t->out, buf_text(&frame), frame.len);
    buf_free(&frame);
    if (end > 0 && lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) < 0)
        tty_lost(t);
}

bool
tty_flush(struct tty *t)
{
    if (t->lost)
        return true;
    tty_collect(t);
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
    int most = t->cells_max > 0 && t->cells_max < TTY_CELLS_MAX ? t->cells_max
                                                                : TTY_CELLS_MAX;
    struct winsize ws = { 0 };
    int rows = 24, cols = 80;

    if (ioctl(t->back.out_fd, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 &&
        ws.ws_col > 0) {
        rows = ws.ws_row > ROWS_MAX ? ROWS_MAX : ws.ws_row;
        cols = ws.ws_col > COLS_MAX ? COLS_MAX : ws.ws_col;
    }
    cols = cols > most ? most : cols;
    *cols_out = cols;
    *rows_out = rows > most / cols ? most / cols : rows;
}

/* Setting the region moves the cursor, which curses does not know. */
void
tty_resize(struct tty *t, int rows, int cols)
{
    curses_resize(t->screen, rows, cols);
    if (t->lost || !has_cap("csr") || !has_cap("sc") || !has_cap("rc"))
        return;
    tty_collect(t);
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
    tell_mouse(t);
}

/* --- taking the terminal and giving it back --- */

/* Not TCSADRAIN: a terminal that is stuck would hold the loop. */
void
tty_enter(struct tty *t)
{
    bool waits = t->entered && t->out.len > 0; /* with all that is sent here */
    SCREEN *was;

    if (t->lost)
        return;
    was = tty_select(t);
    t->entered = true;
    rescue_arm(t->rescue, true);
    tcsetattr(t->back.in_fd, TCSANOW, &t->raw);
    keypad(stdscr, TRUE); /* only sends smkx: input is ours */
    if (t->has_paste && !waits)
        buf_str(&t->out, PASTE_ON);
    if (t->mouse && !waits) {
        buf_str(&t->out, MOUSE_ON);
        t->mouse_told = true;
    }
    if (loop_fd_add(t->lp, &t->in_lf, t->back.in_fd, LOOP_READ, in_ready) < 0)
        tty_lost(t);
    loop_fd_first(&t->in_lf, true); /* keys */
    out_push(t);
    tty_select_back(was);
}

/* A shell that has the terminal has set the modes that it edits a line in; a
 * simple one leaves ours. */
static bool
modes_are_ours(struct tty *t)
{
    struct termios now;

    return tty_holds(t) || tcgetattr(t->back.in_fd, &now) < 0 ||
           (now.c_lflag == t->raw.c_lflag && now.c_oflag == t->raw.c_oflag);
}

/* write: it is put back by us. */
static void
let_go(struct tty *t, bool write)
{
    SCREEN *was = tty_select(t);

    loop_fd_del(&t->in_lf);
    loop_fd_del(&t->out_lf);
    t->entered = false;
    if (!t->lost && !write) {
        endwin();
        tty_collect(t);
        buf_clear(&t->out);
    } else if (!t->lost) {
        if (t->back.patience_ms == 0) /* the frame that waits is given up */
            buf_clear(&t->out);
        endwin();
        tty_collect(t);
        if (t->has_paste)
            buf_str(&t->out, PASTE_OFF);
        if (t->mouse_told)
            buf_str(&t->out, MOUSE_OFF);
        if (!has_cap("rmcup")) /* our last frame stays: below it, then */
            buf_str(&t->out, "\r\n");
        rescue_write(&t->back, buf_text(&t->out), t->out.len);
        buf_clear(&t->out);
    }
    t->mouse_told = false;
    if (write && modes_are_ours(t))
        tcsetattr(t->back.in_fd, TCSANOW, &t->back.saved);
    rescue_arm(t->rescue, false);
    tty_select_back(was);
}

void
tty_leave(struct tty *t)
{
    let_go(t, true);
}

void
tty_forget(struct tty *t)
{
    let_go(t, false);
}

/* --- opening --- */

static bool
is_same_terminal(int a, int b)
{
    unsigned dev_a, dev_b;

    return ioctl(a, TIOCGDEV, &dev_a) == 0 && ioctl(b, TIOCGDEV, &dev_b) == 0 &&
           dev_a == dev_b;
}

/* An open file of our own, so that O_NONBLOCK does not leak into the user's
 * shell, with no more access than was handed over. /dev/tty is another terminal
 * when we open it. */
static int
reopen(int fd, int access)
{
    char path[32];
    int own;

    text_fmt(path, sizeof(path), "/proc/self/fd/%d", fd);
    own = open(path, access | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (own >= 0 && !is_same_terminal(fd, own)) {
        close(own);
        errno = EACCES;
        own = -1;
    }
    return own;
}

/* Another user's terminal (su) cannot be opened anew. An open file that is
 * shared blocks whenever one who shares it likes: that is the affair of a
 * process with one terminal. */
static int
open_or_share(int fd, int access, bool lent, bool *shared_out)
{
    int own = reopen(fd, access);

    *shared_out = own < 0;
    return own < 0 && !lent ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : own;
}

/* Whether fd is a terminal that may be used so. The other side of a pseudo
 * terminal says that it is one, too. */
static bool
is_usable(int fd, int access)
{
    int flags = fcntl(fd, F_GETFL), pty;

    return flags >= 0 && isatty(fd) && ioctl(fd, TIOCGPTN, &pty) < 0 &&
           ((flags & O_ACCMODE) == O_RDWR || (flags & O_ACCMODE) == access);
}

static int
refuse_lent(int errnum, struct err *e)
{
    if (errnum == EMFILE || errnum == ENFILE || errnum == ENOMEM)
        return err_sys(e, errnum, "the engine cannot open this terminal");
    return err_set(e, ERR_DENIED,
                   "the engine may not open this terminal, which is another "
                   "user's (su?): `script -q /dev/null' makes one of your own");
}

static int
open_fds(struct tty *t, const struct tty_opts *o, struct err *e)
{
    bool in_shared;

    t->back.in_fd = t->back.out_fd = t->rescue = -1;
    t->back.patience_ms = o->leave_ms;
    if (!is_usable(o->in_fd, O_RDONLY) || !is_usable(o->out_fd, O_WRONLY))
        return err_set(e, ERR_INVALID,
                       "input and output must be a terminal that can be read "
                       "and written");
    t->back.in_fd = open_or_share(o->in_fd, O_RDONLY, o->lent, &in_shared);
    if (o->lent && in_shared)
        return refuse_lent(errno, e);
    t->back.out_fd =
        open_or_share(o->out_fd, O_WRONLY, o->lent, &t->back.blocking);
    if (o->lent && t->back.blocking)
        return refuse_lent(errno, e);
    if (t->back.in_fd < 0 || t->back.out_fd < 0)
        return err_sys(e, errno, "terminal");
    if (tcgetattr(t->back.in_fd, &t->back.saved) < 0)
        return err_sys(e, errno, "terminal modes");
    return 0;
}

static void
set_modes(struct tty *t)
{
    t->raw = t->back.saved;
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

static int
open_screen(struct tty *t, const struct tty_opts *o, struct err *e)
{
    struct curses_opts so = { .term = o->term,
                              .kept_max = o->kept_max,
                              .color = o->color,
                              .windows = o->windows,
                              .arg = t };

    tty_size(t, &so.rows, &so.cols);
    t->screen = curses_open(&so, e);
    return t->screen != NULL ? 0 : -1;
}

int
tty_open(struct tty *t, struct loop *lp, const struct tty_opts *o,
         struct err *e)
{
    SCREEN *was;

    t->lp = lp;
    t->cells_max = o->cells_max;
    /* A locale of one byte has no UTF-8 to be translated. */
    t->ascii = !o->utf8 && MB_CUR_MAX > 1;
    if (open_fds(t, o, e) < 0 || open_screen(t, o, e) < 0) {
        tty_close(t);
        return -1;
    }
    was = tty_select(t);
    set_modes(t);
    prepare_rescue(t);
    tty_enter(t);
    tty_select_back(was);
    return 0;
}

static void
close_own(int *fd)
{
    if (*fd > STDERR_FILENO)
        close(*fd);
    *fd = -1;
}

void
tty_close(struct tty *t)
{
    if (t->entered)
        tty_leave(t);
    if (t->screen != NULL) {
        rescue_free(t->rescue);
        curses_close(t->screen);
        t->screen = NULL;
    }
    close_own(&t->back.in_fd);
    close_own(&t->back.out_fd);
    buf_free(&t->out);
}
