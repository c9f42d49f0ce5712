# shellcheck shell=bash
#
# deaths.sh - a domain is sent to and fro between two hosts; on each way one
# process is killed, or the cable pulled, in one phase of it. Afterwards the
# domain runs and counts on exactly one host, and the other has nothing of it.
# Sourced by move-hosts.sh. DEATHS_ONLY takes some of the rows, DEATHS_S begins
# none after so many seconds; DEATHS_KIND is the domain's, hvm unless told
# otherwise: only that has a device model.
# shellcheck disable=SC2154 # from there

# SIDE PHASE VICTIM DELAY: the phases as the engines' records name them.
deaths_rows='from give engine 0
to take engine 0
from stream engine 1
to build engine 1
from give transport 0
to offer engine 0
from stream transport 1
to build transport 1
from ready engine 0
to model engine 0.5
from stream helper 1
to build helper 1
from give cable 0
from stream model 1
to start engine 0
from ready transport 0
to take transport 0
from end engine 0
to record engine 0
from ask engine 0.3
to memory engine 0
from connect engine 0
to model model 1
from stream cable 1
from connect transport 0
to model transport 0.5
from ready cable 0
to memory transport 0
from ask transport 0.1
to offer transport 0
from ready model 0
to offer model 0
from give model 0
to take model 0
to take cable 0'

# Those of the kind of guest that are asked for.
deaths_asked()
{
	grep -E "${DEATHS_ONLY:-.}" <<<"$deaths_rows" |
	    if [ "${DEATHS_KIND:-hvm}" = hvm ]; then cat; else grep -v model; fi
}

deaths_runs=0 deaths_good=0 deaths_owner=

# The domain, where there is none.
deaths_make()
{
	on 1 guest mk "${DEATHS_KIND:-hvm}" "${DEATHS_MIB:-32}"
	deaths_owner=1
}

# deaths_strike SIDE PHASE VICTIM DELAY
deaths_strike()
{
	local side=$1 owner=$deaths_owner other=$((3 - deaths_owner))
	shift

	if [ "$side" = from ]; then
		on "$owner" go mk "$other" "$@"
		return
	fi
	on "$other" lie_in_wait mk "$@" &
	sleep 2
	on "$owner" go mk "$other"
	wait
}

# deaths_judge FILE VICTIM: where it is, by what both hosts say; sets
# deaths_owner (empty: on none) and deaths_word.
deaths_judge()
{
	local on1 on2

	on1=$(sed -n 's/^host 1: after: //p' "$1")
	on2=$(sed -n 's/^host 2: after: //p' "$1")
	deaths_owner=
	case $on1/$on2 in
	"running counts none/none still none")
		deaths_owner=1 deaths_word="lives on host 1" ;;
	"none still none/running counts none")
		deaths_owner=2 deaths_word="lives on host 2" ;;
	"none still none/none still none")
		deaths_word="is on no host" ;;
	*) deaths_word="WRONG: host 1 $on1, host 2 $on2" ;;
	esac
}

# A domain whose device model was killed may end by that; by nothing else.
deaths_are_right()
{
	[ -n "$deaths_owner" ] ||
	    { [ "$1" = model ] && [ "$deaths_word" = "is on no host" ]; }
}

deaths_one()
{
	local began=$SECONDS from=$deaths_owner said=$deaths_dir/one

	{ on 1 since & on 2 since; wait; } >/dev/null
	deaths_strike "$@" >"$said"
	{ on 1 after mk & on 2 after mk; wait; } >>"$said"
	deaths_judge "$said" "$3"
	deaths_runs=$((deaths_runs + 1))
	cat "$said" >>"$deaths_dir/all"
	if deaths_are_right "$3" && grep -q 'journal:' "$said"; then
		deaths_good=$((deaths_good + 1))
	else
		cat "$said"
	fi
	printf 'death %-4s %-8s %-10s %s: from host %s, %s (%d s)\n' "$1" \
	    "$2" "$3" "$(grep -o 'struck: nobody\|there is none' "$said" |
	    head -n 1)" "$from" "$deaths_word" $((SECONDS - began)) |
	    tee -a "$deaths_dir/table"
	[ -n "$deaths_owner" ] || deaths_clear
}

# What is left of it would be in the way of the next.
deaths_clear()
{
	on 1 cleared mk
	on 2 cleared mk
	deaths_make
}

case_deaths()
{
	local row

	deaths_dir=$here/../../build/lab/deaths
	rm -rf "$deaths_dir"
	mkdir -p "$deaths_dir"
	on 1 disk mk
	on 2 disk mk
	deaths_make
	while read -r row; do
		[ "$SECONDS" -lt "${DEATHS_S:-10000}" ] || break
		# shellcheck disable=SC2086 # words of it
		deaths_one $row
	done < <(deaths_asked)
	on "$deaths_owner" destroyed mk
	echo "$deaths_good of $deaths_runs: on exactly one host"
	echo "$deaths_good passed, $((deaths_runs - deaths_good)) failed" |
	    tee -a "$log"
}
