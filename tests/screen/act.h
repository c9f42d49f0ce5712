/*
 * act.h - what several screen tests do, in the words of a user.
 */
#ifndef XENDECK_TESTS_SCREEN_ACT_H
#define XENDECK_TESTS_SCREEN_ACT_H

#include "tests/screen/scr.h"

#define PREFIX "\x1d" /* ^] */
#define ESC    "\033"

#define AFTER_LEAVING_MS 1000 /* then a q is meant for the list */

/* On the demo host of three idle guests, once its list stands there. */
struct scr *act_start(int rows, int cols, const char *args);
struct scr *act_start_env(int rows, int cols, const char *args,
                          const char *env);
/* As cmocka's setup and teardown: 24 by 80 in *state. */
int act_setup(void **state);
int act_teardown(void **state);

/* The configuration of a small Linux guest in the program's home; its path,
 * to be freed. */
char *act_conf(struct scr *s, const char *name);
char *act_conf_in(const char *home, const char *name);
/* Makes a guest through the palette; its console is open and at its prompt. */
void act_create(struct scr *s, const char *name);
/* Types a verb into the palette. */
void act_verb(struct scr *s, const char *line);
/* Types a line into the guest's console and waits for its answer, alone in a
 * row or at the beginning of one. */
void act_shell(struct scr *s, const char *line, const char *answer);
/* Waits for a row that begins with a text. */
void act_see_row(struct scr *s, const char *text);

/* Whether the row where a text stands is the list's cursor. */
bool act_selected(struct scr *s, const char *text);
void act_see_selected(struct scr *s, const char *text);
/* Ends the program by q from the list. */
void act_quit(struct scr *s);
/* A whole small file, or the test fails. */
void act_read(const char *path, struct buf *out);
void act_write(const char *path, const char *text);
/* How many descriptors this process has, of its first 1,024. */
unsigned act_fds(void);

#endif
