/*
 * who.c - who asks for what is done: the person before this process, or the
 * engine itself.
 */
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/engine_int.h"
#include "src/base/buf.h"

#define PASSWD_MAX 4096

/* "pts/3", "" without a terminal. */
static void
tty_text(char *dst, size_t dst_size)
{
    char path[64];
    int fd;

    *dst = '\0';
    for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (ttyname_r(fd, path, sizeof(path)) != 0)
            continue;
        text_fmt(dst, dst_size, "%s",
                 strncmp(path, "/dev/", 5) == 0 ? path + 5 : path);
        return;
    }
}

void
who_text(char *dst, size_t dst_size)
{
    char room[PASSWD_MAX], tty[24], text[64];
    struct passwd pw, *found = NULL;

    tty_text(tty, sizeof(tty));
    if (getpwuid_r(getuid(), &pw, room, sizeof(room), &found) == 0 &&
        found != NULL)
        text_fmt(text, sizeof(text), "%s%s%s", pw.pw_name,
                 tty[0] != '\0' ? "@" : "", tty);
    else
        text_fmt(text, sizeof(text), "uid %u%s%s", (unsigned)getuid(),
                 tty[0] != '\0' ? "@" : "", tty);
    text_safe(dst, dst_size, text, strlen(text));
}

struct actor
engine_act_for(struct engine *en, const char *who, const struct op *op)
{
    struct actor before = en->actor;

    if (who != NULL)
        en->actor.who = who;
    en->actor.op = op;
    return before;
}

void
engine_act_as(struct engine *en, struct actor before)
{
    en->actor = before;
}

const struct op *
engine_acting_in(const struct engine *en)
{
    return en->actor.op;
}

const char *
engine_acting_for(const struct engine *en)
{
    return en->actor.who != NULL ? en->actor.who : en->who;
}

const char *
engine_who(const struct engine *en)
{
    return en->who;
}
