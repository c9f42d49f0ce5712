/*
 * detail_graph.h - the tab of the details that draws what a domain did: a
 * curve for each metric of the history and each vcpu.
 */
#ifndef XENDECK_UI_DETAIL_GRAPH_H
#define XENDECK_UI_DETAIL_GRAPH_H

#include "ui/pane/view.h"

struct detail_pane;

struct detail_curve;

/* Zeroed at first; what it has is freed by detail_graph_fini. */
struct detail_graph {
    int zoom;        /* steps from the first length of a point */
    int cols;        /* that the curves were read for */
    unsigned step_s; /* of a sample; 0: nothing is recorded */
    struct detail_curve *curve;
    size_t n_curves;
    double *v; /* values of all curves, n_points each */
    size_t n_points;
    bool past; /* they end in the past */
    char until[16];
};

void detail_graph_read(struct detail_pane *dp);
size_t detail_graph_rows(const struct detail_pane *dp);
void detail_graph_row(const struct detail_pane *dp, size_t i,
                      struct view_row *r);
/* False: the pane has another width since they were read. */
bool detail_graph_fits(const struct detail_pane *dp);
/* A point covers more time (dir 1) or less (-1). */
void detail_graph_zoom(struct detail_pane *dp, int dir);
void detail_graph_fini(struct detail_graph *g);

#endif
