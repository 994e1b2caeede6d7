# Bash completion of the qf tools. What follows this part is made from each tool's table of options: a line an
# option, its name and then its choices, FILE, or ARGUMENT.
# -g, since bash-completion loads this file inside a function.
declare -gA _qf_options

_qf_complete() {
    local tool=${1##*/} word=$2 previous=$3 name argument
    COMPREPLY=()
    while read -r name argument; do
        [ "$name" = "$previous" ] || continue
        case $argument in
        FILE) COMPREPLY=($(compgen -f -- "$word")) ;;
        ARGUMENT | '') ;;
        *) COMPREPLY=($(compgen -W "$argument" -- "$word")) ;;
        esac
        [ -n "$argument" ] && return
    done <<< "${_qf_options[$tool]}"
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$(cut -d' ' -f1 <<< "${_qf_options[$tool]}")" -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}
