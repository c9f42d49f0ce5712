/*
 * test_sxp.c - S-expressions as data: what is read, what is refused, and the
 * normal form, in which the forms of xend's documentation come back byte for
 * byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/config/sxp/sxp.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void
normal(const char *text, struct buf *out)
{
    struct sxp s;
    struct err e = { 0 };

    if (sxp_read(text, "t.sxp", &s, &e) < 0)
        fail_msg("%s: %s", text, e.msg);
    sxp_print(&s, out);
    sxp_fini(&s);
}

/* What is read and, in the second column, its normal form; NULL: the same. */
static const struct {
    const char *text, *normal;
} forms[] = {
    { "", NULL },
    { "()\n", NULL },
    { "fred\n", NULL },
    { "/domain/0\n", NULL },
    { "'fred 1'\n", NULL },
    { "\"fred 2\"", "'fred 2'\n" },
    { "(a b c)\n", NULL },
    { "( a\n\tb (c ) )", "(a b (c))\n" },
    { "a b\n", "a\nb\n" },
    /* the elements of the documentation */
    { "(name (@ (id vif1)) (mac aa:00:00:00:00:12))\n", NULL },
    { "(vif (id vif1) (vnet 1))\n", NULL },
    { "(restart onreboot)\n", NULL },
    { "(cpu_weight 1.0)\n", NULL },
    { "(ip ::::xendom1:eth0:dhcp)\n", NULL },
    { "(args 'rw fastboot nfsroot=15.144.25.79:/opt/xen/xendom2 4')\n", NULL },
    { "(rtc/timeoffset 0)\n", NULL },
    { "(dev 0xff)\n", NULL },
    { "(image (linux (kernel \"/boot/vmlinuz\")))",
      "(image (linux (kernel /boot/vmlinuz)))\n" },
    /* comments */
    { "# all of it", "" },
    { "(a # b)\nc)", "(a c)\n" },
    { "(a#b)\nc)", "(a c)\n" },
    { "(a '#b')\n", NULL },
    /* quotes and escapes */
    { "''\n", NULL },
    { "\"it's\"\n", NULL },
    { "'a\\'b\"c'\n", NULL },
    { "\"a\\\"b\"", "'a\"b'\n" },
    { "'a\\\\b'\n", NULL },
    { "'a\\tb\\nc\\rd'\n", NULL },
    { "\"\\a\\b\\v\\f\"", "'\\x07\\x08\\x0b\\x0c'\n" },
    { "'\\x41\\102\\7'", "'AB\\x07'\n" },
    { "'\\x4g'", "'\\x04g'\n" },
    { "'two\nlines'", "'two\\nlines'\n" },
    { "'\xc3\xa9'", "'\\xc3\\xa9'\n" },
    { "'\\xc3\\xa9'\n", NULL },
    /* atoms that xend would quote, and its separators */
    { "a'b", "\"a'b\"\n" },
    { "a+b", "'a+b'\n" },
    { "[abc]", "'[abc'\n']'\n" },
    { "(a;b)", "(a ';b')\n" },
    { "@\n", NULL },
    { "a@b", "'a@b'\n" },
    { "~/x.img\n", NULL },
};

static void
test_normal_forms(void **state)
{
    struct buf one = { 0 }, two = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(forms); i++) {
        buf_clear(&one);
        buf_clear(&two);
        normal(forms[i].text, &one);
        assert_string_equal(buf_text(&one), forms[i].normal != NULL
                                                ? forms[i].normal
                                                : forms[i].text);
        normal(buf_text(&one), &two);
        assert_string_equal(buf_text(&one), buf_text(&two));
    }
    buf_free(&one);
    buf_free(&two);
}

static const struct {
    const char *text, *says;
} bad[] = {
    { "(a", "t.sxp:1: syntax: found a ( that is not closed, allowed as many ) "
            "as (" },
    { "(a\n(b\n", "t.sxp:2: syntax: found a ( that is not closed, allowed as "
                  "many ) as (" },
    { "\n)", "t.sxp:2: syntax: found a ) that closes nothing, allowed as many "
             ") as (" },
    { "(a \"b)\n", "t.sxp:2: syntax: found a text that is not closed, allowed "
                   "text between two quotes of a kind" },
    { "'a\\q'", "t.sxp:1: syntax: found a backslash with none of its letters, "
                "allowed \\a \\b \\t \\n \\v \\f \\r \\\\ \\' \\\", \\x01 to "
                "\\xff and \\001 to \\377" },
    { "'\\x00'",
      "t.sxp:1: syntax: found a backslash with none of its letters" },
    { "'\\x'", "t.sxp:1: syntax: found a backslash with none of its letters" },
    { "'\\0'", "t.sxp:1: syntax: found a backslash with none of its letters" },
    { "'\\777'",
      "t.sxp:1: syntax: found a backslash with none of its letters" },
    { "'\\", "t.sxp:1: syntax: found a backslash with none of its letters" },
    { "\xc3\xa9", "t.sxp:1: syntax: found byte 0xC3, allowed such a byte in "
                  "quotes only" },
    { "(a\x01)", "t.sxp:1: syntax: found byte 0x01, allowed such a byte in "
                 "quotes only" },
};

