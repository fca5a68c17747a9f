#!/bin/bash
# What `state` and `list` say, in every status.

. "${0%/*}/lib.sh"

# [runtime-06] between create and start the status is created, and the process lives
test_created() {
	bundle '.' 'sleep 100'
	create
	expect_state created
	kill -0 "$(state pid)"
	expect_eq "$PID" "$(state pid)" pid
}

# [runtime-07] after start the status is running
test_running() {
	start_ok '.' 'sleep 100'
	expect_state running
	kill -0 "$(state pid)"
}

run_tests
