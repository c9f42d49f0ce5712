/*
 * curses_screen.c - see curses_screen.h.
 * Invariant: a screen is freed only when none is in use.
 */
#define NCURSES_INTERNALS 1 /* ncurses 6.5 hides the flags of a WINDOW else */
#include "ui/screen/curses_screen.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"

#define CELLS_MANY 40000 /* their memory goes back to the system */

/* What curses has for the whole process has its counterpart here. */
static struct list_node all = { &all, &all };

/* --- the selected one --- */

/* curses has the size of its screen twice, and set_term changes one only. */
SCREEN *
curses_select(SCREEN *scr)
{
    SCREEN *was = set_term(scr);

    if (scr != NULL) {
        LINES = getmaxy(curscr);
        COLS = getmaxx(curscr);
    }
    return was;
}

/* --- others while one is resized --- */

static void
shield(WINDOW **w)
{
    if (*w != NULL)
        (*w)->_flags |= _ISPAD;
}

static void
unshield(WINDOW **w)
{
    if (*w != NULL)
        (*w)->_flags &= ~_ISPAD;
}

static void
each_but(struct curses_screen *except, void (*each)(WINDOW **w))
{
    SCREEN *was = curses_select(NULL);
    struct list_node *it;

    list_foreach (it, &all) {
        struct curses_screen *s = list_entry(it, struct curses_screen, node);

        if (s == except)
            continue;
        curses_select(s->scr);
        each(&stdscr);
        each(&curscr);
        each(&newscr);
        if (s->used)
            s->o.windows(s->o.arg, each);
    }
    curses_select(was);
}

void
curses_resize(struct curses_screen *s, int rows, int cols)
{
    each_but(s, shield);
    resize_term(rows, cols);
    if (rows * cols > s->most_cells)
        s->most_cells = rows * cols;
    wresize(stdscr, 1, 1); /* nobody draws on it: a quarter of the memory */
    each_but(s, unshield);
}

/* --- opening --- */

