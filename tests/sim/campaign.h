/*
 * campaign.h - the engine is killed at every hypervisor and store call of an
 * operation; after the next engine's recovery the host, xenstore and the files
 * are as after an undisturbed run, or as before it. One run for each call; some
 * are killed a second time while they recover.
 */
#ifndef XENDECK_TESTS_CAMPAIGN_H
#define XENDECK_TESTS_CAMPAIGN_H

#include "tests/sim/world.h"

#define CAMPAIGN_UUID "uuid = \"11111111-2222-4333-8444-55555555aaaa\";"

struct scenario {
    const char *name;
    const char *more;               /* settings of the guest */
    bool (*setup)(struct world *w); /* NULL: an empty host */
    void (*act)(struct world *w);
    bool may_undo; /* the state before is as good as the one after */
};

/* Prints the figures; fails the test if a state is neither. */
void campaign(const struct scenario *sc);
/* Each of its calls fails once instead, and the engine lives. */
void campaign_faults(const struct scenario *sc);

/* For scenarios: the guest "web9" as the engine knows it now. */
uint64_t campaign_id(struct world *at);
uint32_t campaign_domid(struct world *at);
/* A setup that leaves the guest as it is. */
bool campaign_guest(struct world *at);
/* Acts on that guest: the engine takes them, or the test fails. */
void campaign_add(struct world *at, const struct device_want *want);
void campaign_remove(struct world *at, const char *kind, const char *name);

#define CAMPAIGN(name_, ...)                                                   \
    static void test_##name_(void **state)                                     \
    {                                                                          \
        static const struct scenario sc = { .name = #name_, __VA_ARGS__ };     \
                                                                               \
        (void)state;                                                           \
        campaign(&sc);                                                         \
    }

#endif
