/*
 * ere.c - see ere.h. An expression becomes steps of a machine all of whose
 * states are followed at once, so that no text makes it try again.
 */
#include "ui/term/find/ere.h"

#include <stddef.h>
#include <string.h>
#include <wctype.h>

#define REPEAT_MAX 255 /* RE_DUP_MAX */
#define NONE       UINT16_MAX
#define ENDLESS    (-1)
#define BEGIN_COST 64 /* of a search, before its first step */

enum ere_op {
    ERE_CHAR,
    ERE_ANY,
    ERE_BRACKET,
    ERE_SPLIT, /* the next step, and `to' */
    ERE_JUMP,
    ERE_BEGIN,
    ERE_END,
    ERE_FOUND
};

/* --- brackets --- */

/* Where the class at text[at], "[:alpha:]", ends; 0: it is none. */
static int
class_end(const struct ere *re, int at, wctype_t *type_out)
{
    char name[12] = "";
    int i, n = 0;

    for (i = at + 2; i < re->len && re->text[i] >= 'a' && re->text[i] <= 'z';
         i++) {
        if (n + 1 == (int)sizeof(name))
            return 0;
        name[n++] = (char)re->text[i];
    }
    *type_out = wctype(name);
    if (*type_out == 0 || i + 1 >= re->len || re->text[i] != ':' ||
        re->text[i + 1] != ']')
        return 0;
    return i + 2;
}

/* One member of a bracket at text[at]; returns where the next begins, 0: it is
 * none. *has: ch is of it. */
static int
bracket_member(const struct ere *re, int at, uint32_t ch, bool *has)
{
    uint32_t low = re->text[at], high = low;
    wctype_t type;
    int end;

    if (low == '[' && at + 1 < re->len && re->text[at + 1] == ':') {
        end = class_end(re, at, &type);
        *has = *has || (end > 0 && iswctype((wint_t)ch, type));
        return end;
    }
    if (low == '[' && at + 1 < re->len &&
        (re->text[at + 1] == '.' || re->text[at + 1] == '='))
        return 0; /* collating elements: none here */
    end = at + 1;
    if (at + 2 < re->len && re->text[at + 1] == '-' &&
        re->text[at + 2] != ']') {
        high = re->text[at + 2];
        end = at + 3;
    }
    *has = *has || (ch >= low && ch <= high);
    return low <= high ? end : 0;
}

/* Where the bracket at text[at] ends, 0: it does not. *has: ch is in it. */
static int
bracket_look(const struct ere *re, int at, uint32_t ch, bool *has)
{
    bool not = at + 1 < re->len && re->text[at + 1] == '^';
    int first = at + (not ? 2 : 1), i = first;

    *has = false;
    while (i > 0 && i < re->len && (re->text[i] != ']' || i == first))
        i = bracket_member(re, i, ch, has);
    *has = *has != not ;
    return i > 0 && i < re->len ? i + 1 : 0;
}

/* --- from the text to steps --- */

struct maker {
    struct ere *re;
    int at; /* in the text */
    bool bad;
};

static void make_any_of(struct maker *m, int end);

static int
make_step(struct maker *m, enum ere_op op, uint32_t what)
{
    struct ere *re = m->re;

    if (re->n == ERE_CODE_MAX) {
        m->bad = true;
        return 0;
    }
    re->code[re->n] =
        (struct ere_step){ .op = (uint8_t)op, .to = NONE, .what = what };
    return re->n++;
}

static uint32_t
char_at(const struct ere *re, int at)
{
    return at < re->len ? re->text[at] : 0;
}

static bool
is_digit_at(const struct ere *re, int at)
{
    return char_at(re, at) >= '0' && char_at(re, at) <= '9';
}

static bool
is_repeat_at(const struct ere *re, int at)
{
    uint32_t c = char_at(re, at);

    return c == '*' || c == '+' || c == '?' ||
           (c == '{' && is_digit_at(re, at + 1));
}

static int atom_end(const struct ere *re, int at);

/* Where the branch that begins at `at' ends: at a bar, a parenthesis or the
 * end of the text; -1: it is not well formed. */
static int
branch_end(const struct ere *re, int at)
{
    while (at >= 0 && at < re->len && re->text[at] != '|' &&
           re->text[at] != ')')
        at = atom_end(re, at);
    return at;
}

/* Behind one character, bracket or group; -1: it is not well formed. */
static int
atom_end(const struct ere *re, int at)
{
    bool has;
    int end;

    switch (re->text[at]) {
    case '\\':
        return at + 1 < re->len && !iswalnum((wint_t)re->text[at + 1]) ? at + 2
                                                                       : -1;
    case '[':
        end = bracket_look(re, at, 0, &has);
        return end > 0 ? end : -1;
    case '(':
        do
            at = branch_end(re, at + 1);
        while (at >= 0 && char_at(re, at) == '|');
        return at >= 0 && at < re->len ? at + 1 : -1;
    default:
        return at + 1;
    }
}

