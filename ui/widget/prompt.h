/*
 * prompt.h - what the owner of a front end does with its prompt.
 */
#ifndef XENDECK_UI_PROMPT_H
#define XENDECK_UI_PROMPT_H

#include "ui/widget/dialog.h"

/* Forgets the histories; the prompt was closed before. */
void prompt_fini(struct ui *ui);

#endif
