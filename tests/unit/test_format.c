/*
 * test_format.c - the formats of a configuration together: which one a text is
 * in, what converting keeps, and what it names as lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <json.h>

#include "engine/api/toolstack.h"
#include "engine/config/load.h"
#include "engine/config/sxp/sxp_config.h"
#include "engine/config/xl/xl.h"
#include "engine/guest/image.h"
#include "src/base/xalloc.h"
#include "tests/unit/corpus.h"
#include "tests/unit/tmpdir.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define BOM      "\xef\xbb\xbf"

static const struct {
    const char *text;
    enum config_format format;
} texts[] = {
    /* nothing to tell by: the native reader says what is missing */
    { "", FORMAT_CONF },
    { "# nothing\n", FORMAT_CONF },
    { "garbage", FORMAT_CONF },
    { "memory 64;", FORMAT_CONF },
    { "@include \"x\"", FORMAT_CONF },
    { "\x7f"
      "ELF",
      FORMAT_CONF },
    /* S-expressions */
    { "(vm)", FORMAT_SXP },
    { "# comment\r\n\r\n (vm)", FORMAT_SXP },
    { BOM "(vm)", FORMAT_SXP },
    { "(", FORMAT_SXP },
    /* libconfig */
    { "name = \"a\";", FORMAT_CONF },
    { "// x\nname = \"a\"; memory = 4;", FORMAT_CONF },
    { "/* kernel = 1\n */ name : \"a\"", FORMAT_CONF },
    { "name = \"a\"\nimage = {\n kernel = \"k\" }", FORMAT_CONF },
    { "image\n=\n{", FORMAT_CONF },
    { "devices = ( { } )", FORMAT_CONF },
    { "cpus = [ 1,\n 2 ];", FORMAT_CONF },
    { "# it's\nname = \"it's;\";", FORMAT_CONF },
    { BOM "name = \"a\";\r\n", FORMAT_CONF },
    { "Name-x = 1;", FORMAT_CONF },
    { "name = \"a\", image = { }", FORMAT_CONF },
    /* a kernel outside of its group */
    { "kernel = \"k\";\ndevices = ( { type = \"vif\"; } );", FORMAT_CONF },
    { "type = \"linux\";\nimage = {\n kernel = \"k\"; };", FORMAT_CONF },
    { "name = \"a\", memory = 4,\nimage = {\n}", FORMAT_CONF },
    /* xl.cfg */
    { "name = \"a\"\nmemory = 4\n", FORMAT_XL },
    { "name = 'a'; memory = 4", FORMAT_XL },
    { "name = \"a\";\nkernel = \"/k\";\n", FORMAT_XL },
    { "vif = [ '' ]", FORMAT_XL },
    { "disk = [\n \"a;b\",\n ]\n", FORMAT_XL },
    { "extra += \"x\"", FORMAT_XL },
    { "vcpus = 2,\nmemory = 4\n", FORMAT_XL },
    /* Python */
    { "kernel = \"k\"\ndisk = ( \"a\", )\n", FORMAT_XL },
    { "kernel = \"k\"\nx = { \"a\": 1 }\n", FORMAT_XL },
    { "kernel = \"k\"\nvcpus = (2)\n", FORMAT_XL },
    { "kernel = \"k\"\nif x:\n y = 1\nelse:\n y = 2\n", FORMAT_XL },
    { BOM "# c\r\nname = \"a\"\r\n", FORMAT_XL },
    { "import os\nname = 'a'", FORMAT_XL },
    { "memory = 4 # ;\nname = \"x\"", FORMAT_XL },
};

static void
test_formats_are_told_by_content(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(texts); i++)
        if (config_recognise(texts[i].text) != texts[i].format)
            fail_msg("%s: %d", texts[i].text,
                     (int)config_recognise(texts[i].text));
}

static void
test_words_of_formats(void **state)
{
    enum config_format f;

    (void)state;
    assert_true(config_format_parse("conf", &f) && f == FORMAT_CONF);
    assert_true(config_format_parse("xl", &f) && f == FORMAT_XL);
    assert_true(config_format_parse("sxp", &f) && f == FORMAT_SXP);
    assert_true(config_format_parse("json", &f) && f == FORMAT_JSON);
    assert_false(config_format_parse("", &f));
    assert_false(config_format_parse("XL", &f));
}

/* --- conversions */

static void
print(const struct domain_config *c, enum config_format f, struct buf *out)
{
    if (f == FORMAT_CONF)
        config_print(c, out);
    else if (f == FORMAT_XL)
        config_xl_print(c, out);
    else
        config_sxp_print(c, out);
}

