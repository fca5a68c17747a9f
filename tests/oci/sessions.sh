#!/bin/bash
# Sessions: commands of exec in a cgroup of their own, listed and killed as a whole.

. "${0%/*}/lib.sh"

# The container's cgroup of version 2, as its processes see it from the host.
own_cgroup() {
	sed -n 's/^0:://p' "/proc/$PID/cgroup"
}

unified() {
	awk '$9 == "cgroup2" || $8 == "cgroup2" { print $5; exit }' /proc/self/mountinfo
}

begin() {
	mydocker_only
	[ -n "$(unified)" ] || skip 'there is no cgroup of version 2'
	start_ok "$@"
}

sessions() {
	rt exec --format json ls "$ID" | jq -r '.sessions[] | "\(.session) \(.command)"'
}

# exec --leaf runs in a cgroup of its own below the container's, which goes with the command
test_leaf() {
	local directory

	begin '.' 'sleep 100'
	directory=$(unified)$(own_cgroup)
	mkfifo "$BUNDLE/rootfs/go"
	rt exec --leaf "$ID" sh -c 'echo in >/started; read line </go' </dev/null &
	wait_for test -s "$BUNDLE/rootfs/started"
	expect_eq 1 "$(wc -l <"$directory/exec-1/cgroup.procs")" 'processes in it'
	expect_eq mydocker.sessions/1 "$(rt exec --format json ls "$ID" | jq -r .schema)" schema
	echo >"$BUNDLE/rootfs/go"
	wait $!
	[ ! -e "$directory/exec-1" ] || fail 'the cgroup is left'
	expect_eq '' "$(sessions)" sessions
	capture rt exec --leaf "$ID" sh -c 'exit 7'
	expect_status 7
	[ ! -e "$directory/exec-1" ] || fail 'the cgroup is left'
}

# exec -d --leaf prints the session's number; exec ls shows what runs, and delete removes it all
test_list() {
	remember
	begin '.' 'sleep 100'
	rt exec -d --leaf "$ID" sleep 4321 >"$HERE/numbers"
	rt exec -d --leaf "$ID" sh -c 'sleep 4323 & exec sleep 4322' >>"$HERE/numbers"
	expect_eq $'1\n2' "$(<"$HERE/numbers")" numbers
	wait_for eval '[ "$(rt exec --format json ls "$ID" | jq ".sessions[1].pids | length")" = 2 ]'
	expect_eq $'1 sleep 4321\n2 sleep 4322' "$(sessions)" sessions
	capture rt exec ls "$ID"
	expect_match '^SESSION +PID +PIDS +ELAPSED +COMMAND$' "$(head -n 1 <<<"$OUT")"
	expect_match '^2 +[0-9]+ +2 +00:00:[0-9]{2} +sleep 4322$' "$(tail -n 1 <<<"$OUT")"
	rt delete --force "$ID"
	expect_nothing_left
}

# exec kill ends every process of a session that forks without end, and nobody else
test_kill() {
	begin '.' 'while :; do sleep 0.02; done'
	rt exec -d --leaf "$ID" sh -c 'rabbit() { rabbit & }; for i in 1 2 3 4 5 6 7 8 9; do rabbit & done; sleep 100'
	rt exec -d --leaf "$ID" sleep 4321
	wait_for eval '[ "$(rt exec --format json ls "$ID" | jq ".sessions[0].pids | length")" -gt 5 ]'
	rt exec kill "$ID" 1
	expect_eq '2 sleep 4321' "$(sessions)" 'sessions left'
	expect_state running
	wait_for eval '! rt ps "$ID" -o args | grep -q rabbit'
	capture rt exec kill "$ID" 1
	expect_status 255
	expect_match 'has no session 1; see exec ls' "$ERR"
}

# exec kill sends another signal when it is named
test_kill_signal() {
	begin '.' 'sleep 100'
	rt exec -d --leaf "$ID" sh -c 'trap "echo told >/told; exit" USR1; echo ready >/ready; while :; do sleep 0.02; done'
	wait_for test -s "$BUNDLE/rootfs/ready"
	rt exec kill "$ID" 1 USR1
	wait_for grep -q told "$BUNDLE/rootfs/told"
	wait_for eval '[ -z "$(sessions)" ]'
	for words in '1 NOSUCH' 'one'; do
		# shellcheck disable=SC2086
		capture rt exec kill "$ID" $words
		expect_status 255
	done
}

# exec --leaf --timeout kills those, too, who have left the command's session and parent
test_timeout() {
	begin '.' 'sleep 100'
	capture rt exec --leaf --timeout 300ms "$ID" sh -c '(setsid sleep 4324 &) ; sleep 4325'
	expect_status 137
	wait_for eval '[ "$(rt ps -q "$ID" | wc -l)" = 1 ]'
}

# a session outlives its command in what that has left behind
test_left_behind() {
	begin '.' 'sleep 100'
	rt exec --leaf "$ID" sh -c 'sleep 4326 & sleep 4327 & true' </dev/null >"$HERE/out" 2>&1
	expect_eq '1 sleep 4326' "$(sessions)" session
	rt exec kill "$ID" 1
	expect_eq '' "$(sessions)" sessions
}

# many at once have numbers of their own, while others are swept up
test_many() {
	local i

	begin '.' 'sleep 100'
	for i in {1..20}; do
		if ((i % 2)); then
			rt exec -d --leaf "$ID" sleep 4328 >>"$HERE/numbers" &
		else
			rt exec --leaf "$ID" true </dev/null &
		fi
		rt exec ls "$ID" >/dev/null
	done
	wait
	expect_eq 10 "$(sort -u "$HERE/numbers" | wc -l)" numbers
	expect_eq 10 "$(sessions | wc -l)" sessions
}

# an empty cgroup is swept up unless somebody is about to enter it
test_swept_up() {
	local directory

	begin '.' 'sleep 100'
	directory=$(unified)$(own_cgroup)
	mkdir "$directory/exec-1" "$directory/exec-2"
	exec 9<"$directory/exec-1"
	flock --shared 9
	expect_eq '' "$(sessions)" sessions
	[ -d "$directory/exec-1" ] || fail 'one that is held was removed'
	[ ! -d "$directory/exec-2" ] || fail 'one that is over is left'
	exec 9<&-
	expect_eq '' "$(sessions)" sessions
	[ ! -d "$directory/exec-1" ] || fail 'one that is over is left'
}

# a container that is called ls or kill is still a container
test_names() {
	begin '.' 'sleep 100'
	ID=ls
	edit '.linux.cgroupsPath += "-ls"'
	start
	expect_eq inside "$(rt exec ls echo inside </dev/null)" 'the container ls'
}

# --leaf with --cgroup, and --format without ls, are refused
test_refused() {
	begin '.' 'sleep 100'
	capture rt exec --leaf --cgroup / "$ID" true
	expect_status 1
	expect_match 'do not go together' "$ERR"
	capture rt exec --format json "$ID" true
	expect_status 255
}

# without cgroup v2 the command runs all the same, and says what it has not got
test_fallback() {
	mydocker_only
	[ "$(unified)" != /sys/fs/cgroup ] || skip 'the only hierarchy'
	[ -z "$(unified)" ] || umount "$(unified)"
	start_ok '.' 'sleep 100'
	capture rt exec --leaf "$ID" echo ran
	expect_status 0
	expect_out ran
	expect_match 'no cgroup of version 2' "$ERR"
	expect_eq '' "$(sessions)" sessions
}

run_tests
