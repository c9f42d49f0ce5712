/*
 * xl_conf.h - xl.conf, the settings that xl has for all domains of a host:
 * those that say what a configuration means which leaves something out.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_CONF_H
#define XENDECK_ENGINE_CONFIG_XL_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

enum xl_autoballoon {
    XL_BALLOON_AUTO, /* unless Xen's command line fixes domain 0's memory */
    XL_BALLOON_OFF,
    XL_BALLOON_ON
};

struct xl_limit {
    bool set;
    uint32_t value;
};

/* "": not set. */
struct xl_conf {
    char script[256], bridge[64], gatewaydev[16], backend[64]; /* of a vif */
    char lockfile[256];
    enum xl_autoballoon autoballoon;
    /* Of domains that do not say it. */
    struct xl_limit max_grant_frames, max_maptrack_frames, max_grant_version;
    char unmet[160]; /* settings that ask for what is not done, with commas */
};

/* A file that is not there sets nothing. -1 with *e and *out as of such a one:
 * it cannot be read, or xl would refuse it. */
int xl_conf_read(const char *path, struct xl_conf *out, struct err *e);

#endif
