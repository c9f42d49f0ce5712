/*
 * xl_json_firmware.c - of libxl's JSON what firmware tells an HVM domain: its
 * texts of SMBIOS, its generation, and the machine checks that it may have.
 */
#include <json-c/json.h>

#include "engine/config/xl/xl_json_int.h"

#define MCA_LMCE 1 /* XEN_HVM_MCA_CAP_LMCE */

static int
xl_json_put_smbios(struct buf *out, json_object *a, struct err *e)
{
    size_t i, n = a != NULL ? json_object_array_length(a) : 0;
    int rc = 0;

    if (n == 0)
        return 0;
    buf_str(out, "smbios = [ ");
    for (i = 0; i < n && rc == 0; i++) {
        json_object *o = json_object_array_get_idx(a, i);
        const char *key = xl_json_text(o, "key");
        const char *value = xl_json_text(o, "value");
        struct buf text = { 0 };

        if (key == NULL || value == NULL)
            rc = err_set(e, ERR_INVALID, "smbios: found no key with a text");
        buf_fmt(&text, "%s=%s", key != NULL ? key : "",
                value != NULL ? value : "");
        if (rc == 0)
            rc = xl_json_quote(out, "smbios", buf_text(&text), e);
        buf_str(out, i + 1 < n ? ", " : " ]\n");
        buf_free(&text);
    }
    return rc;
}

/* The number itself is of that life: the next one gets its own. */
static void
xl_json_put_generation(struct buf *out, json_object *a)
{
    size_t i, n = a != NULL ? json_object_array_length(a) : 0;

    for (i = 0; i < n; i++)
        if (json_object_get_int(json_object_array_get_idx(a, i)) != 0) {
            buf_str(out, "ms_vm_genid = \"generate\"\n");
            return;
        }
}

int
xl_json_put_firmware(struct buf *out, json_object *h, struct err *e)
{
    json_object *mca = xl_json_member(h, "mca_caps", json_type_int);

    if (mca != NULL && (json_object_get_int64(mca) & MCA_LMCE) != 0)
        buf_str(out, "mca_caps = [ \"lmce\" ]\n");
    xl_json_put_generation(out,
                           xl_json_member(h, "ms_vm_genid", json_type_array));
    return xl_json_put_smbios(out, xl_json_member(h, "smbios", json_type_array),
                              e);
}
