/*
 * sim_shell.c - the shell inside a simulated guest: a line editor and a table
 * of commands. It never runs a program of the host nor touches its files; all
 * it knows are the guest's own numbers.
 */
#include "engine/sim/guest/sim_shell.h"

#include <string.h>

#include "engine/sim/guest/sim_console.h"
#include "engine/sim/guest/sim_guest.h"
#include "engine/sim/hv/sim_dom.h"
#include "engine/sim/sim_int.h"
#include "engine/sim/sim_outside.h"

#define MIB       (1024ULL * 1024)
#define FLOOD_MAX 65536ULL /* MiB */
#define ARG_TEXT  200

void
sim_shell_prompt(struct sim_dom *d)
{
    d->guest.line_len = 0;
    sim_console_print(d, "%s:~# ", d->guest.host);
}

static uint64_t
uptime_s(const struct sim_dom *d)
{
    return (uint64_t)((int64_t)sim_now_ms(d->s) - d->boot_ms) / 1000;
}

/* What a backslash and c stand for with -e; 0: themselves. */
static char
escape_of(char c)
{
    static const char letters[] = "abefnrt\\", bytes[] = "\a\b\033\f\n\r\t\\";
    const char *at = c != '\0' ? strchr(letters, c) : NULL;

    return (char)(at != NULL ? bytes[at - letters] : '\0');
}

static void
cmd_echo(struct sim_dom *d, const char *args)
{
    bool escapes = strncmp(args, "-e ", 3) == 0;
    struct buf b = { 0 };

    for (args += escapes ? 3 : 0; *args != '\0'; args++) {
        char c = (char)(escapes && args[0] == '\\' ? escape_of(args[1]) : 0);

        buf_chr(&b, c != '\0' ? c : *args);
        args += c != '\0';
    }
    buf_chr(&b, '\n');
    sim_console_put(d, buf_text(&b), b.len);
    buf_free(&b);
}

static void
cmd_uname(struct sim_dom *d, const char *args)
{
    if (strcmp(args, "-a") == 0)
        sim_console_print(d,
                          "Linux %s 6.1.0-13-amd64 #1 SMP PREEMPT_DYNAMIC "
                          "Debian 6.1.55-1 x86_64 GNU/Linux\n",
                          d->guest.host);
    else
        sim_console_print(d, "Linux\n");
}

static void
cmd_uptime(struct sim_dom *d, const char *args)
{
    char span[32];

    (void)args;
    text_span(span, sizeof(span), uptime_s(d));
    sim_console_print(d, "up %s, load average: %u.%02u\n", span, d->load / 1000,
                      d->load / 10 % 100);
}

static void
cmd_dmesg(struct sim_dom *d, const char *args)
{
    (void)args;
    sim_boot_log(d);
}

static void
cmd_free(struct sim_dom *d, const char *args)
{
    unsigned long long total = d->mem_kib - d->mem_kib / 32;

    (void)args;
    sim_console_print(d,
                      "%20s %11s %11s %11s\n"
                      "Mem:    %12llu %11llu %11llu %11llu\n"
                      "Swap:   %12u %11u %11u\n",
                      "total", "used", "free", "buff/cache", total, total / 5,
                      total / 2, total - total / 5 - total / 2, 0U, 0U, 0U);
}

struct proc {
    unsigned pid;
    const char *user, *command;
};

static const struct proc procs[] = {
    { 1, "root", "/sbin/init" },
    { 2, "root", "[kthreadd]" },
    { 11, "root", "[ksoftirqd/0]" },
    { 13, "root", "[rcu_preempt]" },
    { 27, "root", "[xenwatch]" },
    { 28, "root", "[xenbus]" },
    { 41, "root", "[kswapd0]" },
    { 212, "root", "/lib/systemd/systemd-journald" },
    { 240, "root", "/lib/systemd/systemd-udevd" },
    { 388, "message+", "/usr/bin/dbus-daemon --system" },
    { 402, "root", "/usr/sbin/cron -f" },
    { 433, "root", "sshd: /usr/sbin/sshd -D" },
    { 451, "root", "-bash" },
};

static void
cmd_ps(struct sim_dom *d, const char *args)
{
    size_t i;

    (void)args;
    sim_console_print(d, "    PID USER     COMMAND\n");
    for (i = 0; i < sizeof(procs) / sizeof(*procs); i++)
        sim_console_print(d, "%7u %-8s %s\n", procs[i].pid, procs[i].user,
                          procs[i].command);
}

