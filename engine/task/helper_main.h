/*
 * helper_main.h - where the program that is re-executed as a helper lands.
 */
#ifndef XENDECK_ENGINE_HELPER_MAIN_H
#define XENDECK_ENGINE_HELPER_MAIN_H

/* main passes argv on when argv[1] is this. */
#define ENGINE_HELPER_ARG "--helper"
/* Returns the exit status. */
int engine_helper_main(int argc, char **argv);

#endif
