# bash completion for wcmp(1). Nothing that a passphrase protects is completed: names of keys and contacts are not looked up.
_wcmp() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local general="--home --socket --passphrase-file --json --help"
    local command="" group="" i
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${COMP_WORDS[i]} in
            --home | --socket | --passphrase-file | --to | --from | --days | --output) ((++i)) ;;
            -*) ;;
            *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; elif [[ -z $group ]]; then group=${COMP_WORDS[i]}; fi ;;
        esac
    done
    local words=""
    case $previous in
        --home) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --socket | --passphrase-file | --output) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --days) mapfile -t COMPREPLY < <(compgen -W "7 28 56 168" -- "$current"); return ;;
        --to | --from) return ;;
    esac
    case $command in
        "") words="key contact send inbox read delete watch status clock drives drive sync store inspect --version $general" ;;
        key) [[ -z $group ]] && words="new list show $general" || words=$general ;;
        contact) [[ -z $group ]] && words="add list remove $general" || words=$general ;;
        drive) [[ -z $group ]] && words="init sync release tidy $general" || words=$general ;;
        clock) [[ -z $group ]] && words="set $general" || words="--yes $general" ;;
        store) [[ -z $group ]] && words="check stats compact export $general" || words=$general ;;
        send) words="--to --from --days --anonymous --large --output $general" ;;
        inbox) words="--sent --offline $general" ;;
        drives) words="--follow --notify $general" ;;
        read) words="--output $general" ;;
        *) words=$general ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    [[ $current == -* ]] && return
    case $command/$group in
        send/* | inspect/*) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
        sync/* | drive/init | drive/tidy | store/*) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current") ;;
    esac
}
complete -o filenames -F _wcmp wcmp
