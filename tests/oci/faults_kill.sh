#!/bin/bash
# Every verb, or a process that it makes, is killed at each of its system calls.

. "${0%/*}/faults.sh"

# create is killed at each system call of its own and of the gate
test_create() {
	bundle '.' 'exec sleep 100'
	sweep_all create 2 KILL
}

# the same with hooks, limits, seccomp and a default cgroup
test_create_rich() {
	rich 'exec sleep 100'
	sweep_all create 2 KILL
}

# the same with a user namespace
test_create_user() {
	with_users 'exec sleep 100'
	sweep_all create 3 KILL
}

# start, and the gate behind its door
test_start() {
	bundle '.' 'exec sleep 100'
	sweep_all start 2 KILL
}

# exec in the foreground and in the background
test_exec() {
	bundle '.' 'exec sleep 100'
	sweep_all exec 2 KILL
	sweep_all exec_detached 2 KILL
}

# delete, with and without --force; kill, with and without --all
test_delete_kill() {
	bundle '.' 'exec sleep 100'
	for scene in delete delete_force kill kill_all; do
		sweep_all $scene 1 KILL
	done
}

# run in the foreground
test_run() {
	bundle '.' 'echo ran; exit 7'
	sweep_all run 2 KILL
}

# run in the background: the caller, the monitor, the gate
test_run_detached() {
	bundle '.' 'echo ran; exit 7'
	sweep_all run_detached 3 KILL
}

# monitor, and the one that it starts
test_monitor() {
	bundle '.' 'until [ -e /go ]; do sleep 0.02; done; exit 7'
	sweep_all monitor 2 KILL
}

# update, pause, resume
test_changes() {
	bundle '.' 'exec sleep 100'
	for scene in update pause resume; do
		sweep_all $scene 1 KILL
	done
}

run_tests
