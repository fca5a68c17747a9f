#!/bin/bash
# Terminals: the console socket, the foreground, sizes.

. "${0%/*}/lib.sh"

# Creates and starts a container with a terminal; what it prints arrives in $HERE/terminal, what $HERE/keys gets is typed.
with_terminal() {
	bundle "$@"
	edit '.process.terminal = true'
	mkfifo "$HERE/keys"
	"$TOOLS/console" "$HERE/socket" <"$HERE/keys" >"$HERE/terminal" &
	CONSOLE=$!
	exec 9>"$HERE/keys"
	wait_for test -S "$HERE/socket"
	rt create --bundle "$BUNDLE" --pid-file "$HERE/pid" --console-socket "$HERE/socket" "$ID" </dev/null
	PID=$(<"$HERE/pid")
	rt start "$ID"
}

shown() {
	grep -q -- "$1" "$HERE/terminal"
}

# [config-process-02] the standard streams are a terminal whose master arrives on the socket
test_streams() {
	with_terminal '.' 'tty; test -t 0 && test -t 1 && test -t 2 && echo all; sleep 100'
	wait_for shown all
	expect_match '^/dev/(pts/[0-9]+|console)' "$(<"$HERE/terminal")"
}

# what is typed arrives
test_typing() {
	with_terminal '.' 'read line; echo "got <$line>"; sleep 100'
	echo 'some words' >&9
	wait_for shown 'got <some words>'
}

# the terminal controls the session: ^C is an interrupt
test_controlling() {
	with_terminal '.' 'trap "echo interrupted" INT; echo ready; sleep 1 & while :; do wait $!; sleep 0.05; done'
	wait_for shown ready
	printf '\003' >&9
	wait_for shown interrupted
}

# [config-linux-dev-16] the terminal is also /dev/console
test_dev_console() {
	with_terminal '.' 'echo through the console >/dev/console; sleep 100'
	wait_for shown 'through the console'
	expect_match ' /dev/console .* devpts ' "$(<"/proc/$PID/mountinfo")" mountinfo
}

# [config-process-04] the size is there before the program runs
test_size() {
	with_terminal '.process.consoleSize = {"height": 25, "width": 81}' 'stty size; sleep 100'
	wait_for shown '25 81'
}

# [config-process-03] without a terminal the size does not matter
test_size_ignored() {
	run_ok '.process.consoleSize = {"height": 1, "width": 1}' 'stty size 2>/dev/null || echo none'
	expect_out none
}

# the terminal belongs to the program's user
test_owner() {
	with_terminal '.process.user = {"uid": 1000, "gid": 1000}' 'stat -L -c "owner %u" /proc/self/fd/0; sleep 100'
	wait_for shown 'owner 1000'
}

# the terminal's end is seen when the container ends
test_hang_up() {
	with_terminal '.' 'echo last words'
	wait "$CONSOLE"
	expect_match 'last words' "$(<"$HERE/terminal")"
}

# a terminal without console socket is refused at create, and a socket without terminal
test_contradictions() {
	bundle '.process.terminal = true'
	expect_refused /process/terminal
	bundle
	"$TOOLS/console" "$HERE/unused" </dev/null >/dev/null &
	wait_for test -S "$HERE/unused"
	expect_refused - create --console-socket "$HERE/unused"
}

# a console socket that is not there is refused
test_no_socket() {
	bundle '.process.terminal = true'
	expect_refused - create --console-socket "$HERE/nosuch"
}

# a console socket with a long path works
test_long_path() {
	local deep

	deep=$HERE/$(printf 'x%.0s' {1..100})
	mkdir "$deep"
	bundle '.process.terminal = true' 'echo far; sleep 100'
	runtime_differs runc 'it cannot'
	(cd "$deep" && exec "$TOOLS/console" socket </dev/null >"$HERE/terminal") &
	wait_for test -S "$deep/socket"
	rt create --bundle "$BUNDLE" --console-socket "$deep/socket" "$ID" </dev/null
	rt start "$ID"
	wait_for shown far
}

# exec --tty with a console socket
test_exec() {
	start_ok '.' 'sleep 100'
	"$TOOLS/console" "$HERE/socket" </dev/null >"$HERE/terminal" &
	wait_for test -S "$HERE/socket"
	rt exec -t -d --console-socket "$HERE/socket" "$ID" sh -c 'tty; echo in exec; sleep 1' </dev/null
	wait_for shown 'in exec'
	expect_match '^/dev/pts/[0-9]+' "$(<"$HERE/terminal")"
}

# run in the foreground with a terminal: output passes, the exit status too
test_foreground() {
	bundle '.process.terminal = true' 'tty; stty size; exit 7'
	STATUS=0
	script -qec "stty rows 33 cols 99; $RUNTIME --root $ROOT run --bundle $BUNDLE $ID" /dev/null </dev/null >"$HERE/out" || STATUS=$?
	expect_eq 7 "$STATUS" status
	expect_match '/dev/(pts/[0-9]+|console)' "$(tr -d '\0' <"$HERE/out")"
	expect_match '33 99' "$(<"$HERE/out")"
}

# a large output through a foreground terminal arrives to its end
test_foreground_tail() {
	bundle '.process.terminal = true' 'seq 1 20000; echo the end'
	script -qec "$RUNTIME --root $ROOT run --bundle $BUNDLE $ID" /dev/null </dev/null >"$HERE/out"
	expect_match '^the end' "$(tail -n 1 "$HERE/out")"
	expect_eq 20001 "$(wc -l <"$HERE/out")" lines
	expect_eq 20001 "$(tr -dc '\r' <"$HERE/out" | wc -c)" 'carriage returns: one a line'
}

# a foreground terminal leaves newlines alone when its output is no terminal
test_foreground_newlines() {
	runtime_differs runc 'it needs a terminal of its own in the foreground'
	bundle '.process.terminal = true' 'echo one; echo two'
	rt run --bundle "$BUNDLE" "$ID" </dev/null >"$HERE/out"
	expect_eq $'one\ntwo' "$(<"$HERE/out")"
}

run_tests
