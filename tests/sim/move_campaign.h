/*
 * move_campaign.h - a guest is sent from one of two hosts (pair.h) to the
 * other, again and again, and each time something else goes wrong: afterwards
 * it runs on exactly one of them, its count has gone on, and the other has
 * nothing of it. All of these fail the test if that is not so.
 */
#ifndef XENDECK_TESTS_MOVE_CAMPAIGN_H
#define XENDECK_TESTS_MOVE_CAMPAIGN_H

#include "tests/sim/pair_tls.h"

struct move_case {
    const char *more;     /* settings of the guest */
    struct pair_tls *tls; /* it goes under TLS, with these; NULL: it does not */
    uint64_t boot_ms;     /* the guest takes so much longer to boot */
};

/* What is tried from now on; borrowed. The two hosts of all tries. */
struct pair *move_begin(const struct move_case *c);
/* Every so manyth point, times XENDECK_CAMPAIGN_STEP. */
unsigned move_step(unsigned usual);

/* Each call of one side fails once; the engine of one side is killed at each of
 * its calls. Print the figures; return how many calls there are. */
unsigned move_faults(bool receiver);
unsigned move_kills(bool receiver);

/* How many bytes an undisturbed migration has each way. */
void move_measure(size_t seen[PAIR_WAYS]);
/* The nth connection (from 1) is cut after so many bytes of one direction. */
void move_cut(unsigned wire, int way, size_t at);

/* So many bytes have passed. */
struct move_point {
    unsigned wire;
    int way;
    size_t at;
};

/* Then the blow falls. what: for a failure. */
void move_strike(const struct move_point *q, const char *what,
                 void (*blow)(void));

/* The figures since the last ones, of so many tries. */
void move_tell(const char *what, unsigned points);

#endif
