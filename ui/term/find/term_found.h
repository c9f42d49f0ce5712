/*
 * term_found.h - what a search that is done in pieces has come to.
 */
#ifndef XENDECK_UI_TERM_FOUND_H
#define XENDECK_UI_TERM_FOUND_H

enum term_found {
    TERM_FOUND_NONE,
    TERM_FOUND_ONE,
    TERM_FOUND_LATER /* it is to go on */
};

/* Of one piece: a few milliseconds. */
#define FIND_TURN_COST 1000000U

#endif
