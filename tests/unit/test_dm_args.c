/*
 * test_dm_args.c - the arguments of a device model beside those that xl gives
 * for the same file: tests/data/dm/NAME.cfg and NAME.args, which golden.sh of
 * the Xen suite has got from xl. What differs stands here, with the reason.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/config/load.h"
#include "engine/dm/dm_int.h"
#include "src/base/fdio.h"

#define DIR      "tests/data/dm/"
#define ARGS_MAX 128
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* theirs, and what stands in its place; NULL: it is left out, or ours is more
 * than theirs. */
static const struct {
    const char *name, *theirs, *ours, *reason;
} differences[] = {
    { "disk-comma",
      "file=/srv/xen/a,b.img,if=ide,index=0,media=disk,format=raw,"
      "cache=writeback",
      "file=/srv/xen/a,,b.img,if=ide,index=0,media=disk,format=raw,"
      "cache=writeback",
      "to QEMU a comma ends the name: xl's model does not start" },
    { "spice-all",
      "port=6001,tls-port=6002,addr=127.0.0.1,password=spicy,agent-mouse=off,"
      "image-compression=auto_glz,streaming-video=filter",
      "port=6001,tls-port=6002,addr=127.0.0.1,agent-mouse=off,"
      "image-compression=auto_glz,streaming-video=filter",
      "all who may list processes would see the password: it is set by QMP" },
    { "keymap-kernel-sd",
      "port=6003,tls-port=0,password=x,agent-mouse=on,disable-copy-paste=on",
      "port=6003,tls-port=0,agent-mouse=on,disable-copy-paste=on", "the same" },
    { "opengl", "sdl", "sdl,gl=on", "xl reads opengl and does not pass it" },
    { "restrict", "socket,id=libxl-cmd,fd=17,server=on,wait=off",
      "socket,id=libxl-cmd,path=/var/run/xen/qmp-libxl-43,server=on,wait=off",
      "the model makes its sockets before it is confined" },
    { "pv-sdl", "-display", NULL, "Debian's QEMU has no SDL, a vfb no sdl" },
    { "pv-sdl", "sdl", "-nographic", "the same" },
    { "channel", "-chardev", NULL, "channels are not done: a warning says so" },
    { "channel",
      "socket,id=libxl-channel0,path=/srv/xen/agent,server=on,wait=off", NULL,
      "the same" },
};

struct args {
    const char *at[ARGS_MAX];
    size_t n;
};

static void
split(char *text, size_t len, char end, struct args *out)
{
    char *s = text, *next;

    out->n = 0;
    while (s < text + len && out->n < ARGS_MAX) {
        next = memchr(s, end, (size_t)(text + len - s));
        assert_non_null(next);
        *next = '\0';
        out->at[out->n++] = s;
        s = next + 1;
    }
}

static void
drop(struct args *a, size_t i, size_t n)
{
    memmove(&a->at[i], &a->at[i + n], (a->n - i - n) * sizeof(a->at[0]));
    a->n -= n;
}

/* A socket of our own, which has no place in xl's: in all. */
static void
drop_own_socket(struct args *ours)
{
    size_t i;

    for (i = 1; i + 2 < ours->n; i++)
        if (strncmp(ours->at[i], "socket,id=xendeck-cmd,", 22) == 0) {
            drop(ours, i - 1, 4);
            return;
        }
    fail_msg("no socket of our own");
}

static void
apply_difference(size_t d, struct args *theirs)
{
    size_t i;

    for (i = theirs->n; i > 0; i--)
        if (strcmp(theirs->at[i - 1], differences[d].theirs) == 0)
            break;
    if (strcmp(differences[d].theirs, "-chardev") == 0)
        for (i = 1; i < theirs->n; i++)
            if (strncmp(theirs->at[i], "socket,id=libxl-channel", 23) == 0)
                break;
    if (i == 0 || i > theirs->n)
        fail_msg("%s: '%s' is not among xl's any more", differences[d].name,
                 differences[d].theirs);
    if (differences[d].ours != NULL)
        theirs->at[i - 1] = differences[d].ours;
    else
        drop(theirs, i - 1, 1);
}

