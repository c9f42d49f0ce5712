/*
 * linux_int.h - what the files of the Linux driver share.
 */
#ifndef XENDECK_ENGINE_LINUX_INT_H
#define XENDECK_ENGINE_LINUX_INT_H

#include "engine/dom0/dom0_driver.h"
#include "src/base/list.h"

#define DOM0_OP(name, params, args, ...) int linux_##name params;
#define DOM0_DO(name, params, args, ...) void linux_##name params;
#include "engine/dom0/dom0_ops.def"

int linux_script_errno(struct dom0 *d, const char *path);
bool linux_has_model_program(struct dom0 *d);
bool linux_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid);
pid_t linux_model_find(struct dom0 *d, uint32_t domid);
void linux_model_log_tail(struct dom0 *d, const char *log, char *dst, size_t n);

#endif
