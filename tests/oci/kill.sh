#!/bin/bash
# kill: which signals, whom they reach, when it is refused.

. "${0%/*}/lib.sh"

# A program that says which signal it got.
TRAPS='for s in HUP INT USR1 USR2 TERM; do trap "echo got $s" $s; done; echo ready; while :; do sleep 0.05; done'

# [runtime-59] the signal by number, by name, with and without SIG, in any case
test_spellings() {
	local spelling

	for spelling in 10 USR1 SIGUSR1 usr1 sigusr1; do
		start_ok '.' "$TRAPS"
		wait_for logged ready
		rt kill "$ID" "$spelling"
		wait_for logged 'got USR1'
		rt delete --force "$ID"
	done
}

# [runtime-59] [config-annot-06] without a signal it is TERM, whatever the image's annotation says
test_default() {
	start_ok '.annotations = {"org.opencontainers.image.stopSignal": "SIGUSR2"}' "$TRAPS"
	wait_for logged ready
	rt kill "$ID"
	wait_for logged 'got TERM'
}

# [runtime-59] realtime signals by name
test_realtime() {
	start_ok '.' 'trap "echo got it" 35; echo ready; while :; do sleep 0.05; done'
	wait_for logged ready
	runtime_differs runc 'it does not know their names'
	rt kill "$ID" SIGRTMIN+1
	wait_for logged 'got it'
}

# [runtime-59] KILL ends a created container
test_kill_created() {
	bundle '.' 'sleep 100'
	create
	rt kill "$ID" KILL
	wait_for is_status stopped
	rt delete "$ID"
}

# an unknown signal is refused and nothing is sent
test_unknown_signal() {
	local signal

	start_ok '.' 'sleep 100'
	for signal in NOSUCH 9x -9 65 99999999999; do
		capture rt kill "$ID" "$signal"
		((STATUS)) || fail "took '$signal'"
	done
	expect_state running
}

# [runtime-57] [runtime-58] a stopped container cannot be signalled, in the words that engines know
test_stopped() {
	start_ok '.' 'true'
	wait_for is_status stopped
	capture rt kill "$ID" TERM
	expect_failure
	expect_match 'container not running' "$ERR" stderr
	expect_state stopped
}

# [runtime-58] who is stopped for state cannot be signalled either, not even in the moment in which it ends
test_ending() {
	local i

	bundle '.' 'exec true'
	for i in {1..60}; do
		rt create --bundle "$BUNDLE" "$ID-$i" </dev/null >"$HERE/log" 2>&1
		rt start "$ID-$i"
		until [ "$(rt state "$ID-$i" | jq -r .status)" = stopped ]; do :; done
		capture rt kill "$ID-$i" KILL
		expect_failure
		rt delete "$ID-$i"
	done
}

# [runtime-56] [runtime-58] an unknown container, or none
test_unknown() {
	capture rt kill nosuch TERM
	expect_failure
	expect_match 'does not exist' "$ERR" stderr
	capture rt kill
	expect_failure
}

# kill reaches the first process only
test_first_process_only() {
	start_ok '.' 'sh -c "trap \"echo child\" USR1; while :; do sleep 0.05; done" & trap "echo first" USR1
		echo ready; while :; do sleep 0.05; done'
	wait_for logged ready
	rt kill "$ID" USR1
	wait_for logged first
	expect_no_match child "$(<"$HERE/log")" log
}

# kill --all reaches every process of the container
test_all() {
	start_ok '.' 'sh -c "trap \"echo child\" USR1; echo c; while :; do sleep 0.05; done" & trap "echo first" USR1
		echo ready; while :; do sleep 0.05; done'
	wait_for logged ready
	wait_for logged '^c$'
	rt kill --all "$ID" USR1
	wait_for logged first
	wait_for logged child
}

# [runtime-59] KILL of a container without its own pid namespace ends all of its processes
test_shared_pid_namespace() {
	start_ok '.linux.namespaces |= map(select(.type != "pid"))' 'sleep 1001 & sleep 1002 & sleep 1003'
	wait_for pgrep -f '^sleep 1002$'
	rt kill "$ID" KILL
	wait_for is_status stopped
	runtime_differs runc 'this version needs --all'
	wait_for eval '! pgrep -f "^sleep 100[12]$"'
	rt delete "$ID"
}

run_tests