static void
cmd_clear(struct sim_dom *d, const char *args)
{
    (void)args;
    sim_console_print(d, "\x1b[H\x1b[2J\x1b[3J");
}

static void
cmd_colors(struct sim_dom *d, const char *args)
{
    static const char *const names[] = { "bold",      "dim",    "italic",
                                         "underline", "blink",  "",
                                         "reverse",   "hidden", "struck" };
    struct buf b = { 0 };
    unsigned i;

    (void)args;
    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (names[i][0] != '\0')
            buf_fmt(&b, "\x1b[%um%s\x1b[0m ", i + 1, names[i]);
    for (i = 0; i < 16; i++)
        buf_fmt(&b, "%s\x1b[%um %2u \x1b[0m", i % 8 == 0 ? "\n" : "",
                i < 8 ? 40 + i : 100 + i - 8, i);
    for (i = 16; i < 256; i++)
        buf_fmt(&b, "%s\x1b[48;5;%um \x1b[0m",
                i == 232 || (i < 232 && (i - 16) % 36 == 0) ? "\n" : "", i);
    buf_chr(&b, '\n');
    for (i = 0; i < 72; i++)
        buf_fmt(&b, "\x1b[48;2;%u;%u;%um \x1b[0m", 255 - i * 255 / 71,
                i * 510 / 71 > 255 ? 510 - i * 510 / 71 : i * 510 / 71,
                i * 255 / 71);
    buf_chr(&b, '\n');
    sim_console_put(d, buf_text(&b), b.len);
    buf_free(&b);
}

static void
cmd_utf8(struct sim_dom *d, const char *args)
{
    (void)args;
    sim_console_print(d, "%s",
                      "Latin:    Zażółć gęślą jaźń, Grüße, ça va\n"
                      "Greek:    Ξεσκεπάζω την ψυχοφθόρα βδελυγμία\n"
                      "Cyrillic: Съешь ещё этих мягких булок\n"
                      "Wide:     漢字 かな カナ 한글 ｆｕｌｌ\n"
                      "Combined: e\xcc\x81 a\xcc\x8a n\xcc\x83\n"
                      "Symbols:  ✓ ✗ → ← ↑ ↓ € ½ ∑ 🙂 🚀\n"
                      "Lines:    ┌─┬─┐ │ ├─┼─┤ └─┴─┘ ░▒▓█\n");
}

static void
cmd_top(struct sim_dom *d, const char *args)
{
    (void)args;
    d->guest.mode = SIM_SH_TOP;
    sim_dom_load(d, SIM_LOAD_TOP);
    sim_console_print(d, "\x1b[?1049h\x1b[?25l");
    sim_shell_top(d);
    sim_guest_due(d, SIM_DUE_TOP, 1000);
}

static void
cmd_flood(struct sim_dom *d, const char *args)
{
    unsigned long long mb = 0;

    if (args[0] != '\0' && !text_u64(args, 1, FLOOD_MAX, &mb)) {
        sim_console_print(d, "flood: %s: a number of MB, 1 to %llu\n", args,
                          FLOOD_MAX);
        return;
    }
    d->guest.mode = SIM_SH_FLOOD;
    d->guest.flood_next = 1;
    d->guest.flood_left = mb * MIB;
    sim_dom_load(d, SIM_LOAD_FULL);
}

static void
cmd_poweroff(struct sim_dom *d, const char *args)
{
    (void)args;
    sim_guest_stop(d, HV_POWEROFF);
}

static void
cmd_reboot(struct sim_dom *d, const char *args)
{
    (void)args;
    sim_guest_stop(d, HV_REBOOT);
}

static void
cmd_crash(struct sim_dom *d, const char *args)
{
    (void)args;
    sim_guest_panic(d);
}

static void
cmd_ignore(struct sim_dom *d, const char *args)
{
    if (strcmp(args, "on") == 0 || strcmp(args, "off") == 0)
        (void)sim_guest_ignore_control(d->s, d->domid, args[1] == 'n');
    sim_console_print(d, "requests of the toolstack are %s\n",
                      d->guest.ignore ? "ignored" : "obeyed");
}

static void
cmd_exit(struct sim_dom *d, const char *args)
{
    (void)args;
    sim_console_print(d, "logout\n\nDebian GNU/Linux 12 %s hvc0\n\n",
                      d->guest.host);
}

static void cmd_help(struct sim_dom *d, const char *args);

struct cmd {
    const char *name, *help;
    void (*run)(struct sim_dom *d, const char *args);
};

