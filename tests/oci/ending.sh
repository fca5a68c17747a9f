#!/bin/bash
# The end of a container, for a person: wait, stop, rm.

. "${0%/*}/lib.sh"

detached() {
	rt run -d --bundle "$BUNDLE" "$@" "$ID" >"$HERE/id" 2>&1 </dev/null
}

# wait prints the exit code and ends with it: before, during and after the end
test_wait() {
	local waiter

	mydocker_only
	bundle '.' 'read line </go; exit 7'
	mkfifo "$BUNDLE/rootfs/go"
	detached
	"$RUNTIME" --root "$ROOT" wait "$ID" >"$HERE/during" &
	waiter=$!
	wait_for grep -q . "/proc/$waiter/wchan"
	echo >"$BUNDLE/rootfs/go"
	STATUS=0
	wait $waiter || STATUS=$?
	expect_status 7
	expect_eq 7 "$(<"$HERE/during")" 'what wait printed'
	capture rt wait "$ID"
	expect_status 7
	expect_out 7
}

# every exit code is told as it was
test_wait_codes() {
	local code

	mydocker_only
	bundle 'del(.linux.cgroupsPath)' 'exit $CODE'
	for code in {0..255}; do
		rt run -d -e CODE="$code" --bundle "$BUNDLE" >>"$HERE/ids" </dev/null
	done
	# shellcheck disable=SC2046
	capture rt wait $(<"$HERE/ids")
	expect_eq "$(seq 0 255)" "$OUT" codes
}

# every signal that ends a program is told as 128 + N, with whether there was a core
test_wait_signals() {
	local signals signal

	mydocker_only
	# all but those that are ignored, stop or continue; and the two that the C library keeps
	signals=$(seq 1 64 | grep -vxE '17|18|19|20|21|22|23|28|32|33')
	bundle 'del(.linux.cgroupsPath) | .linux.namespaces |= map(select(.type != "pid"))
		| .process.rlimits = [{type: "RLIMIT_CORE", hard: 0, soft: 0}] | .process.args = ["sleep", "100"]'
	for signal in $signals; do
		rt run -d --bundle "$BUNDLE" "$ID-$signal" >/dev/null </dev/null
		rt kill "$ID-$signal" "$signal"
	done
	# shellcheck disable=SC2046
	capture rt wait $(printf "$ID-%s " $signals)
	expect_eq "$(for signal in $signals; do echo $((128 + signal)); done)" "$OUT" codes
	wait_for test -e "$ROOT/$ID-6/exit.json"
	expect_eq '6 false false' "$(jq -r '"\(.signal) \(.coreDumped) \(.oomKilled)"' "$ROOT/$ID-6/exit.json")" 'exit.json'
}

# memory_bundle SCRIPT: with so little memory that `tail /dev/zero` is killed
memory_bundle() {
	bundle '.linux.resources.memory = {limit: 16777216, swap: 16777216}' "$1"
	ended_by=''
	detached
	rt wait "$ID" || :
	wait_for test -e "$ROOT/$ID/exit.json"
	ended_by=$(jq -r '"\(.exitCode) \(.oomKilled) \(.oomKills > 0)"' "$ROOT/$ID/exit.json")
}

# another process that has got the pid of a container that has ended is never taken for it
test_pid_reused() {
	local pid other

	mydocker_only
	[ "$(printf '%s\n' 6.14 "$(uname -r)" | sort -V | head -n 1)" = 6.14 ] || skip 'pid_max is the whole host'"'"'s before Linux 6.14'
	bundle '.' 'sleep 0.2; exit 3'
	# the smallest numbers are not given out again: go beyond them
	until sleep 0 & (($! > 300)); do :; done
	echo 450 >/proc/sys/kernel/pid_max
	detached
	pid=$(jq .init "$ROOT/$ID/config.json")
	capture rt wait "$ID"
	expect_status 3
	wait_for test -e "$ROOT/$ID/exit.json"
	rm "$ROOT/$ID/exit.json" # what is known without it
	wait_for eval '! test -e "/proc/$pid"'
	for _ in {1..1000}; do
		sleep 1000 &
		other=$!
		[ $other = "$pid" ] && break
		kill -KILL $other
		wait $other 2>/dev/null || :
	done
	expect_eq "$pid" $other 'the pid of the other process'
	expect_state stopped
	capture rt kill "$ID" KILL
	expect_match 'container not running' "$ERR"
	capture rt wait "$ID"
	expect_out unknown
	rt ps "$ID" >/dev/null
	rt rm --force "$ID"
	kill -0 "$pid" || fail 'it was killed'
	echo 32768 >/proc/sys/kernel/pid_max
}

