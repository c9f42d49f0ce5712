/*
 * guest.c - the table of guest handlers, and the guest of a creation.
 */
#include "engine/guest/guest.h"

#include <string.h>

#include "engine/task/helper.h"

static const struct guest_type *const guest_types[] = { &guest_pv };

#define N_TYPES (sizeof(guest_types) / sizeof(guest_types[0]))

static bool
starts_image(const struct guest_type *t, const char *image)
{
    size_t i;

    for (i = 0; i < GUEST_IMAGES_MAX && t->images[i] != NULL; i++)
        if (strcmp(t->images[i], image) == 0)
            return true;
    return false;
}

/* The first kind stands for an image that no kind starts: its prepare refuses
 * the image with the line of the setting. */
const struct guest_type *
guest_type_of(const struct domain_config *c)
{
    size_t i;

    for (i = 0; i < N_TYPES; i++)
        if (starts_image(guest_types[i], c->image.type))
            return guest_types[i];
    return guest_types[0];
}

void
guest_init(struct guest *g, struct task *t, struct nodes *n,
           const struct domain_config *c)
{
    *g = (struct guest){ .type = guest_type_of(c),
                         .task = t,
                         .nodes = n,
                         .files = { .kernel_fd = -1, .ramdisk_fd = -1 } };
    n->cfg = c;
    n->type = g->type;
}

void
guest_fini(struct guest *g)
{
    helper_cancel(g->helper);
    g->helper = NULL;
    image_close(&g->files);
    buf_free(&g->cmdline);
}
