#!/bin/bash
# --trace FILE: where the time goes, on both sides of the gate and on one clock.

. "${0%/*}/lib.sh"

# traced_run ARGUMENT...: of the bundle, with a trace
traced_run() {
	capture rt --trace "$HERE/trace" run -b "$BUNDLE" "$ID"
	expect_status 0
}

# query FILTER: of the trace, one word a line
query() {
	jq -r "$1" "$HERE/trace"
}

# the trace of a run is what Chrome reads, with laps of the host and steps of the container
test_format() {
	mydocker_only
	bundle . true
	traced_run
	expect_eq true "$(query '[.traceEvents[] | (.name | type == "string") and (.ph == "X" or .ph == "M")
		and (.pid > 0) and (.tid > 0)] | all')" 'members that every event has'
	expect_eq true "$(query '[.traceEvents[] | select(.ph == "X") | .ts > 0 and .dur >= 0 and .args.ns >= 0] | all')" times
	expect_match 'wait for the program to end' "$(query '.traceEvents[] | select(.cat == "host") | .name')" 'of the host'
	expect_eq /mounts/0 "$(query '.traceEvents | map(select(.cat == "container" and .name == "mount"))[0].args.pointer')" \
		'the place of a step in config.json'
	expect_eq 2 "$(query '.traceEvents | map(.pid) | unique | length')" processes
}

# one_clock: every step of the container lies within the run, and none begins before the one in front of it has ended
one_clock() {
	local before after

	before=$(date +%s%6N)
	traced_run
	after=$(date +%s%6N)
	expect_eq true "$(query "[.traceEvents[] | select(.ph == \"X\") | .ts >= $before and .ts + .dur <= $after] | all")" \
		'within the run'
	expect_eq true "$(query '[.traceEvents[] | select(.cat == "container")] | length > 30')" 'the steps of the container'
	expect_eq true "$(query '[.traceEvents[] | select(.cat == "container")] |
		[.[:-1], .[1:]] | transpose | map(.[0].ts + .[0].dur <= .[1].ts + 1) | all')" 'in a row'
}

# both sides tell the same time
test_clock() {
	mydocker_only
	bundle . true
	one_clock
}

# even in a time namespace, whose clocks are a year ahead
test_time_namespace() {
	mydocker_only
	bundle '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"monotonic": {"secs": 31536000}, "boottime": {"secs": 31536000}}' true
	one_clock
}

# without --trace there is no step for it, and none of its system calls
test_off() {
	mydocker_only
	bundle . true
	capture rt create --dry-run -b "$BUNDLE" "$ID"
	expect_no_match 'gate  trace' "$OUT" 'plan without --trace'
	capture rt --trace "$HERE/trace" create --dry-run -b "$BUNDLE" "$ID"
	expect_match 'gate  trace' "$OUT" 'plan with it'
}

# a create, a start, an exec, a detached run and a delete have traces of their own
test_verbs() {
	mydocker_only
	bundle . 'sleep 1000'
	rt --trace "$HERE/trace" create -b "$BUNDLE" "$ID"
	expect_match 'pivot' "$(query '.traceEvents[].name')" create
	rt --trace "$HERE/trace" start "$ID"
	expect_match 'wait for the program to run' "$(query '.traceEvents[].name')" start
	rt --trace "$HERE/trace" exec "$ID" true
	expect_match 'execute the program' "$(query '.traceEvents[].name')" exec
	rt --trace "$HERE/trace" delete --force "$ID"
	expect_match 'remove the cgroup' "$(query '.traceEvents[].name')" delete
	rt --trace "$HERE/trace" run -b "$BUNDLE" -d "$ID"
	expect_match 'pivot' "$(query '.traceEvents[].name')" 'run -d'
}

# a create that fails has a trace up to there
test_failure() {
	mydocker_only
	bundle '.mounts += [{"destination": "/x", "type": "bind", "source": "/nonexistent", "options": ["bind"]}]' true
	capture rt --trace "$HERE/trace" create -b "$BUNDLE" "$ID"
	expect_failure
	expect_match '^mount$' "$(query '.traceEvents[] | select(.cat == "container").name')" 'the steps before it'
	expect_no_match '^ready$' "$(query '.traceEvents[].name')" 'those behind it'
}

# TRACEPARENT goes to hooks, also to those that have an environment of their own, and into the trace
test_traceparent() {
	local parent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01

	mydocker_only
	bundle . true
	for list in createRuntime createContainer poststop; do
		edit --arg list $list --arg file "$HERE/$list" \
			'.hooks[$list] = [{"path": "/bin/sh", "args": ["sh", "-c", "env >" + $file], "env": ["OWN=1"]}]'
	done
	export TRACEPARENT=$parent
	traced_run
	for list in createRuntime createContainer poststop; do
		expect_match "^TRACEPARENT=$parent\$" "$(<"$HERE/$list")" $list
		expect_match '^OWN=1$' "$(<"$HERE/$list")" $list
	done
	expect_eq $parent "$(query .otherData.traceparent)" 'the trace'
	run
	expect_no_match TRACEPARENT "$(<"$HERE/createRuntime")" 'a hook without --trace'
}

# trace draws it, a line for each step with its place
test_text() {
	mydocker_only
	bundle . true
	traced_run
	capture rt trace "$HERE/trace"
	expect_status 0
	expect_match '^run: [0-9.]+ ms$' "$OUT" 'the whole'
	expect_match '^ +[0-9.]+ +[0-9.]+    mount /mounts/0 +\| *=+$' "$OUT" 'a step'
	expect_match '^ +[0-9.]+ +[0-9.]+  read the bundle +\|#+$' "$OUT" 'a lap'
}

# refused FILE: trace does not draw it, and says so in one line
refused() {
	capture timeout 5 "$RUNTIME" trace "$HERE/$1"
	expect_failure
	expect_eq 1 "$(wc -l <"$HERE/stderr")" "lines about $1"
}

# what is no trace is refused
test_damaged() {
	mydocker_only
	refused nothing
	mkfifo "$HERE/fifo"
	refused fifo
	echo '{"traceEvents": [{"name": 1}]}' >"$HERE/wrong"
	refused wrong
	echo '{"traceEvents": [{"name": "a\u001b[31m", "ph": "X", "ts": 18446744073709551615, "dur": 18446744073709551615, "pid": 1, "tid": 1}]}' \
		>"$HERE/wild"
	capture rt trace "$HERE/wild"
	expect_no_match $'\033' "$OUT" 'an escape'
}

# a trace that cannot be written is an error before anything is made
test_unwritable() {
	mydocker_only
	bundle . true
	capture rt --trace "$HERE/no/such/file" create -b "$BUNDLE" "$ID"
	expect_failure
	expect_match 'cannot open the trace' "$ERR"
	expect_failure rt state "$ID"
}

run_tests
