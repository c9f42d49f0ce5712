#!/bin/bash
#
# rooms.sh - holds the tree to the list of rooms in tests/rooms.txt: nothing
# includes a header of a room above its own, no object takes a symbol that a
# room above defines, and files, headers and folders stay small. Run by
# tests/lint.sh after the objects were built.
#
#   rooms.sh        prints the figures; fails if one is over its limit
#   rooms.sh -v     prints each finding as well
set -u

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
list=tests/rooms.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
verbose=${1:-}

mapfile -t sources < <(find src engine ui -name '*.c' | LC_ALL=C sort)
mapfile -t headers < <(find src engine ui -name '*.h' | LC_ALL=C sort)

# awk functions: height(FILE) is the line of its room in the list, from 1.
# shellcheck disable=SC2016 # for awk
rooms='
function load_rooms(list,    l, f) {
	while ((getline l < list) > 0) {
		if (split(l, f, " ") >= 2 && f[1] == "room") {
			room[++n_rooms] = f[2]
			rank[f[2]] = n_rooms
		}
	}
	close(list)
}
function room_of(file,    d) {
	for (d = file; sub(/\/[^\/]*$/, "", d); )
		if (d in rank)
			return d
	return ""
}
function height(file,    r) { r = room_of(file); return r == "" ? 0 : rank[r] }
'

excused()
{
	grep -qE "^$1 $2( |\$)" "$list"
}

# --- includes of rooms above
find_includes()
{
	grep -HoE '^ *# *include *"[^"]+"' "${sources[@]}" "${headers[@]}" |
		sed -E 's/ *# *include *"([^"]+)"/ \1/; s/: / /' |
		awk -v list=$list "$rooms"'
		BEGIN { load_rooms(list) }
		height($1) == 0 { print $1 ": lies in no room"; next }
		height($2) > height($1) { print $1 ": includes " $2 }'
}

# --- what was not built cannot be looked at
find_objects()
{
	local f
	for f in "${sources[@]}"; do
		[ -e "$build/${f%.c}.o" ] || echo "$f: was not built"
		[ -e "$build/${f%.c}.d" ] ||
			echo "$f: what it includes is not known"
	done
}

# --- symbols of rooms above
symbols()
{
	local f
	for f in "${sources[@]}"; do
		[ -e "$build/${f%.c}.o" ] || continue
		nm -P "$build/${f%.c}.o" | awk -v f="$f" '
			$2 ~ /^[TDBRVW]$/ { print "D", $1, f }
			$2 == "U" { print "U", $1, f }'
	done
}

find_symbols()
{
	awk -v list=$list "$rooms"'
		BEGIN { load_rooms(list) }
		$1 == "D" { def[$2] = $3 }
		$1 == "U" { use[++n] = $2; by[n] = $3 }
		END {
			for (i = 1; i <= n; i++)
				if (use[i] in def &&
				    height(def[use[i]]) > height(by[i]))
					print by[i] ": takes " use[i] " of " \
					    def[use[i]]
		}' "$work/symbols"
}

# Pairs of rooms that reach each other, over however many rooms between.
find_circles()
{
	awk -v list=$list "$rooms"'
		BEGIN { load_rooms(list) }
		$1 == "D" { def[$2] = room_of($3) }
		$1 == "U" { use[++n] = $2; by[n] = room_of($3) }
		END {
			for (i = 1; i <= n; i++)
				if (use[i] in def && def[use[i]] != by[i])
					to[by[i], def[use[i]]] = 1
			for (k = 1; k <= n_rooms; k++)
				for (i = 1; i <= n_rooms; i++)
					for (j = 1; j <= n_rooms; j++)
						if (((room[i], room[k]) in to) &&
						    ((room[k], room[j]) in to))
							to[room[i], room[j]] = 1
			for (i = 1; i <= n_rooms; i++)
				for (j = i + 1; j <= n_rooms; j++)
					if (((room[i], room[j]) in to) &&
					    ((room[j], room[i]) in to))
						print room[i] " and " room[j] \
						    " use each other"
		}' "$work/symbols"
}

# --- sizes
find_sizes()
{
	wc -l "${sources[@]}" "${headers[@]}" |
		awk '$2 != "total" && $1 > 600 { print $2, $1 }' |
	while read -r f n; do
		excused size "$f" || echo "$f: $n lines of 600"
	done
}

# A declaration that ends at the margin of a header.
functions()
{
	sed -E 's|/\*.*\*/||; /^ *\/\*/,/\*\//d' "$1" | tr '\n' ' ' |
		sed -E 's/__attribute__ *\(\([^;]*\)\)//g; s/;/;\n/g' |
		grep -cE '^[^={}]*[A-Za-z_0-9] *\([^*].*\) *;$'
}

find_headers()
{
	local f n
	for f in "${headers[@]}"; do
		n=$(functions "$f")
		[ "$n" -le 15 ] || excused functions "$f" ||
			echo "$f: $n functions of 15"
	done
}

find_folders()
{
	printf '%s\n' "${sources[@]}" | sed 's|/[^/]*$||' | sort | uniq -c |
		awk '$1 > 15 { print $2, $1 }' |
	while read -r d n; do
		excused files "$d" || echo "$d: $n files of 15"
	done
}

# --- kinds and drivers named where a handler or a driver should be asked
find_kinds()
{
	grep -nE 'strcmp\([^,()]*kind, *"|strcmp\("[a-z]+", *[^,()]*kind\)' \
	    "${sources[@]}"
	grep -nE '"(vbd|vif|vfb|vkbd|pci|qdisk)"' "${sources[@]}" |
		grep -vE '^engine/(config|sim|device/(vbd|vif|vfb|vkbd|pci/))'
	grep -nE '\bDOM_(PV|PVH|HVM)\b' "${sources[@]}" |
		grep -vE '^engine/((model|config|hv/xen|sim)/|guest/guest\.c)'
	grep -nE '\bif \(!?(sim|en->sim|[a-z]+->en->sim)\b|engine_sim\(' \
	    "${sources[@]}" | grep -vE '^engine/(sim|core)/'
}

