/*
 * scr.h - the real program on a pseudo terminal, its screen read through
 * libvterm. Nothing here sleeps: waiting is reading until what is awaited is
 * there, however many pieces it comes in, or a deadline is over. What is
 * expected and does not come fails the test with the screen as text.
 */
#ifndef XENDECK_TESTS_SCREEN_SCR_H
#define XENDECK_TESTS_SCREEN_SCR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/buf.h"

/* For what comes at once on an idle machine: the one that runs the tests may
 * do much else. */
#define SCR_MS 60000U

/* A cell as it is shown. Colours are 0xRRGGBB; -1: the terminal's own. */
struct scr_cell {
    char text[28]; /* UTF-8; "" is a blank, or the right half of a wide one */
    int cols;      /* 0: right half */
    int32_t fg, bg;
    bool bold, underline, italic, reverse, strike, blink;
};

struct scr_opts {
    int rows, cols;
    const char *args; /* separated by blanks */
    const char *env;  /* "NAME=value ..." over the clean environment */
    const char *home; /* NULL: an empty one, removed at the end */
    bool no_echo;     /* of what is typed while no program reads */
};

struct scr;

/* Never NULL: what cannot be started fails the test. */
struct scr *scr_open(const struct scr_opts *o);
struct scr *scr_start(int rows, int cols, const char *args);
/* A terminal without a program: what draws on it is of the test's own process
 * and runs in turn, which may wait a few ms. */
struct scr *scr_bare(int rows, int cols, void (*turn)(void *arg), void *arg);
/* The descriptor that a program would have as its terminal. */
int scr_tty(const struct scr *s);
/* Ends the program if it still runs. NULL is fine. */
void scr_close(struct scr *s);

/* The program's home directory. */
const char *scr_home(const struct scr *s);
pid_t scr_pid(const struct scr *s);
void scr_signal(const struct scr *s, int signo);

void scr_send(struct scr *s, const char *keys);
void scr_send_bytes(struct scr *s, const char *bytes, size_t n);
/* Esc, where nothing on the screen will tell that it was taken: until it was
 * read and its time to begin a sequence is over. */
void scr_send_esc(struct scr *s);
void scr_resize(struct scr *s, int rows, int cols);
/* Takes what has come, waiting at most ms for the first byte. False: nothing
 * came. */
bool scr_pump(struct scr *s, unsigned ms);
/* Until nothing came for quiet_ms. On a busy machine that is no sign that all
 * is drawn: UNTIL, where there is something to wait for. */
void scr_settle(struct scr *s, unsigned quiet_ms);

bool scr_has(struct scr *s, const char *text);
bool scr_wait_text(struct scr *s, const char *text, unsigned ms);
bool scr_wait_gone(struct scr *s, const char *text, unsigned ms);
/* The first row that has a text; -1: none. */
int scr_find(struct scr *s, const char *text);
/* The column where a text begins in a row; -1: nowhere. */
int scr_find_col(struct scr *s, int row, const char *text);
/* Without trailing blanks; out is emptied first. */
void scr_row(struct scr *s, int row, struct buf *out);
/* All rows, a line each. */
void scr_dump(struct scr *s, struct buf *out);
void scr_cell_at(struct scr *s, int row, int col, struct scr_cell *out);
void scr_size(const struct scr *s, int *rows_out, int *cols_out);
/* False: the cursor is hidden. */
bool scr_cursor(struct scr *s, int *row_out, int *col_out);

/* The status of waitpid once the program has ended; -1: it runs on. */
int scr_exit_status(struct scr *s, unsigned ms);
/* Whether the program was stopped (SIGTSTP) meanwhile. */
bool scr_wait_stopped(struct scr *s, unsigned ms);
void scr_continue(struct scr *s);
/* Whose the terminal is: the program's, or its shell's as after it was stopped.
 */
void scr_foreground(struct scr *s, bool program);
/* The terminal goes away, as a dropped line does. */
void scr_hang_up(struct scr *s);

/* All bytes that the program sent since byte number from. */
const char *scr_raw(const struct scr *s, size_t from, size_t *n_out);
size_t scr_sent(const struct scr *s);
/* Whether these very bytes were sent since from: what the next frame may have
 * drawn over when the screen is looked at. */
bool scr_said(const struct scr *s, size_t from, const char *bytes);
/* The clock of all these limits. */
uint64_t scr_now_ms(void);
/* The first thing sent since from that is neither text nor one of the control
 * sequences that the program's own drawing needs; false: there is none. */
bool scr_foreign(const struct scr *s, size_t from, struct buf *out);
/* The same; *from is moved behind it. */
bool scr_foreign_next(const struct scr *s, size_t *from, struct buf *out);
/* Whether a DEC private mode (25: cursor, 1049: alternate screen...) is on. */
bool scr_mode(const struct scr *s, unsigned mode);
/* Nothing of the program is left in the terminal: line modes as before, main
 * screen, cursor, no reports. False: out says what is. */
bool scr_restored(struct scr *s, struct buf *out);

/* --- with the screen shown on failure --- */

void scr_must(struct scr *s, bool ok, const char *what, const char *file,
              int line);
void scr_must_see(struct scr *s, const char *text, const char *file, int line);
void scr_must_lose(struct scr *s, const char *text, const char *file, int line);
void scr_must_exit(struct scr *s, int status, const char *file, int line);

#define CHECK(s, ok) scr_must(s, ok, #ok, __FILE__, __LINE__)
/* Reads until ok holds. */
#define UNTIL(s, ok)                                                           \
    do {                                                                       \
        uint64_t until_ = scr_now_ms() + SCR_MS;                               \
        bool done_;                                                            \
                                                                               \
        scr_pump(s, 0);                                                        \
        while (!(done_ = (ok)) && scr_now_ms() < until_)                       \
            scr_pump(s, 20);                                                   \
        scr_must(s, done_, #ok, __FILE__, __LINE__);                           \
    } while (0)
#define SAID(s, from, text)  UNTIL(s, scr_said(s, from, text))
#define SEE(s, text)         scr_must_see(s, text, __FILE__, __LINE__)
#define LOSE(s, text)        scr_must_lose(s, text, __FILE__, __LINE__)
#define EXITS(s, status)     scr_must_exit(s, status, __FILE__, __LINE__)
#define CHECK_RESTORED(s)    scr_must_be_restored(s, __FILE__, __LINE__)
#define CHECK_CLEAN(s, from) scr_must_be_clean(s, from, __FILE__, __LINE__)

void scr_must_be_restored(struct scr *s, const char *file, int line);
void scr_must_be_clean(struct scr *s, size_t from, const char *file, int line);

#endif
