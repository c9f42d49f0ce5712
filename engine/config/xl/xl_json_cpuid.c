/*
 * xl_json_cpuid.c - what libxl's JSON has of CPUID: a list of leaves, each with
 * the bits of its registers, as xend's form of the setting has them. From Xen
 * 4.18 on the list may stand in an object, beside one of MSRs.
 */
#include <string.h>

#include <json-c/json.h>

#include "engine/config/hardware/cpuid.h"
#include "engine/config/xl/xl_json_int.h"

static int
xl_json_cpuid_registers(struct buf *text, json_object *leaf, struct err *e)
{
    const char *bits, *comma = "";
    unsigned i;

    for (i = CPUID_EAX; i <= CPUID_EDX; i++) {
        bits = xl_json_text(leaf, cpuid_reg_name(i));
        if (bits == NULL)
            continue;
        if (strlen(bits) != 32 || strspn(bits, "01xks") != 32)
            return err_set(e, ERR_INVALID,
                           "cpuid: found a register that is not 32 of 0, 1, "
                           "x, k and s");
        buf_fmt(text, "%s%s=%s", comma, cpuid_reg_name(i), bits);
        comma = ",";
    }
    return 0;
}

static int
xl_json_cpuid_leaf(struct buf *out, json_object *o, struct err *e)
{
    json_object *leaf = xl_json_member(o, "leaf", json_type_int);
    json_object *sub = xl_json_member(o, "subleaf", json_type_int);

    if (leaf == NULL)
        return err_set(e, ERR_INVALID, "cpuid: found no number of a leaf");
    buf_fmt(out, "\"0x%x", (unsigned)json_object_get_int64(leaf));
    if (sub != NULL)
        buf_fmt(out, ",0x%x", (unsigned)json_object_get_int64(sub));
    buf_chr(out, ':');
    if (xl_json_cpuid_registers(out, o, e) < 0)
        return -1;
    buf_chr(out, '"');
    return 0;
}

int
xl_json_put_cpuid(struct buf *out, json_object *b, struct err *e)
{
    json_object *in = xl_json_member(b, "cpuid", json_type_object);
    json_object *a =
        xl_json_member(in != NULL ? in : b, "cpuid", json_type_array);
    size_t i, n = a != NULL ? json_object_array_length(a) : 0;

    if (n == 0)
        return 0;
    buf_str(out, "cpuid = [ ");
    for (i = 0; i < n; i++) {
        if (xl_json_cpuid_leaf(out, json_object_array_get_idx(a, i), e) < 0)
            return -1;
        buf_str(out, i + 1 < n ? ", " : " ]\n");
    }
    return 0;
}
