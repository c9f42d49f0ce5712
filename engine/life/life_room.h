/*
 * life_room.h - opening and closing of what begins and ends domains.
 */
#ifndef XENDECK_ENGINE_LIFE_ROOM_H
#define XENDECK_ENGINE_LIFE_ROOM_H

struct engine;

/* From here on births, ends and recovery are attended to. */
void life_open(struct engine *en);
/* Reads the definitions; the domains are listed. And follows what others
 * change. */
void life_start(struct engine *en);
void life_close(struct engine *en);

#endif
