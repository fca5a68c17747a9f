#!/bin/bash
# Every flag that a caller of runc or crun may use, in every form: each is known to its verb. What they do is tested elsewhere.

. "${0%/*}/lib.sh"

# VERB (- for what stands before it), FLAG, LETTER or -, what it takes: b nothing, v a value. runc's and crun's whole sets.
FLAGS='
- debug - b
- log - v
- log-format - v
- log-level - v
- root - v
- systemd-cgroup - b
- cgroup-manager - v
- rootless - v
- version v b
- V V b
create bundle b v
create console-socket - v
create pidfd-socket - v
create pid-file - v
create no-pivot - b
create no-new-keyring - b
create no-subreaper - b
create preserve-fds - v
create config f v
run bundle b v
run console-socket - v
run pidfd-socket - v
run detach d b
run keep - b
run pid-file - v
run no-subreaper - b
run no-pivot - b
run no-new-keyring - b
run preserve-fds - v
run config f v
kill all a b
kill regex r b
delete force f b
delete regex r b
exec console-socket - v
exec pidfd-socket - v
exec cwd w v
exec env e v
exec tty t b
exec user u v
exec additional-gids g v
exec process p v
exec detach d b
exec pid-file - v
exec process-label - v
exec apparmor - v
exec no-new-privs - b
exec cap c v
exec preserve-fds - v
exec cgroup - v
exec ignore-paused - b
list format f v
list quiet q b
ps format f v
events interval - v
events stats - b
update resources r v
update blkio-weight - v
update cpu-period - v
update cpu-quota - v
update cpu-burst - v
update cpu-share - v
update cpu-rt-period - v
update cpu-rt-runtime - v
update cpuset-cpus - v
update cpuset-mems - v
update kernel-memory - v
update kernel-memory-tcp - v
update memory - v
update cpu-idle - v
update memory-reservation - v
update memory-swap - v
update pids-limit - v
update l3-cache-schema - v
update mem-bw-schema - v
checkpoint image-path - v
checkpoint work-path - v
checkpoint parent-path - v
checkpoint leave-running - b
checkpoint tcp-established - b
checkpoint tcp-skip-in-flight - b
checkpoint link-remap - b
checkpoint ext-unix-sk - b
checkpoint shell-job - b
checkpoint lazy-pages - b
checkpoint status-fd - v
checkpoint page-server - v
checkpoint file-locks - b
checkpoint pre-dump - b
checkpoint manage-cgroups-mode - v
checkpoint empty-ns - v
checkpoint auto-dedup - b
checkpoint network-lock - v
restore console-socket - v
restore image-path - v
restore work-path - v
restore tcp-established - b
restore ext-unix-sk - b
restore shell-job - b
restore file-locks - b
restore manage-cgroups-mode - v
restore bundle b v
restore detach d b
restore pid-file - v
restore no-subreaper - b
restore no-pivot - b
restore empty-ns - v
restore auto-dedup - b
restore lazy-pages - b
restore lsm-profile - v
restore lsm-mount-context - v
restore tcp-close - b
restore network-lock - v
spec bundle b v
spec rootless - b
spec file f v
completion shell s v
'

# each NAME: calls it with VERB FLAG LETTER KIND for each row, all that is wrong is printed
each_flag() {
	local verb flag letter kind wrong=0

	cd "$HERE" # where --log finds a place for what it is called
	while read -r verb flag letter kind; do
		[ -z "$verb" ] || "$1" "$verb" "$flag" "$letter" "$kind" || wrong=1
	done <<<"$FLAGS"
	return $wrong
}

# Whether these words are understood: then the complaint is about what stands behind them.
understood() {
	local verb=$1

	[ "$verb" != - ] || verb=
	# shellcheck disable=SC2086
	capture "$RUNTIME" $verb "${@:2}" --no-such-option
	[[ $STATUS == 1 && $ERR == *'flag provided but not defined: -no-such-option'* ]] && return
	echo "$*: $STATUS $ERR"
	return 1
}

forms() {
	local verb=$1 flag=$2 letter=$3 kind=$4 wrong=0 form

	if [ "$kind" = b ]; then
		for form in "--$flag" "-$flag" "--$flag=true" "-$flag=false" "--$flag=1" "--$flag=F"; do
			understood "$verb" "$form" || wrong=1
		done
		[ "$letter" = - ] || understood "$verb" "-$letter" || wrong=1
		[ "$letter" = - ] || understood "$verb" "-$letter=false" || wrong=1
		return $wrong
	fi
	understood "$verb" "--$flag=x y" || wrong=1
	understood "$verb" "-$flag=" || wrong=1
	understood "$verb" "--$flag" 'x y' || wrong=1
	understood "$verb" "-$flag" -x || wrong=1
	[ "$letter" = - ] || understood "$verb" "-$letter" x || wrong=1
	[ "$letter" = - ] || understood "$verb" "-$letter=x" || wrong=1
	[ "$letter" = - ] || understood "$verb" "-${letter}x" || wrong=1
	return $wrong
}

# --f v, --f=v, -f v, -long, --f=false, and letters
test_forms() {
	mydocker_only
	each_flag forms
}

refusals() {
	local verb=$1 flag=$2 kind=$4

	[ "$verb" != - ] || verb=
	if [ "$kind" = b ]; then
		# shellcheck disable=SC2086
		capture "$RUNTIME" $verb "--$flag=perhaps"
		[[ $STATUS == 1 && $ERR == *"invalid boolean value \"perhaps\" for -$flag"* ]] && return
	else
		# shellcheck disable=SC2086
		capture "$RUNTIME" $verb "--$flag"
		[[ $STATUS == 1 && $ERR == *"flag needs an argument: -$flag"* ]] && return
	fi
	echo "$*: $STATUS $ERR"
	return 1
}

# a value that is missing, or is no boolean, is refused in Go's words, with exit status 1
test_refusals() {
	mydocker_only
	each_flag refusals
}

in_help() {
	local option="--$2"

	[ "$3" = - ] || option="-$3, $option"
	if [ "$1" = - ]; then
		capture "$RUNTIME" --help
	else
		capture "$RUNTIME" "$1" --help
	fi
	grep -q -- "^ *$option " <<<"$OUT" && return
	echo "help $1: no $option"
	return 1
}

# help names each of them, with its letter
test_help() {
	mydocker_only
	each_flag in_help
}

# the program's name is what it was called by: in help, version, messages and the log of a service
test_called_by() {
	mydocker_only
	mkdir "$HERE/bin"
	ln -s "$RUNTIME" "$HERE/bin/runc"
	for words in --help 'create --help' --version; do
		# shellcheck disable=SC2086
		expect_match '^ *runc ' "$("$HERE/bin/runc" $words)"
	done
	for words in 'state nosuch' 'create --nosuch' nosuch; do
		# shellcheck disable=SC2086
		capture "$HERE/bin/runc" --root "$ROOT" $words
		expect_match '^runc: ' "$ERR"
		expect_no_match mydocker "$ERR"
	done
}

run_tests
