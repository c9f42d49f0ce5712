/*
 * sim_stream.c - the stream of a simulated domain: the library's headers as on
 * Xen, one record with what the guest is (its memory, what it has counted), the
 * end. Small, but written in the steps of a large one: half of it before the
 * guest is suspended.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/sim/guest/sim_console.h"
#include "engine/sim/guest/sim_shell.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/hv/sim_hv.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"
#include "src/base/fdio.h"
#include "src/base/xalloc.h"

#define IMAGE_ID      0x58454E46U /* "XENF" */
#define IMAGE_VERSION 3U
#define TYPE_PV       1U
#define TYPE_HVM      2U
#define PAGE_SHIFT    12
#define RECORD_END    0U
#define RECORD_SIM    0x80000053U /* optional: no reader has to know it */
#define STREAM_STEPS  10
#define STREAM_STOP   5 /* the step at which the guest stops */
#define TICKS_PER_S   4

struct image_head {
    uint64_t marker;
    uint32_t id, version;
    uint16_t options, reserved[3];
};

struct domain_head {
    uint32_t type;
    uint16_t page_shift, reserved;
    uint32_t xen_major, xen_minor;
};

struct sim_record {
    uint32_t type, len;
};

/* --- the helper's side --- */

static void
stream_pace(unsigned ms)
{
    struct timespec ts = { .tv_nsec = (long)(ms / STREAM_STEPS) * 1000000 };

    nanosleep(&ts, NULL);
}

static int
stream_put(int fd, const void *p, size_t n, struct err *e)
{
    if (fd_write_all(fd, p, n) < 0)
        return err_sys(e, errno, "file of the saved domain");
    return 0;
}

static int
put_heads(const struct hv_save *s, struct err *e)
{
    struct image_head im = { .marker = UINT64_MAX,
                             .id = htobe32(IMAGE_ID),
                             .version = htobe32(IMAGE_VERSION) };
    struct domain_head dh = { .type = s->kind == HV_PV ? TYPE_PV : TYPE_HVM,
                              .page_shift = PAGE_SHIFT,
                              .xen_major = 4,
                              .xen_minor = 17 };

    if (stream_put(s->fd, &im, sizeof(im), e) < 0)
        return -1;
    return stream_put(s->fd, &dh, sizeof(dh), e);
}

static int
put_words(const struct hv_save *s, const char words[HV_WORDS_MAX],
          struct err *e)
{
    struct sim_record rec = { .type = RECORD_SIM, .len = HV_WORDS_MAX };
    char body[HV_WORDS_MAX] = "";

    text_fmt(body, sizeof(body), "%s", words);
    if (stream_put(s->fd, &rec, sizeof(rec), e) < 0 ||
        stream_put(s->fd, body, sizeof(body), e) < 0)
        return -1;
    rec = (struct sim_record){ .type = RECORD_END };
    return stream_put(s->fd, &rec, sizeof(rec), e);
}

/* As the library: before the first page and after the last, of a failure too.
 */
static int
stream_log_dirty(const struct hv_save *s, bool on, struct err *e)
{
    return s->kind == HV_HVM ? s->log_dirty(s->arg, on, e) : 0;
}

static int
put_memory(const struct hv_save *s, struct err *e)
{
    char words[HV_WORDS_MAX] = "";
    int i, stop = s->stop_first ? 1 : STREAM_STOP;

    for (i = 1; i <= STREAM_STEPS; i++) {
        if (i == stop && s->suspend(s->arg, words, e) < 0)
            return -1;
        stream_pace(s->pace_ms);
        if (s->progress != NULL)
            s->progress(s->arg, i * 100 / STREAM_STEPS, "writing memory");
    }
    return put_words(s, words, e);
}

int
sim_stream_write(const struct hv_save *s, struct err *e)
{
    struct err why = { 0 };
    int rc;

    if (put_heads(s, e) < 0 || stream_log_dirty(s, true, e) < 0)
        return -1;
    if (s->sent != NULL && (s->kind != HV_PV || s->shadow))
        *s->sent = (struct hv_sent){ .rounds = 1, .kib = s->mem_kib };
    rc = put_memory(s, e);
    (void)stream_log_dirty(s, false, &why);
    return rc;
}

