# bash completion for thpin; made by: thpin completion bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash

# The columns of the list that is named, or of all. Names are asked of the
# thpin that stands on the command line.
_thpin_list_columns()
{
	local word list='pins memory races cases rules probes'

	for word in "${line[@]:2}"; do
		case $word in
		pins|memory|races|cases|rules|probes) list=$word ;;
		esac
	done
	for word in $list; do
		"$thpin" list "$word" --list-columns 2>/dev/null
	done | cut -d' ' -f1
}

_thpin()
{
	local line=("${COMP_WORDS[@]}") at=$COMP_CWORD i own=0
	local thpin=${line[0]/#'~/'/$HOME/} current previous
	local words='' before='' list='' files=''

	# "boot ... -- SUBCOMMAND ...": a command line of its own. Of hold several.
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${line[i]} == -- ]] || continue
		[[ ${line[1]} == hold || ${line[1]} == boot && $own == 0 ]] && own=$i
	done
	if ((own)); then
		line=("$thpin" "${line[@]:own+1}")
		at=$((at - own))
	fi
	current=${line[at]} previous=${line[at-1]}
	# "--option=value" is three words.
	if [[ $current == = ]]; then
		current=
	elif [[ $previous == = ]]; then
		previous=${line[at-2]}
	fi
	if ((at == 1)); then
		words="--help --version repro report explain list inspect hold boot completion"
	else
		case ${line[1]} in
		repro)
			case $previous in
			--pin)
				words="$("$thpin" list pins -nr -o NAME 2>/dev/null)"
				list=yes
				;;
			--memory)
				words="$("$thpin" list memory -nr -o NAME 2>/dev/null)"
				list=yes
				;;
			--race)
				words="$("$thpin" list races -nr -o NAME 2>/dev/null)"
				list=yes
				;;
			--output|-o)
				words="$("$thpin" repro --list-columns 2>/dev/null | cut -d' ' -f1)"
				list=yes
				;;
			--save|-O)
				files=yes
				;;
			--color)
				words="auto always never"
				;;
			--repeat)
				words=""
				;;
			--seed)
				words=""
				;;
			--size)
				words=""
				;;
			--timeout)
				words=""
				;;
			--node)
				words=""
				;;
			--file)
				files=yes
				;;
			--trials)
				words=""
				;;
			--seconds)
				words=""
				;;
			--threads)
				words=""
				;;
			--fail-on)
				words="loss unexpected any-skip"
				;;
			--exit)
				words="bisect ktap"
				;;
			*)
				if [[ $current == -* ]]; then
					words="--all --pin --memory --race --list --output --list-columns --json --save --ktap --raw --noheadings --color --repeat --seed --size --timeout --node --file --trials --seconds --threads --counters --no-control --fail-on --exit --help"
				else
					words="$("$thpin" list cases -nr -o CASE 2>/dev/null)"
				fi
				;;
			esac
			;;
		report)
			case $previous in
			--from)
				files=yes
				;;
			--pid)
				words=""
				;;
			--save)
				files=yes
				;;
			--format)
				words="text markdown html json"
				;;
			--seed)
				words=""
				;;
			*)
				if [[ $current == -* ]]; then
					words="--from --pid --save --format --full --seed --help"
				else
					words="$("$thpin" list cases -nr -o CASE 2>/dev/null)"
				fi
				;;
			esac
			;;
		explain)
			case $previous in
			--color)
				words="auto always never"
				;;
			*)
				if [[ $current == -* ]]; then
					words="--color --help"
				else
					words="$("$thpin" list cases -nr -o CASE 2>/dev/null; "$thpin" list rules -nr -o RULE 2>/dev/null; compgen -f -X '!*.json' -- "$current")"
				fi
				;;
			esac
			;;
		list)
			case $previous in
			--output|-o)
				words="$(_thpin_list_columns)"
				list=yes
				;;
			--color)
				words="auto always never"
				;;
			*)
				if [[ $current == -* ]]; then
					words="--output --list-columns --json --raw --noheadings --color --help"
				else
					words="pins memory races cases rules probes"
				fi
				;;
			esac
			;;
		inspect)
			case $previous in
			--watch)
				words=""
				;;
			--output|-o)
				words="$({ "$thpin" inspect --list-columns; "$thpin" inspect --vmas --list-columns; } 2>/dev/null | cut -d' ' -f1)"
				list=yes
				;;
			--fail-on)
				words="hazard diverged held"
				;;
			--probe)
				words="auto bpf kcore proc"
				;;
			--color)
				words="auto always never"
				;;
			*)
				if [[ $current == -* ]]; then
					words="--all --vmas --map --watch --output --list-columns --json --raw --pairs --noheadings --bytes --full --fail-on --probe --color --help"
				fi
				;;
			esac
			;;
		hold)
			case $previous in
			--pin)
				words="$("$thpin" list pins -nr -o NAME 2>/dev/null)"
				list=yes
				;;
			--memory)
				words="$("$thpin" list memory -nr -o NAME 2>/dev/null)"
				list=yes
				;;
			--size)
				words=""
				;;
			--diverge)
				words=""
				;;
			--discard)
				words=""
				;;
			--swap)
				words=""
				;;
			--merge)
				words=""
				;;
			--node)
				words=""
				;;
			*)
				if [[ $current == -* ]]; then
					words="--pin --memory --size --diverge --discard --swap --merge --node --fork --help"
				else
					words="inspect"
				fi
				;;
			esac
			;;
		boot)
			case $previous in
			--kernel)
				files=yes
				;;
			--modules)
				files=yes
				;;
			--memory)
				words=""
				;;
			--cpus)
				words=""
				;;
			--nodes)
				words=""
				;;
			--append)
				words=""
				;;
			--device)
				words="edu"
				;;
			--disk)
				files=yes
				;;
			--accel)
				words="tcg kvm auto"
				;;
			--timeout)
				words=""
				;;
			--qemu)
				files=yes
				;;
			--keep-log)
				files=yes
				;;
			*)
				if [[ $current == -* ]]; then
					words="--kernel --modules --memory --cpus --nodes --append --device --swap --disk --accel --timeout --qemu --keep-log --verbose --help"
				else
					files=yes
				fi
				;;
			esac
			;;
		completion)
			case $previous in
			*)
				if [[ $current == -* ]]; then
					words="--help"
				else
					words="bash"
				fi
				;;
			esac
			;;
		esac
	fi
	if [[ $files ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
	fi
	# The last part of a comma-separated list, or of "+LIST".
	if [[ $list && $current == *,* ]]; then
		before=${current%,*},
	elif [[ $list && $current == +* ]]; then
		before=+
	fi
	mapfile -t COMPREPLY < <(
		compgen -P "$before" -W "$words" -- "${current#"$before"}")
} &&
complete -F _thpin thpin
