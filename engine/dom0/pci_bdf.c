/*
 * pci_bdf.c - the address of a PCI device as text and as a number.
 */
#include "engine/dom0/pci_bdf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"

/* n hexadecimal digits at most, at least one; moves *pp behind them. */
static bool
take_hex(const char **pp, size_t n, unsigned long max, unsigned long *out)
{
    char text[8] = "";
    size_t i;

    for (i = 0; i < n && isxdigit((unsigned char)(*pp)[i]); i++)
        text[i] = (*pp)[i];
    *out = strtoul(text, NULL, 16);
    *pp += i;
    return i > 0 && *out <= max;
}

bool
pci_bdf_parse(const char *text, uint32_t *sbdf_out)
{
    const char *colon = strchr(text, ':'), *p = text;
    unsigned long seg = 0, bus, dev, func;

    if (colon != NULL && strchr(colon + 1, ':') != NULL) {
        if (!take_hex(&p, 4, 0xffff, &seg) || *p++ != ':')
            return false;
    }
    if (!take_hex(&p, 2, 0xff, &bus) || *p++ != ':' ||
        !take_hex(&p, 2, 0x1f, &dev) || *p++ != '.' ||
        !take_hex(&p, 1, 7, &func) || *p != '\0')
        return false;
    *sbdf_out = (uint32_t)(seg << 16 | bus << 8 | dev << 3 | func);
    return true;
}

void
pci_bdf_print(uint32_t sbdf, char out[PCI_BDF_MAX])
{
    text_fmt(out, PCI_BDF_MAX, "%04x:%02x:%02x.%x", sbdf >> 16,
             sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f, sbdf & 7);
}
