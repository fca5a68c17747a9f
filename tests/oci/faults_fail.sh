#!/bin/bash
# Each system call of every verb, and of the processes that it makes, fails.

. "${0%/*}/faults.sh"

ERRORS='ENOSPC EIO ENOMEM EINTR EMFILE'

# create and its gate
test_create() {
	bundle '.' 'exec sleep 100'
	sweep_all create 2 $ERRORS
}

# create with hooks, limits, seccomp and a default cgroup
test_create_rich() {
	rich 'exec sleep 100'
	sweep_all create 2 $ERRORS
}

# create with a user namespace
test_create_user() {
	with_users 'exec sleep 100'
	sweep_all create 3 $ERRORS
}

# start, and the gate behind its door
test_start() {
	bundle '.' 'exec sleep 100'
	sweep_all start 2 $ERRORS
}

# exec in the foreground and in the background
test_exec() {
	bundle '.' 'exec sleep 100'
	sweep_all exec 2 $ERRORS
	sweep_all exec_detached 2 $ERRORS
}

# delete, with and without --force; kill, with and without --all
test_delete_kill() {
	bundle '.' 'exec sleep 100'
	for scene in delete delete_force kill kill_all; do
		sweep_all $scene 1 $ERRORS
	done
}

# run in the foreground
test_run() {
	bundle '.' 'echo ran; exit 7'
	sweep_all run 2 $ERRORS
}

# run in the background: the caller, the monitor, the gate
test_run_detached() {
	bundle '.' 'echo ran; exit 7'
	sweep_all run_detached 3 $ERRORS
}

# monitor, and the one that it starts
test_monitor() {
	bundle '.' 'until [ -e /go ]; do sleep 0.02; done; exit 7'
	sweep_all monitor 2 $ERRORS
}

# update, pause, resume
test_changes() {
	bundle '.' 'exec sleep 100'
	for scene in update pause resume; do
		sweep_all $scene 1 $ERRORS
	done
}

# state, list, ps
test_readers() {
	bundle '.' 'exec sleep 100'
	for scene in state list ps; do
		sweep_all $scene 1 $ERRORS
	done
}

run_tests
