/*
 * settings.h - xendeck.conf(5): what a user sets once. Read at start from
 * /etc/xendeck/xendeck.conf, then $XDG_CONFIG_HOME/xendeck/xendeck.conf; the
 * command line wins over both. Never written by the program.
 */
#ifndef XENDECK_COMMAND_SETTINGS_H
#define XENDECK_COMMAND_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/err.h"
#include "src/command/key.h"
#include "ui/draw/graph.h"

#define SETTINGS_BINDINGS_MAX 128

/* bind = ( { in = "list"; key = "C-k"; run = "VERB ARGS"; }, ... ); run "none"
 * unbinds. Later ones win over earlier ones, all over the table. */
struct binding {
    unsigned context; /* CMD_IN_ bits of command.h */
    struct key key;
    char command[128]; /* "" unbinds */
};

struct cmd_set;

/* What becomes of the bell of a guest's console. */
enum settings_bell {
    BELL_PASS,    /* the outer terminal rings, too */
    BELL_VISIBLE, /* it is marked where nobody looks at it */
    BELL_OFF
};

struct settings {
    const struct cmd_set *cmds;
    char theme[32];
    char theme_dirs[2048]; /* colon separated, absolute */
    struct key prefix;     /* console panes; default C-] */
    bool mouse;
    bool color;   /* false: NO_COLOR or --no-color */
    bool unicode; /* false: ASCII lines */
    bool read_only;
    unsigned tick_ms;        /* statistics, 250..60000 */
    unsigned destroy_undo_s; /* a screen's destructions can be undone; 0: no */
    unsigned restart_min_s;  /* of domains that set none */
    unsigned model_death;    /* enum config_model_death */
    unsigned model_beat_s;   /* 0: models are not asked */
    unsigned model_hang_s;
    unsigned model_logs;
    unsigned postmortems;      /* folders of last words; 0: none */
    uint64_t postmortem_bytes; /* of all of them */
    unsigned helper_limit_s;   /* that a helper may say nothing */
    /* Of domains of ours when the host stops: enum config_host_stop, 0: unset;
     * host_stop_to: words of `migrate', one a line. */
    unsigned host_stop, host_stop_else, host_stop_moves;
    char host_stop_to[1024];
    unsigned autoballoon; /* enum engine_balloon */
    bool vif_without_scripts;
    uint64_t kernel_cache_kib;   /* of unpacked kernels; 0: none is kept */
    uint64_t dom0_min_kib;       /* what domain 0 keeps */
    size_t scrollback_bytes;     /* per console pane, 64 KiB..1 GiB; 4 MiB */
    size_t scrollback_all_bytes; /* of all panes, 1 MiB..8 GiB; 64 MiB */
    size_t scroll_disk_bytes;    /* of a console's text on disk; 0: none */
    char sort[16];               /* column the list starts with */
    char columns[256];           /* of the list; "": as built in */
    char log_file[512];          /* "" : none */
    char hook_dir[256];          /* "": the engine's own */
    unsigned graphs;             /* enum graph_style, or SETTINGS_GRAPHS_AUTO */
    bool history;                /* the engine records the last hour */
    /* Groups whose users get rights from the engine; "": none. */
    char view_group[33], operate_group[33], admin_group[33];
    /* Of migrations under TLS: files, where this host is called (tls_place.h,
     * "": it is not), and by whom, with blanks between. */
    char tls_certificate[256], tls_key[256], tls_ca[256];
    char tls_crl[256]; /* "": none */
    char migrate_listen[64];
    char migrate_allow[3072];
    char layout[33]; /* that terminals begin with, "": none */
    enum settings_bell bell;
    unsigned silence_s;  /* without output until a console counts as silent; 0:
                            it never does */
    bool clipboard;      /* what is copied goes to the outer terminal's, too */
    bool copy_emacs;     /* copy mode has the keys of emacs, not of vi */
    unsigned paste_ask;  /* lines of a paste that is not asked about; 0: all */
    bool size_of_writer; /* console_size: who types decides, not the smallest */
    struct binding bindings[SETTINGS_BINDINGS_MAX];
    size_t n_bindings;
};

#define SETTINGS_GRAPHS_AUTO UINT_MAX /* by the terminal */

/* cmds: the verbs that bindings may name; borrowed. */
void settings_default(struct settings *s, const struct cmd_set *cmds);
/* Reads path over what is in *s. A missing file is success if optional. On -1
 * (file:line: setting: found, allowed) *s is unchanged. As root a file that
 * others may write is refused. Unknown settings: appended to warn, one
 * sentence a line. */
int settings_load(struct settings *s, const char *path, bool optional,
                  struct buf *warn, struct err *e);
/* The two halves of it. Appends the file's text; nothing if it is missing and
 * optional. */
int settings_read(const char *path, bool optional, struct buf *text,
                  struct err *e);
/* name: of the file that text comes from, for sentences. */
int settings_take(struct settings *s, const char *text, const char *name,
                  struct buf *warn, struct err *e);

#endif