static const struct cmd cmds[] = {
    { "help", "this list", cmd_help },
    { "echo", "prints its arguments [-e: with \\e, \\a...]", cmd_echo },
    { "uname", "the kernel [-a]", cmd_uname },
    { "uptime", "since when it runs", cmd_uptime },
    { "dmesg", "the boot log again", cmd_dmesg },
    { "free", "memory", cmd_free },
    { "ps", "processes", cmd_ps },
    { "clear", "empties the screen", cmd_clear },
    { "colors", "attributes and colours", cmd_colors },
    { "utf8", "wide and combined characters", cmd_utf8 },
    { "top", "repaints every second until q", cmd_top },
    { "flood", "prints lines without end, or [MB], until ^C", cmd_flood },
    { "poweroff", "shuts down", cmd_poweroff },
    { "reboot", "restarts", cmd_reboot },
    { "crash", "panics", cmd_crash },
    { "ignore", "on|off: ignores shutdown requests", cmd_ignore },
    { "exit", "logs out", cmd_exit },
};

static void
cmd_help(struct sim_dom *d, const char *args)
{
    size_t i;

    (void)args;
    for (i = 0; i < sizeof(cmds) / sizeof(*cmds); i++)
        sim_console_print(d, "  %-9s %s\n", cmds[i].name, cmds[i].help);
}

static void
sim_shell_run_line(struct sim_dom *d, const char *line)
{
    const char *args;
    size_t n, i;

    line += strspn(line, " \t");
    n = strcspn(line, " \t");
    args = line + n + strspn(line + n, " \t");
    if (n == 0)
        return;
    for (i = 0; i < sizeof(cmds) / sizeof(*cmds); i++) {
        if (strlen(cmds[i].name) == n && strncmp(cmds[i].name, line, n) == 0) {
            cmds[i].run(d, args);
            return;
        }
    }
    sim_console_print(d, "-sh: %.*s: not found (try help)\n",
                      (int)(n > ARG_TEXT ? ARG_TEXT : n), line);
}

static void
enter_line(struct sim_dom *d)
{
    char line[SIM_LINE_MAX];

    memcpy(line, d->guest.line, d->guest.line_len);
    line[d->guest.line_len] = '\0';
    d->guest.line_len = 0;
    sim_console_print(d, "\n");
    sim_shell_run_line(d, line);
    if (d->guest.state == SIM_GUEST_UP && d->guest.mode == SIM_SH_PROMPT)
        sim_shell_prompt(d);
}

/* Takes the last character back, two cells for an East Asian one. */
static void
erase(struct sim_dom *d)
{
    struct sim_guest *g = &d->guest;
    unsigned char lead;

    if (g->line_len == 0)
        return;
    do {
        lead = (unsigned char)g->line[--g->line_len];
    } while (g->line_len > 0 && (lead & 0xc0) == 0x80);
    sim_console_print(d, lead >= 0xe3 ? "\b\b  \b\b" : "\b \b");
}

static void
typed(struct sim_dom *d, char c)
{
    struct sim_guest *g = &d->guest;

    if (g->line_len + 1 >= SIM_LINE_MAX) {
        sim_console_print(d, "\a");
        return;
    }
    g->line[g->line_len++] = c;
    sim_console_put(d, &c, 1);
}

static void
edit(struct sim_dom *d, char c)
{
    struct sim_guest *g = &d->guest;

    switch (c) {
    case '\r':
    case '\n':
        enter_line(d);
        break;
    case '\b':
    case 0x7f:
        erase(d);
        break;
    case 0x03: /* ^C */
        sim_console_print(d, "^C\n");
        sim_shell_prompt(d);
        break;
    case 0x04: /* ^D ends the session, on an empty line only */
        if (g->line_len == 0) {
            cmd_exit(d, "");
            sim_shell_prompt(d);
        }
        break;
    case 0x0c: /* ^L */
        sim_console_print(d, "\x1b[H\x1b[2J%s:~# ", g->host);
        sim_console_put(d, g->line, g->line_len);
        break;
    case 0x15: /* ^U */
        while (g->line_len > 0)
            erase(d);
        break;
    default:
        if ((unsigned char)c >= ' ')
            typed(d, c);
        break;
    }
}

static void
leave_mode(struct sim_dom *d, const char *text)
{
    d->guest.mode = SIM_SH_PROMPT;
    d->guest.due_ms[SIM_DUE_TOP] = 0;
    sim_dom_load(d, SIM_LOAD_IDLE);
    sim_guest_schedule(d);
    sim_console_print(d, "%s", text);
    sim_shell_prompt(d);
}

