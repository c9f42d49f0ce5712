/*
 * family.h - what the families of verbs share. Private to ui/command.
 */
#ifndef XENDECK_UI_COMMAND_FAMILY_H
#define XENDECK_UI_COMMAND_FAMILY_H

#include <json-c/json.h>
#include <stddef.h>

#include "src/command/command.h"

struct cmd_family {
    const struct cmd *cmds;
    size_t n;
};

/* In help order; one a file. */
extern const struct cmd_family cmd_family_domain;
extern const struct cmd_family cmd_family_define;
extern const struct cmd_family cmd_family_format;
extern const struct cmd_family cmd_family_device;
extern const struct cmd_family cmd_family_list;
extern const struct cmd_family cmd_family_show;
extern const struct cmd_family cmd_family_tune;
extern const struct cmd_family cmd_family_sched;
extern const struct cmd_family cmd_family_info;
extern const struct cmd_family cmd_family_events;
extern const struct cmd_family cmd_family_host;
extern const struct cmd_family cmd_family_xen;
extern const struct cmd_family cmd_family_net;
extern const struct cmd_family cmd_family_console;
extern const struct cmd_family cmd_family_sort;
extern const struct cmd_family cmd_family_view;
extern const struct cmd_family cmd_family_scroll;
extern const struct cmd_family cmd_family_program;

/* Seconds since the epoch, by the loop's clock. */
double ctx_wall_s(const struct cmd_ctx *ctx);
/* How long d has lived at wall_s; 0: not known. */
unsigned long long dom_uptime_s(const struct dom *d, double wall_s);
/* "2026-11-21 06:00:01", local time. */
void wall_text(double wall_s, char out[32]);
/* --- json.c: a member of js */
void json_put_u64(struct json_object *js, const char *name, uint64_t v);
void json_put_text(struct json_object *js, const char *name, const char *text);
void json_put_bool(struct json_object *js, const char *name, bool v);
/* Bytes a second; null where they are not known (less than 0). */
void json_put_rate(struct json_object *js, const char *name, double per_s);
/* The members that `show` and `vcpu-list` have in common. */
void json_put_vcpu(struct json_object *js, const struct dom_vcpu *v);
/* Appends js with a newline and gives it up. */
void json_out(struct buf *out, struct json_object *js);
/* The members that `list` and `show` have in common; the caller's to put. */
struct json_object *dom_json(const struct dom *d, double wall_s);
/* Says "VERB: found ..., allowed ARGS". Returns CMD_USAGE. */
enum cmd_rc cmd_usage(struct err *e, const struct cmd *c, const char *found);
/* Says that it does not run. Always -1. */
int cmd_refuse_off(const char *verb, const struct dom *d, struct err *e);
/* False if text is neither "on" nor "off". */
bool parse_on_off(const char *text, bool *out);
/* --- feed.c: a verb of -e that prints what comes until it is stopped --- */
struct feed {
    struct cmd_ctx *ctx;
    unsigned what; /* ENGINE_CH_ bits: tell is called after them */
    void (*tell)(struct feed *fe);
    struct engine_listener listener;
    struct loop_fd out_lf;
    bool closed; /* nobody reads it any more */
    int errnum;
};

/* Written at once: whoever reads it waits for it. */
void feed_put(struct feed *fe, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Until SIGINT, SIGTERM, or standard output is closed. */
enum cmd_rc feed_run(struct feed *fe);

/* Appends the arguments from the nth on, with blanks between. */
void ctx_join(const struct cmd_ctx *ctx, int nth, struct buf *out);
/* Shows the log pane. */
void log_open(struct ui *ui);
/* Appends an event as a line. */
void event_line(const struct event *ev, struct buf *out);
/* Appends what `help VERB` says. */
void help_verb(const struct cmd *c, struct buf *out);

#endif