/* A number within {}. */
static int
make_number(struct maker *m)
{
    int n = 0;

    if (!is_digit_at(m->re, m->at))
        m->bad = true;
    for (; is_digit_at(m->re, m->at); m->at++) {
        n = n * 10 + (int)(m->re->text[m->at] - '0');
        if (n > REPEAT_MAX) {
            m->bad = true;
            n = 0;
        }
    }
    return n;
}

/* How often the atom before is meant. */
static void
make_repeat(struct maker *m, int *min, int *max)
{
    uint32_t c = char_at(m->re, m->at);

    *min = *max = 1;
    if (!is_repeat_at(m->re, m->at))
        return;
    m->at++;
    *min = c == '+' ? 1 : 0;
    *max = c == '?' ? 1 : ENDLESS;
    if (c == '{') {
        *min = *max = make_number(m);
        if (char_at(m->re, m->at) == ',') {
            m->at++;
            *max = is_digit_at(m->re, m->at) ? make_number(m) : ENDLESS;
        }
        if (char_at(m->re, m->at++) != '}' || (*max >= 0 && *max < *min))
            m->bad = true;
    }
    if (is_repeat_at(m->re, m->at))
        m->bad = true; /* POSIX leaves open what that is */
}

static void
make_atom(struct maker *m, int at, int end)
{
    uint32_t c = m->re->text[at];

    switch (c) {
    case '(':
        m->at = at + 1;
        make_any_of(m, end - 1);
        break;
    case '[':
        make_step(m, ERE_BRACKET, (uint32_t)at);
        break;
    case '.':
        make_step(m, ERE_ANY, 0);
        break;
    case '^':
        make_step(m, ERE_BEGIN, 0);
        break;
    case '$':
        make_step(m, ERE_END, 0);
        break;
    default:
        make_step(m, ERE_CHAR, c == '\\' ? m->re->text[at + 1] : c);
    }
}

/* Copies beyond the least number, each of which may be the last. */
static void
make_optional(struct maker *m, int at, int end, int n)
{
    int first = m->re->n, i, last = -1;

    for (i = 0; i < n && !m->bad; i++) {
        int split = make_step(m, ERE_SPLIT, (uint32_t)last);

        last = split;
        make_atom(m, at, end);
    }
    while (!m->bad && last >= first) {
        int before = (int)m->re->code[last].what;

        m->re->code[last].to = (uint16_t)m->re->n;
        last = before;
    }
}

static void
make_endless(struct maker *m, int at, int end)
{
    int split = make_step(m, ERE_SPLIT, 0), jump;

    make_atom(m, at, end);
    jump = make_step(m, ERE_JUMP, 0);
    if (m->bad)
        return;
    m->re->code[jump].to = (uint16_t)split;
    m->re->code[split].to = (uint16_t)m->re->n;
}

static void
make_piece(struct maker *m)
{
    int at = m->at, end, min, max, i, next, was = -1;

    end = is_repeat_at(m->re, at) ? -1 : atom_end(m->re, at);
    if (end < 0) {
        m->bad = true;
        return;
    }
    m->at = end;
    make_repeat(m, &min, &max);
    next = m->at;
    /* One copy of what becomes no step, as a{0}, stands for all: the bound on
     * steps would never end these, and within each other they multiply. */
    for (i = 0; i < min && !m->bad && m->re->n != was; i++) {
        was = m->re->n;
        make_atom(m, at, end);
    }
    if (max == ENDLESS && !m->bad)
        make_endless(m, at, end);
    else if (!m->bad)
        make_optional(m, at, end, max - min);
    m->at = next;
}

/* The branches of text[m->at, end), of which none may be empty. */
static void
make_any_of(struct maker *m, int end)
{
    uint16_t jumps = NONE, before;
    bool more = true;

    while (more && !m->bad) {
        int stop = branch_end(m->re, m->at), split = 0, jump;

        more = stop >= 0 && stop < end;
        if (stop <= m->at || stop > end || (more && m->re->text[stop] == ')')) {
            m->bad = true;
            return;
        }
        if (more)
            split = make_step(m, ERE_SPLIT, 0);
        while (m->at < stop && !m->bad)
            make_piece(m);
        if (!more || m->bad)
            continue;
        jump = make_step(m, ERE_JUMP, 0);
        m->re->code[jump].to = jumps;
        jumps = (uint16_t)jump;
        m->re->code[split].to = (uint16_t)m->re->n;
        m->at = stop + 1;
    }
    for (; jumps != NONE && !m->bad; jumps = before) {
        before = m->re->code[jumps].to;
        m->re->code[jumps].to = (uint16_t)m->re->n;
    }
}