static struct domain_config *
reread(const char *text, enum config_format f)
{
    struct buf warn = { 0 };
    struct err e = { 0 };
    struct config_src src = {
        .file = "again", .dir = "/", .warn = &warn, .e = &e
    };
    struct domain_config *c = NULL;
    int rc = f == FORMAT_CONF ? config_parse(text, "again", "/", &c, &e)
             : f == FORMAT_XL ? config_xl_parse(text, &src, &c)
                              : config_sxp_parse(text, &src, &c);

    if (rc < 0)
        fail_msg("%s in\n%s", e.msg, text);
    assert_string_equal(buf_text(&warn), "");
    buf_free(&warn);
    return c;
}

static size_t
rank(const struct config_device *d)
{
    static const char *const order[] = { "vbd", "vif", "pci" };
    size_t i;

    for (i = 0; i < COUNT(order); i++)
        if (strcmp(order[i], d->kind) == 0)
            break;
    return i; /* vfb and vkbd stay together */
}

/* In the order of xl.cfg, which has a list for each kind. */
static void
sort_devices(struct domain_config *c)
{
    struct config_device d;
    size_t i, j;

    for (i = 1; i < c->n_devices; i++) {
        d = c->devices[i];
        for (j = i; j > 0 && rank(&c->devices[j - 1]) > rank(&d); j--)
            c->devices[j] = c->devices[j - 1];
        c->devices[j] = d;
    }
}

/* root, ip and args may be shared out differently; the line that the kernel
 * gets is the same. */
static void
assert_same_cmdline(struct domain_config *a, struct domain_config *b)
{
    struct buf x = { 0 }, y = { 0 };

    assert_int_equal(image_cmdline(a, &x, NULL), 0);
    assert_int_equal(image_cmdline(b, &y, NULL), 0);
    assert_string_equal(buf_text(&x), buf_text(&y));
    buf_free(&x);
    buf_free(&y);
    free(b->image.root);
    free(b->image.ip);
    free(b->image.args);
    b->image.root = a->image.root != NULL ? xstrdup(a->image.root) : NULL;
    b->image.ip = a->image.ip != NULL ? xstrdup(a->image.ip) : NULL;
    b->image.args = a->image.args != NULL ? xstrdup(a->image.args) : NULL;
}

/* Through a format and back: what was lost is named, else it is the same; a
 * second time nothing more is lost. */
static void
through(struct domain_config *c, enum config_format f)
{
    struct buf text = { 0 }, again = { 0 }, lost = { 0 };
    struct domain_config *b;

    /* xend's tree has no firmware, and no PV domain without a kernel */
    if (f == FORMAT_SXP && c->image.firmware != NULL && c->image.kernel == NULL)
        return;
    print(c, f, &text);
    b = reread(buf_text(&text), f);
    print(b, f, &again);
    assert_string_equal(buf_text(&text), buf_text(&again));
    config_lost(c, f, &lost);
    if (lost.len == 0) {
        sort_devices(c);
        sort_devices(b);
        assert_same_cmdline(c, b);
        assert_same_config(c, b);
    }
    buf_clear(&lost);
    config_lost(b, f, &lost);
    assert_string_equal(buf_text(&lost), "");
    config_free(b);
    buf_free(&text);
    buf_free(&again);
    buf_free(&lost);
}