# exit.json tells a program that was killed for want of memory from one whose child was
test_oom() {
	mydocker_only
	memory_bundle 'exec tail /dev/zero'
	expect_eq '137 true true' "$ended_by" 'the program itself'
	rt rm "$ID"
	memory_bundle 'tail /dev/zero; exit 3'
	expect_eq '3 false true' "$ended_by" 'a child'
	rt rm "$ID"
	memory_bundle 'exit 137'
	expect_eq '137 false false' "$ended_by" 'nobody'
}

# a program that is killed later is not the one that memory was short for, and events tell when it was
test_oom_earlier() {
	mydocker_only
	rt events --no-stream
	bundle '.linux.resources.memory = {limit: 16777216, swap: 16777216}' 'tail /dev/zero; echo over; sleep 100'
	detached
	wait_for eval 'rt logs "$ID" | grep -q over'
	wait_for eval 'rt events --no-stream --since 1h | grep -q "\"oom\""'
	expect_state running
	sleep 1.2
	rt stop --time 0 "$ID"
	rt wait "$ID" || :
	wait_for test -e "$ROOT/$ID/exit.json"
	expect_eq '137 false' "$(jq -r '"\(.exitCode) \(.oomKilled)"' "$ROOT/$ID/exit.json")" 'exit.json'
	expect_eq 'oom exit' "$(rt events --no-stream --since 1h | jq -r 'select(.type | test("oom|exit")).type' | uniq | xargs)" events
	rm "$ROOT/.events"
}

# wait tells the signal that ended the program as 128 + N
test_wait_signal() {
	mydocker_only
	bundle '.process.args = ["sleep", "100"]'
	detached
	rt kill "$ID" KILL
	capture rt wait "$ID"
	expect_status 137
	expect_out 137
}

# a container without a monitor: who waits before the end knows, who comes later is told "unknown"
test_wait_without_monitor() {
	local waiter

	mydocker_only
	needs_linux 6.15
	bundle '.' 'trap "exit 5" TERM; while :; do sleep 0.02; done'
	start
	"$RUNTIME" --root "$ROOT" wait "$ID" >"$HERE/during" &
	waiter=$!
	wait_for eval 'ls -l /proc/'$waiter'/fd | grep -q pidfd'
	rt kill "$ID" TERM
	STATUS=0
	wait $waiter || STATUS=$?
	expect_status 5
	wait_for is_status stopped
	capture rt wait "$ID"
	expect_status 1
	expect_out unknown
	expect_match 'not known' "$ERR"
}

# Whether the container's process is a child of another.
is_child_of() {
	[ "$(ps -o ppid= "$(state pid)" | tr -d ' ')" = "$1" ]
}

# a zombie that nobody reaps tells its status
test_wait_zombie() {
	mydocker_only
	bundle '.' 'exit 3'
	# the parent that gets the container goes to sleep without waiting for anybody
	"$TOOLS/unreaping" "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" >"$HERE/log" 2>&1 </dev/null &
	wait_for is_child_of $!
	rt start "$ID"
	capture rt wait "$ID"
	expect_status 3
}

# wait --timeout gives up, and says so
test_wait_timeout() {
	mydocker_only
	bundle '.' 'sleep 100'
	detached
	capture rt wait --timeout 50ms "$ID"
	expect_status 1
	expect_out ''
	expect_match 'has not ended in time' "$ERR"
	expect_state running
	capture rt wait --timeout 5x "$ID"
	expect_status 1
	expect_match 'duration' "$ERR"
}

