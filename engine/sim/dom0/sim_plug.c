/*
 * sim_plug.c - PCI devices of the host in the machine of a simulated device
 * model. A guest that holds its devices lets go of one only when it lets go of
 * all, as one without a driver for hotplug does when it is restarted.
 */
#include <string.h>

#include <json-c/json.h>

#include "engine/dom0/pci_bdf.h"
#include "engine/sim/dom0/sim_model.h"
#include "engine/sim/hv/sim_dom.h"

#define LEAVING '~' /* in front of an id: the guest was asked */

static const char *
plug_word(struct json_object *args, const char *key)
{
    struct json_object *v = NULL;

    if (args == NULL || !json_object_object_get_ex(args, key, &v))
        return "";
    return json_object_get_string(v);
}

static bool
plug_guest_holds(const struct sim_model *m)
{
    const struct sim_dom *d = sim_dom_find(m->s, m->domid);

    return d != NULL && d->guest.holds;
}

/* What was asked for is gone as soon as the guest does not hold it. */
static void
plug_settle(struct sim_model *m)
{
    size_t i;

    for (i = 0; i < SIM_PCI_DEVICES; i++)
        if (m->pci[i][0] == LEAVING && !plug_guest_holds(m))
            m->pci[i][0] = '\0';
}

static char *
plug_find(struct sim_model *m, const char *id)
{
    size_t i;

    for (i = 0; i < SIM_PCI_DEVICES; i++) {
        char *at = m->pci[i];

        if (strcmp(at[0] == LEAVING ? at + 1 : at, id) == 0)
            return at;
    }
    return NULL;
}

static bool
plug_host_has(const struct sim *s, const char *host)
{
    uint32_t sbdf;
    size_t i;

    for (i = 0; pci_bdf_parse(host, &sbdf) && i < SIM_PCI_DEVICES; i++)
        if (s->pci[i].info.sbdf == sbdf)
            return true;
    return false;
}

const char *
sim_plug_add(struct sim_model *m, struct json_object *args,
             const char **class_out)
{
    const char *id = plug_word(args, "id");
    char *at;

    plug_settle(m);
    *class_out = "GenericError";
    if (strcmp(plug_word(args, "driver"), "xen-pci-passthrough") != 0)
        return "'driver' is not a valid device model name";
    if (!plug_host_has(m->s, plug_word(args, "hostaddr")))
        return "Failed to open the host pci device";
    if (id[0] == '\0' || strlen(id) + 2 > sizeof(m->pci[0]) ||
        plug_find(m, id) != NULL)
        return "Duplicate device ID";
    at = plug_find(m, "");
    if (at == NULL)
        return "PCI: no slot/function available";
    text_fmt(at, sizeof(m->pci[0]), "%s", id);
    return NULL;
}

const char *
sim_plug_del(struct sim_model *m, struct json_object *args,
             const char **class_out)
{
    const char *id = plug_word(args, "id");
    char *at;

    plug_settle(m);
    at = id[0] != '\0' ? plug_find(m, id) : NULL;
    *class_out = "DeviceNotFound";
    if (at == NULL)
        return "Device not found";
    text_fmt(at, sizeof(m->pci[0]), "%c%s", LEAVING, id);
    return NULL;
}

struct json_object *
sim_plug_list(struct sim_model *m)
{
    struct json_object *all = json_object_new_array(), *o;
    struct json_object *devices = json_object_new_array();
    struct json_object *bus = json_object_new_object();
    size_t i;

    plug_settle(m);
    for (i = 0; i < SIM_PCI_DEVICES; i++) {
        const char *id = m->pci[i] + (m->pci[i][0] == LEAVING);

        if (id[0] == '\0')
            continue;
        o = json_object_new_object();
        json_object_object_add(o, "qdev_id", json_object_new_string(id));
        json_object_array_add(devices, o);
    }
    json_object_object_add(bus, "bus", json_object_new_int(0));
    json_object_object_add(bus, "devices", devices);
    json_object_array_add(all, bus);
    return all;
}
