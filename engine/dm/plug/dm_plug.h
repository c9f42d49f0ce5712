/*
 * dm_plug.h - devices of the host that are put into an emulated machine while
 * its model runs. Private to engine/dm; device room calls it through struct
 * model_server.
 */
#ifndef XENDECK_ENGINE_DM_PLUG_H
#define XENDECK_ENGINE_DM_PLUG_H

#include "engine/device/model_server.h"

/* As the members of struct model_server. */
enum step_rc dm_plug_in(struct model_plug **p, struct task *t, uint32_t domid,
                        const struct model_pci *want, struct err *e);
enum step_rc dm_plug_out(struct model_plug **p, struct task *t, uint32_t domid,
                         const char *id, struct err *e);
void dm_plug_end(struct model_plug **p);

#endif
