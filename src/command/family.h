/*
 * family.h - what the families of verbs share.
 */
#ifndef XENDECK_COMMAND_FAMILY_H
#define XENDECK_COMMAND_FAMILY_H

#include "src/command/command.h"

/* One a file. */
extern const struct cmd_family cmd_family_domain;
extern const struct cmd_family cmd_family_destroy;
extern const struct cmd_family cmd_family_operations;
extern const struct cmd_family cmd_family_define;
extern const struct cmd_family cmd_family_edit;
extern const struct cmd_family cmd_family_format;
extern const struct cmd_family cmd_family_clone;
extern const struct cmd_family cmd_family_drift;
extern const struct cmd_family cmd_family_migrate;
extern const struct cmd_family cmd_family_device;
extern const struct cmd_family cmd_family_dm;
extern const struct cmd_family cmd_family_ledger;
extern const struct cmd_family cmd_family_list;
extern const struct cmd_family cmd_family_show;
extern const struct cmd_family cmd_family_postmortem;
extern const struct cmd_family cmd_family_tune;
extern const struct cmd_family cmd_family_sched;
extern const struct cmd_family cmd_family_info;
extern const struct cmd_family cmd_family_events;
extern const struct cmd_family cmd_family_host;
extern const struct cmd_family cmd_family_xen;
extern const struct cmd_family cmd_family_net;
extern const struct cmd_family cmd_family_program;

/* Seconds since the epoch, by the loop's clock. */
double ctx_wall_s(const struct cmd_ctx *ctx);
/* How long d has lived at wall_s; 0: not known. */
unsigned long long dom_uptime_s(const struct dom *d, double wall_s);
/* "2026-11-21 06:00:01", local time. */
void wall_text(double wall_s, char out[32]);
/* Says "VERB: found ..., allowed ARGS". Returns CMD_USAGE. */
enum cmd_rc cmd_usage(const struct cmd_ctx *ctx, const char *found);
enum cmd_rc cmd_usage_of(struct err *e, const struct cmd *c, const char *found);
/* What a verb returns that has begun a domain's life (rc of the engine's call):
 * a screen opens the console as soon as there is one. */
enum cmd_rc cmd_begun(struct cmd_ctx *ctx, int rc);
/* "512", "512M", "1G", "65536KiB": MiB where nothing else is said. */
bool cmd_parse_size(const char *text, uint64_t *kib_out);
/* The function of `undo', for the verbs that mean it, too. */
enum cmd_rc cmd_undo(struct cmd_ctx *ctx);
/* For struct cmd.names: the first argument. */
const char *cmd_first_word(const struct cmd_call *call);
/* False if text is neither "on" nor "off". */
bool parse_on_off(const char *text, bool *out);
/* Appends the arguments from the nth on, with blanks between. */
void ctx_join(const struct cmd_ctx *ctx, int nth, struct buf *out);
/* Appends an event as a line. */
void event_line(const struct event *ev, struct buf *out);
/* Appends what `help VERB` says. */
void help_verb(const struct cmd *c, struct buf *out);
/* The nth argument as a file's path that the engine can open (free it). */
char *ctx_path(const struct cmd_ctx *ctx, int nth);

#endif