/* Keys that send sequences (arrows, function keys) do nothing here. True if c
 * belongs to one. */
static bool
in_sequence(struct sim_guest *g, char c)
{
    if (c == '\x1b') {
        g->esc = 1;
        return true;
    }
    if (g->esc == 1) {
        g->esc = c == '[' || c == 'O' ? 2 : 0;
        return true;
    }
    if (g->esc == 2) {
        if (c >= '@' && c <= '~')
            g->esc = 0;
        return true;
    }
    return false;
}

static void
key(struct sim_dom *d, char c)
{
    struct sim_guest *g = &d->guest;
    bool was_cr = g->cr;

    g->cr = c == '\r';
    if ((c == '\n' && was_cr) || in_sequence(g, c))
        return; /* CR LF is one line */
    if (g->mode == SIM_SH_PROMPT)
        edit(d, c);
    else if (g->mode == SIM_SH_FLOOD && c == 0x03)
        leave_mode(d, "^C\n");
    else if (g->mode == SIM_SH_TOP && (c == 0x03 || c == 'q'))
        leave_mode(d, "\x1b[?25h\x1b[?1049l");
}

size_t
sim_shell_feed(struct sim_dom *d, const char *p, size_t n)
{
    size_t i;

    if (d->guest.state == SIM_GUEST_BOOTING || d->guest.state == SIM_GUEST_OFF)
        return 0; /* the terminal keeps it until the shell reads */
    for (i = 0; i < n; i++) {
        if (d->guest.mode == SIM_SH_PROMPT && !sim_console_room(d))
            break;
        if (d->guest.state != SIM_GUEST_UP)
            return n; /* nobody reads any more */
        key(d, p[i]);
    }
    return i;
}

void
sim_shell_top(struct sim_dom *d)
{
    uint64_t up = uptime_s(d), cpu = sim_dom_cpu(d) / (SIM_NS_PER_S / 100);
    struct buf b = { 0 };
    char span[32];
    size_t i;

    if (!sim_console_room(d))
        return; /* nobody sees it: skip this repaint */
    text_span(span, sizeof(span), up);
    buf_fmt(&b, "\x1b[H\x1b[1mtop - up %s, %s, %u vcpus\x1b[0m\x1b[K\n", span,
            d->guest.host, d->online);
    buf_fmt(&b, "Tasks: %zu total, 1 running\x1b[K\n",
            sizeof(procs) / sizeof(*procs));
    buf_fmt(&b, "KiB Mem: %llu total\x1b[K\n\x1b[K\n",
            (unsigned long long)d->mem_kib);
    buf_str(&b,
            "\x1b[7m    PID USER      %CPU     TIME+ COMMAND\x1b[K\x1b[0m\n");
    for (i = 0; i < sizeof(procs) / sizeof(*procs); i++) {
        uint64_t t = cpu / (i + 2), pct = (up * 7 + i * 13) % 40 / (i + 1);

        buf_fmt(&b, "%7u %-8s %3llu.%llu %6llu:%02llu.%02llu %s\x1b[K\n",
                procs[i].pid, procs[i].user, (unsigned long long)pct / 10,
                (unsigned long long)pct % 10, (unsigned long long)t / 6000,
                (unsigned long long)t / 100 % 60, (unsigned long long)t % 100,
                procs[i].command);
    }
    buf_str(&b, "\x1b[J");
    sim_console_put(d, buf_text(&b), b.len);
    buf_free(&b);
}

bool
sim_shell_flood(struct sim_dom *d)
{
    struct sim_guest *g = &d->guest;
    struct buf b = { 0 };
    bool bounded = g->flood_left > 0, over = false;
    size_t n;

    if (g->state != SIM_GUEST_UP || g->mode != SIM_SH_FLOOD)
        return false;
    while (b.len < SIM_FLOOD_CHUNK - 128 && !over) {
        n = b.len;
        buf_fmt(&b,
                "%010llu the quick brown fox jumps over the lazy dog "
                "0123456789 abcdef\n",
                (unsigned long long)g->flood_next++);
        n = b.len - n;
        over = bounded && g->flood_left <= n;
        g->flood_left -= bounded && !over ? n : 0;
    }
    sim_console_put(d, buf_text(&b), b.len);
    buf_free(&b);
    if (over)
        leave_mode(d, "");
    return true;
}
