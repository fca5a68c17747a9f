#!/bin/bash
# events: statistics and shortages of memory, in the words that engines parse.

. "${0%/*}/lib.sh"

directory() {
	if [ -d "/sys/fs/cgroup/$1" ]; then
		echo "/sys/fs/cgroup/$1$CGROUP/$ID"
	else
		echo "/sys/fs/cgroup$CGROUP/$ID"
	fi
}

stat() {
	rt events --stats "$ID" | jq -r ".data.$1"
}

above() {
	(($(stat "$1") > $2))
}

# [engines-26] the document has the members that engines decode, with the types that they expect
test_schema() {
	runtime_differs runc 'it leaves out what is zero'
	start_ok '.linux.resources = {"memory": {"limit": 67108864}, "pids": {"limit": 30}}' 'sleep 1001'
	rt events --stats "$ID" >"$HERE/stats"
	expect_eq 1 "$(wc -l <"$HERE/stats")" lines
	expect_eq true "$(jq --arg id "$ID" '
		def count: type == "number" and . >= 0;
		.type == "stats" and .id == $id and (.data
		| (.cpu.usage | [.total, .kernel, .user] | all(count))
		and (.cpu.throttling | type == "object")
		and (.cpuset | type == "object")
		and (.memory | (.usage | [.limit, .usage, .failcnt] | all(count))
			and (.raw | length > 10 and all(count)) and (.cache | count)
			and (.swap | type == "object") and (.kernel | type == "object") and (.kernelTCP | type == "object"))
		and (.pids | [.current, .limit] | all(count))
		and (.blkio | type == "object")
		and (.hugetlb | type == "object" and all(.usage | count))
		and (.intel_rdt | type == "object") and has("network_interfaces"))' "$HERE/stats")" "$(<"$HERE/stats")"
}

# the numbers are those of the container
test_numbers() {
	runtime_differs runc 'it leaves out what is zero'
	start_ok '.linux.resources = {"memory": {"limit": 67108864}, "pids": {"limit": 30}}' \
		'sleep 1001 & sleep 1001 & probe eat 16 & i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; wait'
	expect_eq '67108864 30' "$(stat memory.usage.limit) $(stat pids.limit)" limits
	wait_for above pids.current 2
	wait_for above cpu.usage.total 1000000
	above memory.usage.usage 4096
	rt update --pids-limit -1 --memory=-1 "$ID"
	expect_eq 0 "$(stat pids.limit)" 'no limit'
	expect_match '^(9223372036854771712|18446744073709551615|9223372036854772000|18446744073709552000)$' "$(stat memory.usage.limit)" 'no limit'
}

# pressure, where the kernel counts it
test_pressure() {
	mydocker_only
	[ -e /proc/pressure/cpu ] && compgen -G '/sys/fs/cgroup/*/cpu.pressure' >/dev/null || [ -e /sys/fs/cgroup/cpu.pressure ] ||
		skip 'the kernel counts no pressure'
	start_ok '.linux.resources.cpu = {"quota": 5000, "period": 100000}' 'while :; do :; done'
	wait_for above cpu.psi.some.total 1000
	expect_eq '["cpu","memory","blkio"]' "$(rt events --stats "$ID" | jq -c '[.data | {cpu, memory, blkio} | to_entries[] | select(.value.psi.some
		| (.avg10 | type == "number") and (.avg60 >= 0) and (.avg300 <= 100) and (.total >= 0)) | .key]')" 'who has pressure'
}

# what runc says has the same members
test_like_runc() {
	mydocker_only
	[ -d /sys/fs/cgroup/cpuacct ] || skip 'runc differs on cgroup v2'
	command -v runc >/dev/null || skip 'no runc'
	start_ok . 'sleep 1001'
	rt events --stats "$ID" | jq -r '.data | del(.hugetlb, .blkio, .memory.raw, .cpuset, .cpu.psi) | paths | map(tostring) | join(".")' | grep -v '\.[0-9]' | sort >"$HERE/ours"
	rt delete --force "$ID"
	runc --root "$ROOT.runc" run -d --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null
	runc --root "$ROOT.runc" events --stats "$ID" |
		jq -r '.data | del(.hugetlb, .blkio, .memory.raw, .cpuset, .cpu.psi) | paths | map(tostring) | join(".")' | grep -v '\.[0-9]' | sort >"$HERE/theirs"
	runc --root "$ROOT.runc" delete --force "$ID"
	expect_eq '' "$(comm -13 "$HERE/ours" "$HERE/theirs" | grep -v '^memory.*failcnt$')" 'members that only runc has'
}

events_seen() {
	(($(jq -s --arg type "$1" 'map(select(.type == $type)) | length' "$HERE/events") >= $2))
}

# statistics come again and again, until the container ends
test_interval() {
	runtime_differs runc 'it takes seconds, and does not end with the container'
	start_ok . 'sleep 1001'
	rt events --interval 50ms "$ID" >"$HERE/events" &
	wait_for events_seen stats 3
	rt kill "$ID" KILL
	wait $! || fail "events failed"
}

# Whether somebody watches for shortages: what comes before that is missed.
watching() {
	ls -l /proc/[0-9]*/fd | grep -Eq 'eventfd|memory\.events'
}

# a shortage of memory is an event
test_oom() {
	start_ok '.linux.resources.memory = {"limit": 16777216}' 'while ! [ -e /go ]; do sleep 0.02; done; probe eat 64; sleep 1001'
	[ ! -e "$(directory memory)/memory.memsw.limit_in_bytes" ] || rt update --memory-swap 16m "$ID"
	[ ! -e "$(directory memory)/memory.swap.max" ] || rt update --memory-swap 16m "$ID"
	rt events --interval 10s "$ID" >"$HERE/events" &
	wait_for watching
	touch "/proc/$PID/root/go"
	wait_for events_seen oom 1
	expect_eq "$ID" "$(jq -r 'select(.type == "oom").id' "$HERE/events" | head -n 1)" id
	rt delete --force "$ID"
	wait || :
}

# statistics come in their time, however short of memory the container is
test_oom_often() {
	start_ok '.linux.resources.memory = {"limit": 16777216, "swap": 16777216}' 'while :; do probe eat 64; done'
	rt events --interval 2s "$ID" >"$HERE/events" &
	wait_for events_seen oom 5
	wait_for events_seen stats 2
	rt delete --force "$ID"
	wait || :
}

# what has ended has no statistics
test_stopped() {
	start_ok . true
	wait_for is_status stopped
	capture rt events --stats "$ID"
	expect_failure
	expect_match 'not running' "$ERR"
}

# nonsense is refused
test_words() {
	mydocker_only
	start_ok . 'sleep 1001'
	capture rt events --interval soon "$ID"
	expect_failure
	capture rt events --interval 0s "$ID"
	expect_failure
}

run_tests
