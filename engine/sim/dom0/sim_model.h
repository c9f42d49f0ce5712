/*
 * sim_model.h - device models of simulated guests.
 */
#ifndef XENDECK_ENGINE_SIM_MODEL_H
#define XENDECK_ENGINE_SIM_MODEL_H

#include "engine/sim/sim_int.h"

#define SIM_STATE     "QEVM\0\0\0\3" /* of the devices of a simulated model */
#define SIM_STATE_LEN 8

struct sim_model {
    struct sim *s;
    uint32_t domid;
    bool up;
    bool begun;   /* it has set itself up: its control socket answers */
    bool hung;    /* SIGSTOP: it neither answers nor ends, unless killed */
    bool stopped; /* by "stop", or from its start on (-S) */
    bool notes;   /* which pages it writes */
    bool garbled; /* what it was to go on from is no state */
    bool goes_on; /* from a state: the memory of its card came with it */
    struct loop_timer tm;
    struct dom0_model *watched;    /* NULL: nobody waits for its end */
    struct buf args;               /* each NUL-terminated */
    struct dom0_model_files files; /* what it was handed open */
    unsigned vnc_port;             /* of its screen, 0: none */
    char password[16], medium[256];
    char pci[SIM_PCI_DEVICES][32]; /* ids of the host's devices in it */
    int fdset;                     /* of the last add-fd, -1: none */
    struct list_node clients; /* of its control socket, the first is served */
    struct list_node node;
};

/* Does one serve this domain's devices? */
bool sim_model_serves(const struct sim *s, uint32_t domid);
/* Asked to end: as SIGHUP does. */
void sim_model_quit(struct sim_model *m);
/* Does one run that has made this tap? */
bool sim_model_has_tap(const struct sim *s, const char *tap);
/* An argument that begins so ("-vnc"): the one after it; NULL: none. */
const char *sim_model_arg(const struct sim_model *m, const char *name);
/* sim_model_probe.c: does its program take the arguments it was given; has it a
 * root of its own? */
bool sim_model_knows_args(const struct sim_model *m);
bool sim_model_has_root(const struct sim_model *m);

/* sim_qmp.c: its control socket. */
int sim_qmp_connect(struct sim_model *m, int *fd_out, struct err *e);
/* It answers again what came meanwhile. */
void sim_qmp_wake(struct sim_model *m);
void sim_qmp_close(struct sim_model *m);

/* sim_plug.c: the host's PCI devices in the machine, by commands of the same
 * names. NULL, or why not, with the class of the refusal. */
struct json_object;
const char *sim_plug_add(struct sim_model *m, struct json_object *args,
                         const char **class_out);
const char *sim_plug_del(struct sim_model *m, struct json_object *args,
                         const char **class_out);
/* The answer of query-pci: an array that the caller owns. */
struct json_object *sim_plug_list(struct sim_model *m);

void sim_models_dump(const struct sim *s, struct buf *out);
void sim_models_free(struct sim *s);

#endif
