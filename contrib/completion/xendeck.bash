# bash completion for xendeck. Verbs and domains are asked of the program, so
# that they cannot go stale.

_xendeck_domains()
{
    local sim
    for sim in "${COMP_WORDS[@]}"; do
        [[ $sim == --sim* ]] && { xendeck "$sim" -e list 2>/dev/null |
            awk 'NR > 1 { print $1 }'; return; }
    done
    xendeck -e list 2>/dev/null | awk 'NR > 1 { print $1 }'
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

# The text of -e is one word to bash: the verb, then its first argument.
_xendeck_line()
{
    local line=${1#[\'\"]} verb

    verb=${line%% *}
    if [[ $line != *' '* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_xendeck_verbs)" -- "$line")
        return
    fi
    if [[ $line == *' --format '* ]]; then
        mapfile -t COMPREPLY < <(compgen -P "${line%--format *}--format " \
            -W 'conf xl sxp json' -- "${line##*--format }")
        return
    fi
    case $verb in
    start)
        mapfile -t COMPREPLY < <(compgen -P "$verb " -f \
            -W "$(_xendeck_domains)" -- "${line#* }") ;;
    create | define | check | convert)
        mapfile -t COMPREPLY < <(compgen -P "$verb " -f -- "${line#* }") ;;
    help)
        mapfile -t COMPREPLY < <(compgen -P "$verb " \
            -W "$(_xendeck_verbs)" -- "${line#* }") ;;
    *)
        mapfile -t COMPREPLY < <(compgen -P "$verb " \
            -W "$(_xendeck_domains)" -- "${line#* }") ;;
    esac
}

_xendeck()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

    COMPREPLY=()
    case $prev in
    -e | --execute)
        _xendeck_line "$cur" ;;
    -f | --file | --config | --log)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    --theme)
        mapfile -t COMPREPLY < <(compgen -W "$(_xendeck_themes)" -- "$cur") ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W '--sim --sim= --sim-fault
            --execute --file --headless --read-only --theme --delay --no-color
            --no-unicode --config --log --version --help -e -f -d -C -U -V
            -h' -- "$cur") ;;
    esac
}

complete -o filenames -F _xendeck xendeck
