/*
 * options.c - the command line: every fault of it is one sentence.
 */
#include "src/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/xalloc.h"

#define SIM_MAX      1000
#define LINES_MAX    10000
#define DELAY_MIN_S  0.25
#define DELAY_MAX_S  60.0
#define RECEIVE_VERB "migrate-receive"

enum {
    OPT_SIM = 0x100,
    OPT_SIM_FAULT,
    OPT_READ_ONLY,
    OPT_THEME,
    OPT_CONFIG,
    OPT_LOG,
    OPT_HEADLESS,
    OPT_FOREGROUND,
    OPT_ENGINE,
    OPT_ATTACH,
    OPT_REPLACE,
    OPT_RUNNING,
    OPT_SOCKET
};

static const struct option longs[] = {
    { "sim", optional_argument, NULL, OPT_SIM },
    { "sim-fault", required_argument, NULL, OPT_SIM_FAULT },
    { "execute", required_argument, NULL, 'e' },
    { "file", required_argument, NULL, 'f' },
    { "read-only", no_argument, NULL, OPT_READ_ONLY },
    { "theme", required_argument, NULL, OPT_THEME },
    { "delay", required_argument, NULL, 'd' },
    { "no-color", no_argument, NULL, 'C' },
    { "no-unicode", no_argument, NULL, 'U' },
    { "attach", no_argument, NULL, OPT_ATTACH },
    { "foreground", no_argument, NULL, OPT_FOREGROUND },
    { "headless", no_argument, NULL, OPT_HEADLESS },
    { "replace", no_argument, NULL, OPT_REPLACE },
    { "running", no_argument, NULL, OPT_RUNNING },
    { "socket", required_argument, NULL, OPT_SOCKET },
    { "engine", no_argument, NULL, OPT_ENGINE }, /* for launch.c */
    { "config", required_argument, NULL, OPT_CONFIG },
    { "log", required_argument, NULL, OPT_LOG },
    { "version", no_argument, NULL, 'V' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static const char help[] =
    "Usage: xendeck [OPTION]... [migrate-receive]\n"
    "A terminal console for a Xen host: domains, their consoles, their lives.\n"
    "\n"
    "  -e, --execute 'VERB ARGS'  run a verb without the console; repeatable\n"
    "  -f, --file FILE            run the verbs of FILE (- is standard input)\n"
    "      --sim[=N]              a simulated host, with N idle domains\n"
    "      --sim-fault SPEC       calls that fail there: CALL:COUNT:ERRNO,...\n"
    "      --attach               with --sim: to a simulated host that runs\n"
    "      --foreground           engine and terminal in this process\n"
    "      --headless             the engine without a terminal: autostart\n"
    "      --replace              end the engine that runs, start another\n"
    "      --running              only with an engine that runs: start none\n"
    "      --socket PATH          where the engine listens\n"
    "      --read-only            refuse verbs that change a domain, and keys\n"
    "                             for guests\n"
    "  -d, --delay SECONDS        between statistics, 0.25 to 60\n"
    "      --theme NAME           colours: dark, light, mono, colorblind...\n"
    "  -C, --no-color             attributes only, as NO_COLOR=1\n"
    "  -U, --no-unicode           ASCII lines\n"
    "      --config FILE          settings, in place of the usual files\n"
    "      --log FILE             the engine's log\n"
    "      migrate-receive        take in a domain that another host sends\n"
    "  -V, --version              print the version\n"
    "  -h, --help                 print this text\n"
    "\n"
    "Verbs: xendeck --sim -e help. Keys: ? in the console. Manual: "
    "xendeck(1).\n"
    "Exit status: 0 done, 1 an operation failed, 2 usage.\n";

static bool
options_attaches(const char *line)
{
    char **words;
    struct err e = { 0 };
    bool attaches = false;
    int i, n;

    if (cmd_split(line, &words, &n, &e) < 0)
        return false;
    for (i = 1; i < n; i++)
        attaches |=
            strcmp(words[i], "-c") == 0 || strcmp(words[i], "--console") == 0;
    attaches = attaches && strcmp(words[0], "create") == 0;
    cmd_words_free(words, n);
    return attaches;
}

void
options_take_terminal(struct options *o)
{
    if (o->batch && o->n_lines == 1 && options_attaches(o->lines[0].text) &&
        isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        o->batch = false;
}

void
options_help(struct buf *out)
{
    buf_str(out, help);
}

static void
add_line(struct options *o, const char *text, const char *where)
{
    o->lines = xrealloc(o->lines, o->n_lines + 1, sizeof o->lines[0]);
    o->lines[o->n_lines++] =
        (struct cmd_line){ .text = xstrdup(text), .where = where };
    o->batch = true;
}

static int
options_add_line(struct options *o, const char *option, const char *text,
                 struct err *e)
{
    size_t n = strlen(text);

    if (n > CMD_LINE_BYTES)
        return err_set(e, ERR_RANGE,
                       "%s: found a line of %zu bytes, allowed %d", option, n,
                       CMD_LINE_BYTES);
    add_line(o, text, NULL);
    return 0;
}

/* A verb that other hosts call, as they call xl's: without -e. */
static int
options_add_words(struct options *o, char **words, int n, struct err *e)
{
    struct buf line = { 0 };
    int i, rc;

    for (i = 0; i < n; i++)
        buf_fmt(&line, "%s%s", i > 0 ? " " : "", words[i]);
    rc = options_add_line(o, words[0], buf_text(&line), e);
    buf_free(&line);
    return rc;
}

static int
add_file_line(struct options *o, char *line, const char *name, unsigned n,
              struct err *e)
{
    size_t len = strlen(line);

    if (len > 0 && line[len - 1] == '\n')
        line[len - 1] = '\0';
    if (len > CMD_LINE_BYTES || n > LINES_MAX)
        return err_set(e, ERR_RANGE,
                       "%s:%u: found a line too long or one too many, allowed "
                       "%d lines of %d bytes",
                       name, n, LINES_MAX, CMD_LINE_BYTES);
    line += strspn(line, " \t\r");
    if (line[0] != '\0' && line[0] != '#')
        add_line(o, line, xasprintf("%s:%u", name, n));
    return 0;
}

/* Also from pipes, for `-f <(...)'. */
static int
options_add_file(struct options *o, const char *path, struct err *e)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *f = is_stdin ? stdin : fopen(path, "re");
    const char *name = is_stdin ? "standard input" : path;
    char line[CMD_LINE_BYTES + 3];
    unsigned n = 0;
    int rc = 0;

    if (f == NULL)
        return err_sys(e, errno, "%s", path);
    o->batch = true;
    while (rc == 0 && fgets(line, sizeof line, f) != NULL)
        rc = add_file_line(o, line, name, ++n, e);
    if (rc == 0 && ferror(f))
        rc = err_sys(e, errno, "%s", name);
    if (!is_stdin)
        fclose(f);
    return rc;
}

static int
take_sim(struct options *o, const char *arg, struct err *e)
{
    unsigned long long n = OPTIONS_SIM_DEMO;

    if (arg != NULL && !text_u64(arg, 0, SIM_MAX, &n))
        return err_set(e, ERR_INVALID,
                       "--sim: found '%s', allowed a number from 0 to %d", arg,
                       SIM_MAX);
    o->sim = true;
    o->sim_lively = arg == NULL;
    o->sim_domains = (unsigned)n;
    return 0;
}

static int
take_delay(struct options *o, const char *arg, struct err *e)
{
    char *end;
    double s = strtod(arg, &end);

    if (end == arg || *end != '\0' || !isfinite(s) || s < DELAY_MIN_S ||
        s > DELAY_MAX_S)
        return err_set(e, ERR_INVALID,
                       "--delay: found '%s', allowed seconds from 0.25 to 60",
                       arg);
    o->tick_ms = (unsigned)(s * 1000 + 0.5);
    return 0;
}

static int
options_take_path(const char **dst, const char *option, const char *arg,
                  struct err *e)
{
    if (arg[0] == '\0')
        return err_set(e, ERR_INVALID, "%s: found nothing, allowed a name",
                       option);
    *dst = arg;
    return 0;
}

static int
take_option(struct options *o, int opt, const char *arg, struct err *e)
{
    switch (opt) {
    case 'e':
        return options_add_line(o, "-e", arg, e);
    case 'f':
        return options_add_file(o, arg, e);
    case 'd':
        return take_delay(o, arg, e);
    case 'C':
        o->no_color = true;
        return 0;
    case 'U':
        o->no_unicode = true;
        return 0;
    case 'V':
        o->version = true;
        return 0;
    case 'h':
        o->help = true;
        return 0;
    case OPT_SIM:
        return take_sim(o, arg, e);
    case OPT_SIM_FAULT:
        return options_take_path(&o->sim_faults, "--sim-fault", arg, e);
    case OPT_HEADLESS:
        o->headless = true;
        return 0;
    case OPT_FOREGROUND:
        o->foreground = true;
        return 0;
    case OPT_ENGINE:
        o->engine = true;
        return 0;
    case OPT_ATTACH:
        o->attach = true;
        return 0;
    case OPT_REPLACE:
        o->replace = true;
        return 0;
    case OPT_RUNNING:
        o->running = true;
        return 0;
    case OPT_SOCKET:
        return options_take_path(&o->socket, "--socket", arg, e);
    case OPT_READ_ONLY:
        o->read_only = true;
        return 0;
    case OPT_THEME:
        return options_take_path(&o->theme, "--theme", arg, e);
    case OPT_CONFIG:
        return options_take_path(&o->config, "--config", arg, e);
    default: /* OPT_LOG */
        return options_take_path(&o->log, "--log", arg, e);
    }
}

/* The word is a long option that was given "=VALUE" but takes none. */
static bool
spare_value(const char *word)
{
    const struct option *o;
    size_t n = strcspn(word, "=");

    if (strncmp(word, "--", 2) != 0 || word[n] != '=')
        return false;
    for (o = longs; o->name != NULL; o++)
        if (o->val == optopt && n > 2 && strncmp(o->name, word + 2, n - 2) == 0)
            return true;
    return false;
}

static int
bad_option(int opt, char **argv, struct err *e)
{
    const char *word = argv[optind - 1];
    char letter[3] = { '-', (char)optopt, '\0' };

    if (opt == '?' && spare_value(word))
        return err_set(e, ERR_INVALID, "option %.*s: takes no argument",
                       (int)strcspn(word, "="), word);
    if (opt == '?' && optopt > 0 && optopt < 0x80)
        word = letter; /* one of several letters in a word */
    if (opt == ':')
        return err_set(e, ERR_INVALID, "option %s: an argument is missing",
                       word);
    return err_set(e, ERR_INVALID, "no option '%s'; xendeck --help lists all",
                   word);
}

/* What this process is to be is said once. */
static int
check_roles(const struct options *o, struct err *e)
{
    const char *role = o->headless     ? "--headless"
                       : o->foreground ? "--foreground"
                       : o->engine     ? "--engine"
                                       : NULL;

    if (role != NULL && o->batch)
        return err_set(e, ERR_INVALID, "%s cannot be combined with -e or -f",
                       role);
    if (o->running && (role != NULL || o->replace))
        return err_set(e, ERR_INVALID, "%s cannot be combined with --running",
                       role != NULL ? role : "--replace");
    if (role != NULL && o->attach)
        return err_set(e, ERR_INVALID, "%s cannot be combined with --attach",
                       role);
    if (o->headless + o->foreground + o->engine > 1)
        return err_set(e, ERR_INVALID,
                       "--headless and --foreground cannot be combined");
    return 0;
}

int
options_parse(struct options *o, int argc, char **argv, struct err *e)
{
    int opt;

    memset(o, 0, sizeof *o);
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    while ((opt = getopt_long(argc, argv, "+:e:f:d:CUVh", longs, NULL)) != -1)
        if (opt == '?' || opt == ':' ? bad_option(opt, argv, e) < 0
                                     : take_option(o, opt, optarg, e) < 0)
            return -1;
    if (optind < argc && strcmp(argv[optind], RECEIVE_VERB) == 0) {
        if (options_add_words(o, argv + optind, argc - optind, e) < 0)
            return -1;
    } else if (optind < argc)
        return err_set(e, ERR_INVALID,
                       "found '%s', allowed options only: verbs go with -e",
                       argv[optind]);
    if (check_roles(o, e) < 0)
        return -1;
    if (o->sim_faults != NULL && !o->sim)
        return err_set(e, ERR_INVALID, "--sim-fault: only with --sim");
    return 0;
}

void
options_fini(struct options *o)
{
    size_t i;

    for (i = 0; i < o->n_lines; i++) {
        free((char *)(uintptr_t)o->lines[i].text);
        free((char *)(uintptr_t)o->lines[i].where);
    }
    free(o->lines);
    o->lines = NULL;
    o->n_lines = 0;
}
