/*
 * filter_seq.c - whole sequences: which ones libvterm gets, and in what form.
 * Whatever is not named here is dropped, as terminals do with the unknown.
 */
#include "ui/term/filter.h"

#include <stdio.h>
#include <string.h>

#define REP_MAX 1000

/* Of a sequence built anew: 15 numbers of 4 digits and what goes between. */
struct seq {
    char text[128];
    size_t n;
};

static void
seq_chr(struct seq *q, char c)
{
    if (q->n + 1 < sizeof(q->text))
        q->text[q->n++] = c;
}

static void
seq_num(struct seq *q, long v)
{
    char digits[16];
    int n = snprintf(digits, sizeof(digits), "%ld", v), i;

    for (i = 0; i < n; i++)
        seq_chr(q, digits[i]);
}

static void
seq_begin(struct seq *q, char leader)
{
    q->n = 0;
    seq_chr(q, '\033');
    seq_chr(q, '[');
    if (leader != 0)
        seq_chr(q, leader);
}

static void
seq_send(struct filter *f, struct seq *q, char final)
{
    seq_chr(q, final);
    f->ops->pass(f->arg, q->text, q->n);
}

/* As it came, but for at most two numbers: no sequence but SGR and modes has
 * a use for more. */
static void
send_plain(struct filter *f, char final)
{
    struct seq q;
    int i;

    seq_begin(&q, f->leader);
    for (i = 0; i < f->n_args && i < 2; i++) {
        if (i > 0)
            seq_chr(&q, ';');
        if (f->args[i] >= 0)
            seq_num(&q, f->args[i]);
    }
    if (f->inter != 0)
        seq_chr(&q, f->inter);
    seq_send(f, &q, final);
}

/* --- SGR --- */

/* 38, 48, 58: a colour follows. Appends it; returns the arguments used. */
static int
sgr_color(const struct filter *f, int i, struct seq *q)
{
    bool colon = f->sub[i];
    int left = f->n_args - i, end = i, n, at;
    long kind = left > 1 ? f->args[i + 1] : -1;

    while (colon && end < f->n_args - 1 && f->sub[end])
        end++;
    left = colon ? end - i + 1 : left;
    n = kind == 5 ? 3 : kind == 2 ? 5 : left > 1 ? 2 : 1;
    at = i + 2;
    if (colon) {
        if (kind == 2 && left > 5) /* 38:2:space:r:g:b */
            at++;
        n = left;
    }
    if ((kind != 5 && kind != 2) || f->args[i] == 58 ||
        at + (kind == 5 ? 1 : 3) > i + left)
        return n > left ? left : n;
    seq_num(q, f->args[i]);
    seq_chr(q, ';');
    seq_num(q, kind);
    for (left = kind == 5 ? 1 : 3; left > 0; left--, at++) {
        seq_chr(q, ';');
        seq_num(q, f->args[at] < 0 ? 0 : f->args[at] > 255 ? 255 : f->args[at]);
    }
    return n;
}

/* Each attribute goes on its own: libvterm reads past an unfinished list. */
static void
sgr(struct filter *f)
{
    int i = 0;

    while (i < f->n_args) {
        struct seq q;
        long v = f->args[i];

        seq_begin(&q, 0);
        if (v == 38 || v == 48 || v == 58) {
            i += sgr_color(f, i, &q);
            if (q.n > 2)
                seq_send(f, &q, 'm');
            continue;
        }
        seq_num(&q, v < 0 ? 0 : v);
        if (v == 4 && f->sub[i] && f->args[i + 1] >= 0) {
            seq_chr(&q, ':');
            seq_num(&q, f->args[i + 1]);
        }
        seq_send(f, &q, 'm');
        while (i < f->n_args - 1 && f->sub[i])
            i++;
        i++;
    }
}

/* --- modes --- */

static void
set_odd(struct filter *f, unsigned bit, bool on)
{
    f->odd = on ? f->odd | bit : f->odd & ~bit;
}

static void
dec_mode(struct filter *f, long mode, char final)
{
    struct seq q;

    if (mode == 69) /* left and right margins: unsafe across resizes */
        return;
    if (f->ops->mode(f->arg, mode, final == 'h'))
        return;
    if (mode == 7)
        set_odd(f, FILTER_ODD_NO_WRAP, final == 'l');
    seq_begin(&q, '?');
    seq_num(&q, mode);
    seq_send(f, &q, final);
}

/* libvterm sees only the first number of a list. */
static void
modes(struct filter *f, char final)
{
    struct seq q;
    int i;

    for (i = 0; i < f->n_args; i++) {
        if (f->args[i] < 0)
            continue;
        if (f->leader == '?') {
            dec_mode(f, f->args[i], final);
        } else if (f->args[i] == 4 || f->args[i] == 20) {
            set_odd(f, f->args[i] == 4 ? FILTER_ODD_INSERT : FILTER_ODD_NEWLINE,
                    final == 'h');
            seq_begin(&q, 0);
            seq_num(&q, f->args[i]);
            seq_send(f, &q, final);
        }
    }
}

static void
filter_seq_repeat(struct filter *f)
{
    char text[REP_MAX * 4];
    long n = f->args[0] < 1 ? 1 : f->args[0];
    size_t len = 0, at = 0;

    if (f->n_last == 0) /* a thousand times nothing takes time, too */
        return;
    for (n = n > REP_MAX ? REP_MAX : n; n > 0; n--) {
        memcpy(text + len, f->last, f->n_last);
        len += f->n_last;
    }
    while (at < len)
        at += f->ops->text(f->arg, text + at, len - at);
}

