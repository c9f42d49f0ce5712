/*
 * complete.c - candidates for the word at the end of a command line.
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/engine.h"
#include "engine/dom0/dom0.h"
#include "src/base/xalloc.h"
#include "src/command/command.h"
#include "src/command/family.h"

#define FOUND_MAX 1000 /* candidates; more than anybody reads */

#define FUZZY_LEAST 2 /* letters; one is in nearly every word */

struct found {
    const char *word; /* what they begin with */
    bool fuzzy;       /* or that they have the letters of, in this order */
    char **at;
    size_t n;
};

static bool
has_letters(const char *text, const char *letters)
{
    for (; *text != '\0' && *letters != '\0'; text++)
        if (tolower((unsigned char)*text) == tolower((unsigned char)*letters))
            letters++;
    return *letters == '\0';
}

static void
found_add(struct found *f, const char *text)
{
    if (f->n == FOUND_MAX ||
        !(f->fuzzy ? has_letters(text, f->word)
                   : strncmp(text, f->word, strlen(f->word)) == 0))
        return;
    f->at = xrealloc(f->at, f->n + 1, sizeof f->at[0]);
    f->at[f->n++] = xstrdup(text);
}

/* Each line of text, or each word between | and brackets. */
static void
found_add_split(struct found *f, const char *text, const char *seps)
{
    size_t n;

    for (text += strspn(text, seps); *text != '\0';
         text += n + strspn(text + n, seps)) {
        char *one;

        n = strcspn(text, seps);
        one = xstrndup(text, n);
        found_add(f, one);
        free(one);
    }
}

static void
complete_add_verbs(struct found *f, const struct cmd_set *cmds)
{
    const struct cmd *c;
    size_t i;

    for (i = 0; (c = cmd_at(cmds, i)) != NULL; i++)
        found_add(f, c->name);
}

static void
add_domains(struct found *f, struct engine *en, const struct cmd *c)
{
    const struct dom *d;
    size_t i;

    for (i = 0; (d = engine_dom_at(en, i)) != NULL; i++)
        if (d->domid != 0 || (c->needs & CMD_NEED_NOT_DOM0) == 0)
            found_add(f, d->name);
}

static void
add_off(struct found *f, struct engine *en)
{
    const struct dom *d;
    size_t i;

    for (i = 0; (d = engine_dom_at(en, i)) != NULL; i++)
        if (d->off)
            found_add(f, d->name);
}

/* Nothing is offered of what another host serves, which may be dead: a key
 * waits for nobody. A process without an engine holds up its caller alone. */
static bool
is_far(const struct session *ses, const char *path)
{
    char cwd[PATH_MAX];
    char *full;
    bool far;

    if (ses->en == NULL)
        return false;
    if (path[0] == '/')
        return dom0_file_is_remote(engine_dom0(ses->en), path);
    if (getcwd(cwd, sizeof cwd) == NULL)
        return true;
    full = xasprintf("%s/%s", cwd, path);
    far = dom0_file_is_remote(engine_dom0(ses->en), full);
    free(full);
    return far;
}

/* The directory may be told to be one, a link is followed on this host only.
 * What is mounted there has a type as well. */
static bool
is_dir(const struct session *ses, const char *dir, const struct dirent *de)
{
    struct stat st;
    char *path;
    bool yes;

    if (de->d_type != DT_LNK && de->d_type != DT_UNKNOWN)
        return de->d_type == DT_DIR;
    path = xasprintf("%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/",
                     de->d_name);
    yes = !is_far(ses, path) && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    free(path);
    return yes;
}

/* Names that would need quotes in a line are left out. */
static bool
plain_name(const char *name)
{
    for (; *name != '\0'; name++)
        if (isspace((unsigned char)*name) || iscntrl((unsigned char)*name) ||
            strchr("'\"\\#", *name) != NULL)
            return false;
    return true;
}

static void
add_files(struct found *f, const struct session *ses)
{
    const char *slash = strrchr(f->word, '/');
    size_t head = slash != NULL ? (size_t)(slash - f->word) + 1 : 0;
    char *begin = head > 0 ? xstrndup(f->word, head) : xstrdup(".");
    const struct dirent *de;
    struct buf path = { 0 };
    const char *dir;
    DIR *d;

    session_path(ses, begin, &path);
    dir = buf_text(&path);
    d = (session_is_other_user(ses) && ses->info.rights < RIGHT_ADMIN) ||
                is_far(ses, dir)
            ? NULL
            : opendir(dir);
    while (d != NULL && (de = readdir(d)) != NULL) {
        char *text;

        if ((de->d_name[0] == '.' && f->word[head] != '.') ||
            strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0 ||
            !plain_name(de->d_name))
            continue;
        text = xasprintf("%.*s%s%s", (int)head, f->word, de->d_name,
                         is_dir(ses, dir, de) ? "/" : "");
        found_add(f, text);
        free(text);
    }
    if (d != NULL)
        closedir(d);
    buf_free(&path);
    free(begin);
}

static void
add_own(struct found *f, const struct session *ses, const struct cmd *c)
{
    struct buf words = { 0 };

    if (c->complete != NULL)
        c->complete(ses, &words);
    found_add_split(f, buf_text(&words), "\n");
    buf_free(&words);
}

static void
add_kinds(struct found *f)
{
    const char *kind;
    size_t i;

    for (i = 0; (kind = device_kind_at(i)) != NULL; i++)
        found_add(f, kind);
}

