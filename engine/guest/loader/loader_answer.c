/*
 * loader_answer.c - see loader_answer.h.
 */
#include "engine/guest/loader/loader_answer.h"

#include <string.h>

#include "src/base/text.h"

/* What follows "KEY" and blanks, NULL: it is another item. */
static const char *
answer_value(const char *item, size_t n, const char *key)
{
    size_t len = strlen(key);

    if (n <= len || memcmp(item, key, len) != 0 ||
        (item[len] != ' ' && item[len] != '\t'))
        return NULL;
    while (len < n && (item[len] == ' ' || item[len] == '\t'))
        len++;
    return item + len;
}

static bool
answer_is_text(const char *s, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
            return false;
    return true;
}

static int
answer_item(const char *item, size_t n, struct loader_answer *out,
            struct err *e)
{
    const struct {
        const char *key;
        char *to;
        size_t max;
    } items[] = {
        { "kernel", out->kernel, sizeof(out->kernel) },
        { "ramdisk", out->ramdisk, sizeof(out->ramdisk) },
        { "args", out->args, sizeof(out->args) },
    };
    const char *value;
    size_t i, len;

    for (i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        value = answer_value(item, n, items[i].key);
        if (value == NULL)
            continue;
        len = n - (size_t)(value - item);
        if (len >= items[i].max)
            return err_set(e, ERR_RANGE,
                           "its answer has %zu bytes of %s, allowed %zu", len,
                           items[i].key, items[i].max - 1);
        if (!answer_is_text(value, len))
            return err_set(e, ERR_INVALID,
                           "its answer has control characters in %s",
                           items[i].key);
        memcpy(items[i].to, value, len);
        items[i].to[len] = '\0';
    }
    return 0;
}

int
loader_answer_parse(const char *bytes, size_t n, struct loader_answer *out,
                    struct err *e)
{
    const char *end;
    size_t len;

    *out = (struct loader_answer){ .kernel = "" };
    if (n > LOADER_ANSWER_MAX)
        return err_set(e, ERR_RANGE, "its answer is longer than %d bytes",
                       LOADER_ANSWER_MAX);
    for (; n > 0; bytes += len, n -= len) {
        end = memchr(bytes, '\0', n);
        len = end != NULL ? (size_t)(end - bytes) : n;
        if (answer_item(bytes, len, out, e) < 0)
            return -1;
        len += end != NULL;
    }
    if (out->kernel[0] == '\0')
        return err_set(e, ERR_NOENT, "its answer names no kernel");
    return 0;
}