/* A connection gives it in pieces. */
static int
stream_get(int fd, void *p, size_t n, struct err *e)
{
    char *to = p;
    ssize_t r;

    for (; n > 0; to += r, n -= (size_t)r) {
        do
            r = read(fd, to, n);
        while (r < 0 && errno == EINTR);
        if (r < 0)
            return err_sys(e, errno, "file of the saved domain");
        if (r == 0)
            return err_set(e, ERR_INVALID, "the stream ends in the middle");
    }
    return 0;
}

static int
get_heads(const struct hv_restore *r, struct err *e)
{
    uint32_t want = r->kind == HV_PV ? TYPE_PV : TYPE_HVM;
    struct image_head im;
    struct domain_head dh;

    if (stream_get(r->fd, &im, sizeof(im), e) < 0 ||
        stream_get(r->fd, &dh, sizeof(dh), e) < 0)
        return -1;
    if (im.marker != UINT64_MAX || be32toh(im.id) != IMAGE_ID ||
        be32toh(im.version) != IMAGE_VERSION)
        return err_set(e, ERR_INVALID, "the stream is none of version %u",
                       IMAGE_VERSION);
    if (dh.type != want || dh.page_shift != PAGE_SHIFT)
        return err_set(e, ERR_INVALID,
                       "the stream is of another kind of guest (%u) than its "
                       "configuration",
                       dh.type);
    return 0;
}

static int
get_words(const struct hv_restore *r, char words[HV_WORDS_MAX], struct err *e)
{
    struct sim_record rec, end;

    if (stream_get(r->fd, &rec, sizeof(rec), e) < 0)
        return -1;
    if (rec.type != RECORD_SIM || rec.len != HV_WORDS_MAX)
        return err_set(e, ERR_UNSUPPORTED,
                       "the stream is of a real host: the simulated one cannot "
                       "restore it");
    if (stream_get(r->fd, words, HV_WORDS_MAX, e) < 0 ||
        stream_get(r->fd, &end, sizeof(end), e) < 0)
        return -1;
    (void)text_safe(words, HV_WORDS_MAX, words,
                    strnlen(words, HV_WORDS_MAX - 1));
    return 0;
}

int
sim_stream_read(const struct hv_restore *r, struct hv_restored *out,
                struct err *e)
{
    int i;

    *out =
        (struct hv_restored){ .rings = { .store_mfn = 0x100000 + r->domid,
                                         .console_mfn = 0x200000 + r->domid } };
    if (get_heads(r, e) < 0)
        return -1;
    for (i = 1; i <= STREAM_STEPS; i++) {
        stream_pace(r->pace_ms);
        if (r->progress != NULL)
            r->progress(r->arg, i * 100 / STREAM_STEPS, "reading memory");
    }
    return get_words(r, out->words, e);
}

/* --- the host's side --- */

int
sim_hv_save(struct hv *h, const struct hv_save *s, struct err *e)
{
    return sim_enter_guest(h, s->domid, e) == NULL ? -1
                                                   : sim_stream_write(s, e);
}

int
sim_hv_restore(struct hv *h, const struct hv_restore *r,
               struct hv_restored *out, struct err *e)
{
    return sim_enter_guest(h, r->domid, e) == NULL ? -1
                                                   : sim_stream_read(r, out, e);
}

int
sim_hv_save_words(struct hv *h, uint32_t domid, char words[HV_WORDS_MAX],
                  struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, domid, e);

    if (d == NULL)
        return -1;
    if (!d->shutdown || d->reason != HV_SUSPEND)
        return err_set(e, ERR_INVALID, "domain %u has not suspended", domid);
    text_fmt(words, HV_WORDS_MAX, "%llu %u %llu %lld %s %.300s",
             (unsigned long long)d->mem_kib, d->online,
             (unsigned long long)d->ran_ns,
             (long long)((int64_t)sim_now_ms(d->s) - d->boot_ms),
             d->guest.host[0] != '\0' ? d->guest.host : "localhost",
             d->cmdline != NULL ? d->cmdline : "");
    return 0;
}

