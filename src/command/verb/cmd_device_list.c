/*
 * cmd_device_list.c - a domain's devices as text and as JSON.
 */
#include <string.h>

#include "src/command/cmd_json.h"
#include "src/command/family.h"
#include "src/command/verb/cmd_device.h"

static int
cmd_device_list_read_all(struct cmd_ctx *ctx, struct dom_device *out,
                         size_t *n_out)
{
    if (engine_devices(ctx->en, ctx->dom_id, out, DOM_DEVICES_MAX, n_out,
                       ctx->e) < 0)
        return -1;
    if (*n_out > DOM_DEVICES_MAX)
        *n_out = DOM_DEVICES_MAX;
    return 0;
}

static bool
counts_packets(const struct dom_device *d)
{
    return d->class == DOM_DEVICE_NET;
}

static const char *
cmd_device_list_state_word(const struct dom_device *d)
{
    return d->state == 0 ? "-" : xenbus_state_name(d->state);
}

/* --- JSON --- */

static void
counters_json(const struct dom_device *d, struct json_object *js)
{
    if (!counts_packets(d)) {
        json_put_u64(js, "rd_requests", d->rd_req);
        json_put_u64(js, "wr_requests", d->wr_req);
        json_put_u64(js, "rd_sectors", d->rd_sectors);
        json_put_u64(js, "wr_sectors", d->wr_sectors);
        json_put_rate(js, "rd_bytes_s", d->rates.rd_bytes);
        json_put_rate(js, "wr_bytes_s", d->rates.wr_bytes);
        return;
    }
    json_put_u64(js, "rx_bytes", d->rx_bytes);
    json_put_u64(js, "tx_bytes", d->tx_bytes);
    json_put_u64(js, "rx_packets", d->rx_packets);
    json_put_u64(js, "tx_packets", d->tx_packets);
    json_put_u64(js, "rx_errors", d->rx_errors);
    json_put_u64(js, "tx_errors", d->tx_errors);
    json_put_u64(js, "rx_drops", d->rx_drops);
    json_put_u64(js, "tx_drops", d->tx_drops);
    json_put_rate(js, "rx_bytes_s", d->rates.rx_bytes);
    json_put_rate(js, "tx_bytes_s", d->rates.tx_bytes);
}

static struct json_object *
device_json(const struct dom_device *d)
{
    struct json_object *js = json_object_new_object();

    json_put_text(js, "kind", d->kind);
    json_put_text(js, "name", d->name);
    json_put_u64(js, "devid", d->devid);
    json_put_u64(js, "backend_domid", d->backend_domid);
    json_put_text(js, "backend", d->back_kind);
    json_object_object_add(
        js, "state",
        d->state == 0 ? NULL
                      : json_object_new_string(cmd_device_list_state_word(d)));
    json_put_text(js, "detail", d->detail);
    json_put_text(js, "error", d->error);
    if (d->class == DOM_DEVICE_DISK)
        json_put_bool(js, "cdrom", d->cdrom);
    if (d->have_counters)
        counters_json(d, js);
    return js;
}

/* --- text --- */

static void
counters_text(const struct dom_device *d, char *in, char *out, size_t size)
{
    text_fmt(in, size, "-");
    text_fmt(out, size, "-");
    if (!d->have_counters)
        return;
    text_bytes(in, size, counts_packets(d) ? d->rx_bytes : d->rd_sectors * 512);
    text_bytes(out, size,
               counts_packets(d) ? d->tx_bytes : d->wr_sectors * 512);
}

static void
cmd_device_list_row(struct buf *out, const struct dom_device *d)
{
    char rd[16], wr[16];

    counters_text(d, rd, wr, sizeof rd);
    buf_fmt(out, "%-7s %-14s %5u %7u  %-12s %7s %7s%s%s\n", d->kind, d->name,
            d->devid, d->backend_domid, cmd_device_list_state_word(d), rd, wr,
            d->detail[0] != '\0' ? "  " : "", d->detail);
    if (d->error[0] != '\0')
        buf_fmt(out, "        %s\n", d->error);
}

enum cmd_rc
device_list(struct cmd_ctx *ctx)
{
    const char *kind = device_kind_of_verb(ctx->cmd->name);
    struct dom_device dev[DOM_DEVICES_MAX];
    struct json_object *all;
    size_t i, n;

    if (cmd_device_list_read_all(ctx, dev, &n) < 0)
        return CMD_ERROR;
    if (ctx->json) {
        all = json_object_new_array();
        for (i = 0; i < n; i++)
            json_object_array_add(all, device_json(&dev[i]));
        json_out(ctx->out, all);
        return CMD_OK;
    }
    buf_fmt(ctx->out, "%-7s %-14s %5s %7s  %-12s %7s %7s  %s\n", "Kind", "Name",
            "ID", "Backend", "State", "In|Read", "Out|Wr", "What");
    for (i = 0; i < n; i++)
        if (kind == NULL || strcmp(dev[i].kind, kind) == 0)
            cmd_device_list_row(ctx->out, &dev[i]);
    return CMD_OK;
}

/* --- what the host has to give --- */

#define ASSIGNABLE_MAX 256

static struct json_object *
assignable_json(const struct pci_free *p)
{
    struct json_object *js = json_object_new_object();
    char id[16];

    text_fmt(id, sizeof id, "%04x:%04x", p->vendor & 0xffff,
             p->device & 0xffff);
    json_put_text(js, "name", p->name);
    json_put_text(js, "id", id);
    json_object_object_add(
        js, "domid",
        p->domid == DOM_NO_DOMID ? NULL : json_object_new_uint64(p->domid));
    return js;
}

enum cmd_rc
device_list_assignable(struct cmd_ctx *ctx)
{
    struct json_object *all = ctx->json ? json_object_new_array() : NULL;
    struct pci_free pci[ASSIGNABLE_MAX];
    size_t i, n;

    if (engine_pci_assignable(ctx->en, pci, ASSIGNABLE_MAX, &n, ctx->e) < 0)
        n = 0;
    for (i = 0; i < n && i < ASSIGNABLE_MAX; i++) {
        if (all != NULL) {
            json_object_array_add(all, assignable_json(&pci[i]));
            continue;
        }
        buf_fmt(ctx->out, "%s  %04x:%04x", pci[i].name, pci[i].vendor & 0xffff,
                pci[i].device & 0xffff);
        if (pci[i].domid != DOM_NO_DOMID)
            buf_fmt(ctx->out, "  domain %u has it", pci[i].domid);
        buf_chr(ctx->out, '\n');
    }
    if (all != NULL)
        json_out(ctx->out, all);
    return ctx->e->code == ERR_NONE ? CMD_OK : CMD_ERROR;
}
