/*
 * migrate_recover.c - migrations to other hosts that a dead engine had at work.
 * The connection has died with it: a domain that was not given away runs on
 * here; whether one that was has been taken is asked.
 */
#include "engine/life/migrate/migrate_int.h"
#include "engine/record/recover.h"

static void
recover_migrate(struct recovery *r, struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de = recover_dom(en, j);

    if (j->given && recover_end_on_record(r, j))
        return;
    if (de == NULL) {
        recover_say(en, j, "the domain is gone");
        return;
    }
    recover_say(en, j,
                j->finish  ? "finished: it runs on %s"
                : j->given ? "%s was told to run it: whether it does is asked"
                           : "undone: it does not go to %s",
                j->host);
    migrate_resume(en, de, j);
}

void
migrate_recover_enter(struct engine *en)
{
    recover_enter(en, OP_MIGRATE, recover_migrate);
}