static void
erase_display(struct filter *f)
{
    if (f->args[0] == 2)
        f->ops->erasing(f->arg, true);
    else if (f->args[0] <= 0)
        f->ops->erasing(f->arg, false);
    else if (f->args[0] != 1)
        return; /* 3 would clear the scrollback: it is the operator's */
    send_plain(f, 'J');
}

static void
protect(struct filter *f)
{
    set_odd(f, FILTER_ODD_PROTECT, f->args[0] == 1);
    send_plain(f, 'q');
}

static long
second(const struct filter *f)
{
    return f->n_args > 1 ? f->args[1] : -1;
}

/* DSR: where the cursor stands is known to the terminal alone. */
static void
report(struct filter *f)
{
    if (f->args[0] == 6)
        f->ops->csi(f->arg, 'n', 6, f->leader == '?');
    else
        send_plain(f, 'n');
}

/* DECRQM: so are these modes. */
static void
mode_report(struct filter *f)
{
    long mode = f->args[0];

    if (mode == 6 || mode == 40 || mode == 47 || mode == 1049)
        f->ops->csi(f->arg, 'p', mode, -1);
    else
        send_plain(f, 'p');
}

/* Plain: no leader, no intermediate. */
static void
csi_plain(struct filter *f, char final)
{
    switch (final) {
    case 'm':
        sgr(f);
        return;
    case 'h':
    case 'l':
        modes(f, final);
        return;
    case 'b':
        filter_seq_repeat(f);
        return;
    case 's': /* the console's name for DECSC; libvterm takes it for margins */
        f->ops->own(f->arg, FILTER_SAVE);
        return;
    case 'u':
        f->ops->own(f->arg, FILTER_RESTORE);
        return;
    case 't':
        if (f->args[0] == 18 || f->args[0] == 19)
            f->ops->size_query(f->arg, f->args[0]);
        return;
    case 'J':
        erase_display(f);
        return;
    case 'n':
        report(f);
        return;
    default:
        break;
    }
    if (strchr(FILTER_OWN_CSI, final) != NULL)
        f->ops->csi(f->arg, final, f->args[0], second(f));
    else if (strchr("IKLMSTXZcg", final) != NULL)
        send_plain(f, final);
}

/* Sequences with a leader or an intermediate that go on as they are. */
static bool
marked_known(const struct filter *f, char final)
{
    if (f->leader == '?' && f->inter == 0)
        return strchr("JK", final) != NULL;
    if (f->leader == '>' && f->inter == 0)
        return final == 'c';
    return f->leader == 0 && ((f->inter == ' ' && final == 'q') ||
                              (f->inter == '\'' && strchr("}~", final)));
}

void
filter_csi(struct filter *f, char final)
{
    if (f->bad && final != 'm')
        return;
    if (f->leader == 0 && f->inter == 0)
        csi_plain(f, final);
    else if (f->leader == '?' && f->inter == 0 &&
             (final == 'h' || final == 'l'))
        modes(f, final);
    else if (f->leader == 0 && f->inter == '!' && final == 'p')
        f->ops->own(f->arg, FILTER_SOFT_RESET);
    else if (f->leader == 0 && f->inter == '"' && final == 'q')
        protect(f);
    else if (f->leader == '?' && f->inter == 0 && final == 'n')
        report(f);
    else if (f->leader == '?' && f->inter == '$' && final == 'p')
        mode_report(f);
    else if (marked_known(f, final))
        send_plain(f, final);
}

/* ESC, one intermediate and a final: a character set, or DECALN. libvterm
 * knows three sets, and takes ESC ( [ for the beginning of a CSI. */
static void
escape_inter(struct filter *f, char final)
{
    char seq[4] = { '\033', f->inter, final, '\0' };
    int nth = f->inter - '(';

    if (f->inter == '#' && final == '8')
        f->ops->own(f->arg, FILTER_ALIGN);
    if (nth < 0 || nth > 3 || strchr("0AB", final) == NULL)
        return;
    set_odd(f, 1U << nth, final != 'B');
    f->set[nth] = final;
    filter_pass(f, seq);
}

void
filter_escape(struct filter *f, char final)
{
    char seq[3] = { '\033', final, '\0' };

    if (f->inter != 0) {
        escape_inter(f, final);
        return;
    }
    if (final == '7' || final == '8' || final == 'c') {
        f->ops->own(f->arg, final == '7'   ? FILTER_SAVE
                            : final == '8' ? FILTER_RESTORE
                                           : FILTER_RESET);
    } else if (strchr("=>no|}~DEHMNO", final) != NULL) {
        if (final == 'n' || final == 'o')
            f->gl = final == 'n' ? 2 : 3;
        if (final == 'N' || final == 'O')
            f->odd |= FILTER_ODD_SINGLE;
        filter_pass(f, seq);
    }
}

/* DECRQSS: what libvterm can answer; the rest we refuse ourselves. */
static void
status_query(struct filter *f)
{
    static const char *const known[] = { "m", "r", " q", "\"q" };
    char seq[16];
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (f->n_text != strlen(known[i]) + 2 ||
            memcmp(f->text + 2, known[i], f->n_text - 2) != 0)
            continue;
        snprintf(seq, sizeof(seq), "\033P$q%s\033\\", known[i]);
        filter_pass(f, seq);
        return;
    }
    f->ops->reply(f->arg, "\033P0$r\033\\", 7);
}

void
filter_string(struct filter *f)
{
    if (f->string == ']' && f->n_text >= 2 && f->text[1] == ';' &&
        (f->text[0] == '0' || f->text[0] == '2'))
        f->ops->title(f->arg, f->text + 2, f->n_text - 2);
    else if (f->string == 'P' && f->n_text >= 2 &&
             memcmp(f->text, "$q", 2) == 0)
        status_query(f);
}
