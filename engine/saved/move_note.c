/*
 * move_note.c - see move_note.h.
 */
#include "engine/saved/move_note.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ANSWER_HEAD "xendeck migration 1\n"
#define LINE_TEXT   1024

static const char *const whats[] = { "move", "check", "settle" };
static const char *const answers[MOVE_ANSWERS] = { "yes", "no", "taken", "free",
                                                   "busy" };

int
move_id_make(char id[MOVE_ID_MAX], struct err *e)
{
    unsigned char raw[(MOVE_ID_MAX - 1) / 2];
    size_t i;

    if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw))
        return err_sys(e, errno, "identity of the migration");
    for (i = 0; i < sizeof(raw); i++)
        text_fmt(id + 2 * i, 3, "%02x", raw[i]);
    return 0;
}

static bool
move_id_ok(const char *id)
{
    return strlen(id) == MOVE_ID_MAX - 1 &&
           id[strspn(id, "0123456789abcdef")] == '\0';
}

void
move_note_print(const struct move_note *n, struct buf *out)
{
    unsigned i;

    buf_fmt(out, "do %s\nid %s\nxen %u.%u\ndefined %d\n", whats[n->what], n->id,
            n->xen_major, n->xen_minor, n->defined);
    if (n->n_cpu == 0)
        return;
    buf_str(out, "cpu");
    for (i = 0; i < n->n_cpu; i++)
        buf_fmt(out, "%c%08x", i == 0 ? ' ' : ':', n->cpu[i]);
    buf_chr(out, '\n');
}

/* The value of "KEY VALUE\n", cut and safe; false: there is no such line. */
static bool
move_value(const char *text, const char *key, char *dst, size_t dst_size)
{
    size_t n = strlen(key);
    const char *s = text;

    while (*s != '\0') {
        size_t len = strcspn(s, "\n");

        if (len > n && strncmp(s, key, n) == 0 && s[n] == ' ') {
            (void)text_safe(dst, dst_size, s + n + 1, len - n - 1);
            return true;
        }
        s += len + (s[len] == '\n');
    }
    dst[0] = '\0';
    return false;
}

/* Which of these words it is; -1: none. */
static int
move_word(const char *word, const char *const *words, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return (int)i;
    return -1;
}

/* "1c3fe2ff:0000abcd": at most MOVE_CPU_WORDS of them. */
static bool
note_take_cpu(const char *s, struct move_note *out)
{
    unsigned long long v;
    char digits[9];

    for (; *s != '\0'; s += *s == ':') {
        size_t n = strcspn(s, ":");

        if (n != 8 || strspn(s, "0123456789abcdef") < 8 ||
            out->n_cpu == MOVE_CPU_WORDS)
            return false;
        text_fmt(digits, sizeof(digits), "%.8s", s);
        v = strtoull(digits, NULL, 16);
        out->cpu[out->n_cpu++] = (uint32_t)v;
        s += n;
    }
    return true;
}

static bool
note_take_version(char *text, struct move_note *out)
{
    unsigned long long major, minor;
    char *dot = strchr(text, '.');

    if (dot == NULL)
        return false;
    *dot = '\0';
    if (!text_u64(text, 0, 999, &major) || !text_u64(dot + 1, 0, 999, &minor))
        return false;
    out->xen_major = (unsigned)major;
    out->xen_minor = (unsigned)minor;
    return true;
}

int
move_note_parse(const char *text, struct move_note *out, struct err *e)
{
    char value[LINE_TEXT];
    int what;

    *out = (struct move_note){ 0 };
    (void)move_value(text, "do", value, sizeof(value));
    what = move_word(value, whats, sizeof(whats) / sizeof(whats[0]));
    if (what < 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "the other host asks for '%.32s', which is not known "
                       "here",
                       value);
    out->what = (enum move_what)what;
    if (!move_value(text, "id", value, sizeof(value)) || !move_id_ok(value))
        return err_set(e, ERR_INVALID,
                       "the other host gives its migration no identity");
    text_fmt(out->id, sizeof(out->id), "%s", value);
    if (move_value(text, "xen", value, sizeof(value)) &&
        !note_take_version(value, out))
        return err_set(e, ERR_INVALID,
                       "the other host's version of Xen is garbled");
    if (move_value(text, "cpu", value, sizeof(value)) &&
        !note_take_cpu(value, out))
        return err_set(e, ERR_INVALID,
                       "the other host's processor features are garbled");
    out->defined = move_value(text, "defined", value, sizeof(value)) &&
                   strcmp(value, "1") == 0;
    return 0;
}

/* --- answers --- */

void
move_answer_print(enum move_answer a, const char *sentence, struct buf *out)
{
    buf_fmt(out, ANSWER_HEAD "answer %s\n", answers[a]);
    if (sentence == NULL)
        return;
    buf_str(out, "text ");
    buf_safe(out, sentence, LINE_TEXT - 1);
    buf_chr(out, '\n');
}

int
move_answer_parse(const char *bytes, size_t n, enum move_answer *out,
                  char *sentence, size_t sentence_size, struct err *e)
{
    const size_t head = sizeof(ANSWER_HEAD) - 1;
    char text[MOVE_ANSWER_MAX], word[16];
    int a;

    if (n < head || n >= sizeof(text) || memcmp(bytes, ANSWER_HEAD, head) != 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "the other host does not answer as xendeck does");
    memcpy(text, bytes, n);
    text[n] = '\0';
    (void)move_value(text, "answer", word, sizeof(word));
    a = move_word(word, answers, MOVE_ANSWERS);
    if (a < 0)
        return err_set(e, ERR_INVALID, "the other host's answer is garbled");
    (void)move_value(text, "text", sentence, sentence_size);
    *out = (enum move_answer)a;
    return 0;
}
