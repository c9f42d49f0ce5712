#!/bin/sh
#
# pictures.sh - draws the pictures of the documentation from the program's
# real screen (test_pictures.c): docs/screen-list.svg, docs/screen-console.svg.
set -eu

cd "$(dirname "$0")/../.."
build=${BUILD:-build}

mkdir -p docs
${MAKE:-make} --no-print-directory BUILD="$build" \
    "$build/tests/screen/test_pictures" "$build/tests/minikernel"
BUILD=$build PICTURES=docs LC_ALL=C.UTF-8 "$build/tests/screen/test_pictures"
ls -l docs/screen-*.svg
