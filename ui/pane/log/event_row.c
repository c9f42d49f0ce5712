/*
 * event_row.c - events and log lines as rows: time, level by letter and
 * colour, domain, text. What does not fit goes on in rows below, indented.
 */
#include "ui/pane/log/event_row.h"

#include <string.h>
#include <time.h>

#include "ui/draw/ui_text.h"

#define DATE_COLS 100 /* from this width on there is room for the date */
#define NAME_COLS 14
#define NAME_ROOM 60 /* below it the name goes before the text, unpadded */

void
event_stamp(double wall_s, bool date, char *out, size_t out_size)
{
    struct tm tm;
    time_t t = 0;

    if (wall_s > 0 && wall_s < 1e11)
        t = (time_t)wall_s;
    if (localtime_r(&t, &tm) == NULL ||
        strftime(out, out_size, date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm) ==
            0)
        text_fmt(out, out_size, "-");
}

static int
stamp_cols(int cols)
{
    return cols >= DATE_COLS ? 19 : 8;
}

int
event_row_head(int cols, bool with_name)
{
    /* the stamp, " I ", and perhaps the name and a blank */
    int n = stamp_cols(cols) + 3;

    if (with_name)
        n += (cols >= NAME_ROOM ? NAME_COLS : NAME_COLS / 2) + 1;
    return n < cols - 8 ? n : 0;
}

static enum role
level_role(enum event_level l)
{
    if (l == EVENT_ERROR)
        return ROLE_ERROR;
    return l == EVENT_WARN ? ROLE_WARN : ROLE_INFO;
}

/* The segment's part of the text, after the head if it is the first. */
static void
event_row_put_text(struct view_row *r, enum role role, const char *text,
                   const struct view_seg *s, int head)
{
    size_t before = r->text.len;

    view_put(r, role, "%s", text);
    r->to = before + s->to;
    if (s->from > 0) {
        r->from = before + s->from;
        r->indent = head;
    }
}

void
event_row(const struct event *ev, const struct view_seg *s, int cols,
          bool with_name, struct view_row *r)
{
    static const char letters[] = "iWE";
    int head = event_row_head(cols, with_name), used, room;
    char when[32], name[2 * MODEL_NAME_MAX];

    if (head > 0) {
        event_stamp(ev->wall_s, stamp_cols(cols) > 8, when, sizeof when);
        view_put(r, ROLE_DIM, "%s", when);
        view_put(r, level_role(ev->level), " %c ",
                 ev->level <= EVENT_ERROR ? letters[ev->level] : '?');
    }
    if (head > 0 && with_name) {
        room = cols >= NAME_ROOM ? NAME_COLS : NAME_COLS / 2;
        text_fmt(name, sizeof name, "%s",
                 ev->name[0] != '\0' ? ev->name : "host");
        if (ui_text_cols(name) > room)
            name[ui_text_fit(name, room, false)] = '\0';
        used = ui_text_cols(name);
        view_put(r, ev->name[0] != '\0' ? ROLE_TITLE : ROLE_DIM, "%s%*s", name,
                 room - used + 1, "");
    }
    event_row_put_text(
        r, ev->level == EVENT_INFO ? ROLE_TEXT : level_role(ev->level),
        ev->text, s, head);
}

void
event_row_log(const struct log_line *l, enum role role,
              const struct view_seg *s, int cols, struct view_row *r)
{
    int head = event_row_head(cols, false);
    char when[32];

    if (head > 0) {
        event_stamp(l->wall_s, stamp_cols(cols) > 8, when, sizeof when);
        view_put(r, ROLE_DIM, "%s", when);
        view_put(r, role, " %c ", log_level_name(l->level)[0]);
    }
    event_row_put_text(r, role, l->text, s, head);
}
