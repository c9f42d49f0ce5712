#!/bin/bash
#
# lint.sh - what a reader should not have to look for. Run by `make lint`,
# which built the objects and gives the compiler's flags in LINT_FLAGS.
#
#   lint.sh               all stages; the first argument may name one
#   lint.sh --tidy FILE   clang-tidy on one file (used by the tidy stage)
#
# A stage that fails does not hide the others. clang-tidy's verdict is kept
# under $BUILD/lint by a hash of the file, of the project's headers behind it
# and of the settings: only what changed is looked at again.
# shellcheck disable=SC2317 # stages are called by name
set -u

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
cache=$build/lint
flags=${LINT_FLAGS:--std=gnu17 -D_GNU_SOURCE -I.}
flag_list=()
eval "flag_list=($flags)" # as a shell would read them

mapfile -t sources < <(find src engine ui -name '*.c' | LC_ALL=C sort)
mapfile -t headers < <(find src engine ui tests -name '*.h' | LC_ALL=C sort)
mapfile -t tests < <(find tests -name '*.c' | LC_ALL=C sort)

need()
{
	command -v "$1" >/dev/null && return
	echo "$1 is missing: run 'make deps-test'"
	return 1
}

# Succeeds if there is no output: what was found is what is wrong.
none()
{
	! grep .
}

# What clang-format and clang-tidy find is another thing in each release: the
# house is held to those of Debian 12, and elsewhere they are not asked.
llvm=14
other_release()
{
	local here

	here=$("$1" --version | sed -nE 's/.*version ([0-9]+).*/\1/p')
	[ "$here" != "$llvm" ] || return 1
	echo "not looked at: this is $1 $here, not $llvm"
}

check_format()
{
	need clang-format || return
	other_release clang-format ||
	clang-format --dry-run -Werror "${sources[@]}" "${headers[@]}" \
	    "${tests[@]}"
}

# --- clang-tidy, one file at a time
tidy_key()
{
	{
		clang-tidy --version
		cat .clang-tidy
		echo "$flags"
		clang "${flag_list[@]}" -MM "$1" 2>/dev/null |
			tr -d '\\' | tr ' ' '\n' |
			grep -E '^(src|engine|ui|tests)/' | LC_ALL=C sort -u |
			xargs sha256sum
		sha256sum "$1"
	} | sha256sum | cut -c 1-40
}

tidy_one()
{
	local file=$1 out=$cache/tidy/${1//\//_} key

	mkdir -p "$cache/tidy"
	key=$(tidy_key "$file")
	[ "$(cat "$out.ok" 2>/dev/null)" = "$key" ] && return
	rm -f "$out.ok"
	if clang-tidy --quiet "$file" -- "${flag_list[@]}" \
	    >"$out.log" 2>&1; then
		echo "$key" >"$out.ok"
		return
	fi
	sed -E '/^[0-9]+ warnings? (generated|treated)/d; /^Suppressed/d' \
	    "$out.log"
	return 1
}

check_tidy()
{
	need clang-tidy || return
	! other_release clang-tidy || return 0
	mkdir -p "$cache/tidy"
	printf '%s\0' "${sources[@]}" |
		LINT_FLAGS=$flags BUILD=$build xargs -0 -n 1 \
		    -P "${LINT_JOBS:-$(nproc)}" tests/lint.sh --tidy
}

check_cppcheck()
{
	need cppcheck || return
	mkdir -p "$cache/cppcheck"
	cppcheck --quiet -j "${LINT_JOBS:-$(nproc)}" --std=c11 -I . \
	    --cppcheck-build-dir="$cache/cppcheck" --inline-suppr \
	    --enable=warning,performance,portability --error-exitcode=1 \
	    --suppress=missingIncludeSystem \
	    --suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE \
	    "-DXENDECK_VERSION=\"\"" "-DXENDECK_DATADIR=\"\"" \
	    "${sources[@]}"
}

check_manual()
{
	need mandoc || return
	local f rc=0

	for f in man/*.[1-8]; do
		[ -e "$f" ] || continue
		# the pages name programs that are not installed here
		mandoc -T lint -W warning "$f" || rc=1
	done
	return $rc
}

# The parts of the lab are one shell: a function of one must not be that of
# another.
check_part_names()
{
	local twice

	twice=$(sed -n 's|^\. "$LAB_ROOT/\(.*\)"$|\1|p' tests/xen/all.sh |
		xargs grep -hoE '^[a-z_]+\(\)' | sort | uniq -d)
	[ -z "$twice" ] || {
		echo "tests/xen: of two parts: $twice"
		return 1
	}
}

check_scripts()
{
	check_part_names || return
	need shellcheck || return
	local list

	# Parts that others source name a shell in their first line: they are
	# looked at through those, whose variables they use.
	mapfile -t list < <(
		find tests contrib \( -name '*.sh' -o -name '*.bash' \) \
		    -exec grep -L '^# shellcheck shell=' {} +
		grep -rlE '^#!/bin/(ba)?sh' .ci tests --include='*' \
		    --exclude='*.sh' 2>/dev/null
	)
	shellcheck -x -a -S warning "${list[@]}"
}

# The service may do what a toolstack needs and no more: below 6.0 of systemd's
# own measure, which is given in tenths.
check_units()
{
	command -v systemd-analyze >/dev/null || {
		echo "not looked at: there is no systemd-analyze here"
		return
	}
	local dir rc=0

	dir=$(mktemp -d)
	sed 's|@SBIN@|/usr/sbin|' contrib/systemd/xendeck.service \
	    >"$dir/xendeck.service"
	SYSTEMD_COLORS=0 systemd-analyze security --no-pager --offline=true \
	    --threshold=59 "$dir/xendeck.service" >"$dir/said" 2>&1 || {
		rc=1
		cat "$dir/said"
	}
	rm -r "$dir"
	return $rc
}

# --- which libraries a part of the tree may see
check_libraries()
{
	{
		grep -rnE --include='*.[ch]' \
		    '# *include *<(n?curses|ncursesw|panel|term)[/.]' \
		    engine src
		grep -rnE --include='*.[ch]' \
		    '# *include *<(xen|xenctrl|xenguest|xenstore|xenevtchn|xentoollog|xencall|xengnttab|xenforeignmemory|libxl|libxlutil)[^>]*>' \
		    src engine ui |
			grep -vE '^engine/(hv/xen/|store/xs[a-z_]*\.|config/xl/)'
	} | none
}

check_rooms()
{
	BUILD=$build tests/rooms.sh
}

check_headers()
{
	local h rc=0

	for h in "${headers[@]}"; do
		printf '#include "%s"\n' "$h" |
			${CC:-cc} "${flag_list[@]}" -fsyntax-only -x c - ||
			{ echo "$h does not compile alone"; rc=1; }
	done
	return $rc
}

# Strips comments and texts, keeping the lines: what remains is code.
code()
{
	awk '{
		out = ""; s = $0
		while (length(s) > 0) {
			if (inside) {
				i = index(s, "*/")
				if (i == 0) { s = ""; break }
				s = substr(s, i + 2); inside = 0; continue
			}
			if (substr(s, 1, 2) == "/*") {
				inside = 1; s = substr(s, 3); continue
			}
			if (substr(s, 1, 2) == "//") break
			if (substr(s, 1, 3) == "\x27\"\x27") {
				s = substr(s, 4); continue
			}
			if (substr(s, 1, 1) == "\"") {
				s = substr(s, 2)
				while (length(s) > 0 && substr(s, 1, 1) != "\"")
					s = substr(s, substr(s, 1, 1) == "\\" ? 3 : 2)
				out = out "\"\""; s = substr(s, 2); continue
			}
			out = out substr(s, 1, 1); s = substr(s, 2)
		}
		print FILENAME ":" FNR ": " out
	}' "$1"
}

