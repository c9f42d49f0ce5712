/*
 * postmortem.h - the last words of domains, as front ends read them: what was
 * kept when one crashed, did not boot or lost its device model. They outlive
 * the domain, the engine and the host's next boot, until newer ones need their
 * place.
 */
#ifndef XENDECK_ENGINE_POSTMORTEM_H
#define XENDECK_ENGINE_POSTMORTEM_H

#include <stddef.h>
#include <stdint.h>

#include "engine/model/domain.h"
#include "src/base/buf.h"
#include "src/base/err.h"

#define POSTMORTEM_LIST_MAX 1000 /* of all that are kept */

struct engine;

enum postmortem_why {
    POSTMORTEM_CRASH,
    POSTMORTEM_WATCHDOG,
    POSTMORTEM_MODEL, /* its device model died */
    POSTMORTEM_BOOT   /* it was not made, or ended too soon to be made again */
};

struct postmortem {
    char id[112]; /* the name of its folder */
    char name[MODEL_NAME_MAX];
    uint8_t uuid[16];
    uint32_t domid;
    char kind[8];
    enum postmortem_why why;
    double wall_s;       /* when it was frozen */
    double start_wall_s; /* of the life that ended; 0: not known */
    char detail[256];    /* what the engine knows of the reason; "": no more */
    /* The decisive line: what it is ("panic"), the file of the folder that it
     * stands in, and where, from 1; 0: in none, the engine told it. word "":
     * nothing was said that decides. */
    char word[24], file[16];
    unsigned line;
    char text[200];
};

/* "crash", "watchdog", "device-model", "boot"; never NULL. */
const char *postmortem_why_name(unsigned why);

/* Those of a domain by name or uuid as text, or of all (NULL), newest first; at
 * most max of them into out. Returns how many that are. */
size_t engine_postmortems(const struct engine *en, const char *of,
                          struct postmortem *out, size_t max);
/* Appends all that was kept, for people, with the decisive line marked. */
int engine_postmortem_text(const struct engine *en, const struct postmortem *p,
                           struct buf *out, struct err *e);
/* Its folder. */
void engine_postmortem_dir(const struct engine *en, const struct postmortem *p,
                           char *dst, size_t n);

#endif
