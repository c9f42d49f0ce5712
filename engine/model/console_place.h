/*
 * console_place.h - a guest console as others see it: which one of its
 * domain it is, and how it stands.
 */
#ifndef XENDECK_ENGINE_MODEL_CONSOLE_PLACE_H
#define XENDECK_ENGINE_MODEL_CONSOLE_PLACE_H

enum console_kind {
    CONSOLE_PV,    /* a ring that xenconsoled or a device model serves */
    CONSOLE_SERIAL /* a serial port of the domain's device model */
};

/* A domain numbers its consoles from 0, the primary one. */
struct console_place {
    enum console_kind kind;
    unsigned number;
};

enum console_state {
    CONSOLE_WAITING, /* no tty yet */
    CONSOLE_ATTACHED,
    CONSOLE_HELD,     /* another reader has it; console_why names it */
    CONSOLE_RELEASED, /* let go on demand (console_release) */
    CONSOLE_ENDED     /* the guest is gone; its text stays */
};

/* "pv", "attached"; never NULL. */
const char *console_kind_name(enum console_kind k);
const char *console_state_name(enum console_state s);

#endif
