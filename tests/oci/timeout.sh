#!/bin/bash
# The time that a whole verb may take: --timeout before it.

. "${0%/*}/lib.sh"

# given_up ARGUMENT...: the verb ends within two seconds, with status 1 and one error that says so
given_up() {
	local begin=$EPOCHREALTIME

	capture rt --timeout 300ms "$@"
	expect_status 1
	expect_match '^mydocker: [a-z]+: gave up after 300ms' "$ERR"
	expect_eq 1 "$(wc -l <<<"$ERR")" 'lines of stderr'
	((${EPOCHREALTIME/./} - ${begin/./} < 3000000)) || fail 'it took too long'
}

slow_bundle() {
	mydocker_only
	bundle '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "100"]}]' 'sleep 100'
	remember
}

# create, run and run -d with a hook that does not end: nothing is left, and the error says how far it came
test_hook() {
	slow_bundle
	given_up create --bundle "$BUNDLE" "$ID"
	expect_match 'the last thing done was: [a-z]' "$ERR"
	expect_nothing_left
	given_up run --bundle "$BUNDLE" "$ID"
	expect_nothing_left
	given_up run -d --bundle "$BUNDLE" "$ID"
	expect_nothing_left
	expect_unknown
}

# a program that runs in the foreground for longer
test_run() {
	mydocker_only
	bundle '.' 'sleep 100'
	remember
	given_up run --bundle "$BUNDLE" "$ID"
	expect_nothing_left
}

# a container that somebody else has made is not taken back
test_not_ours() {
	mydocker_only
	bundle '.' 'sleep 100'
	create
	capture rt --timeout 5s create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'already exists' "$ERR"
	expect_state created
	exec 9<"$ROOT/$ID"
	flock 9
	given_up delete --force "$ID"
	exec 9<&-
	expect_state created
}

# the error is one record of the log; what engines read
test_log() {
	slow_bundle
	capture rt --timeout 300ms --log "$HERE/errors" --log-format json create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_record ''
	expect_eq TIMEOUT "$(jq -r .code "$HERE/errors")" code
}

# a verb that hangs in the kernel, where no handler runs, is killed; what it made goes all the same
test_stuck() {
	local verb

	slow_bundle
	rt --timeout 2s create --bundle "$BUNDLE" "$ID" >"$HERE/stdout" 2>&1 </dev/null &
	wait_for test -e "$ROOT/$ID/config.json"
	verb=$(jq .creator "$ROOT/$ID/config.json")
	kill -STOP "$verb"
	wait_for eval '[ ! -e "$ROOT/$ID" ]'
	wait || :
	wait_for grep -q 'gave up after 2s' "$HERE/stdout"
	expect_nothing_left
}

# what ends in time is as without it, and nobody stays behind to look at the clock
test_in_time() {
	mydocker_only
	bundle '.' 'exit 7'
	remember
	capture rt --timeout 20s run --bundle "$BUNDLE" "$ID"
	expect_status 7
	expect_nothing_left
	capture rt --timeout 20s run -d --bundle "$BUNDLE" "$ID"
	expect_status 0
	capture rt wait "$ID"
	expect_status 7
	rt rm "$ID"
	expect_nothing_left
}

# what follows for ever is ended, too; wait and exec have one of their own
test_others() {
	mydocker_only
	bundle '.' 'sleep 100'
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	given_up logs -f "$ID"
	given_up stats
	for verb in exec wait; do
		capture rt --timeout 1s $verb "$ID" true
		expect_failure
		expect_match "$verb has a --timeout of its own" "$ERR"
	done
	capture rt --timeout 0 state "$ID"
	expect_failure
	expect_state running
}

run_tests
