/*
 * guest_firmware.c - see guest_firmware.h.
 */
#include "engine/guest/guest_firmware.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
    const char *key, *path;
} strings[] = {
    { "bios_vendor", "bios-strings/bios-vendor" },
    { "bios_version", "bios-strings/bios-version" },
    { "system_manufacturer", "bios-strings/system-manufacturer" },
    { "system_product_name", "bios-strings/system-product-name" },
    { "system_version", "bios-strings/system-version" },
    { "system_serial_number", "bios-strings/system-serial-number" },
    { "baseboard_manufacturer", "bios-strings/baseboard-manufacturer" },
    { "baseboard_product_name", "bios-strings/baseboard-product-name" },
    { "baseboard_version", "bios-strings/baseboard-version" },
    { "baseboard_serial_number", "bios-strings/baseboard-serial-number" },
    { "baseboard_asset_tag", "bios-strings/baseboard-asset-tag" },
    { "baseboard_location_in_chassis",
      "bios-strings/baseboard-location-in-chassis" },
    { "enclosure_manufacturer", "bios-strings/enclosure-manufacturer" },
    { "enclosure_serial_number", "bios-strings/enclosure-serial-number" },
    { "enclosure_asset_tag", "bios-strings/enclosure-asset-tag" },
    { "battery_manufacturer", "bios-strings/battery-manufacturer" },
    { "battery_device_name", "bios-strings/battery-device-name" },
};

/* Those of a maker are counted. */
static const char *
guest_smbios_path(const char *text, size_t n, size_t *n_oem)
{
    static const char *const oem[CONFIG_SMBIOS_OEM_MAX] = {
        "bios-strings/oem-1",  "bios-strings/oem-2",  "bios-strings/oem-3",
        "bios-strings/oem-4",  "bios-strings/oem-5",  "bios-strings/oem-6",
        "bios-strings/oem-7",  "bios-strings/oem-8",  "bios-strings/oem-9",
        "bios-strings/oem-10", "bios-strings/oem-11", "bios-strings/oem-12",
        "bios-strings/oem-13", "bios-strings/oem-14", "bios-strings/oem-15",
        "bios-strings/oem-16", "bios-strings/oem-17", "bios-strings/oem-18",
        "bios-strings/oem-19", "bios-strings/oem-20", "bios-strings/oem-21",
        "bios-strings/oem-22", "bios-strings/oem-23", "bios-strings/oem-24",
        "bios-strings/oem-25", "bios-strings/oem-26", "bios-strings/oem-27",
        "bios-strings/oem-28", "bios-strings/oem-29", "bios-strings/oem-30",
        "bios-strings/oem-31", "bios-strings/oem-32",
    };
    size_t i;

    if (n == 3 && strncmp(text, "oem", 3) == 0)
        return *n_oem < COUNT(oem) ? oem[(*n_oem)++] : NULL;
    for (i = 0; i < COUNT(strings); i++)
        if (strlen(strings[i].key) == n &&
            strncmp(strings[i].key, text, n) == 0)
            return strings[i].path;
    return NULL;
}

size_t
guest_smbios_nodes(const struct config_machine *m, struct guest_node *out,
                   size_t max)
{
    size_t i, n = 0, n_oem = 0;

    for (i = 0; i < m->smbios.n && n < max; i++) {
        const char *text = m->smbios.at[i];
        size_t len = strcspn(text, "=");
        const char *path = guest_smbios_path(text, len, &n_oem);

        if (path != NULL && text[len] == '=')
            out[n++] = (struct guest_node){ path, text + len + 1, GUEST_FRONT };
    }
    return n;
}

int
guest_generation(const struct config_machine *m, char *dst, size_t n,
                 struct err *e)
{
    uint64_t id[2];

    dst[0] = '\0';
    if (m->genid == NULL || strcmp(m->genid, "generate") != 0)
        return 0;
    if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
        return err_sys(e, errno, "random numbers");
    text_fmt(dst, n, "%llu:%llu", (unsigned long long)id[0],
             (unsigned long long)id[1]);
    return 0;
}