# --- struct engine from inside: by what each object was made of
find_engine()
{
	local f
	for f in "${sources[@]}"; do
		case $f in engine/core/*) continue ;; esac
		grep -qs 'engine/core/engine_int\.h' "$build/${f%.c}.d" &&
			echo "$f: sees the inside of struct engine"
	done
}

# --- names that stand twice: of functions, also static ones, and of files
find_names()
{
	grep -HoE '^[a-z_][a-z_0-9]*\(' "${sources[@]}" | sort -u |
		awk -F: '{ in_files[$2] = in_files[$2] " " $1; n[$2]++ }
		END { for (f in n) if (n[f] > 1) print f ")" in_files[f] }'
	find src engine ui tests -name '*.[ch]' | sed 's|.*/||' | sort | uniq -d |
		sed 's/$/: a name of two files/'
}

# --- HACKING's table of the layout
find_words()
{
	sed -n '/^## Layout/,/^## /p' HACKING.md | grep '^|' |
		cut -d'|' -f2 | grep -oE '`[^`]+`' | tr -d '`' |
	while read -r w; do
		[ -e "$w" ] || echo "HACKING.md: there is no $w"
	done
}

# --- each room stands there, by its own name or that of a header in it
find_rows()
{
	sed -n '/^## Layout/,/^## /p' HACKING.md | grep '^|' |
		grep -oE '`[^`]+`' | tr -d '`' >"$work/rows"
	awk '$1 == "room" { print $2 }' $list |
	while read -r r; do
		grep -qE "^$r/([^/]*[.]h)?$" "$work/rows" ||
			echo "HACKING.md: the layout does not have $r"
	done
}

# --- files that comments name: NAME.c and NAME.h must be there, those of Xen's
# public headers (xen/...) excepted; "see NAME.h" is a header that is included
find_comments()
{
	find src engine ui tests -name '*.[ch]' | LC_ALL=C sort >"$work/files"
	xargs awk -v files="$work/files" '
		BEGIN {
			word = "[A-Za-z_][A-Za-z0-9_./-]*[.][ch]"
			while ((getline f < files) > 0) {
				do
					there[f] = 1
				while (sub(/^[^\/]*\//, "", f))
			}
		}
		function look(text,    w) {
			while (match(text, word)) {
				w = substr(text, RSTART, RLENGTH)
				text = substr(text, RSTART + RLENGTH)
				if (text !~ /^[A-Za-z0-9_]/ && !(w in there) &&
				    w !~ /^xen\//)
					print FILENAME ":" FNR ": there is no " w
			}
		}
		function close_file() {
			if (see != "" && !(see in has))
				print name ": says \"see " see \
				    "\" and does not include it"
			see = ""
			split("", has)
		}
		FNR == 1 { close_file(); inside = 0; name = FILENAME }
		/^ *# *include/ {
			n = split($0, part, /["<>\/]/)
			has[part[n - 1]] = 1
			next
		}
		FNR <= 3 && match($0, /- see [a-z_0-9]+[.]h/) {
			see = substr($0, RSTART + 6, RLENGTH - 6)
		}
		{
			s = $0
			while (s != "") {
				if (inside) {
					i = index(s, "*/")
					look(i ? substr(s, 1, i - 1) : s)
					if (!i) break
					s = substr(s, i + 2); inside = 0
					continue
				}
				i = index(s, "/*")
				if (!i) break
				s = substr(s, i + 2); inside = 1
			}
		}
		END { close_file() }' <"$work/files"
}

# --- include guards: XENDECK_, words of the path, the name of the file, _H; and
# each of one header
find_guards()
{
	find src engine ui tests -name '*.h' | LC_ALL=C sort |
		xargs grep -Hm1 '^#ifndef ' | awk -F'(:#ifndef )' '
		{
			path = toupper($1)
			sub(/[.]H$/, "", path)
			n = split(path, part, "/")
			stem = part[n] "_H"
			guard = $2
			if (guard in of)
				print $1 ": " guard " is also the guard of " of[guard]
			of[guard] = $1
			bad = substr(guard, 1, 8) != "XENDECK_" ||
			    substr(guard, length(guard) - length(stem) + 1) != stem
			rest = substr(guard, 9, length(guard) - length(stem) - 8)
			gsub(/[\/_]/, " ", path)
			m = split(rest, word, "_")
			for (i = 1; i <= m; i++)
				if (word[i] != "" &&
				    index(" " path " ", " " word[i] " ") == 0)
					bad = 1
			if (bad)
				print $1 ": its guard is " guard
		}'
}

symbols >"$work/symbols"
rc=0
for what in includes symbols circles sizes headers folders kinds engine \
    objects names words rows comments guards; do
	"find_$what" >"$work/found"
	n=$(wc -l <"$work/found")
	limit=$(awk -v w="$what" '$1 == "limit" && $2 == w { print $3 }' $list)
	echo "rooms: $what $n (at most ${limit:-0})"
	if [ "$n" -gt "${limit:-0}" ]; then
		rc=1
		cat "$work/found"
	elif [ -n "$verbose" ]; then
		cat "$work/found"
	fi
done
echo "rooms: exceptions $(grep -cE '^(size|functions|files) ' $list) of 5"
[ "$(grep -cE '^(size|functions|files) ' $list)" -le 5 ] || rc=1
exit $rc
