/*
 * words.c - a line split into words, in the shell's manner.
 */
#include <ctype.h>
#include <stdlib.h>

#include "src/base/xalloc.h"
#include "src/command/command.h"

void
cmd_words_free(char **words, int n)
{
    while (n-- > 0)
        free(words[n]);
    free(words);
}

/* One word from *pp into out, as a shell would; false: a quote is open. */
static bool
words_take_word(const char **pp, struct buf *out)
{
    const char *p = *pp;
    char quote = '\0';

    for (; *p != '\0' && (quote != '\0' || !isspace((unsigned char)*p)); p++) {
        if (quote == '\0' && (*p == '\'' || *p == '"')) {
            quote = *p;
        } else if (quote != '\0' && *p == quote) {
            quote = '\0';
        } else if (*p == '\\' && quote != '\'') {
            if (p[1] == '\0')
                break;
            buf_chr(out, *++p);
        } else {
            buf_chr(out, *p);
        }
    }
    *pp = p;
    return quote == '\0' && *p != '\\';
}

int
cmd_split(const char *line, char ***words_out, int *n_out, struct err *e)
{
    char **at = NULL;
    int n = 0;
    struct buf word = { 0 };

    for (;;) {
        while (isspace((unsigned char)*line))
            line++;
        if (*line == '\0' || *line == '#')
            break;
        at = xrealloc(at, (size_t)n + 1, sizeof at[0]);
        if (!words_take_word(&line, &word)) {
            buf_free(&word);
            cmd_words_free(at, n);
            return err_set(e, ERR_INVALID,
                           "found a quote or backslash that is not closed");
        }
        at[n++] = buf_take(&word);
        if (n > CMD_ARGS_MAX) {
            cmd_words_free(at, n);
            return err_set(e, ERR_RANGE, "found more than %d words, allowed %d",
                           CMD_ARGS_MAX, CMD_ARGS_MAX);
        }
    }
    *words_out = at;
    *n_out = n;
    return 0;
}
