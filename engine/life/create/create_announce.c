/*
 * create_announce.c - a restored domain's interfaces make themselves known: the
 * host may be another than before, or a switch may have forgotten them. A guest
 * with PV drivers says so as well, but of addresses of its own.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "engine/dom0/dom0.h"
#include "engine/life/create_int.h"

#define LINK_LOCAL 0xa9fe0000U /* 169.254.0.0/16 */
#define IPS_MAX    8

static bool
announce_read(struct create *c, const char *dir, const char *name, char *dst,
              size_t n)
{
    char path[128];

    text_fmt(path, sizeof(path), "%.90s/%s", dir, name);
    return store_read_text(engine_store(c->t.en), 0, path, dst, n, NULL) == 0 &&
           dst[0] != '\0';
}

static bool
announce_mac(const char *text, uint8_t mac[6])
{
    unsigned b[6];
    int i, end = 0;

    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3],
               &b[4], &b[5], &end) != 6 ||
        text[end] != '\0')
        return false;
    for (i = 0; i < 6; i++)
        mac[i] = (uint8_t)b[i];
    return true;
}

static void
announce_say(struct create *c, const struct dom0_announce *a)
{
    struct err e = { 0 };

    if (dom0_announce(engine_dom0(c->t.en), a, &e) < 0)
        log_line(engine_log(c->t.en), LOGL_WARN, "%s: not announced: %s",
                 c->cfg->name, e.msg);
}

/* Each of its addresses but those of its link alone; without any, its MAC. */
static void
announce_ips(struct create *c, struct dom0_announce *a, char *list)
{
    char *word, *save = NULL;
    unsigned said = 0, n = 0;
    struct in_addr ip;

    for (word = strtok_r(list, " ,", &save); word != NULL && n < IPS_MAX;
         word = strtok_r(NULL, " ,", &save), n++) {
        word[strcspn(word, "/")] = '\0';
        if (inet_pton(AF_INET, word, &ip) != 1 ||
            (ntohl(ip.s_addr) & 0xffff0000U) == LINK_LOCAL)
            continue;
        a->has_ip = true;
        memcpy(a->ip, &ip, sizeof(a->ip));
        announce_say(c, a);
        said++;
    }
    if (said == 0)
        announce_say(c, a);
}

static void
announce_vif(struct create *c, const char *dir)
{
    struct dom0_announce a = { 0 };
    char mac[32], ips[512] = "";

    if (!announce_read(c, dir, "mac", mac, sizeof(mac)) ||
        !announce_mac(mac, a.mac) ||
        !announce_read(c, dir, "bridge", a.bridge, sizeof(a.bridge)))
        return;
    (void)announce_read(c, dir, "ip", ips, sizeof(ips));
    announce_ips(c, &a, ips);
}

void
create_announce(struct create *c)
{
    struct buf ids = { 0 };
    const char *id;
    char dir[96];
    size_t i, n = 0;

    store_path(dir, sizeof(dir), "/local/domain/0/backend/vif/%u", c->domid);
    (void)store_list(engine_store(c->t.en), 0, dir, &ids, &n, NULL);
    for (i = 0, id = ids.data; i < n; i++, id += strlen(id) + 1) {
        store_path(dir, sizeof(dir), "/local/domain/0/backend/vif/%u/%.16s",
                   c->domid, id);
        announce_vif(c, dir);
    }
    buf_free(&ids);
}
