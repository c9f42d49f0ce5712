/*
 * devices.h - the devices of domains, as front ends list and change them.
 */
#ifndef XENDECK_ENGINE_DEVICES_H
#define XENDECK_ENGINE_DEVICES_H

#include "engine/model/device_info.h"
#include "src/base/buf.h"
#include "src/base/err.h"

struct engine;

/* --- kinds: each says in its handler what front ends know of it --- */
/* A setting that a form asks for when one is attached. */
struct device_ask {
    const char *key;     /* as in a configuration */
    const char *choices; /* "w|r|w!", the first unless told; NULL: a text */
    const char *hint;    /* what may be entered, or what empty means; NULL */
};
/* The kinds that can be attached, in the order of lists; NULL: no more. */
const char *device_kind_at(size_t i);
bool device_kind_known(const char *kind); /* one of these */
/* Others that xendeck knows to stay with their domain: detaching one is refused
 * with this reason. */
bool device_kind_stays(const char *kind);
/* The kind that a verb of xl works on, "block-detach", "cd-eject"; NULL: it is
 * none of one kind. */
const char *device_kind_of_verb(const char *verb);
/* The settings of a known kind in the order of a form; NULL: no more. */
const struct device_ask *device_kind_ask(const char *kind, size_t i);

/* --- those of a domain --- */
/* At most max; n_out: how many there are. No rates without two calls a while
 * apart (or a list that shows them). */
int engine_devices(struct engine *en, uint64_t dom_id, struct dom_device *out,
                   size_t max, size_t *n_out, struct err *e);
/* kind: as device_kind_at has it. words: settings as in a configuration,
 * "path=/dev/vg/x", "vdev=xvdb"; or one word in xl's own syntax
 * ("/dev/vg/x,raw,xvdb,w"; "0000:01:00.0"). of_xl: as xl's verb of the kind
 * takes them. */
struct device_want {
    const char *kind;
    const char *const *words;
    size_t n;
    bool of_xl;
};
int engine_device_add(struct engine *en, uint64_t dom_id,
                      const struct device_want *want, uint64_t *op_out,
                      struct err *e);
/* name: "xvdb", "vif3.1", a mac, a devid. force: the frontend is not asked. */
struct device_leave {
    const char *kind, *name;
    bool force;
};
int engine_device_remove(struct engine *en, uint64_t dom_id,
                         const struct device_leave *leave, uint64_t *op_out,
                         struct err *e);
/* path NULL or "": empties the drive. */
int engine_cd_change(struct engine *en, uint64_t dom_id, const char *vdev,
                     const char *path, uint64_t *op_out, struct err *e);
/* PCI devices of the host that can be given to domains; n_out: how many there
 * are, also beyond max. */
int engine_pci_assignable(struct engine *en, struct pci_free *out, size_t max,
                          size_t *n_out, struct err *e);
/* Names of domains whose devices dom_id serves, blank-separated; how many, or
 * -1: there may be others, which cannot be told now. */
int engine_dependants(struct engine *en, uint64_t dom_id, struct buf *out);

#endif
