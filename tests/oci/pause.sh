#!/bin/bash
# pause and resume: the whole container stops where it is, and goes on.

. "${0%/*}/lib.sh"

COUNTING='i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done'

lines() {
	wc -l <"$HERE/log"
}

has_lines() {
	(($(lines) >= $1))
}

# [runtime-09] pause stops every process, and resume lets them go on
test_pause() {
	local paused

	start_ok . "$COUNTING"
	wait_for has_lines 2
	rt pause "$ID"
	expect_state paused
	paused=$(lines)
	sleep 0.3
	expect_eq "$paused" "$(lines)" 'lines while it is paused'
	rt resume "$ID"
	expect_state running
	wait_for has_lines $((paused + 2))
}

# a paused container cannot be paused again, nor a running one resumed
test_twice() {
	start_ok . 'sleep 1001'
	capture rt resume "$ID"
	expect_failure
	expect_match 'container not paused' "$ERR"
	rt pause "$ID"
	runtime_differs runc 'it pauses a paused container'
	capture rt pause "$ID"
	expect_failure
	expect_state paused
}

# a container that is not started can be paused; it cannot be started then
test_created() {
	bundle . 'echo hello'
	create
	rt pause "$ID"
	expect_state paused
	capture rt start "$ID"
	runtime_differs runc 'its start waits'
	expect_failure
	expect_match 'cannot start a paused container' "$ERR"
	rt resume "$ID"
	expect_state created
	rt start "$ID"
	wait_for is_status stopped
	expect_log hello
}

# what has ended can be neither paused nor resumed
test_stopped() {
	start_ok . true
	wait_for is_status stopped
	capture rt pause "$ID"
	expect_failure
	expect_match 'container not running' "$ERR"
	capture rt resume "$ID"
	expect_failure
	expect_match 'container not paused' "$ERR"
}

# no process enters a paused container
test_exec() {
	start_ok . 'sleep 1001'
	rt pause "$ID"
	capture rt exec "$ID" true
	expect_failure
	expect_match 'cannot exec in a paused container' "$ERR"
	rt resume "$ID"
	rt exec "$ID" true
}

# KILL ends a paused container at once
test_kill() {
	start_ok . "$COUNTING"
	rt pause "$ID"
	rt kill "$ID" KILL
	wait_for is_status stopped
	rt delete "$ID"
}

# another signal is delivered when the container goes on
test_signal() {
	start_ok . "trap 'echo caught; exit' TERM; echo ready; while :; do sleep 0.02; done"
	wait_for logged ready
	rt pause "$ID"
	rt kill "$ID" TERM
	expect_state paused
	rt resume "$ID"
	wait_for is_status stopped
	expect_match caught "$(<"$HERE/log")"
}

# a paused container is deleted only by force
test_delete() {
	remember
	start_ok . "$COUNTING"
	rt pause "$ID"
	capture rt delete "$ID"
	expect_failure
	expect_state paused
	rt delete --force "$ID"
	expect_unknown
	expect_nothing_left
}

# the record says what is true
test_record() {
	mydocker_only
	start_ok . 'sleep 1001'
	rt pause "$ID"
	expect_eq paused "$(jq -r .status "$ROOT/$ID/config.json")" 'status of the record'
	rt resume "$ID"
	expect_eq running "$(jq -r .status "$ROOT/$ID/config.json")" 'status of the record'
}

# a container that is not there cannot be paused
test_unknown() {
	capture rt pause nobody
	expect_failure
	expect_match 'does not exist' "$ERR"
}

run_tests