struct sim_memory {
    unsigned long long mem_kib, online, ran_ns, up_ms;
    char host[64];
    const char *cmdline; /* the rest */
};

/* The next word of a list; false: there is none. */
static bool
memory_word(const char **s, char *dst, size_t dst_size)
{
    size_t n = strcspn(*s, " ");

    text_fmt(dst, dst_size, "%.*s", (int)n, *s);
    *s += n + ((*s)[n] == ' ');
    return n > 0;
}

static bool
memory_number(const char **s, unsigned long long max, unsigned long long *out)
{
    char word[32];

    return memory_word(s, word, sizeof(word)) && text_u64(word, 0, max, out);
}

static bool
memory_parse(const char *s, struct sim_memory *m)
{
    m->cmdline = "";
    if (!memory_number(&s, UINT32_MAX, &m->mem_kib) ||
        !memory_number(&s, 8192, &m->online) ||
        !memory_number(&s, INT64_MAX, &m->ran_ns) ||
        !memory_number(&s, INT64_MAX, &m->up_ms) ||
        !memory_word(&s, m->host, sizeof(m->host)))
        return false;
    m->cmdline = s;
    return m->mem_kib > 0 && m->online > 0;
}

static int
restored_check(const struct sim_dom *d, const struct sim_memory *m,
               struct err *e)
{
    if (!d->vcpus_made || d->dying || d->built || m->online > d->max_vcpus)
        return err_set(e, ERR_INVALID,
                       "domain %u is not as the stream needs it", d->domid);
    if (m->mem_kib > d->max_kib)
        return err_set(e, ERR_NOMEM,
                       "memory of domain %u: %llu KiB are above its maximum "
                       "of %llu KiB",
                       d->domid, m->mem_kib, (unsigned long long)d->max_kib);
    return 0;
}

/* It goes on once its domain runs. */
static void
stream_wake_guest(struct sim_dom *d, const char *host, int64_t up_ms)
{
    d->guest.state = SIM_GUEST_UP;
    d->boot_ms = (int64_t)sim_now_ms(d->s) - up_ms;
    text_fmt(d->guest.host, sizeof(d->guest.host), "%s", host);
    d->load = SIM_LOAD_IDLE;
    sim_console_print(d, "xen:manage: resumed\n");
    sim_shell_prompt(d);
}

/* The memory of the simulated host is filled here. */
int
sim_hv_check_restored(struct hv *h, const struct hv_restore *r,
                      const struct hv_restored *got, struct err *e)
{
    struct sim_dom *d = sim_enter_guest(h, r->domid, e);
    struct sim_memory m;

    if (d == NULL)
        return -1;
    if (!memory_parse(got->words, &m))
        return err_set(e, ERR_INVALID, "the stream's memory is garbled");
    if (restored_check(d, &m, e) < 0)
        return -1;
    if (!sim_dom_set_mem(d, m.mem_kib))
        return err_set(
            e, ERR_NOMEM, "memory of domain %u: %llu KiB wanted, %llu KiB free",
            r->domid, m.mem_kib, (unsigned long long)sim_free_kib(d->s));
    free(d->cmdline);
    d->cmdline = xstrdup(m.cmdline);
    d->built = true;
    d->online = (unsigned)m.online;
    d->ran_ns = m.ran_ns;
    stream_wake_guest(d, m.host, (int64_t)m.up_ms);
    sim_dom_schedule(d);
    return 0;
}

int
sim_guest_generation(struct sim *s, uint32_t domid, uint64_t id_out[2])
{
    const struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL)
        return -1;
    memcpy(id_out, d->generation, sizeof(d->generation));
    return 0;
}

int
sim_guest_count(struct sim *s, uint32_t domid, uint64_t *out)
{
    const struct sim_dom *d = sim_dom_find(s, domid);

    if (d == NULL || domid == 0)
        return -1;
    *out = sim_dom_ran(d) / (SIM_NS_PER_S / TICKS_PER_S);
    return 0;
}