bool
ere_make(struct ere *re, const uint32_t *text, int len, bool fold)
{
    struct maker m = { .re = re };

    if (len > ERE_TEXT_MAX)
        return false;
    memcpy(re->text, text, (size_t)len * sizeof(*text));
    re->len = len;
    re->fold = fold;
    re->n = 0;
    make_any_of(&m, len);
    make_step(&m, ERE_FOUND, 0);
    return !m.bad;
}

/* --- searching --- */

/* The states after the characters so far, those that began first in front. */
struct states {
    int n;
    uint16_t at[ERE_CODE_MAX];
    int began[ERE_CODE_MAX];
};

struct search {
    const struct ere *re;
    const struct ere_line *l;
    struct ere_match best;  /* start -1: none yet */
    int seen[ERE_CODE_MAX]; /* 1 + where a step was last added */
    /* What the last bracket said: copies of one stand side by side. */
    uint32_t asked;
    int asked_at; /* 1 + position; 0: none */
    bool said;
    size_t cost;
    uint16_t stack[2 * ERE_CODE_MAX];
};

static bool
passes(const struct search *s, const struct ere_step *step, int pos)
{
    return step->op == ERE_BEGIN ? pos == 0 && s->l->begins
                                 : pos == s->l->n && s->l->ends;
}

/* Adds a step at a position and all that follow from it without a character. A
 * step that is there already began earlier. */
static void
states_add(struct search *s, struct states *to, uint16_t at, int began, int pos)
{
    int n = 0;

    s->stack[n++] = at;
    while (n > 0) {
        const struct ere_step *step = &s->re->code[s->stack[--n]];

        at = s->stack[n];
        s->cost++;
        if (s->seen[at] == pos + 1)
            continue;
        s->seen[at] = pos + 1;
        if (step->op == ERE_JUMP) {
            s->stack[n++] = step->to;
        } else if (step->op == ERE_SPLIT) {
            s->stack[n++] = step->to;
            s->stack[n++] = (uint16_t)(at + 1);
        } else if (step->op == ERE_BEGIN || step->op == ERE_END) {
            if (passes(s, step, pos))
                s->stack[n++] = (uint16_t)(at + 1);
        } else {
            to->began[to->n] = began;
            to->at[to->n++] = at;
        }
    }
}

/* A bracket is dear: its whole text may be read. */
static bool
bracket_takes(struct search *s, uint32_t at, int pos, uint32_t low)
{
    uint32_t ch = s->l->cp[pos];
    int end;

    if (s->asked_at == pos + 1 && s->asked == at)
        return s->said;
    s->asked_at = pos + 1;
    s->asked = at;
    end = bracket_look(s->re, (int)at, ch, &s->said);
    s->cost += (size_t)(end - (int)at);
    if (s->said || low == ch)
        return s->said;
    (void)bracket_look(s->re, (int)at, low, &s->said);
    s->cost += (size_t)(end - (int)at);
    return s->said;
}

static bool
step_takes(struct search *s, const struct ere_step *step, int pos)
{
    uint32_t ch = s->l->cp[pos];
    uint32_t low = s->re->fold ? (uint32_t)towlower((wint_t)ch) : ch;

    switch (step->op) {
    case ERE_ANY:
        return true;
    case ERE_CHAR:
        return ch == step->what || low == step->what;
    case ERE_BRACKET:
        return bracket_takes(s, step->what, pos, low);
    default:
        return false;
    }
}

static void
note_found(struct search *s, int began, int pos)
{
    if (pos == began)
        return;
    if (s->best.start < 0 || began < s->best.start ||
        (began == s->best.start && pos > s->best.end))
        s->best = (struct ere_match){ began, pos };
}

/* From the states at a position to those behind its character. */
static void
states_step(struct search *s, const struct states *from, struct states *to,
            int pos)
{
    int i;

    to->n = 0;
    for (i = 0; i < from->n; i++) {
        const struct ere_step *step = &s->re->code[from->at[i]];

        s->cost++;
        if (s->best.start >= 0 && from->began[i] > s->best.start)
            return; /* those behind began later still */
        if (step->op == ERE_FOUND)
            note_found(s, from->began[i], pos);
        else if (pos < s->l->n && step_takes(s, step, pos))
            states_add(s, to, (uint16_t)(from->at[i] + 1), from->began[i],
                       pos + 1);
    }
}

bool
ere_find(const struct ere *re, const struct ere_line *l, int from, int before,
         struct ere_match *out, size_t *cost)
{
    struct search s = { .re = re, .l = l, .best = { -1, -1 } };
    struct states set[2];
    int pos, now = 0;

    set[0].n = 0;
    for (pos = from; pos <= l->n; pos++, now = !now) {
        if (s.best.start < 0 && pos < before)
            states_add(&s, &set[now], 0, pos, pos);
        else if (set[now].n == 0)
            break;
        states_step(&s, &set[now], &set[!now], pos);
    }
    *out = s.best;
    *cost += BEGIN_COST + s.cost;
    return s.best.start >= 0;
}