/* Every good file of a directory, through every format. */
static size_t
through_all(const char *dir)
{
    static const enum config_format formats[] = { FORMAT_CONF, FORMAT_XL,
                                                  FORMAT_SXP };
    DIR *d = opendir(dir);
    const struct dirent *de;
    struct domain_config *c;
    char path[512];
    size_t i, n = 0;

    assert_non_null(d);
    while ((de = readdir(d)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", dir, de->d_name);
        for (i = 0; i < COUNT(formats); i++) {
            if (config_load_any(path, &c, NULL, NULL) < 0)
                break;
            through(c, formats[i]);
            config_free(c);
            n++;
        }
    }
    closedir(d);
    return n;
}

static void
test_conversions_keep_what_both_can_say(void **state)
{
    (void)state;
    assert_true(through_all("tests/data") >= 9);
    assert_true(through_all("tests/data/xl") >= 150);
    assert_true(through_all("tests/data/sxp") >= 50);
}

static const char everything[] =
    "name = \"a\"; memory = 64; cpus_soft = \"1\"; period = 20000;\n"
    "budget = 5000; extratime = true; restart_min = 5; autostart = true;\n"
    "autostart_order = 5; autostart_delay = 5; host_stop = \"destroy\";\n"
    "features = \"x\"; image = { type = \"netbsd\"; kernel = \"/k\"; };\n"
    "devices = (\n"
    "{ type = \"vbd\"; vdev = \"xvda\"; path = \"/a\"; mode = \"w!\"; },\n"
    "{ type = \"vbd\"; vdev = \"xvdb\"; path = \"/b\"; script = \"/s,t\"; },\n"
    "{ type = \"vbd\"; vdev = \"xvdc\"; path = \"/c\"; discard = true; },\n"
    "{ type = \"vif\"; mtu = 1400; gatewaydev = \"eth0\"; },\n"
    "{ type = \"pci\"; bdf = \"01:00.0\"; backend = 3; },\n"
    "{ type = \"vkbd\"; } );\n";

static void
test_what_is_lost_is_named(void **state)
{
    static const char xl[] =
        "t.conf:2: budget: left out: xl.cfg has no such setting\n"
        "t.conf:2: restart_min: left out: xl.cfg has no such setting\n"
        "t.conf:2: autostart: left out: xl.cfg has no such setting\n"
        "t.conf:3: autostart_order: left out: xl.cfg has no such setting\n"
        "t.conf:3: autostart_delay: left out: xl.cfg has no such setting\n"
        "t.conf:3: host_stop: left out: xl.cfg has no such setting\n"
        "t.conf:4: features: left out: xl.cfg has no such setting\n"
        "t.conf:4: image.type: left out: xl.cfg has no such setting\n"
        "t.conf:6: devices[0].mode: left out: xl.cfg has no \"w!\", it is "
        "written as \"rw\"\n"
        "t.conf:7: devices[1].script: left out: xl.cfg can quote no comma\n"
        "t.conf:10: devices[4].backend: left out: xl.cfg has no such setting\n"
        "t.conf:11: devices[5]: left out: xl.cfg has a keyboard for each vfb "
        "only\n";
    static const char sxp[] =
        "t.conf:1: cpus_soft: left out: an S-expression of xend has no such "
        "setting\n"
        "t.conf:1: period: left out: an S-expression of xend has no such "
        "setting\n"
        "t.conf:2: budget: left out: an S-expression of xend has no such "
        "setting\n"
        "t.conf:2: extratime: left out: an S-expression of xend has no such "
        "setting\n"
        "t.conf:2: restart_min: left out: an S-expression of xend has no such "
        "setting\n"
        "t.conf:3: autostart_order: left out: an S-expression of xend has no "
        "such setting\n"
        "t.conf:3: autostart_delay: left out: an S-expression of xend has no "
        "such setting\n"
        "t.conf:3: host_stop: left out: an S-expression of xend has no such "
        "setting\n"
        "t.conf:8: devices[2].discard: left out: an S-expression of xend has "
        "no such setting\n"
        "t.conf:9: devices[3].gatewaydev: left out: an S-expression of xend "
        "has no such setting\n";
    struct domain_config *c = parse_ok(everything);
    struct buf lost = { 0 };

    (void)state;
    config_lost(c, FORMAT_XL, &lost);
    assert_string_equal(buf_text(&lost), xl);
    buf_clear(&lost);
    config_lost(c, FORMAT_SXP, &lost);
    assert_string_equal(buf_text(&lost), sxp);
    buf_clear(&lost);
    config_lost(c, FORMAT_JSON, &lost);
    config_lost(c, FORMAT_CONF, &lost);
    assert_string_equal(buf_text(&lost), "");
    buf_free(&lost);
    config_free(c);
}

/* As "xm list --long" showed them: xl makes both of the vfb. */
static void
test_a_keyboard_may_stand_before_its_screen(void **state)
{
    struct domain_config *c =
        parse_ok("name = \"a\"; memory = 64; image = { kernel = \"/k\"; };\n"
                 "devices = ( { type = \"vkbd\"; }, { type = \"vfb\"; } );\n");
    struct buf lost = { 0 };

    (void)state;
    config_lost(c, FORMAT_XL, &lost);
    assert_string_equal(buf_text(&lost), "");
    buf_free(&lost);
    config_free(c);
}

/* --- the engine's verbs on files */

static void
test_convert(void **state)
{
    struct buf out = { 0 }, warn = { 0 };
    struct err e = { 0 };
    json_object *js;

    (void)state;
    assert_int_equal(
        engine_convert("tests/data/xl/full.cfg", "json", &out, &warn, &e), 0);
    js = json_tokener_parse(buf_text(&out));
    assert_non_null(js);
    json_object_put(js);
    assert_string_equal(buf_text(&warn), "");
    assert_int_equal(
        engine_convert("tests/data/xl/full.cfg", "yaml", &out, &warn, &e), -1);
    assert_string_equal(e.msg, "format: found \"yaml\", allowed conf, xl, sxp "
                               "or json");
    buf_clear(&out);
    assert_int_equal(engine_convert("tests/data/xl/xlexample.hvm.cfg", "conf",
                                    &out, NULL, &e),
                     0);
    assert_non_null(strstr(buf_text(&out), "type = \"hvm\";\n"));
    assert_int_equal(engine_convert("/nonexistent", "conf", &out, NULL, &e),
                     -1);
    assert_int_equal(e.code, ERR_NOENT);
    /* warnings of the reader, then those of the printer */
    buf_clear(&out);
    assert_int_equal(
        engine_convert("tests/data/xl/rtds.cfg", "sxp", &out, &warn, &e), 0);
    assert_non_null(strstr(buf_text(&warn), ":6: slice: not honoured"));
    assert_non_null(strstr(buf_text(&warn), ":4: period: left out"));
    buf_free(&out);
    buf_free(&warn);
}

static void
test_check_warns(void **state)
{
    struct tmpdir t;
    struct buf need = { 0 }, warn = { 0 };
    struct err e = { 0 };
    FILE *f;

    (void)state;
    assert_int_equal(tmpdir_init(&t, "a.cfg"), 0);
    f = fopen(t.path, "w");
    assert_non_null(f);
    fprintf(f, "name = 'a'\nmemory = 8\nslice = 1\nkernel = '%s'\n",
            "/bin/true");
    assert_int_equal(fclose(f), 0);
    assert_int_equal(engine_check(NULL, t.path, &need, &warn, &e), 0);
    assert_string_equal(buf_text(&need), "needs 10 MiB of memory");
    buf_free(&need);
    assert_non_null(strstr(buf_text(&warn), ":3: slice: not honoured"));
    buf_free(&warn);
    tmpdir_fini(&t);
}

/* What certainly boots nothing is refused as the builder would. */
static void
test_check_looks_at_the_kernel(void **state)
{
    struct tmpdir t;
    struct buf need = { 0 };
    struct err e = { 0 };
    FILE *f;

    (void)state;
    assert_int_equal(tmpdir_init(&t, "a.cfg"), 0);
    f = fopen(t.path, "w");
    assert_non_null(f);
    fprintf(f, "name = 'a'\nmemory = 8\nkernel = '%s'\n", t.path);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(engine_check(NULL, t.path, &need, NULL, &e), -1);
    assert_non_null(strstr(e.msg, "a text file, allowed a kernel"));
    buf_free(&need);
    tmpdir_fini(&t);
}

/* Zeros, as a firmware image or a disk begins: none of Xen's loaders takes
 * it; a raw image tells them where it goes. */
static void
test_check_knows_what_no_loader_takes(void **state)
{
    static const char conf[] = "name = 'a'\nmemory = 8\nkernel = '%s'\n";
    static const uint32_t raw = 0x336ec578;
    struct buf need = { 0 }, text = { 0 };
    struct tmpdir t, k;
    char bytes[4096] = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(tmpdir_init(&t, "a.cfg"), 0);
    assert_int_equal(tmpdir_init(&k, "kernel"), 0);
    assert_int_equal(tmpdir_write(&k, bytes, sizeof(bytes)), 0);
    buf_fmt(&text, conf, k.path);
    assert_int_equal(tmpdir_write(&t, text.data, text.len), 0);
    assert_int_equal(engine_check(NULL, t.path, &need, NULL, &e), -1);
    assert_non_null(strstr(e.msg, "of an unknown kind, allowed a kernel"));
    memcpy(bytes + 1024, &raw, sizeof(raw));
    assert_int_equal(tmpdir_write(&k, bytes, sizeof(bytes)), 0);
    if (engine_check(NULL, t.path, &need, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    buf_free(&need);
    buf_free(&text);
    tmpdir_fini(&k);
    tmpdir_fini(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats_are_told_by_content),
        cmocka_unit_test(test_words_of_formats),
        cmocka_unit_test(test_conversions_keep_what_both_can_say),
        cmocka_unit_test(test_what_is_lost_is_named),
        cmocka_unit_test(test_a_keyboard_may_stand_before_its_screen),
        cmocka_unit_test(test_convert),
        cmocka_unit_test(test_check_warns),
        cmocka_unit_test(test_check_looks_at_the_kernel),
        cmocka_unit_test(test_check_knows_what_no_loader_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
