# shellcheck shell=bash
#
# words.sh - last words on real Xen: of guests that panic, of a PV and of a PVH
# kernel, of one without a root, of one whose device model is killed, and over
# the death of the engine that writes them. Needs dmdeath.sh. Sourced by all.sh.
# shellcheck disable=SC2034,SC2154 # of dmdeath.sh, from lib.sh

kept_dir=/var/lib/xendeck/postmortem

# words_are NAME TEXT: what is kept of NAME, the newest, has this.
words_are()
{
	xd "postmortem $1" | grep -q -E -e "$2"
}

words_kept()
{
	xd "postmortem --json" | python3 -c "
import json, sys
sys.exit(not any(p['name'] == '$1' and p['end'] == '$2'
                 for p in json.load(sys.stdin)))"
}

# words_of_panic NAME MORE: no pane and no client looks at its console.
words_of_panic()
{
	check "$1: create" xd "create $(xd_conf "$1" 'lab=crash:2' \
	    "on_crash = \"destroy\"; $2")"
	check "$1: it is gone" wait_for 90 xl_does_not_see "$1"
	check "$1: its last words are kept" wait_for 20 words_kept "$1" crash
	xd "postmortem $1" >"$out/words.$1.txt"
	check "$1: the panic is marked" \
	    grep -q '^> .*Kernel panic - not syncing' "$out/words.$1.txt"
	check "$1: its boot is there" \
	    grep -q 'xendeck lab guest ready' "$out/words.$1.txt"
	check "$1: its registers are there" \
	    grep -q -E '^ *ip +[0-9a-f]{8}[0-9a-f]*[1-9a-f]' "$out/words.$1.txt"
	check "$1: its vcpu is there" grep -q 'vcpu 0: ' "$out/words.$1.txt"
	check "$1: its configuration is there" \
	    grep -q "name = \"$1\"" "$out/words.$1.txt"
	check "$1: the event quotes it" events_hold \
	    "postmortem .*$1: its console says \\(panic\\): .*Kernel panic"
}

# The kernel finds no root: the second sentence says more than "panic".
words_of_no_root()
{
	local file=$work/rootless.conf

	cat >"$file" <<-END
		name = "rootless";
		memory = 192;
		image = { kernel = "$LAB_KERNEL";
		          args = "console=hvc0 root=/dev/xvda1"; };
		on_crash = "destroy";
	END
	check "rootless: create" xd "create $file"
	check "rootless: it is gone" wait_for 90 xl_does_not_see rootless
	check "rootless: its words are kept" wait_for 20 words_kept rootless crash
	check "rootless: they say that it has no root" words_are rootless \
	    '^no root: .*(root fs|root device)'
}

words_of_model()
{
	local id

	check "words of a model: create" \
	    xd "create $(dm_death_conf dmd crash)"
	id=$(domid_of dmd)
	kill -9 "$(model_pid "$id")"
	check "words of a model: they are kept" wait_for 20 \
	    words_kept dmd device-model
	check "words of a model: how it ended" words_are dmd \
	    'device-model: its device model was killed by signal 9'
	check "words of a model: destroy" xd "destroy dmd"
}

# Whatever moment it dies at, a folder is whole or none.
words_of_killed_engine()
{
	local i

	for i in 1 2 3 4 5; do
		xd "create $(xd_conf "cut$i" 'lab=crash:2' \
		    'on_crash = "destroy";')" >/dev/null 2>&1
		wait_for 60 events_hold "death .*cut$i: crash"
		sleep "0.$((i + 2))"
		kill -9 "$(engine_pid)"
		check "cut $i: another engine takes over" xd info
		check "cut $i: it reaps" wait_for 60 xl_does_not_see "cut$i"
		check "cut $i: no half folder" sh -c "! ls -d $kept_dir/.new-*"
		check "cut $i: each that is listed can be read" sh -c \
		    "'$XD' -e 'postmortem --json' </dev/null | python3 -c '
import json, os, sys
for p in json.load(sys.stdin):
    assert os.path.exists(p[\"folder\"] + \"/console\"), p'"
	done
}

words_modes()
{
	check "nobody else reads them" sh -c \
	    "! find $kept_dir -type d ! -perm 700 -o -type f ! -perm 600 |
	    grep ."
}

last_words()
{
	rm -rf "$kept_dir"
	dm_kind=pv # for dm_death_conf
	words_of_panic words ""
	words_of_panic words_h 'type = "pvh";'
	words_of_no_root
	words_of_model
	words_of_killed_engine
	words_modes
	refused "of one that is unknown" 1 'no last words of .nosuch. are kept' \
	    "postmortem nosuch"
	rm -rf "$kept_dir"
	check "no file is left of them" no_files_left
}
