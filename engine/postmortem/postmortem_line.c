/*
 * postmortem_line.c - which line of a domain's last words decides: the
 * weightiest of its console, else what Xen says of just this domain, else what
 * the engine knows, else the last thing that it said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/console/console_signs.h"
#include "engine/postmortem/postmortem_int.h"
#include "src/base/text.h"

/* A line that was found. */
struct pm_found {
    unsigned line, weight;
    const char *word, *text; /* text: to the end of its line */
};

static size_t
pm_line_len(const char *s)
{
    return strcspn(s, "\n");
}

static bool
pm_is_blank(const char *s)
{
    return s[strspn(s, " \t")] == '\n' || s[strspn(s, " \t")] == '\0';
}

/* The last of the weightiest. fallback: the last line that is not blank. */
static void
pm_find_console(const struct buf *text, struct pm_found *out,
                struct pm_found *fallback)
{
    const char *s = buf_text(text);
    char copy[CONSOLE_LINE_MAX + 1];
    unsigned line = 1;
    size_t n;

    for (; *s != '\0'; s += n + (s[n] == '\n'), line++) {
        const struct console_sign *sign;

        n = pm_line_len(s);
        text_fmt(copy, sizeof(copy), "%.*s", (int)n, s);
        if (!pm_is_blank(s))
            *fallback = (struct pm_found){ line, 0, "its last line", s };
        sign = console_sign_of(copy);
        if (sign != NULL && sign->weight > 0 && sign->weight >= out->weight)
            *out = (struct pm_found){ line, sign->weight, sign->word, s };
    }
}

/* Does a line of Xen's log speak of this domain? "d7v0 ...", "Domain 7 ..." */
static bool
pm_xen_means(const char *line, size_t n, uint32_t domid)
{
    char vcpu[24], dom[24];
    const char *at;

    text_fmt(vcpu, sizeof(vcpu), "d%uv", domid);
    text_fmt(dom, sizeof(dom), "omain %u ", domid);
    at = memmem(line, n, vcpu, strlen(vcpu));
    return at != NULL || memmem(line, n, dom, strlen(dom)) != NULL;
}

static void
pm_find_xen(const struct buf *text, uint32_t domid, struct pm_found *out)
{
    static const char *const says[] = { "riple fault", "crash", "nhandled",
                                        "VMX_", "EPT violation" };
    const char *s = buf_text(text);
    unsigned line = 1;
    size_t n, i;

    for (; *s != '\0'; s += n + (s[n] == '\n'), line++) {
        n = pm_line_len(s);
        if (!pm_xen_means(s, n, domid))
            continue;
        for (i = 0; i < sizeof(says) / sizeof(says[0]); i++)
            if (memmem(s, n, says[i], strlen(says[i])) != NULL)
                *out = (struct pm_found){ line, 1, "Xen's log", s };
    }
}

static void
pm_take_found(struct dying *y, const struct pm_found *f,
              enum postmortem_part part)
{
    struct postmortem *p = &y->p;

    text_fmt(p->word, sizeof(p->word), "%s", f->word);
    text_fmt(p->file, sizeof(p->file), "%s", postmortem_part_file(part));
    p->line = f->line;
    (void)text_safe(p->text, sizeof(p->text), f->text, pm_line_len(f->text));
}

static void
pm_take_detail(struct dying *y)
{
    text_fmt(y->p.word, sizeof(y->p.word), "%s", postmortem_why_name(y->p.why));
    (void)text_safe(y->p.text, sizeof(y->p.text), y->p.detail,
                    strlen(y->p.detail));
}

void
postmortem_decide(struct dying *y)
{
    struct pm_found f = { 0 }, last = { 0 }, xen = { 0 };

    pm_find_console(&y->part[POSTMORTEM_CONSOLE], &f, &last);
    pm_find_xen(&y->part[POSTMORTEM_XEN], y->p.domid, &xen);
    if (y->p.detail[0] != '\0' &&
        (y->p.why == POSTMORTEM_MODEL || f.text == NULL))
        pm_take_detail(y);
    else if (f.text != NULL)
        pm_take_found(y, &f, POSTMORTEM_CONSOLE);
    else if (xen.text != NULL)
        pm_take_found(y, &xen, POSTMORTEM_XEN);
    else if (last.text != NULL)
        pm_take_found(y, &last, POSTMORTEM_CONSOLE);
}
