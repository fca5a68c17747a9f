#!/bin/bash
# --log: where errors and warnings go, in which form, and what one process leaves there.

. "${0%/*}/lib.sh"

# A call that warns and succeeds, and one that warns and fails.
warned() {
	bundle '.process.capabilities.bounding += ["CAP_FOO"]' 'echo ran'
	capture rt "$@" run --bundle "$BUNDLE" "$ID"
}

failed() {
	bundle '.process.capabilities.bounding += ["CAP_FOO"] | .process.args = ["nosuch"]'
	capture rt "$@" run --bundle "$BUNDLE" "$ID"
	expect_status 1
}

# the text form: time, level and message, a line each; what is there stays
test_text() {
	mydocker_only
	echo 'an older line' >"$HERE/errors"
	warned --log "$HERE/errors"
	expect_status 0
	expect_eq '' "$ERR" stderr
	failed --log "file:$HERE/errors"
	expect_match '^mydocker: run: .*executable file not found in \$PATH' "$ERR"
	expect_eq 'an older line' "$(sed -n 1p "$HERE/errors")" 'first line'
	expect_match '^time="[0-9-]+T[0-9:.]+Z" level=warning msg=".*CAP_FOO.*"$' "$(sed -n 2p "$HERE/errors")"
	expect_match '^time="[0-9-]+T[0-9:.]+Z" level=warning msg=".*CAP_FOO.*"$' "$(sed -n 3p "$HERE/errors")"
	expect_match '^time="[0-9-]+T[0-9:.]+Z" level=error msg=".*exec: \\"nosuch\\": executable.*"$' "$(sed -n 4p "$HERE/errors")"
	expect_eq 4 "$(wc -l <"$HERE/errors")" lines
}

# the JSON form: a failing process leaves one line, its warnings are in it; of a succeeding one each is a line
test_json() {
	mydocker_only
	warned --log "$HERE/errors" --log-format json
	expect_eq 'warning' "$(jq -r .level "$HERE/errors" | sort -u)" level
	rm "$HERE/errors"
	failed --debug --log "$HERE/errors" --log-format json
	expect_eq 1 "$(wc -l <"$HERE/errors")" lines
	expect_eq 'error true true' "$(jq -r '"\(.level) \(.msg | test("executable file not found")) \(.warnings[0] | test("CAP_FOO"))"' \
		"$HERE/errors")" record
}

# without --log the errors are on stderr, in the form that was asked for
test_stderr() {
	mydocker_only
	failed --log-format json
	expect_eq error "$(jq -r 'select(.level == "error").level' <<<"$ERR")" level
	failed
	expect_match '^mydocker: warning: .*CAP_FOO' "$ERR"
	expect_match '^mydocker: run: ' "$ERR"
}

# a log that cannot be opened is an error before anything is made; a FIFO that nobody reads does not hang
test_unopened() {
	mkfifo "$HERE/fifo"
	bundle '.'
	remember
	for log in "$HERE/no/such/log" "$HERE" "$HERE/fifo"; do
		[ "$KIND" != runc ] || [ "$log" != "$HERE/fifo" ] || continue
		capture rt --log "$log" create --bundle "$BUNDLE" "$ID"
		expect_status 1
		expect_match "$log" "$ERR"
		expect_nothing_left
	done
}

# service SOCKET LOG: what a service on this socket is told by two calls, one a line
service() {
	"$TOOLS/probe" notified "$1" >"$HERE/told" &
	wait_for test -S "$1"
	capture rt --log "$2" "${@:3}" state nosuch
	expect_status 1
	wait $!
	rm "$1"
}

# --log syslog:ID, as crun has it: the host's syslog, with priority and name
test_syslog() {
	runtime_differs runc 'it would be a file'
	capture rt --log syslog: state nosuch
	expect_match 'names nobody' "$ERR"
	mkdir "$HERE/dev"
	mount --bind /dev "$HERE/dev"
	mount -t tmpfs tmpfs /dev
	touch /dev/null
	mount --bind "$HERE/dev/null" /dev/null
	capture rt --log syslog:box state nosuch
	expect_status 1
	expect_match 'cannot open the log syslog:box' "$ERR"
	service /dev/log syslog:box
	umount /dev/null /dev
	expect_match '^<27>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} box\[[0-9]+\]: container does not exist: nosuch$' "$(<"$HERE/told")"
	expect_match '^mydocker: state: container does not exist' "$ERR"
}

# --log journald:ID: journald's fields
test_journald() {
	runtime_differs runc 'it would be a file'
	mount -t tmpfs tmpfs /run
	mkdir -p /run/systemd/journal
	service /run/systemd/journal/socket journald:box
	expect_match '^PRIORITY=3$' "$(<"$HERE/told")"
	expect_match '^SYSLOG_IDENTIFIER=box$' "$(<"$HERE/told")"
	expect_match '^MESSAGE=container does not exist: nosuch$' "$(<"$HERE/told")"
	service /run/systemd/journal/socket journald:box --log-format json
	expect_eq error "$(sed -n 's/^MESSAGE=//p' "$HERE/told" | jq -r .level)" 'level in the message'
	umount /run
}

run_tests
