/*
 * user_budget.h - what each user may have this process do in a second, in bytes
 * that it reads for him. Who has spent his share waits: what he has had beyond
 * it is paid off with time.
 */
#ifndef XENDECK_BASE_USER_BUDGET_H
#define XENDECK_BASE_USER_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#define USER_BUDGET_BYTES (512UL * 1024) /* a second */

struct user_spent;

/* Embedded in its owner; zeroed means that nobody has spent anything. */
struct user_budget {
    struct user_spent *list;
    size_t n;
};

/* Whether the user with this number has something left. Times are of one clock
 * that never goes back. */
bool user_budget_left(struct user_budget *b, unsigned uid,
                      unsigned long long now_ms);
/* May be more than he has left. */
void user_budget_spend(struct user_budget *b, unsigned uid, size_t bytes,
                       unsigned long long now_ms);
void user_budget_forget(struct user_budget *b);

#endif