/* -S stands elsewhere: where does not matter to QEMU. */
static void
move_stopped(struct args *a)
{
    size_t i;

    for (i = 0; i < a->n; i++)
        if (strcmp(a->at[i], "-S") == 0) {
            drop(a, i, 1);
            a->at[a->n++] = "-S";
            return;
        }
}

static uint32_t
domid_in(const struct args *a)
{
    assert_string_equal(a->at[0], "-xen-domid");
    return (uint32_t)strtoul(a->at[1], NULL, 10);
}

static void
fill_ours(const struct domain_config *c, uint32_t domid, struct buf *out,
          struct args *ours)
{
    struct dm_args a = {
        .domid = domid, .name = c->name, .mem_kib = c->maxmem_kib, .cfg = c
    };
    char root[64];
    size_t i, n;

    if (c->kind == DOM_HVM) {
        dm_screen_of_hvm(&c->screen, &a.screen);
    } else {
        for (i = 0; i < c->n_devices; i++)
            if (strcmp(c->devices[i].kind, "vfb") == 0)
                break;
        dm_screen_of_vfb(i < c->n_devices ? &c->devices[i] : NULL, &a.screen);
    }
    if (c->model.dm_restrict) {
        text_fmt(root, sizeof(root), "/var/run/xen/qemu-root-%u", domid);
        a.root = root;
        a.user = "xen-qemuuser-shared";
    }
    n = dm_args_fill(&a, out);
    split(out->data, out->len, '\0', ours);
    assert_int_equal(ours->n, n);
}

static unsigned wrong; /* files; all are told */

static void
compare(const char *name, const struct args *theirs, const struct args *ours)
{
    size_t i;

    for (i = 0; i < theirs->n && i < ours->n; i++)
        if (strcmp(theirs->at[i], ours->at[i]) != 0) {
            print_error("%s, argument %zu: xl has '%s', ours is '%s'\n", name,
                        i, theirs->at[i], ours->at[i]);
            wrong++;
            return;
        }
    if (theirs->n == ours->n)
        return;
    print_error("%s: xl has %zu arguments, ours are %zu; the first that one "
                "lacks is '%s'\n",
                name, theirs->n, ours->n,
                theirs->n > ours->n ? theirs->at[i] : ours->at[i]);
    wrong++;
}

static void
compare_file(const char *path, unsigned *compared)
{
    struct buf text = { 0 }, out = { 0 }, warn = { 0 };
    struct args theirs, ours;
    struct domain_config *c;
    struct err e = { 0 };
    char name[64], args[128];
    size_t d;

    text_fmt(name, sizeof(name), "%.*s",
             (int)strcspn(path + sizeof(DIR) - 1, "."), path + sizeof(DIR) - 1);
    text_fmt(args, sizeof(args), DIR "%s.args", name);
    assert_int_equal(fd_read_file(args, 65536, &text, NULL), 0);
    split(text.data, text.len, '\n', &theirs);
    if (config_load_any(path, &c, &warn, &e) < 0) {
        print_error("%s: %s\n", name, e.msg);
        wrong++;
    } else {
        for (d = 0; d < COUNT(differences); d++)
            if (strcmp(differences[d].name, name) == 0)
                apply_difference(d, &theirs);
        fill_ours(c, domid_in(&theirs), &out, &ours);
        drop_own_socket(&ours);
        move_stopped(&theirs);
        move_stopped(&ours);
        compare(name, &theirs, &ours);
        (*compared)++;
        config_free(c);
    }
    buf_free(&text);
    buf_free(&out);
    buf_free(&warn);
}

static void
test_as_xl(void **state)
{
    unsigned compared = 0;
    size_t i;
    glob_t g;

    (void)state;
    assert_int_equal(glob(DIR "*.cfg", 0, NULL, &g), 0);
    for (i = 0; i < g.gl_pathc; i++)
        compare_file(g.gl_pathv[i], &compared);
    globfree(&g);
    assert_int_equal(wrong, 0);
    assert_true(compared >= 60);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_as_xl) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
