/*
 * xl_lib.c - a libxlutil parser whose complaints go to memory, and one
 * sentence made of them.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/config/xl/xl_int.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define SOURCE   "xl" /* how libxlutil calls the file in its complaints */
#define SAID_MAX 4096 /* bytes of complaints: the first one is shown */

/* A hostile file can have a mistake in each of its lines. */
static ssize_t
xl_lib_keep(void *cookie, const char *bytes, size_t n)
{
    struct buf *said = cookie;

    if (said->len < SAID_MAX)
        buf_add(said, bytes, n);
    return (ssize_t)n;
}

int
xl_lib_init(struct xl_lib *l, struct err *e)
{
    const cookie_io_functions_t io = { .write = xl_lib_keep };

    l->report = fopencookie(&l->said, "w", io);
    if (l->report != NULL)
        l->cfg = xlu_cfg_init(l->report, SOURCE);
    if (l->cfg != NULL)
        return 0;
    xl_lib_fini(l);
    return err_set(e, ERR_NOMEM, "no memory to read an xl.cfg");
}

void
xl_lib_fini(struct xl_lib *l)
{
    xlu_cfg_destroy(l->cfg);
    if (l->report != NULL)
        fclose(l->report);
    buf_free(&l->said);
    *l = (struct xl_lib){ 0 };
}

/* Steps over what all complaints begin with. */
static const char *
skip(const char *p, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(p, prefix, n) == 0 ? p + n : p;
}

unsigned
xl_lib_said(struct xl_lib *l, struct buf *out)
{
    const char *p, *end;
    unsigned long line;
    char *digits_end;

    fflush(l->report);
    p = skip(buf_text(&l->said) + l->told, SOURCE ":");
    line = strtoul(p, &digits_end, 10);
    if (digits_end > p && *digits_end == ':')
        p = digits_end + 1;
    p = skip(p, " ");
    p = skip(p, "config parsing error ");
    /* what ends with a newline is said to be one line too early */
    line +=
        strncmp(p, "near <newline>", 14) == 0 || strncmp(p, "near `#", 7) == 0;
    p = skip(p, "in disk specification: ");
    p = skip(p, "in vif: ");
    if (strncmp(p, "near `': syntax error, unexpected $end", 38) == 0) {
        buf_str(out, "at the end of the file: ");
        p += 9;
    }
    end = p + strcspn(p, "\n");
    for (; p < end; p++) /* its quotes are `these' */
        buf_chr(out, *p == '`' ? '\'' : *p);
    l->told = l->said.len;
    return (unsigned)line;
}

bool
xl_lib_python(struct xl_lib *l)
{
    static const char *const signs[] = { "Python", "near `True'",
                                         "near `False'", "near `None'",
                                         "near `%'" };
    size_t i;

    fflush(l->report);
    for (i = 0; i < COUNT(signs); i++)
        if (strstr(buf_text(&l->said), signs[i]) != NULL)
            return true;
    return false;
}
