/*
 * candidates.c - see candidates.h.
 */
#include "ui/widget/candidates.h"

#include <string.h>

size_t
candidates_count(const struct buf *all)
{
    size_t i, n = 0;

    for (i = 0; i < all->len; i++)
        n += all->data[i] == '\n';
    return n + (all->len > 0 && all->data[all->len - 1] != '\n');
}

const char *
candidates_at(const struct buf *all, size_t i, size_t *n)
{
    const char *s = buf_text(all);

    while (i-- > 0 && (s = strchr(s, '\n')) != NULL)
        s++;
    if (s == NULL)
        s = "";
    *n = strcspn(s, "\t\n");
    return s;
}

size_t
candidates_common(const struct buf *all)
{
    size_t i, n, len, k, count = candidates_count(all);
    const char *first = candidates_at(all, 0, &n), *s;

    for (i = 1; i < count; i++) {
        s = candidates_at(all, i, &len);
        for (k = 0; k < n && k < len && s[k] == first[k]; k++)
            ;
        n = k;
    }
    return text_cut(first, n);
}