# wait of several prints their codes in order
test_wait_several() {
	mydocker_only
	bundle '.' 'exit 4'
	detached
	edit '.process.args = ["sleep", "100"] | .linux.cgroupsPath += "-b"'
	rt run -d --bundle "$BUNDLE" "$ID-b" >/dev/null
	"$RUNTIME" --root "$ROOT" wait "$ID-b" "$ID" >"$HERE/codes" &
	rt kill "$ID-b" KILL
	wait $!
	expect_eq $'137\n4' "$(<"$HERE/codes")" codes
}

# a hundred waiters are all told
test_wait_hundred() {
	local i

	mydocker_only
	bundle '.' 'read line </go; exit 9'
	mkfifo "$BUNDLE/rootfs/go"
	detached
	for i in {1..100}; do
		"$RUNTIME" --root "$ROOT" wait "$ID" >>"$HERE/codes" &
	done
	sleep 0.2
	echo >"$BUNDLE/rootfs/go"
	wait_for eval '[ "$(grep -cx 9 "$HERE/codes")" = 100 ]'
}

# a clock that is set forward and back ends no waiting, loses no output and confuses no time limit
test_clock_step() {
	local now waiter follower

	mydocker_only
	[ -n "${CLOCK_IS_OURS-}" ] || skip 'the clock is not ours to set: see make vm'
	bundle '.' 'i=0; while read line; do i=$((i + 1)); echo "line $i"; done </go; exit 6'
	mkfifo "$BUNDLE/rootfs/go"
	exec 9<>"$BUNDLE/rootfs/go"
	detached
	"$RUNTIME" --root "$ROOT" wait --timeout 1h "$ID" >"$HERE/code" 9>&- &
	waiter=$!
	"$RUNTIME" --root "$ROOT" logs -f "$ID" >"$HERE/followed" 9>&- &
	follower=$!
	wait_for eval 'ls -l /proc/'$follower'/fd | grep -q inotify'
	now=$(date +%s)
	for step in 0 7200 -7200 0; do
		date -s "@$((now + step))" >/dev/null
		echo go >&9
		wait_for eval '[ "$(tail -n 1 "$HERE/followed")" = "$(rt logs --tail 1 "$ID")" ]'
		capture rt exec --timeout 1h "$ID" true
		expect_status 0
		kill -0 $waiter || fail 'the waiter has given up'
	done
	exec 9>&-
	wait $waiter || :
	wait $follower
	date -s "@$((now + 5))" >/dev/null
	expect_eq 6 "$(<"$HERE/code")" code
	expect_eq "$(printf 'line %s\n' 1 2 3 4)" "$(<"$HERE/followed")" 'what was followed'
	expect_eq "$(printf 'line %s\n' 1 2 3 4)" "$(rt logs "$ID")" log
	expect_state stopped
}

# stop lets the program end by itself
test_stop_gently() {
	mydocker_only
	bundle '.' 'trap "echo gently; exit 0" TERM; echo ready; while :; do sleep 0.02; done'
	detached
	wait_for eval 'rt logs "$ID" | grep -q ready'
	capture rt stop "$ID"
	expect_status 0
	expect_out ''
	expect_state stopped
	expect_match gently "$(rt logs "$ID")"
	capture rt stop "$ID"
	expect_status 0
}

# stop kills what has not ended when the grace is over
test_stop_kills() {
	mydocker_only
	bundle '.' 'trap "" TERM; echo ready; while :; do sleep 0.02; done'
	detached
	wait_for eval 'rt logs "$ID" | grep -q ready'
	capture rt stop --time 100ms "$ID"
	expect_status 0
	expect_state stopped
	capture rt wait "$ID"
	expect_status 137
}

left_behind() {
	pgrep -f 'sleep 4321'
}

# stop kills what the first process leaves behind in a shared pid namespace
test_stop_leftovers() {
	mydocker_only
	bundle '.' 'sleep 4321 & echo ready; wait'
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	detached
	wait_for eval 'rt logs "$ID" | grep -q ready'
	rt stop "$ID"
	wait_for eval '! left_behind'
}

