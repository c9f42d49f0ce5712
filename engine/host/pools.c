/*
 * pools.c - see pools.h.
 */
#include "engine/host/pools.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/core/config.h"
#include "engine/host/domains.h"
#include "engine/host/listing.h"
#include "src/base/xalloc.h"

#define POOLS_MAX 64

void
pool_name(struct engine *en, unsigned id, char *dst, size_t n)
{
    char path[64];

    store_path(path, sizeof(path), "/local/pool/%u/name", id);
    if (store_read_text(engine_store(en), 0, path, dst, n, NULL) < 0 ||
        dst[0] == '\0')
        text_fmt(dst, n, "Pool-%u", id);
}

static void
pools_take_pool(struct engine *en, const struct hv_pool *p, struct cpupool *out)
{
    struct buf cpus = { 0 };

    *out =
        (struct cpupool){ .id = p->id, .sched = p->sched, .n_doms = p->n_doms };
    pool_name(en, p->id, out->name, sizeof(out->name));
    cpus_print(p->cpus, engine_host_info(en)->cpus, &cpus);
    text_fmt(out->cpus, sizeof(out->cpus), "%s", buf_text(&cpus));
    buf_free(&cpus);
}

int
engine_pools(struct engine *en, struct cpupool *out, size_t max, size_t *n_out,
             struct err *e)
{
    struct hv_pool *p = xcalloc(POOLS_MAX, sizeof(*p));
    size_t i, n = 0;
    int rc = hv_pools(engine_hv(en), p, POOLS_MAX, &n, e);

    for (i = 0; rc == 0 && i < n && i < POOLS_MAX && i < max; i++)
        pools_take_pool(en, &p[i], &out[i]);
    if (rc == 0)
        *n_out = n;
    free(p);
    return rc;
}

int
pool_find(struct engine *en, const char *word, unsigned *id_out, struct err *e)
{
    struct cpupool *p = xcalloc(POOLS_MAX, sizeof(*p));
    struct buf names = { 0 };
    size_t i, n = 0;
    unsigned long long id = UINT64_MAX;
    int rc = engine_pools(en, p, POOLS_MAX, &n, e);

    n = n < POOLS_MAX ? n : POOLS_MAX;
    (void)text_u64(word, 0, UINT32_MAX, &id);
    for (i = 0; rc == 0 && i < n; i++) {
        if (strcmp(p[i].name, word) == 0 || p[i].id == id)
            break;
        buf_fmt(&names, "%s%s", names.len > 0 ? ", " : "", p[i].name);
    }
    if (rc == 0 && i == n)
        rc = err_set(e, ERR_NOENT, "cpu pool: found \"%.64s\", allowed %s",
                     word, buf_text(&names));
    else if (rc == 0)
        *id_out = p[i].id;
    buf_free(&names);
    free(p);
    return rc;
}