# The engine says nothing itself; nobody calls what cannot be bounded. Name
# services may wait for a dead server: they are asked at the engine's start, or
# in a process of its own, only.
check_calls()
{
	local f
	local start=' src/attach/peer.c engine/core/who.c engine/tls/tls_carrier.c '
	local services='(get(pw|gr)(nam|uid|gid|ent)(_r)?|getgrouplist|initgroups|getaddrinfo|gethostby[a-z_]+) *\('
	local noisy='(printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|putc|perror|dprintf) *\('
	local unbounded='(strcpy|strcat|sprintf|vsprintf|gets|system|popen|sleep|usleep|alloca|strtok) *\('

	for f in "${sources[@]}" "${headers[@]}"; do
		case $f in
		tests/*) continue ;;
		engine/*|src/base/*)
			code "$f" | grep -E \
			    "(^|[^A-Za-z0-9_])($noisy|stdout|stderr)"
			;;
		esac
		code "$f" | grep -E "(^|[^A-Za-z0-9_>.])$unbounded"
		case $start in
		*" $f "*) ;;
		*) code "$f" | grep -E "(^|[^A-Za-z0-9_>.])$services" ;;
		esac
	done | none
}

# Tables of pointers stand in .data.rel.ro: constant once relocated. A library
# that a process of its own has loaded is no state of an engine.
check_variables()
{
	local loaded='engine/tls/tls_lib.c: variable tls_lib'

	find "$build/engine" -name '*.o' 2>/dev/null | LC_ALL=C sort |
	while read -r o; do
		src=${o#"$build"/}
		[ -e "${src%.o}.c" ] || continue
		objdump -t "$o" | awk -v f="${src%.o}.c" '
			/ O / && / (\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
			!/ \.data\.rel\.ro/ { print f ": variable " $NF }'
	done | grep -vx "$loaded" | none
}

# Of tests; the others are measured with the rooms.
check_sizes()
{
	wc -l "${tests[@]}" | awk '
		$2 != "total" && $1 > 800 { print $2 ": " $1 " lines of 800" }
		' | none
}

if [ "${1:-}" = --tidy ]; then
	tidy_one "$2"
	exit
fi

rc=0 passed=0 failed=0
for stage in format libraries rooms calls variables headers sizes manual scripts \
    units cppcheck tidy; do
	[ -z "${1:-}" ] || [ "$1" = "$stage" ] || continue
	begin=$SECONDS
	if "check_$stage"; then
		echo "lint $stage: good ($((SECONDS - begin)) s)"
		passed=$((passed + 1))
	else
		echo "lint $stage: FAILED"
		failed=$((failed + 1)) rc=1
	fi
done
echo "lint: $passed passed, $failed failed"
exit $rc
