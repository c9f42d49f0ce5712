/*
 * main.c - the benchmarks by name: bench XENDECK PANE FLOOD-FILE COLOR-FILE
 * NAME...
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"

struct table {
    const char *name;
    bool (*run)(const struct bench *b);
};

static const struct table tables[] = {
    { "start", bench_start },   { "attach", bench_attach },
    { "tick", bench_tick },     { "bytes", bench_bytes },
    { "flood", bench_flood },   { "echo", bench_echo },
    { "scroll", bench_scroll }, { "terminals", bench_terminals },
};

static bool
run(const struct bench *b, const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (strcmp(tables[i].name, name) == 0)
            return tables[i].run(b);
    return false;
}

int
main(int argc, char **argv)
{
    struct bench b = { 0 };
    int i;

    if (argc < 6) {
        fprintf(stderr, "usage: bench XENDECK PANE FLOOD COLORS NAME...\n");
        return 2;
    }
    b.xendeck = argv[1];
    b.pane = argv[2];
    b.flood = argv[3];
    b.colors = argv[4];
    snprintf(b.tmux_name, sizeof(b.tmux_name), "xendeck-bench-%d",
             (int)getpid());
    for (i = 5; i < argc; i++) {
        if (!run(&b, argv[i]))
            printf("%s: could not be measured\n", argv[i]);
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
