/*
 * event.h - an event as it looks from outside the engine. Plain data, borrowed
 * by readers until the next loop turn.
 */
#ifndef XENDECK_MODEL_EVENT_H
#define XENDECK_MODEL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/operation.h"

enum event_kind {
    EVENT_BIRTH,
    EVENT_DEATH,
    EVENT_REAPED,
    EVENT_OP_START,
    EVENT_OP_END,
    EVENT_CONSOLE,
    EVENT_ENGINE,
    EVENT_ALARM,
    EVENT_RESTART, /* a domain restarts */
    EVENT_REFUSED, /* it will not */
    EVENT_DEVICE,
    EVENT_INJECTED,   /* by an operator: `event inject` */
    EVENT_POSTMORTEM, /* a domain's last words are kept */
    EVENT_KINDS
};

enum event_level { EVENT_INFO, EVENT_WARN, EVENT_ERROR };

struct event {
    uint64_t seq; /* from 1, never reused */
    double wall_s;
    enum event_kind kind;
    enum event_level level;
    uint32_t domid; /* 0 with name "": the host */
    char name[MODEL_NAME_MAX];
    char text[256];
    char who[32];         /* who asked for it, "" where nobody did */
    char reason[32];      /* EVENT_DEATH, EVENT_RESTART: dom_reason_name;
                             EVENT_POSTMORTEM: postmortem_why_name;
                             EVENT_INJECTED: the kind that was asked for */
    uint64_t op;          /* operation, 0: none */
    enum op_verb verb;    /* with op */
    enum op_state result; /* EVENT_OP_END */
    uint64_t duration_ms; /* EVENT_OP_END */
    uint8_t uuid[16];     /* of the domain; all 0: not known */
    char xl[192];         /* EVENT_OP_START, EVENT_OP_END: as in struct op */
    bool foreign;         /* told by another process: op is its number */
    bool hook;            /* caused by a hook: runs none */
};

/* Words for enums, never NULL. They take numbers, as they are also called by
 * pointer. */
const char *event_kind_name(unsigned kind);
const char *event_level_name(unsigned level);

#endif
