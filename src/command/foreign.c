/*
 * foreign.c - see foreign.h. A verb stands in for another one only if it shows
 * something, or does what the other tool would do with the same arguments.
 */
#include "src/command/foreign.h"

#include <stddef.h>
#include <string.h>

struct foreign {
    const char *name;
    const char *same;    /* the verb that runs instead */
    const char *instead; /* or the line that does it here */
    const char *why;     /* or why there is none */
};

static const struct foreign foreigns[] = {
    /* xl and xm */
    { "vm-list", "list", NULL, NULL },
    { "top", NULL, "list --rates", NULL },
    { "domid", "show", NULL, NULL },
    { "domname", "show", NULL, NULL },
    { "uptime", "list", NULL, NULL },
    { "dmesg", "xen-log", NULL, NULL },
    { "vncviewer", "vnc", NULL, NULL },
    { "qemu-monitor-command", NULL, "qmp NAME COMMAND", NULL },
    { "button-press", NULL, "trigger NAME power", NULL },
    { "config-update", NULL, "edit NAME", NULL },
    { "new", NULL, "define FILE", NULL },
    { "delete", NULL, "undefine NAME", NULL },
    { "claims", NULL, "info", NULL },
    { "sharing", NULL, "info", NULL },
    { "cpupool-create", NULL, NULL, "cpu pools are made by xl alone" },
    { "cpupool-destroy", NULL, NULL, "cpu pools are removed by xl alone" },
    { "cpupool-cpu-add", NULL, NULL, "cpu pools are changed by xl alone" },
    { "cpupool-cpu-remove", NULL, NULL, "cpu pools are changed by xl alone" },
    { "cpupool-rename", NULL, NULL, "cpu pools are changed by xl alone" },
    { "cpupool-numa-split", NULL, NULL, "cpu pools are changed by xl alone" },
    { "devd", NULL, NULL,
      "in a driver domain xl devd runs; in this one the engine serves" },
    { "remus", NULL, NULL, "replication is not done here; `migrate' moves" },
    /* virsh */
    { "dominfo", "show", NULL, NULL },
    { "domstate", "show", NULL, NULL },
    { "domstats", NULL, "list --rates", NULL },
    { "dumpxml", "config", NULL, NULL },
    { "nodeinfo", "node", NULL, NULL },
    { "vcpuinfo", "vcpu-list", NULL, NULL },
    { "vcpucount", "vcpu-list", NULL, NULL },
    { "vcpupin", "vcpu-pin", NULL, NULL },
    { "setvcpus", "vcpu-set", NULL, NULL },
    { "setmem", NULL, "mem-set NAME SIZE", NULL },
    { "setmaxmem", NULL, "mem-max NAME SIZE", NULL },
    { "domblklist", "block-list", NULL, NULL },
    { "domiflist", "network-list", NULL, NULL },
    { "domblkstat", "devices", NULL, NULL },
    { "domifstat", "devices", NULL, NULL },
    { "attach-disk", NULL, "block-attach NAME DISK", NULL },
    { "attach-interface", NULL, "network-attach NAME", NULL },
    { "attach-device", NULL, "attach NAME KIND KEY=VALUE ...", NULL },
    { "detach-disk", NULL, "block-detach NAME DEVICE", NULL },
    { "detach-interface", NULL, "network-detach NAME DEVICE", NULL },
    { "detach-device", NULL, "detach NAME KIND DEVICE", NULL },
    { "change-media", NULL, "cd NAME DEVICE FILE|eject", NULL },
    { "vncdisplay", "vnc", NULL, NULL },
    { "domdisplay", "vnc", NULL, NULL },
    { "ttyconsole", "console", NULL, NULL },
    { "inject-nmi", NULL, "trigger NAME nmi", NULL },
    { "send-key", NULL, "sysrq NAME KEY", NULL },
    { "managedsave", NULL, "save NAME", NULL },
    { "managedsave-remove", NULL, "undefine NAME", NULL },
    { "snapshot-create", NULL, "save NAME FILE --checkpoint", NULL },
    { "domrename", "rename", NULL, NULL },
    { "domsuspend", "suspend", NULL, NULL },
    { "dompmsuspend", "suspend", NULL, NULL },
    { "dump", "dump-core", NULL, NULL },
    { "net-list", "vnet-list", NULL, NULL },
    { "nodedev-list", "pci-assignable-list", NULL, NULL },
    { "schedinfo", "sched", NULL, NULL },
    { "event", NULL, "events --follow", NULL },
    /* what people try */
    { "ls", "list", NULL, NULL },
    { "ps", "list", NULL, NULL },
    { "domains", "list", NULL, NULL },
    { "status", "list", NULL, NULL },
    { "stop", NULL, "shutdown NAME", NULL },
    { "halt", NULL, "shutdown NAME", NULL },
    { "poweroff", NULL, "shutdown NAME", NULL },
    { "kill", NULL, "destroy NAME", NULL },
    { "restart", NULL, "reboot NAME", NULL },
    { "rm", NULL, "undefine NAME", NULL },
    { "remove", NULL, "undefine NAME", NULL },
    { "forget", NULL, "undefine NAME", NULL },
    { "boot", NULL, "start NAME", NULL },
    { "run", NULL, "create FILE", NULL },
    { "freeze", NULL, "pause NAME", NULL },
    { "wake", NULL, "unpause NAME", NULL },
    { "connect", NULL, "console NAME", NULL },
    { "screen", NULL, "vnc NAME", NULL },
    { "display", NULL, "vnc NAME", NULL },
    { "balloon", NULL, "mem-set NAME SIZE", NULL },
    { "memory", NULL, "mem-set NAME SIZE", NULL },
    { "vcpus", NULL, "vcpu-set NAME VCPUS", NULL },
    { "snapshot", NULL, "save NAME FILE --checkpoint", NULL },
    { "backup", NULL, "save NAME FILE --checkpoint", NULL },
    { "move", NULL, "migrate NAME HOST", NULL },
    { "insert", NULL, "cd-insert NAME DEVICE FILE", NULL },
    { "eject", NULL, "cd-eject NAME DEVICE", NULL },
    { "abort", NULL, "cancel [OPERATION]", NULL },
    { "jobs", "operations", NULL, NULL },
    { "tasks", "operations", NULL, NULL },
    { "revive", "undo", NULL, NULL },
    { "undelete", "undo", NULL, NULL },
    { "man", "help", NULL, NULL },
    { "usage", "help", NULL, NULL },
    { "logout", "quit", NULL, NULL },
    { "bye", "quit", NULL, NULL },
};

static const struct foreign *
foreign_find(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof foreigns / sizeof foreigns[0]; i++)
        if (strcmp(foreigns[i].name, name) == 0)
            return &foreigns[i];
    return NULL;
}

const char *
foreign_same(const char *name)
{
    const struct foreign *f = foreign_find(name);

    return f != NULL ? f->same : NULL;
}

bool
foreign_lead(const char *name, struct err *e)
{
    const struct foreign *f = foreign_find(name);

    if (f == NULL || f->same != NULL)
        return false;
    if (f->instead != NULL)
        err_set(e, ERR_INVALID, "no verb '%s' here: it is `%s'", name,
                f->instead);
    else
        err_set(e, ERR_INVALID, "no verb '%s' here: %s", name, f->why);
    return true;
}
