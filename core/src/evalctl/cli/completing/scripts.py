"""What is sourced into a shell: a function that asks `evalctl __complete` at each TAB.

The answer is only ever read line by line into variables; nothing of it is evaluated. A command that
was typed with a path is asked itself, as it may be the evalctl of another environment.
"""

from __future__ import annotations

BASH = r"""# Completion of evalctl for bash; `evalctl completion --help` says where this belongs.
_evalctl_complete() {
    local program=evalctl answer line
    [[ $1 == */* ]] && program=${1/#\~\//$HOME/}
    line=${COMP_LINE:0:COMP_POINT}
    answer=$(command "$program" __complete bash "$line" "$2" </dev/null 2>/dev/null)
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done <<<"${answer#*$'\n'}"
    [[ $answer == *$'\n'* ]] || COMPREPLY=()
    [[ $(type -t compopt) == builtin ]] || return 0
    case ${answer%%$'\n'*} in
        files*) ;;
        folders*) compopt +o default -o dirnames ;;
        *) compopt +o default ;;
    esac
    case ${answer%%$'\n'*} in
        *joined) compopt -o nospace ;;
    esac
}

complete -o nosort -o default -F _evalctl_complete evalctl 2>/dev/null ||
    complete -o default -F _evalctl_complete evalctl
"""

ZSH = r"""#compdef evalctl
# Completion of evalctl for zsh; `evalctl completion --help` says where this belongs.
_evalctl() {
    local program=evalctl line value before='' tab=$'\t' fallback
    local -a typed answer whole whole_shown open open_shown
    [[ $words[1] == */* ]] && program=${${(Q)words[1]}/#\~\//$HOME/}
    (( CURRENT > 2 )) && typed=("${(@Q)words[2,CURRENT-1]}")
    line=$(command "$program" __complete zsh "${(Q)PREFIX}" "${(@)typed}" </dev/null 2>/dev/null)
    answer=("${(@f)line}")
    fallback=$answer[1]
    shift answer
    [[ $PREFIX == --*=* ]] && compset -P 1 '*='
    for line in "${(@)answer}"; do
        value=${line%%$tab*}
        line=${line/$tab/  -- }
        if [[ $value == *[/:=] ]]; then
            open+=("$value")
            open_shown+=("${line%  -- }")
        else
            whole+=("$value")
            whole_shown+=("${line%  -- }")
        fi
    done
    if (( $#whole + $#open )); then
        (( $#whole )) && compadd -l -V evalctl -d whole_shown -a -- whole
        (( $#open )) && compadd -l -V evalctl -S '' -d open_shown -a -- open
        return 0
    fi
    case $fallback in
        files) _files ;;
        folders) _files -/ ;;
        *) return 1 ;;
    esac
}

if [[ $funcstack[1] == _evalctl ]]; then
    _evalctl "$@"
else
    compdef _evalctl evalctl
fi
"""

FISH = r"""# Completion of evalctl for fish; `evalctl completion --help` says where this belongs.
function __evalctl_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l program evalctl
    if string match -q '*/*' -- $typed[1]
        set program (string replace -r '^~/' "$HOME/" -- $typed[1])
    end
    command -q $program; or return
    set -l answer (command $program __complete fish "$current" $typed[2..-1] </dev/null 2>/dev/null)
    set -l fallback $answer[1]
    set -e answer[1]
    if set -q answer[1]
        printf '%s\n' $answer
        return
    end
    set -l before (string match -r '^--[^=]*=' -- "$current")
    set -l path (string replace -r '^--[^=]*=' '' -- "$current")
    switch "$fallback"
        case files
            printf '%s\n' "$before"(__fish_complete_path "$path")
        case folders
            printf '%s\n' "$before"(__fish_complete_directories "$path" '')
    end
end

complete --command evalctl --no-files --keep-order --arguments '(__evalctl_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""By the name of the shell."""
