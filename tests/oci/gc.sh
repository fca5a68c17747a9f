#!/bin/bash
# What killed verbs leave behind, and what is done about it; what an error's code means.

. "${0%/*}/lib.sh"

found() {
	rt gc --format json "$@" | jq -r '.findings[] | "\(.severity) \(.place) \(.text)"'
}

# gc removes what create left when it was killed at any of its system calls, and nothing that lives
test_killed() {
	local call

	mydocker_only
	needs_tracing
	bundle '.' 'sleep 100'
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	edit '.linux.cgroupsPath += "-killed"'
	remember
	for call in 60 80 90 100 105 110 115 120 130; do
		"$TOOLS/faultat" "$HERE/fault" 0 KILL "$call" "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID-killed" >/dev/null 2>&1 </dev/null || :
		rt gc >>"$HERE/removed"
		if is_known "$ID-killed"; then
			rt delete --force "$ID-killed" # it came as far as to live
		fi
		expect_nothing_left
	done
	expect_match "^ok +$ID-killed +its creation was killed" "$(<"$HERE/removed")"
	expect_state running
}

is_known() {
	rt state "$1" >/dev/null 2>&1
}

# gc --dry-run only tells; --older spares what is new; --stopped takes what has ended
test_options() {
	mydocker_only
	mkdir -p "$ROOT/$ID-empty"
	bundle '.' 'true'
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	rt wait "$ID"
	wait_for test -e "$ROOT/$ID/exit.json"
	expect_eq "ok $ID-empty its creation was killed at once" "$(found --dry-run)" 'what would be removed'
	expect_eq '' "$(found --older 1h)" 'what is old'
	expect_eq "ok $ID-empty its creation was killed at once" "$(found)" 'what was removed'
	expect_eq '' "$(found)" 'what is left to remove'
	expect_state stopped
	edit '.process.args = ["sleep", "100"] | .linux.cgroupsPath += "-alive"'
	rt run -d --bundle "$BUNDLE" "$ID-alive" >/dev/null
	expect_eq "ok $ID it has ended" "$(found --stopped)" 'what has ended'
	expect_unknown
	expect_eq running "$(rt state "$ID-alive" | jq -r .status)" 'status of the other'
}

# a container whose record is damaged may live: gc only tells of it
test_damaged() {
	mydocker_only
	bundle '.' 'sleep 100'
	create
	echo '{' >"$ROOT/$ID/config.json"
	expect_eq "warning $ID its record is damaged" "$(found)" findings
	rt delete --force "$ID"
}

# explain tells what each code means and what helps
test_explain() {
	local code

	mydocker_only
	for code in $(rt explain | awk 'NR > 1 { print $1 }'); do
		capture rt explain "$code"
		expect_status 0
		expect_match "^$code: ..." "$(head -n 1 <<<"$OUT")"
		expect_eq 2 "$(wc -l <<<"$OUT")" lines
	done
	capture rt --log "$HERE/errors" --log-format json state nosuch
	expect_match 'no such container' "$(rt explain "$(jq -r .code "$HERE/errors")")"
	capture rt explain CGRUOP
	expect_failure
	expect_match 'did you mean "CGROUP"' "$ERR"
}

run_tests
