/*
 * places.h - where an engine keeps things on a host: on Linux the system's own
 * directories; a simulated host has a fresh temporary tree.
 */
#ifndef XENDECK_ENGINE_PLACES_H
#define XENDECK_ENGINE_PLACES_H

/* Of a Xen host's engine; its clients find the socket there. */
#define PLACES_RUN_DIR "/run/xendeck"

/* Directories but dump are made when the engine is opened. */
struct engine_paths {
    char state[256];    /* configurations of owned domains */
    char run[256];      /* locks */
    char libxl[256];    /* userdata files, as libxl names them */
    char consoles[256]; /* console locks: xenconsole.DOMID */
    char dump[256];     /* core dumps; made when the first one is */
    char history[256];  /* libxl's domid history, "" to keep none */
    char made[256];     /* temporary directory to remove, or "" */
    char hooks[256];    /* the administrator's hooks, "" for none */
    char xl_conf[256];  /* xl's settings of the host, "" for none */
    char xl_lock[256];  /* its lock, where those name no other */
};

#endif
