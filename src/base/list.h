/*
 * list.h - intrusive doubly linked list and container_of.
 * A node is idle when zeroed or after list_del; deleting an idle node is legal.
 */
#ifndef XENDECK_BASE_LIST_H
#define XENDECK_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *prev, *next;
};

#define container_of(ptr, type, member)                                        \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define list_entry(ptr, type, member) container_of(ptr, type, member)

/* it: struct list_node *; not safe against removal of *it. */
#define list_foreach(it, head)                                                 \
    for ((it) = (head)->next; (it) != (head); (it) = (it)->next)

/* tmp holds the successor: *it may be removed, tmp may not. */
#define list_foreach_safe(it, tmp, head)                                       \
    for ((it) = (head)->next, (tmp) = (it)->next; (it) != (head);              \
         (it) = (tmp), (tmp) = (it)->next)

static inline void
list_init(struct list_node *head)
{
    head->prev = head->next = head;
}

static inline bool
list_empty(const struct list_node *head)
{
    return head->next == head;
}

static inline void
list_append(struct list_node *head, struct list_node *n)
{
    n->prev = head->prev;
    n->next = head;
    head->prev->next = n;
    head->prev = n;
}

static inline void
list_del(struct list_node *n)
{
    if (n->next == NULL)
        return;
    n->prev->next = n->next;
    n->next->prev = n->prev;
    n->prev = n->next = NULL;
}

static inline bool
list_linked(const struct list_node *n)
{
    return n->next != NULL;
}

#endif
