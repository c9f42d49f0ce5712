/*
 * lived.c - how long a domain has run.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/life/ending.h"
#include "engine/model/mark.h"
#include "src/base/maker.h"

double
ending_lived_s(const struct dom_entry *de)
{
    const struct loop *lp = engine_loop(de->en);
    char path[96], text[96], boot[64];
    size_t n;

    maker_boot(boot, sizeof(boot));
    n = strlen(boot);
    store_path(path, sizeof(path), "/libxl/%u/" MARK_DIR "/started",
               de->d.domid);
    if (store_read_text(engine_store(de->en), 0, path, text, sizeof(text),
                        NULL) == 0 &&
        n > 0 && strncmp(text, boot, n) == 0 && text[n] == ' ')
        return loop_boot_s(lp) - strtod(text + n, NULL);
    return de->d.start_wall_s > 0 ? loop_wall_s(lp) - de->d.start_wall_s : -1;
}
