/*
 * served.h - devices that a domain other than dom0 serves. When that domain
 * ends they are told as lost; when one of its name runs again they are attached
 * again by an operation of their own domain.
 */
#ifndef XENDECK_ENGINE_SERVED_H
#define XENDECK_ENGINE_SERVED_H

struct device;
struct engine;

void served_open(struct engine *en);
void served_close(struct engine *en);
/* A device that was attached; one that dom0 serves is none of ours. */
void served_note(const struct device *d);
/* One that was removed. */
void served_forget(const struct device *d);

#endif
