/*
 * terms.h - what the terminals of all console panes of a front end share.
 */
#ifndef XENDECK_UI_DESK_TERMS_H
#define XENDECK_UI_DESK_TERMS_H

#include "ui/desk/desk.h"
#include "ui/term/share.h"

/* Lives as long as the front end. Zeroed: nothing is bounded (tests). */
struct term_share *ui_term_share(struct ui *ui);

#endif
