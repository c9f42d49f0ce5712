/*
 * file_limit.h - a disk that is full, for tests: the limit of a file's size.
 * SIGXFSZ must be ignored.
 */
#ifndef XENDECK_TESTS_FILE_LIMIT_H
#define XENDECK_TESTS_FILE_LIMIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

/* RLIM_INFINITY: none. */
static inline void
limit_file_size(rlim_t bytes)
{
    struct rlimit rl;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &rl), 0);
    rl.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &rl), 0);
}

#endif
