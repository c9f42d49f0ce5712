#!/bin/bash
#
# move-hosts.sh - the proof of migration, on two joined hosts: runs on this
# machine, gives each of them its steps (move.sh). The last line is "N passed,
# N failed".
#
#   move-hosts.sh [CASE...]   all if none is named: pv pvh xl hvm tls big deaths
#
# shellcheck disable=SC2317 # cases are called by name
set -u

here=$(cd "$(dirname "$0")" && pwd -P)
log=$(mktemp) || exit
trap 'rm -f "$log"; stop' EXIT
trap 'exit 143' HUP INT TERM
export LAB_MEM=${LAB_MEM:-2560} LAB_DOM0_MEM=${LAB_DOM0_MEM:-1300}
export LAB_TIMEOUT=${LAB_TIMEOUT:-900}

lab()
{
	local n=$1
	shift

	LAB_RUN=move$n LAB_NET=$n bash "$here/lab.sh" "$@"
}

stop()
{
	lab 1 stop
	lab 2 stop
}

# on N STEP...: what it prints has the host's number before it.
on()
{
	local n=$1
	shift

	lab "$n" "do" "$here/move.sh" "$@" </dev/null 2>&1 |
		tee -a "$log" | sed -u "s/^/host $n: /"
}

case_pv()
{
	on 1 guest mpv pv
	on 1 send mpv 2
	on 2 here mpv
	on 2 own_log mpv
	on 2 send mpv 1
	on 1 here mpv
	on 1 destroyed mpv
}

case_pvh()
{
	on 1 guest mpvh pvh
	on 1 send mpvh 2
	on 2 here mpvh
	on 2 send mpvh 1 --rounds=3
	on 1 here mpvh
	on 1 destroyed mpvh
}

# To xl, from xl; and xl alone for the times.
case_xl()
{
	on 1 guest mx pvh
	on 1 send_to_xl mx 2
	on 2 here mx
	on 2 send_by_xl mx 1
	on 1 here mx
	on 1 send_xl_xl mx 2
	on 2 here mx
	on 2 destroyed mx
}

# whole NAME: each number was said on one host, and none on both; but one that
# a move has torn in two.
whole()
{
	{ on 1 numbers "$1"; on 2 numbers "$1"; } | tee /dev/stderr | awk '
		/: torn: / { torn += $NF }
		/: numbers: / {
			for (i = 4; i <= NF; i++) {
				split($i, r, "-")
				for (n = r[1]; n <= r[2]; n++)
					seen[n]++
				if (r[2] > last)
					last = r[2] + 0
			}
		}
		END {
			for (n = 1; n <= last; n++) {
				lost += !seen[n]
				twice += seen[n] > 1
			}
			printf "%d numbers, %d lost, %d torn, %d twice\n",
			    last, lost, torn, twice
			ok = last > 0 && lost <= torn && !twice
			printf "%d passed, %d failed\n", ok, !ok
		}' | tee -a "$log"
}

case_hvm()
{
	on 1 disk mh
	on 2 disk mh
	on 1 guest mh hvm
	on 1 send mh 2
	on 2 here_hvm mh
	on 2 own_model mh
	on 2 no_incoming_logs
	whole mh
	on 1 read_for_xl mh
	on 2 send_to_xl mh 1
	on 1 here_hvm mh
	on 1 send_by_xl mh 2
	on 2 here_hvm mh
	whole mh
	on 2 own_model mh
	on 2 destroyed mh
}

# Between engines that listen, each with a certificate of its own; then one of
# them is on the other's list of those that are revoked.
case_tls()
{
	on 1 tls_up alpha beta 1
	on 2 tls_up beta alpha 2
	on 1 disk mt
	on 2 disk mt
	on 1 guest mt hvm 32
	on 1 send_by_tls mt 2
	on 2 here_hvm mt
	on 2 came_from alpha 1
	on 2 send_by_tls mt 1
	on 1 here_hvm mt
	on 1 came_from beta 2
	on 2 tls_revoke alpha
	on 1 stranger_is_refused mt 2 "the certificate 'alpha' is revoked"
	on 1 destroyed mt
	on 1 tls_down
	on 2 tls_down
}

# What both hosts are to have, and a list in which the first is revoked.
tls_make()
{
	local dir=$here/../../build/lab/tls

	rm -rf "$dir"
	bash "$here/../../contrib/tls/make-certificates.sh" -d "$dir" \
	    10.1.0.1/alpha 10.1.0.2/beta >/dev/null &&
	    bash "$here/../../contrib/tls/make-certificates.sh" -d "$dir" \
	        -r alpha >/dev/null && mv "$dir/ca.crl" "$dir/alpha.crl"
}

# More than 256 MiB, of which 24 are written all the time.
case_big()
{
	on 1 writer mb 320
	on 1 send mb 2
	on 1 moved_in_rounds mb
	on 2 here mb
	on 2 destroyed mb
}

# shellcheck source=tests/xen/deaths.sh
. "$here/deaths.sh"

tls_make || exit
lab 1 start &
lab 2 start
wait $!
on 1 net 1
on 2 net 2
on 1 joined 2
for c in "${@:-pv pvh xl hvm tls big deaths}"; do
	for one in $c; do
		"case_$one"
	done
done
on 1 as_before
on 2 as_before
awk '/^[0-9]+ passed, [0-9]+ failed$/ { ok += $1; bad += $3 }
	END { printf "%d passed, %d failed\n", ok, bad; exit bad > 0 }' "$log"