static void
env_put(const char *name, const char *value)
{
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* newterm puts handlers of its own where there are none: a terminal of many
 * has no say in what a signal does to the process. */
static SCREEN *
quiet_newterm(const char *term, FILE *out)
{
    static const int taken[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
    struct sigaction was[sizeof(taken) / sizeof(taken[0])];
    size_t i, n = sizeof(taken) / sizeof(taken[0]);
    SCREEN *scr;

    for (i = 0; i < n; i++)
        sigaction(taken[i], NULL, &was[i]);
    scr = newterm(term, out, stdin);
    for (i = 0; i < n; i++)
        sigaction(taken[i], &was[i], NULL);
    return scr;
}

/* Curses asks its output file for the size, which is no terminal here: what
 * it is not told now it takes for 24 x 80, and confines scrolling to that. */
static SCREEN *
new_scr(const struct curses_screen *s)
{
    static const char *const names[] = { "LINES", "COLUMNS" };
    const int size[2] = { s->o.rows, s->o.cols };
    char *was[2], text[16];
    const char *now;
    SCREEN *scr;
    int i;

    for (i = 0; i < 2; i++) {
        now = getenv(names[i]);
        was[i] = now != NULL ? xstrdup(now) : NULL;
        text_fmt(text, sizeof(text), "%d", size[i]);
        env_put(names[i], text);
    }
    scr = quiet_newterm(s->term, s->mem);
    for (i = 0; i < 2; i++) {
        env_put(names[i], was[i]);
        free(was[i]);
    }
    return scr;
}

static FILE *
open_mem(struct err *e)
{
    int fd = memfd_create("xendeck-frame", MFD_CLOEXEC);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (f == NULL) {
        err_sys(e, errno, "frame buffer");
        if (fd >= 0)
            close(fd);
    }
    return f;
}

static void
curses_free(struct curses_screen *s)
{
    if (s->scr != NULL) {
        curses_select(s->scr);
        delscreen(s->scr);
        curses_select(NULL);
    }
    if (s->mem != NULL)
        fclose(s->mem);
    list_del(&s->node);
    free(s);
}

/* A kept one that fits. */
static struct curses_screen *
find_kept(const struct curses_opts *o)
{
    struct list_node *it;

    list_foreach (it, &all) {
        struct curses_screen *s = list_entry(it, struct curses_screen, node);

        if (!s->used && s->o.color == o->color && strcmp(s->term, o->term) == 0)
            return s;
    }
    return NULL;
}

static bool
is_type_name(const char *term)
{
    return strlen(term) <= CURSES_TERM_MAX && strchr(term, '/') == NULL;
}

static struct curses_screen *
curses_screen_make(const struct curses_opts *o, struct err *e)
{
    struct curses_screen *s = xcalloc(1, sizeof(*s));

    s->o = *o;
    text_fmt(s->term, sizeof(s->term), "%s", o->term);
    s->mem = open_mem(e);
    if (s->mem == NULL) {
        free(s);
        return NULL;
    }
    if (is_type_name(o->term) && curses_type_known(o->term, fileno(s->mem)))
        s->scr = new_scr(s);
    if (s->scr == NULL) {
        curses_free(s);
        err_set(e, ERR_INVALID,
                "the terminal type '%.40s' is unknown here; try "
                "TERM=xterm-256color, or TERM=vt100",
                o->term);
        return NULL;
    }
    list_append(&all, &s->node);
    return s;
}

static size_t
count_kept(void)
{
    struct list_node *it;
    size_t n = 0;

    list_foreach (it, &all)
        n += !list_entry(it, struct curses_screen, node)->used;
    return n;
}

/* What a screen of a type takes stays until none is in use. */
static struct curses_screen *
make_within_limit(const struct curses_opts *o, struct err *e)
{
    if (o->kept_max == 0 || count_kept() < o->kept_max)
        return curses_screen_make(o, e);
    err_set(e, ERR_BUSY,
            "terminals of %zu other types were here: the engine takes no "
            "further type such as '%.40s'; try TERM=xterm-256color",
            count_kept(), o->term);
    return NULL;
}

/* o->term, or the known type that it can be taken for. What cannot be the name
 * of one is left for the refusal. */
static const char *
known_term(const struct curses_opts *o)
{
    const char *like = NULL;
    int fd;

    if (!is_type_name(o->term))
        return o->term;
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd >= 0 && !curses_type_known(o->term, fd))
        like = curses_stand_in(o->term, fd);
    if (fd >= 0)
        close(fd);
    return like != NULL ? like : o->term;
}

/* A kept one, else a new one. None is selected. */
static struct curses_screen *
find_or_make(struct curses_opts *o, struct err *e)
{
    struct curses_screen *s = find_kept(o);

    if (s != NULL)
        return s;
    o->term = known_term(o);
    s = find_kept(o);
    return s != NULL ? s : make_within_limit(o, e);
}

struct curses_screen *
curses_open(const struct curses_opts *given, struct err *e)
{
    struct curses_opts o = *given;
    SCREEN *was;
    struct curses_screen *s;
    const char *cup;

    if (o.term == NULL || *o.term == '\0') {
        err_set(e, ERR_INVALID,
                "TERM is not set: it must name the terminal's type; try "
                "TERM=xterm-256color");
        return NULL;
    }
    was = curses_select(NULL);
    s = find_or_make(&o, e);
    if (s != NULL) {
        s->o = o;
        s->used = true;
        curses_select(s->scr);
        curses_resize(s, o.rows, o.cols);
        cup = tigetstr("cup");
        if (cup == NULL || cup == (const char *)-1) {
            err_set(
                e, ERR_UNSUPPORTED,
                "the terminal type '%.40s' (TERM) cannot place its cursor; try "
                "TERM=xterm-256color, or TERM=vt100",
                o.term);
            curses_close(s);
            s = NULL;
        }
    }
    curses_select(was);
    return s;
}

static void
curses_screen_free_all(void)
{
    struct list_node *it, *next;

    list_foreach (it, &all)
        if (list_entry(it, struct curses_screen, node)->used)
            return;
    list_foreach_safe (it, next, &all)
        curses_free(list_entry(it, struct curses_screen, node));
}

/* What is kept is small, and begins anew as after endwin. */
void
curses_close(struct curses_screen *s)
{
    SCREEN *was = curses_select(s->scr);
    int fd = fileno(s->mem);

    if (!isendwin())
        endwin();
    curses_resize(s, 1, 1);
    fflush(s->mem);
    if (lseek(fd, 0, SEEK_SET) != 0 || ftruncate(fd, 0) < 0)
        s->term[0] = '\0'; /* never found again */
    s->used = false;
    if (s->most_cells > CELLS_MANY)
        (void)malloc_trim(0);
    s->most_cells = 0;
    curses_select(was != s->scr ? was : NULL);
    curses_screen_free_all();
}
