/*
 * test_good_files.c - configurations as people have them, of xl, xm and xend:
 * each is honoured, warned of by name, or refused with the reason. What a host
 * is asked for besides, those whose kernel is a file are checked for with one
 * that is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/api/api_formats.h"
#include "src/base/fdio.h"
#include "tests/unit/corpus.h"
#include "tests/unit/tmpdir.h"

#define DIR      "tests/data/good/"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct corpus_file files[] = {
    { "actions.sxp", LOADS, "" },
    { "aws-fake.cfg", LOADS, "" },
    { "centos7-pv.cfg", LOADS,
      ":8: vfb[0].vncpasswd: only its first 8 bytes count: VNC has no longer "
      "passwords\n" },
    { "comment-no-newline.cfg", LOADS, "" },
    { "cpus-bare-list.cfg", LOADS, "" },
    { "d-blktap2.cfg", LOADS, "" },
    { "d-cw.cfg", LOADS, "" },
    { "d-nbd.cfg", LOADS, "" },
    { "d-script-pos.cfg", LOADS, "" },
    { "d-vhd.cfg", LOADS, "" },
    { "dilos.cfg", LOADS,
      ":12: vncconsole: not honoured: xl knows no such setting either\n" },
    { "double-quote-end.cfg", REFUSED,
      ":5: syntax: found a mistake near '\"': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ]" },
    { "driver-domain.cfg", LOADS, "" },
    { "heredoc-eof.cfg", REFUSED,
      ":5: syntax: found a mistake near 'EOF': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ]" },
    { "intel-vca.cfg", LOADS, "" },
    { "litmus.cfg", LOADS, "" },
    { "mem-hex.cfg", LOADS, "" },
    { "microvm-nix.cfg", LOADS, "" },
    { "negative.cfg", REFUSED,
      ":5: syntax: found a mistake near '-3600': lexical error, allowed NAME = "
      "\"TEXT\", NAME = NUMBER or NAME = [ LIST ], but no Python, as with xl" },
    { "on-xend-start.sxp", LOADS, "" },
    { "ovm.sxp", LOADS,
      ":31: vm.image.linux.videoram: not honoured: it means nothing for a PV "
      "domain\n"
      ":35: vm.image.linux.device_model: not honoured: xendeck chooses it "
      "itself\n"
      ":45: vbd[0].protocol: not honoured: the domain chooses it\n"
      ":65: vfb[1].xauthority: not honoured: xendeck serves VNC alone\n" },
    { "pvgrub-firmware.cfg", LOADS, "" },
    { "quoted-numbers.cfg", LOADS, "" },
    { "routed.sxp", LOADS,
      ":2: vif[0].dev: not honoured: xendeck knows no such field\n" },
    { "semis.cfg", LOADS, "" },
    { "spaces-in-spec.cfg", LOADS, "" },
    { "susestudio.cfg", LOADS,
      ":7: bootargs: xm's word for bootloader_args, which xl ignores\n" },
    { "tsc.sxp", LOADS, "" },
    { "uname-drbd.sxp", LOADS, "" },
    { "v-multi.cfg", LOADS, "" },
    { "v-route.cfg", LOADS, "" },
    { "vfb-f12.cfg", LOADS, "" },
    { "vfb-orig.sxp", LOADS,
      ":2: vm.image.linux.vnc: not honoured: it means nothing for a PV domain\n"
      ":2: vm.image.linux.vncunused: not honoured: it means nothing for a PV "
      "domain\n"
      ":2: vm.image.linux.vnclisten: not honoured: it means nothing for a PV "
      "domain\n"
      ":2: vm.image.linux.vncpasswd: not honoured: it means nothing for a PV "
      "domain\n"
      ":2: vm.image.linux.keymap: not honoured: it means nothing for a PV "
      "domain\n" },
    { "vncunused.cfg", LOADS, "" },
    { "xentools-nopygrub.cfg", REFUSED,
      ":6: syntax: found a mistake near '0': syntax error, unexpected NUMBER, "
      "expecting $end or IDENT or NEWLINE or ';', allowed NAME = \"TEXT\", "
      "NAME = NUMBER or NAME = [ LIST ]" },
};

static void
good_check_one(const struct corpus_file *f)
{
    struct domain_config *c = NULL;
    struct buf warn = { 0 };
    struct err e = { 0 };
    char path[128], *said;
    int rc;

    snprintf(path, sizeof(path), DIR "%s", f->file);
    rc = config_load_any(path, &c, &warn, &e);
    said = corpus_said(rc < 0 ? e.msg : buf_text(&warn), path);
    if ((rc == 0) != (f->outcome == LOADS) || strcmp(said, f->says) != 0)
        fail_msg("%s: %s\n%s\nnot\n%s", f->file, rc < 0 ? "refused" : "loads",
                 said, f->says);
    free(said);
    buf_free(&warn);
    config_free(c);
}

static void
test_each_is_honoured_warned_of_or_refused(void **state)
{
    const struct corpus all = { .dir = DIR };
    size_t i;

    (void)state;
    assert_int_equal(corpus_count(&all), COUNT(files));
    for (i = 0; i < COUNT(files); i++)
        good_check_one(&files[i]);
}

/* The text with kernel and ramdisk that are there. */
static void
good_replace(const char *text, const char *word, const char *path,
             struct buf *out)
{
    const char *p;

    for (; (p = strstr(text, word)) != NULL; text = p + strlen(word)) {
        buf_add(out, text, (size_t)(p - text));
        buf_str(out, path);
    }
    buf_str(out, text);
}

static bool
good_write(const struct tmpdir *t, const char *file)
{
    struct buf text = { 0 }, out = { 0 }, both = { 0 };
    char path[128];
    bool kernel;

    snprintf(path, sizeof(path), DIR "%s", file);
    assert_int_equal(fd_read_file(path, 1U << 20, &text, NULL), 0);
    kernel = strstr(buf_text(&text), "/boot/vmlinuz\"") != NULL ||
             strstr(buf_text(&text), "/boot/vmlinuz'") != NULL ||
             strstr(buf_text(&text), "/boot/vmlinuz)") != NULL;
    good_replace(buf_text(&text), "/boot/vmlinuz", "/bin/true", &out);
    good_replace(buf_text(&out), "/boot/initrd.img", t->path, &both);
    if (kernel)
        assert_int_equal(tmpdir_write(t, both.data, both.len), 0);
    buf_free(&text);
    buf_free(&out);
    buf_free(&both);
    return kernel;
}

/* What loads passes `check', which says the same of it and what it needs. */
static void
test_what_loads_is_good(void **state)
{
    struct tmpdir t;
    size_t i;

    (void)state;
    assert_int_equal(tmpdir_init(&t, "file"), 0);
    for (i = 0; i < COUNT(files); i++) {
        struct buf need = { 0 }, warn = { 0 };
        struct err e = { 0 };
        char *said;

        if (files[i].outcome != LOADS || !good_write(&t, files[i].file))
            continue;
        if (engine_check(NULL, t.path, &need, &warn, &e) < 0)
            fail_msg("%s: %s", files[i].file, e.msg);
        said = corpus_said(buf_text(&warn), t.path);
        assert_string_equal(said, files[i].says);
        assert_non_null(strstr(buf_text(&need), "needs "));
        free(said);
        buf_free(&need);
        buf_free(&warn);
    }
    tmpdir_fini(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_honoured_warned_of_or_refused),
        cmocka_unit_test(test_what_loads_is_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
