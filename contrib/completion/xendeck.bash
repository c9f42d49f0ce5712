# bash completion for xendeck. Verbs and domains are asked of the program, so
# that they cannot go stale. The names of domains may come from other tools, or
# from whoever may name a domain: they are data, which no shell may read as a
# program. So nothing here goes through `compgen -W', which expands its words,
# and a name that a shell would have to quote is not offered.

# _xendeck_offer FRONT BEGIN: adds the words of standard input, one a line, that
# begin so; FRONT is put before each.
_xendeck_offer()
{
    local word

    while IFS= read -r word; do
        [[ $word =~ ^[A-Za-z0-9._+=/@-]+$ && $word == "$2"* ]] &&
            COMPREPLY+=("$1$word")
    done
}

# _xendeck_files FRONT BEGIN: the same with files.
_xendeck_files()
{
    local file

    while IFS= read -r file; do
        [[ $1 && -d $file ]] && file+=/ # bash sees no file in a line
        COMPREPLY+=("$1$file")
    done < <(compgen -f -- "$2")
}

# _xendeck_asked LINE: what the program knows for the last word of LINE: names,
# devices, numbers of operations, files. No engine is started for a key press.
_xendeck_asked()
{
    local sim ask="complete '${1//\'/\'\\\'\'}'"

    for sim in "${COMP_WORDS[@]}"; do
        [[ $sim == --sim* ]] && { xendeck "$sim" -e "$ask" 2>/dev/null; return; }
    done
    xendeck --running -e "$ask" 2>/dev/null
}

_xendeck_verbs()
{
    xendeck -e help 2>/dev/null | awk '{ print $1 }'
}

_xendeck_themes()
{
    local dir file

    for dir in "${XDG_CONFIG_HOME:-$HOME/.config}/xendeck/themes" \
        /usr/local/share/xendeck/themes /usr/share/xendeck/themes; do
        for file in "$dir"/*.theme; do
            [[ -e $file ]] && file=${file##*/} && echo "${file%.theme}"
        done
    done
}

# The text of -e is one word to bash: a verb and its arguments. Bash would close
# the quote behind the only candidate; where the line goes on behind it (a verb, a
# folder), a second one, longer by a blank, keeps it open.
_xendeck_keep_open()
{
    [[ ${#COMPREPLY[@]} == 1 ]] &&
        COMPREPLY=("${COMPREPLY[0]}$1" "${COMPREPLY[0]}$1 ")
}

_xendeck_line()
{
    local line=${1#[\'\"]} quoted='' front last

    [[ $1 == [\'\"]* ]] && quoted=yes
    if [[ $line != *' '* ]]; then
        _xendeck_offer '' "$line" < <(_xendeck_verbs)
        [[ $quoted ]] && _xendeck_keep_open ' '
        return
    fi
    front="${line% *} "
    last=${line##* }
    case ${line%% *} in
    help)
        _xendeck_offer "$front" "$last" < <(_xendeck_verbs) ;;
    start)
        _xendeck_files "$front" "$last"
        _xendeck_offer "$front" "$last" < <(_xendeck_asked "$line") ;;
    create | define | check | convert)
        case $front in
        *'--format ')
            _xendeck_offer "$front" "$last" < <(printf '%s\n' conf xl sxp json) ;;
        *)
            _xendeck_files "$front" "$last" ;;
        esac ;;
    *)
        _xendeck_offer "$front" "$last" < <(_xendeck_asked "$line") ;;
    esac
    [[ $quoted && ${COMPREPLY[0]} == */ ]] && _xendeck_keep_open ''
}

_xendeck()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

    COMPREPLY=()
    case $prev in
    -e | --execute)
        _xendeck_line "$cur" ;;
    -f | --file | --config | --log | --socket)
        _xendeck_files '' "$cur" ;;
    --theme)
        _xendeck_offer '' "$cur" < <(_xendeck_themes) ;;
    *)
        _xendeck_offer '' "$cur" < <(printf '%s\n' --sim --sim= \
            --sim-fault --execute --file --attach --foreground --headless \
            --replace --running --socket --read-only --theme \
            --delay --no-color --no-unicode --config --log --version --help \
            -e -f -d -C -U -V -h) ;;
    esac
}

complete -o filenames -F _xendeck xendeck
