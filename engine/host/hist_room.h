/*
 * hist_room.h - the histories of all domains, for the table of domains and its
 * statistics tick. Front ends read them by history.h.
 */
#ifndef XENDECK_ENGINE_HIST_ROOM_H
#define XENDECK_ENGINE_HIST_ROOM_H

struct engine;
struct dom_entry;

/* Records the sample of this tick; the statistics are fresh. */
void history_tick(struct engine *en);
/* de leaves the table: one of ours is kept under its uuid, for the next life.
 * Takes de->hist. */
void history_gone(struct engine *en, struct dom_entry *de);
void history_free(struct engine *en);

#endif
