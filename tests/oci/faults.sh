#!/bin/bash
# create is killed at every one of its system calls; then `delete --force` leaves nothing.
#
#   FAULTS=N    every Nth system call only (default 1: all of them)

. "${0%/*}/lib.sh"

# killed_at K: create killed at its Kth system call; false when it ended before
killed_at() {
	"$TOOLS/killat" "$1" "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" >"$HERE/killed" 2>&1 </dev/null
}

# after the kill, delete --force succeeds and nothing is left
sweep() {
	local call=$1 bad=0

	while killed_at "$call"; do
		capture rt delete --force "$ID"
		if [ "$STATUS" != 0 ]; then
			echo "killed at call $call: delete --force: $STATUS $ERR"
			bad=1
		elif ! nothing_left; then
			echo "$(<"$HERE/killed"): $(left_over)"
			bad=1
			# Clean up by hand, so that the next calls are judged for themselves.
			kill -KILL -1 2>/dev/null || :
			find /sys/fs/cgroup -depth -type d -path "*$ID*" -exec rmdir {} + || :
			rm -rf "${ROOT:?}/$ID"
		fi
		call=$((call + ${FAULTS:-1}))
	done
	rt delete --force "$ID"
	echo "killed at $call calls"
	return $bad
}

# create is killed at each system call
test_create() {
	runtime_differs runc 'it leaves cgroups'
	bundle
	remember
	sweep 1
}

# create is killed at each system call, with hooks, limits, devices and a default cgroup
test_create_rich() {
	runtime_differs runc 'it leaves cgroups'
	bundle 'del(.linux.cgroupsPath) | .hooks.createRuntime = [{"path": "/bin/true"}] | .hooks.createContainer = [{"path": "/bin/true"}]
		| .linux.resources.memory = {"limit": 100000000} | .linux.resources.pids = {"limit": 10}
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}'
	remember
	sweep 1
}

run_tests
