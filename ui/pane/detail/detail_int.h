/*
 * detail_int.h - what the files of the detail pane share.
 */
#ifndef XENDECK_UI_DETAIL_INT_H
#define XENDECK_UI_DETAIL_INT_H

#include "engine/api/api_history.h"
#include "engine/model/model.h"
#include "src/base/buf.h"
#include "src/base/err.h"
#include "ui/desk/pane.h"
#include "ui/pane/detail/detail_graph.h"
#include "ui/pane/view.h"

#define DETAIL_HISTORY 240 /* samples of the engine's history */

/* What the overview shows, kept when the domain is gone. */
struct detail_facts {
    bool known; /* of some domain */
    bool gone;
    struct dom d;
    bool has_op; /* at work, or the last that has ended */
    struct op op;
    bool has_use; /* what Xen keeps for it is known */
    struct memory_use use;
    bool has_model;
    struct model_info model;
    double wall_s;              /* when this was so */
    uint64_t now_ms;            /* loop clock */
    double cpu[DETAIL_HISTORY]; /* the newest at n_cpu - 1; < 0: unknown */
    size_t n_cpu;
    bool unicode;
    bool past; /* d is of a second of the last hour */
    int cols;
};

#define DETAIL_TAB_ROWS 1

enum detail_tab_kind {
    DETAIL_OVERVIEW,
    DETAIL_VCPUS,
    DETAIL_TUNE,
    DETAIL_DEVICES, /* as PANE_TAB_DEVICES */
    DETAIL_CONFIG,
    DETAIL_STORE,
    DETAIL_EVENTS,
    DETAIL_GRAPHS, /* as PANE_TAB_GRAPHS */
    DETAIL_TABS
};

/* What the tune tab shows beside the facts and the vcpus. */
struct detail_tune {
    size_t at;        /* row under the cursor */
    uint64_t max_kib; /* as it is set; UINT64_MAX: no limit */
    bool sched_known;
    struct sched_params sched;
    char pool[MODEL_NAME_MAX];
};

struct detail_pane {
    struct pane base;
    struct rates_want want; /* of the history that the overview shows */
    enum detail_tab_kind tab;
    struct detail_facts facts;
    struct view view;
    uint64_t past_ms;  /* the moment that was read; past.h */
    uint64_t list_dom; /* the list's cursor when last looked at */
    bool was_focused;
    bool stale; /* the tab's contents must be read anew */
    struct dom_vcpu *vcpu;
    size_t n_vcpus;
    struct detail_tune tune;
    struct detail_graph graph;
    struct dom_device dev[DOM_DEVICES_MAX];
    size_t n_devs, dev_at;  /* dev_at: under the cursor */
    struct buf text;        /* configuration or store, its lines ended by NUL */
    bool new_text;          /* not in segments yet */
    int text_cols;          /* the width it is in segments for */
    struct err err;         /* why there is nothing to show */
    uint64_t store_ms;      /* of the last look at the store */
    struct loop_timer look; /* the devices are read again, detail.c */
};

/* --- detail_read.c --- */
/* Takes over what changed, reads the shown tab, cuts it into rows. */
void detail_read(struct detail_pane *dp, unsigned changed);
/* Rows above the view: the tabs, and the headings of a table. */
int detail_head_rows(const struct detail_pane *dp);

#endif