# stop asks with --signal, or with the image's signal
test_stop_signal() {
	mydocker_only
	bundle '.annotations["org.opencontainers.image.stopSignal"] = "SIGUSR1"' \
		'trap "exit 21" USR1; trap "exit 22" USR2; echo ready; while :; do sleep 0.02; done'
	detached
	wait_for eval 'rt logs "$ID" | grep -q ready'
	rt stop "$ID"
	capture rt wait "$ID"
	expect_status 21
	rt rm "$ID"
	detached
	wait_for eval 'rt logs "$ID" | grep -q ready'
	rt stop --signal USR2 "$ID"
	capture rt wait "$ID"
	expect_status 22
	capture rt stop --signal NOSUCH "$ID"
	expect_status 1
	expect_match 'unknown signal "NOSUCH"' "$ERR"
}

# stop ends a container whose program was never started
test_stop_created() {
	mydocker_only
	bundle '.' 'sleep 100'
	create
	rt stop "$ID"
	expect_state stopped
}

# rm refuses a running container and says what to do; -f removes it
test_rm() {
	mydocker_only
	bundle '.' 'sleep 100'
	remember
	detached
	capture rt rm "$ID"
	expect_status 1
	expect_match 'cannot remove container .* not stopped: running; stop it first' "$ERR"
	expect_state running
	rt stop --time 0 "$ID"
	rt rm "$ID"
	expect_unknown
	detached
	rt rm -f "$ID" "$ID-nosuch"
	expect_unknown
	expect_nothing_left
}

# a person may shorten an id that run has invented, never a name
test_short_id() {
	local id

	mydocker_only
	bundle '.' 'echo ready; exit 3'
	id=$(rt run -d --bundle "$BUNDLE")
	capture rt wait "${id:0:6}"
	expect_status 3
	wait_for eval 'rt logs "${id:0:6}" | grep -q ready'
	expect_eq '' "$(rt stats --no-stream "${id:0:6}" | sed 1d)" 'stats of what has ended'
	capture rt delete "${id:0:6}"
	expect_failure
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	capture rt wait "${ID%?}"
	expect_failure
	expect_match 'does not exist' "$ERR"
	rt rm "${id:0:6}"
	capture rt state "$id"
	expect_failure
}

# events tells what happens to all containers, also what was before
test_events() {
	local types

	mydocker_only
	rt events >"$HERE/live" &
	wait_for test -e "$ROOT/.events"
	bundle '.' 'sleep 100'
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	rt exec "$ID" true
	rt pause "$ID"
	rt resume "$ID"
	rt stop --time 0 "$ID"
	wait_for test -e "$ROOT/$ID/exit.json"
	rt rm "$ID"
	types='create start exec pause resume exit delete'
	wait_for eval '[ "$(jq -r .type "$HERE/live" | xargs)" = "$types" ]'
	expect_eq "$types" "$(rt events --no-stream --since 1h | jq -r .type | xargs)" 'what was'
	expect_eq "137 9 $ID" "$(jq -r 'select(.type == "exit") | "\(.exitCode) \(.signal) \(.id)"' "$ROOT/.events")" exit
	expect_eq mydocker.event/1 "$(jq -r .schema "$ROOT/.events" | sort -u)" schema
	expect_eq '' "$(rt events --no-stream)" 'nothing new'
	rm "$ROOT/.events"
}

# no event is lost when many containers are quick
test_events_many() {
	local i

	mydocker_only
	bundle 'del(.linux.cgroupsPath)' 'true'
	rt events --no-stream
	for i in {1..40}; do
		rt run --bundle "$BUNDLE" "$ID-$i" </dev/null &
		((i % 4)) || wait
	done
	wait
	expect_eq '160 40' "$(wc -l <"$ROOT/.events") $(grep -c '"type":"exit"' "$ROOT/.events")" events
	expect_eq 160 "$(jq -c . "$ROOT/.events" | wc -l)" 'whole lines'
	rm "$ROOT/.events"
}

run_tests
