/*
 * fuzz_fast.c - output that the terminal writes itself against the same output
 * through libvterm alone: cells, cursor, attributes, scrollback and answers
 * are compared after each piece.
 */
#include <locale.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/term_twin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    twins_play(data, n);
    return 0;
}
