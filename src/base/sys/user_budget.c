/*
 * user_budget.c - see user_budget.h.
 * Invariant: only users who owe something are in the list.
 */
#include "src/base/sys/user_budget.h"

#include <stdlib.h>

#include "src/base/xalloc.h"

struct user_spent {
    unsigned uid;
    unsigned long long owes; /* bytes, at that time */
    unsigned long long at_ms;
};

/* All pay what has come due since; who owes nothing any more is forgotten. */
static void
pay_off(struct user_budget *b, unsigned long long now_ms)
{
    size_t i, kept = 0;

    for (i = 0; i < b->n; i++) {
        struct user_spent u = b->list[i];
        unsigned long long paid = (now_ms - u.at_ms) * USER_BUDGET_BYTES / 1000;

        if (paid >= u.owes)
            continue;
        if (paid > 0) {
            u.owes -= paid;
            u.at_ms = now_ms;
        }
        b->list[kept++] = u;
    }
    b->n = kept;
}

static struct user_spent *
spent_of(const struct user_budget *b, unsigned uid)
{
    size_t i;

    for (i = 0; i < b->n; i++)
        if (b->list[i].uid == uid)
            return &b->list[i];
    return NULL;
}

bool
user_budget_left(struct user_budget *b, unsigned uid, unsigned long long now_ms)
{
    const struct user_spent *u;

    pay_off(b, now_ms);
    u = spent_of(b, uid);
    return u == NULL || u->owes < USER_BUDGET_BYTES;
}

void
user_budget_spend(struct user_budget *b, unsigned uid, size_t bytes,
                  unsigned long long now_ms)
{
    struct user_spent *u;

    pay_off(b, now_ms);
    u = spent_of(b, uid);
    if (u == NULL) {
        b->list = xrealloc(b->list, b->n + 1, sizeof(b->list[0]));
        u = &b->list[b->n++];
        *u = (struct user_spent){ .uid = uid, .at_ms = now_ms };
    }
    u->owes += bytes;
}

void
user_budget_forget(struct user_budget *b)
{
    free(b->list);
    *b = (struct user_budget){ .n = 0 };
}
