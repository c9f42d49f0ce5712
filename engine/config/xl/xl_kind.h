/*
 * xl_kind.h - the kind of domain that an xl.cfg describes, and the settings
 * that need more than a row of a table. Private to engine/config/xl.
 */
#ifndef XENDECK_ENGINE_CONFIG_XL_KIND_H
#define XENDECK_ENGINE_CONFIG_XL_KIND_H

#include "engine/config/xl/xl_int.h"

/* Before all settings: which of them mean anything depends on it. */
int xl_kind_take(struct xl_file *f);
/* After them: those that several settings say together. */
int xl_kind_rest(struct xl_file *f);

#endif
