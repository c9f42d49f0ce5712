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

/* "4.17": of the hypervisor that runs; "." where none does. */
void linux_xen_version(char *dst, size_t n);
bool linux_file_is_remote(struct dom0 *d, const char *path);
int linux_script_errno(struct dom0 *d, const char *path);
int linux_end_left_scripts(struct dom0 *d, dom0_left_script_cb *cb, void *arg,
                           struct err *e);
bool linux_has_model_program(struct dom0 *d);
void linux_model_user(struct dom0 *d, uint32_t domid, char *dst, size_t n);
void linux_model_root(struct dom0 *d, uint32_t domid, char *dst, size_t n);
enum life linux_model_serves(struct dom0 *d, uint32_t domid, uint64_t pid);
void linux_model_log_end(struct dom0 *d, const char *log, size_t max,
                         struct buf *out);

#endif
