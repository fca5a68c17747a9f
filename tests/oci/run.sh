#!/bin/bash
# run: the foreground, the background, exit statuses, and what passes through.

. "${0%/*}/lib.sh"

# [engines-23] run ends with the program's exit status and leaves nothing
test_exit_status() {
	local code

	remember
	for code in 0 1 7 255; do
		bundle '.' "exit $code"
		run
		expect_status "$code"
	done
	expect_nothing_left
}

# [engines-23] run ends with 128 + N when signal N ended the program
test_signal_status() {
	bundle '.process.args = ["probe", "exit-by", "15"]'
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	run
	expect_status 143
}

# the program reads run's stdin and writes run's stdout and stderr
test_streams() {
	bundle '.' 'cat; echo err >&2'
	echo in | rt run --bundle "$BUNDLE" "$ID" >"$HERE/out" 2>"$HERE/err"
	expect_eq in "$(<"$HERE/out")" stdout
	expect_eq err "$(<"$HERE/err")" stderr
}

# a large output arrives complete
test_large_output() {
	bundle '.' 'head -c 5000000 /dev/zero'
	expect_eq 5000000 "$(rt run --bundle "$BUNDLE" "$ID" </dev/null | wc -c)" bytes
}

# run forwards a signal to the program
test_forwards_signals() {
	bundle '.' 'trap "echo got it; exit 5" TERM; echo ready; while :; do sleep 0.05; done'
	"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$HERE/log" 2>&1 </dev/null &
	wait_for logged ready
	kill -TERM $!
	STATUS=0
	wait $! || STATUS=$?
	expect_eq 5 "$STATUS" status
	wait_for logged 'got it'
}

# run -d returns when the program runs, and the container lives on
test_detached() {
	bundle '.' 'echo out; sleep 100'
	rt run -d --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" >"$HERE/stdout" 2>&1 </dev/null
	expect_state running
	expect_eq "$(<"$HERE/pid")" "$(state pid)" pid
	rt kill "$ID" KILL
	wait_for is_status stopped
	rt delete "$ID"
}

# run -d keeps nothing of the caller's stdout open
test_detached_lets_go() {
	bundle '.' 'sleep 100'
	mydocker_only
	# The pipe ends when nobody holds its writing end.
	timeout 10 bash -c '"$@" | cat' - "$RUNTIME" --root "$ROOT" run -d --bundle "$BUNDLE" "$ID" >"$HERE/stdout"
	expect_state running
}

# run -d whose id cannot be printed leaves nothing
test_detached_untold() {
	mydocker_only
	remember
	bundle '.' 'sleep 100'
	STATUS=0
	ERR=$(rt run -d --bundle "$BUNDLE" "$ID" 2>&1 >/dev/full </dev/null) || STATUS=$?
	expect_failure
	expect_match 'cannot write to the standard output: No space left' "$ERR"
	expect_nothing_left
}

# logs prints what a detached container wrote, on both streams
test_logs() {
	bundle '.' 'echo one; echo two >&2; echo three; exit 3'
	mydocker_only
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	wait_for is_status stopped
	wait_for eval 'rt logs "$ID" | grep -q three'
	expect_eq $'one\nthree\ntwo' "$(rt logs "$ID" 2>&1 | sort)" logs
}

# logs -f follows until the container ends
test_logs_follow() {
	bundle '.' 'for i in 1 2 3; do echo $i; sleep 0.1; done'
	mydocker_only
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	expect_eq $'1\n2\n3' "$(timeout 10 "$RUNTIME" --root "$ROOT" logs -f "$ID")" logs
}

# a detached container's end is recorded with its exit code
test_exit_record() {
	bundle '.' 'exit 9'
	mydocker_only
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	wait_for test -e "$ROOT/$ID/exit.json"
	expect_eq 9 "$(jq .exitCode "$ROOT/$ID/exit.json")" exitCode
	bundle '.process.args = ["sleep", "100"]'
	rt delete "$ID"
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	rt kill "$ID" KILL
	wait_for test -e "$ROOT/$ID/exit.json"
	expect_eq 9 "$(jq .signal "$ROOT/$ID/exit.json")" signal
}

# the classic record answers scripts that read pid, id and command from it
test_classic_record() {
	bundle '.' 'sleep 100'
	mydocker_only
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	expect_eq "$(state pid) $ID string string" \
		"$(jq -r '"\(.pid) \(.id) \(.command | type) \(.createTime | type)"' "$ROOT/$ID/config.json")" record
}

# run --keep leaves the stopped container
test_keep() {
	bundle '.' 'exit 4'
	runtime_differs runc 'this version does not have it'
	run --keep
	expect_status 4
	expect_state stopped
	rt delete "$ID"
}

# the signal that ended a program is told apart from a code that looks like it, in exit.json and in the event
test_keep_signal() {
	local how expected

	mydocker_only
	rt events --no-stream
	while read -r expected how; do
		bundle '.linux.namespaces |= map(select(.type != "pid"))' "$how"
		run --keep
		expect_eq "$expected" "$(jq -r '"\(.exitCode),\(.signal)"' "$ROOT/$ID/exit.json")" "exit.json of $how"
		expect_eq "$expected" "$(rt events --no-stream --since 1h | jq -r 'select(.type == "exit") | "\(.exitCode),\(.signal)"' | tail -n 1)" "event of $how"
		rt delete "$ID"
	done <<-'END'
		130,null exit 130
		255,null exit 255
		137,9 exec probe exit-by 9
	END
	rm "$ROOT/.events"
}

# run of something that cannot be created leaves nothing, and says why
test_failing_run() {
	bundle '.process.args = ["/nonexistent"]'
	expect_refused /process/args run
}

# create --dry-run prints the plan and changes nothing
test_dry_run() {
	local verb

	bundle '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]'
	mydocker_only
	remember
	for verb in create run; do
		capture rt "$verb" --dry-run --bundle "$BUNDLE" "$ID"
		expect_status 0
		expect_match 'rlimit.*100.*200.*/process/rlimits/0' "$OUT" plan
		expect_match 'pivot' "$OUT" plan
		capture rt "$verb" --dry-run --format json --bundle "$BUNDLE" "$ID"
		expect_status 0
		expect_eq 'mydocker.plan/1' "$(jq -r '.schema' <<<"$OUT")" schema
		expect_eq /process/rlimits/0 "$(jq -r '.steps[] | select(.kind == "rlimit").pointer' <<<"$OUT")" pointer
	done
	expect_nothing_left
	[ ! -e "$ROOT/$ID" ]
}

run_tests
