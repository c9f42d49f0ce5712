/*
 * detail_text.h - facts and vcpus of a domain as rows.
 */
#ifndef XENDECK_UI_DETAIL_TEXT_H
#define XENDECK_UI_DETAIL_TEXT_H

#include "ui/pane/detail/detail_int.h"

/* The rows of the overview, by item: how many, and one of them. */
size_t detail_overview_rows(const struct detail_facts *f);
void detail_overview_row(const struct detail_facts *f, size_t i,
                         struct view_row *r);
/* The last cols samples as bars between 0 and top, from the first known one
 * on. */
void detail_sparkline(const struct detail_facts *f, double top, int cols,
                      struct buf *out);

void detail_vcpu_head(struct view_row *r);
void detail_vcpu_row(const struct dom_vcpu *v, struct view_row *r);

void detail_uuid(const uint8_t uuid[16], char out[37]);

#endif