static void
test_refusals_are_one_sentence(void **state)
{
    struct sxp s;
    struct err e;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++) {
        e = (struct err){ 0 };
        assert_int_equal(sxp_read(bad[i].text, "t.sxp", &s, &e), -1);
        if (strncmp(e.msg, bad[i].says, strlen(bad[i].says)) != 0)
            fail_msg("%s\nnot %s", e.msg, bad[i].says);
        assert_int_equal(s.n, 0);
        assert_int_equal(sxp_read(bad[i].text, "t.sxp", &s, NULL), -1);
    }
}

/* n times before, then after, n times again end; read. */
static int
read_many(size_t n, const char *before, const char *end, struct err *e)
{
    struct buf text = { 0 };
    struct sxp s;
    size_t i;
    int rc;

    for (i = 0; i < n; i++)
        buf_str(&text, before);
    for (i = 0; i < n; i++)
        buf_str(&text, end);
    rc = sxp_read(buf_text(&text), "t.sxp", &s, e);
    sxp_fini(&s);
    buf_free(&text);
    return rc;
}

static void
test_limits(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(read_many(SXP_DEPTH_MAX, "(", ")", &e), 0);
    assert_int_equal(read_many(SXP_DEPTH_MAX + 1, "(", ")", &e), -1);
    assert_string_equal(e.msg, "t.sxp:1: syntax: found more than 64 lists "
                               "inside each other, allowed 64");
    assert_int_equal(read_many(100000, "(", "", &e), -1);
    assert_int_equal(read_many(SXP_NODES_MAX, "a ", "", &e), 0);
    assert_int_equal(read_many(SXP_NODES_MAX + 1, "a ", "", &e), -1);
    assert_string_equal(e.msg, "t.sxp:1: syntax: found too many atoms and "
                               "lists, allowed 65536");
    assert_int_equal(read_many(SXP_ATOM_MAX, "a", "", &e), 0);
    assert_int_equal(read_many(SXP_ATOM_MAX + 1, "a", "", &e), -1);
    assert_string_equal(e.msg, "t.sxp:1: syntax: found an atom that is too "
                               "long, allowed 4096 bytes");
    assert_int_equal(read_many(SXP_TEXT_MAX, " ", "", &e), 0);
    assert_int_equal(read_many(SXP_TEXT_MAX + 1, " ", "", &e), -1);
    assert_string_equal(e.msg, "t.sxp:1: syntax: found more than 1 MiB, "
                               "allowed 1048576 bytes");
}

static void
test_long_lists_are_indented(void **state)
{
    static const char text[] =
        "(vm\n"
        "    (name xendom1)\n"
        "    (image\n"
        "        (linux\n"
        "            (kernel /boot/vmlinuz-2.6.12-xen)\n"
        "            (ip ::::xendom1:eth0:dhcp)\n"
        "            (root /dev/xda1)\n"
        "            (args 'rw fastboot 4')))\n"
        "    (device (vif))\n"
        "    (device (vbd (uname phy:hda1) (dev xda1) (mode w))))\n";
    struct buf out = { 0 };

    (void)state;
    normal(text, &out);
    assert_string_equal(buf_text(&out), text);
    buf_free(&out);
}

static void
test_lookups(void **state)
{
    struct sxp s;

    (void)state;
    assert_int_equal(sxp_read("(vm (name x) () (b c d))", "t", &s, NULL), 0);
    assert_string_equal(sxp_name(&s), "");
    assert_string_equal(sxp_name(&s.kids[0]), "vm");
    assert_string_equal(sxp_value(sxp_child(&s.kids[0], "name")), "x");
    assert_null(sxp_value(sxp_child(&s.kids[0], "b")));
    assert_null(sxp_child(&s.kids[0], "c"));
    sxp_fini(&s);
    assert_int_equal(s.n, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_forms),
        cmocka_unit_test(test_refusals_are_one_sentence),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_long_lists_are_indented),
        cmocka_unit_test(test_lookups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