/* Of the domain and, unless the verb says it, the kind in the words before. */
static void
add_devices(struct found *f, struct engine *en, const struct cmd *c,
            const char *line)
{
    struct dom_device dev[DOM_DEVICES_MAX];
    const struct dom *d = NULL;
    const char *kind = device_kind_of_verb(c->name);
    size_t i, n = 0;
    char **words;
    int n_words;

    if (cmd_split(line, &words, &n_words, NULL) < 0)
        return;
    if (n_words > 1)
        d = engine_dom_find(en, words[1], NULL);
    if (kind == NULL && n_words > 2)
        kind = words[2];
    if (d != NULL &&
        engine_devices(en, d->id, dev, DOM_DEVICES_MAX, &n, NULL) == 0)
        for (i = 0; i < n && i < DOM_DEVICES_MAX; i++)
            if (kind == NULL || strcmp(dev[i].kind, kind) == 0)
                found_add(f, dev[i].name);
    cmd_words_free(words, n_words);
}

static void
add_args(struct found *f, const struct session *ses, const struct cmd *c,
         enum cmd_arg arg)
{
    switch (arg) {
    case CMD_ARG_DOMAIN:
        add_domains(f, ses->en, c);
        break;
    case CMD_ARG_FILE:
        add_files(f, ses);
        break;
    case CMD_ARG_START:
        add_off(f, ses->en);
        add_files(f, ses);
        break;
    case CMD_ARG_OWN:
        add_own(f, ses, c);
        break;
    case CMD_ARG_COMMAND:
        complete_add_verbs(f, ses->cmds);
        break;
    case CMD_ARG_WORDS:
        found_add_split(f, c->words != NULL ? c->words : c->args, "[]| ");
        break;
    case CMD_ARG_KIND:
        add_kinds(f);
        break;
    case CMD_ARG_DEVICE: /* needs the line */
    case CMD_ARG_NONE:
    case CMD_ARG_TEXT:
        break;
    }
}

static void
add_options(struct found *f, const struct cmd *c)
{
    if (c->json)
        found_add(f, "--json");
    if (c->args != NULL)
        found_add_split(f, c->args, "[] ");
}

static int
complete_by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
found_print(struct found *f, struct buf *out)
{
    size_t i;

    if (f->n > 0)
        qsort(f->at, f->n, sizeof f->at[0], complete_by_text);
    for (i = 0; i < f->n; i++) {
        if (i == 0 || strcmp(f->at[i], f->at[i - 1]) != 0)
            buf_fmt(out, "%s\n", f->at[i]);
    }
    for (i = 0; i < f->n; i++)
        free(f->at[i]);
    free(f->at);
}

/* If the word before offset end is an option with words to choose from, those:
 * of "--format", in "[--format conf|xl]", "conf|xl]". Else NULL. */
static const char *
option_words(const struct cmd *c, const char *line, size_t end)
{
    const char *at = c->args;
    size_t begin, n;

    while (end > 0 && isspace((unsigned char)line[end - 1]))
        end--;
    for (begin = end; begin > 0 && !isspace((unsigned char)line[begin - 1]);)
        begin--;
    n = end - begin;
    if (n < 3 || strncmp(line + begin, "--", 2) != 0)
        return NULL;
    for (; at != NULL && (at = strstr(at, "--")) != NULL; at += 2)
        if (strncmp(at, line + begin, n) == 0 && at[n] == ' ')
            return at + n + 1;
    return NULL;
}

static void
add_option_words(struct found *f, const char *words)
{
    char *list = xstrndup(words, strcspn(words, "] "));

    if (strchr(list, '|') != NULL)
        found_add_split(f, list, "|");
    free(list);
}

static void
complete_add_arg(struct found *f, const struct session *ses,
                 const struct cmd *c, unsigned index, const char *line)
{
    enum cmd_arg arg = index == 1 ? c->arg : index == 2 ? c->arg2 : c->arg3;

    if (arg == CMD_ARG_DEVICE)
        add_devices(f, ses->en, c, line);
    else
        add_args(f, ses, c, arg);
}

/* Words before offset end. */
static unsigned
words_before(const char *line, size_t end)
{
    unsigned n = 0;
    size_t i;

    for (i = 0; i < end; i++)
        if (!isspace((unsigned char)line[i]) &&
            (i == 0 || isspace((unsigned char)line[i - 1])))
            n++;
    return n;
}

static void
complete_word(struct found *f, const struct session *ses, const char *line,
              size_t begin)
{
    unsigned index = words_before(line, begin);
    const struct cmd *c = index > 0 ? cmd_of_line(ses->cmds, line) : NULL;

    if (index == 0)
        complete_add_verbs(f, ses->cmds);
    else if (c != NULL && option_words(c, line, begin) != NULL)
        add_option_words(f, option_words(c, line, begin));
    else if (c != NULL && f->word[0] == '-')
        add_options(f, c);
    else if (c != NULL && index <= 3)
        complete_add_arg(f, ses, c, index, line);
}

/* What begins with the word; where nothing does, what has its letters. */
size_t
cmd_complete(struct session *ses, const char *line, struct buf *out)
{
    size_t begin = strlen(line);
    struct found f = { 0 };

    while (begin > 0 && !isspace((unsigned char)line[begin - 1]))
        begin--;
    f.word = line + begin;
    complete_word(&f, ses, line, begin);
    f.fuzzy = f.n == 0 && strlen(f.word) >= FUZZY_LEAST;
    if (f.fuzzy)
        complete_word(&f, ses, line, begin);
    found_print(&f, out);
    return begin;
}
