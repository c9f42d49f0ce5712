/*
 * save_recover.c - saves that a dead engine had at work: one whose file is
 * whole is finished, any other is undone, so that its guest runs on.
 */
#include <string.h>

#include "engine/life/save/save_int.h"
#include "engine/record/recover.h"

static void
drop_part(struct engine *en, const struct oplog_entry *j)
{
    struct save s = { .t = { .en = en } };
    char part[DB_FILE_MAX + 16];

    text_fmt(s.path, sizeof(s.path), "%s", j->file);
    save_part_path(&s, part, sizeof(part));
    if (j->file[0] == '/')
        file_look_remove(en, part);
}

static bool
has_suspended(const struct dom_entry *de)
{
    return (de->d.flags & DOM_F_SHUTDOWN) && de->d.reason == DOM_SUSPEND;
}

static void
recover_save(struct recovery *r, struct oplog_entry *j)
{
    struct engine *en = r->en;
    struct dom_entry *de = recover_dom(en, j);
    bool finish = j->finish && (de == NULL || has_suspended(de));

    if (j->finish && recover_end_on_record(r, j))
        return;
    if (de == NULL) {
        drop_part(en, j);
        recover_say(en, j,
                    finish ? "it had done all" : "the domain is gone: undone");
    } else if (j->finish && !finish && j->checkpoint) {
        recover_say(en, j, "it had done all");
    } else {
        recover_say(en, j, finish ? "finished" : "undone: it runs on");
        save_resume(en, de, j, !finish);
    }
}

void
save_recover_enter(struct engine *en)
{
    recover_enter(en, OP_SAVE, recover_save);
}
