#!/bin/bash
# Help, manual pages and completion say the same, and the shells understand them.

. "${0%/*}/lib.sh"

# The verbs, and the long options of one, as the help pages have them.
verbs() {
	"$RUNTIME" --help | sed -n '/^COMMANDS:/,/^$/s/^  \([a-z]*\) .*/\1/p' | some
}

options() {
	"$RUNTIME" "$@" --help | sed -n '/^OPTIONS/,/^$/s/^  .\{4\}--\([A-Za-z0-9-]*\).*/\1/p' | some
}

# Passes words on. None would be a help page that is not understood: a word that nothing has.
some() {
	grep . || echo nothing-in-the-help
}

# every command and every option has its place in the manual
test_manual() {
	local verb option page

	mydocker_only
	page=$(rt man)
	for verb in $(verbs); do
		expect_match "mydocker.-$verb" "$page" 'mydocker(8)'
		page_of=$(rt man "$verb")
		for option in $(options "$verb"); do
			grep -Fq -- "\\-\\-${option//-/\\-}" <<<"$page_of" || fail "man $verb: --$option is missing"
		done
	done
	for option in $(options); do
		grep -Fq -- "\\-\\-${option//-/\\-}" <<<"$page" || fail "man: --$option is missing"
	done
	capture rt man nosuch
	expect_failure
}

# every command and every option is completed in every shell
test_completion() {
	local shell verb option script

	mydocker_only
	for shell in bash zsh fish; do
		script=$(rt completion "$shell")
		for verb in $(verbs); do
			expect_match "(^|[^a-z])$verb([^a-z]|\$)" "$script" "$shell"
			for option in $(options "$verb"); do
				case $shell in
				fish) grep -q -- "from $verb' -l $option " <<<"$script" ;;
				zsh) sed -n "/^\t$verb) /,/;;/p" <<<"$script" | grep -Fq -- "'--$option[" ;;
				bash) sed -n "/^\t$verb)/,/;;\$/p" <<<"$script" | grep -Eq -- "--$option[ '|)]" ;;
				esac || fail "$shell: $verb --$option is missing"
			done
		done
	done
	rt completion bash | bash -n
	capture rt completion csh
	expect_failure
}

# completed WORD...: what bash offers for the last word
completed() {
	bash -c '
		eval "$("$1" completion bash)"
		COMP_WORDS=("${@:2}")
		COMP_WORDS[0]=$1
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_mydocker
		echo ${COMPREPLY[@]}' - "$RUNTIME" "$@"
}

# what has to be typed is offered: containers where they are, codes, shells and commands
test_candidates() {
	local shell

	mydocker_only
	bundle '.' 'sleep 100'
	start
	expect_eq 'bash' "$(completed mydocker completion ba)" bash
	expect_eq 'CONFIG_TYPE' "$(completed mydocker explain CONFIG_T)" bash
	expect_eq '' "$(completed mydocker --root "$ROOT" create "${ID:0:3}")" 'an id is to be invented'
	for shell in zsh fish; do
		command -v "$shell" >/dev/null || skip "$shell is not installed"
	done
	rt completion zsh | zsh -n
	rt completion fish >"$HERE/mydocker.fish"
	offered() {
		fish --no-config -c "source '$HERE/mydocker.fish'; function mydocker; '$RUNTIME' --root '$ROOT' \$argv; end
			complete -C 'mydocker $1'" | cut -f 1 | xargs
	}
	expect_eq 'checkpoint' "$(offered checkp)" fish
	expect_eq "$ID" "$(offered "kill ${ID:0:3}")" fish
	expect_eq 'CONFIG_TYPE' "$(offered 'explain CONFIG_T')" fish
	expect_eq '--memory' "$(offered 'run --memo')" fish
}

# bash completes commands, options, containers and files
test_bash() {
	mydocker_only
	bundle '.' 'sleep 100'
	start
	expect_eq 'pause' "$(completed mydocker --root "$ROOT" pau)" verb
	expect_eq '--console-socket --config' "$(completed mydocker create --con | tr ' ' '\n' | sort -r | xargs)" options
	expect_eq "$ID" "$(completed mydocker --root "$ROOT" kill "${ID:0:3}")" containers
	expect_eq "$BUNDLE/config.json" "$(completed mydocker create --bundle "$BUNDLE/conf")" files
	expect_eq '--log --log-format --log-level' "$(completed mydocker --log | tr ' ' '\n' | sort | xargs)" globals
}

run_tests
