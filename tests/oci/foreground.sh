#!/bin/bash
# run and exec in the foreground: to who called us we are the program, with a terminal and without.

. "${0%/*}/lib.sh"

# at_terminal LINES ARGUMENT...: a person at a terminal of 33 rows and 99 columns calls the runtime and does what the lines say;
# what comes of them is in OUT, what the terminal showed in $HERE/shown
at_terminal() {
	printf '%s\n' "$1" >"$HERE/lines"
	STATUS=0
	timeout -k 2 60 "$TOOLS/tty" "$HERE/shown" 33 99 "$RUNTIME" --root "$ROOT" "${@:2}" <"$HERE/lines" >"$HERE/said" 2>&1 ||
		STATUS=$?
	OUT=$(<"$HERE/said")
	[ "$STATUS" = 0 ] || fail "$OUT"$'\n'"shown: $(<"$HERE/shown")"
}

at_terminal_run() {
	at_terminal "$1" run --bundle "$BUNDLE" "$ID"
}

# the size is right in the first line that the program prints, every time, for run and exec
test_size_at_once() {
	local turn

	runtime_differs runc 'it is late now and then'
	bundle '.process.terminal = true' 'stty size'
	for turn in {1..25}; do
		at_terminal_run end
		expect_eq '33 99' "$(tr -d '\r' <"$HERE/shown")" "size in turn $turn"
	done
	start_ok '.' 'sleep 100'
	for turn in {1..25}; do
		at_terminal end exec -t "$ID" stty size
		expect_eq '33 99' "$(tr -d '\r' <"$HERE/shown")" "size in turn $turn of exec"
	done
}

# a terminal that changes its size tells the program
test_resize() {
	bundle '.process.terminal = true' 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'
	at_terminal_run $'wait ready\nsize 44 111\nwait 44 111\nsize 5 6\nwait 5 6'
}

# so does that of exec
test_resize_exec() {
	start_ok '.' 'sleep 100'
	at_terminal $'wait ready\nsize 44 111\nwait 44 111\nsize 5 6\nwait 5 6' \
		exec -t "$ID" sh -c 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'
}

# keys arrive, ^C among them, and the terminal is as before when the program has ended
test_keys() {
	bundle '.process.terminal = true' 'trap "echo interrupted; exit 5" INT; read -r line; echo "read $line"; while :; do sleep 0.05; done'
	at_terminal_run $'type hello\\n\nwait read hello\nmodes\ntype \\x03\nwait interrupted\nend\nmodes'
	expect_eq $'raw\n5\ncooked' "$OUT" 'modes and status'
}

# ^Z stops a program of the container's shell, not the runtime
test_suspend_key() {
	bundle '.process.terminal = true' 'set -m; sh -c "echo ready; exec sleep 100"; echo "stopped $?"'
	at_terminal_run $'wait ready\ntype \\x1a\nwait stopped\nend'
}

# ^D is the end of the input
test_end_key() {
	bundle '.process.terminal = true' 'echo ready; cat; echo over'
	at_terminal_run $'wait ready\ntype \\x04\nwait over\nend'
	expect_eq 0 "$OUT" status
}

# a runtime that is asked to end passes that on, and leaves the terminal as it was
test_terminated() {
	bundle '.process.terminal = true' 'trap "exit 6" TERM; echo ready; while :; do sleep 0.05; done'
	at_terminal_run $'wait ready\nmodes\nsignal 15\nend\nmodes'
	expect_eq $'raw\n6\ncooked' "$OUT" 'modes and status'
	expect_unknown
}

# a program that is killed: 137, and the terminal as it was
test_program_killed() {
	bundle '.process.terminal = true' 'echo ready; sleep 100'
	at_terminal_run $'wait ready\nend\nmodes' &
	wait_for is_status running
	rt kill "$ID" KILL
	wait $!
	expect_eq $'137\ncooked' "$(<"$HERE/said")" 'status and modes'
}

# exec --process with a terminal and without a console socket, as CRI-O calls it: the terminal is ours
test_exec_process() {
	start_ok '.' 'sleep 100'
	echo '{"args": ["sh", "-c", "tty; stty size; exit 8"], "terminal": true, "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}' \
		>"$HERE/process"
	at_terminal end exec --process "$HERE/process" "$ID"
	expect_eq 8 "$OUT" status
	expect_match '^/dev/pts/0.33 99.$' "$(tr '\r\n' '. ' <"$HERE/shown" | tr -d ' ' | sed 's/3399/33 99/')"
	# and where stdin is no terminal
	runtime_differs runc 'it needs a terminal of its own in the foreground'
	capture rt exec --process "$HERE/process" "$ID"
	expect_status 8
	expect_match '^/dev/pts/[0-9]' "$OUT"
}

# exec --tty --process: the option wins
test_exec_process_tty() {
	mydocker_only
	start_ok '.' 'sleep 100'
	echo '{"args": ["tty"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}' >"$HERE/process"
	capture rt exec --tty --process "$HERE/process" "$ID"
	expect_match '^/dev/pts/[0-9]' "$OUT"
}

SIGNALS='1 2 3 5 6 7 8 10 11 12 14 15 16 18 20 23 24 25 26 27 28 29 30 31 34 64'
TELLER="for n in $SIGNALS; do trap \"echo \$n\" \$n; done; echo ready; while :; do sleep 0.02; done"

# tells PID: who is sent a signal there says so in the log, each time
tells() {
	local number

	wait_for logged ready
	for number in $SIGNALS; do
		[[ $KIND != runc || $number != @(23|27|28|34) ]] || continue # Go's own
		kill -"$number" "$1"
		wait_for grep -qx "$number" "$HERE/log"
	done
}

# every signal that can be passed on is, and a change of the window's size without a terminal harms nobody
test_signals() {
	bundle '.' "$TELLER"
	"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$HERE/log" 2>&1 </dev/null &
	tells $!
	expect_state running
}

# the same of exec, by options and by a file
test_signals_exec() {
	start_ok '.' 'sleep 100'
	"$RUNTIME" --root "$ROOT" exec "$ID" sh -c "$TELLER" >"$HERE/log" 2>&1 </dev/null &
	tells $!
	jq -n --arg script "$TELLER" '{args: ["sh", "-c", $script], cwd: "/", env: ["PATH=/bin"], user: {uid: 0, gid: 0}}' >"$HERE/process"
	: >"$HERE/log"
	"$RUNTIME" --root "$ROOT" exec --process "$HERE/process" "$ID" >"$HERE/log" 2>&1 </dev/null &
	tells $!
	expect_state running
}

# the program reads all of the input, and its end; a closed input is an empty one
test_input() {
	run_ok '.' 'wc -c'
	expect_out 0
	head -c 5000000 /dev/zero >"$HERE/input"
	expect_eq 5000000 "$(rt run --bundle "$BUNDLE" "$ID" <"$HERE/input")" bytes
	expect_eq 5000000 "$(cat "$HERE/input" | rt run --bundle "$BUNDLE" "$ID")" 'bytes of a pipe'
	expect_eq 0 "$(rt run --bundle "$BUNDLE" "$ID" <&-)" 'bytes of a closed input'
	start_ok '.' 'sleep 100'
	expect_eq 5000000 "$(rt exec "$ID" wc -c <"$HERE/input")" 'bytes of exec'
}

# at a terminal, too, an input ends that has no newline at its end
test_input_end() {
	local input

	bundle '.process.terminal = true' 'n=$(wc -c); echo; echo "$n bytes"'
	runtime_differs runc 'it needs a terminal of its own in the foreground'
	while read -r input; do
		expect_eq "$(printf "$input" | wc -c) bytes" "$(printf "$input" |
			timeout -k 1 5 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" | tail -n 1)" "what came of '$input'"
	done <<-'END'

		a\nb
		a\nb\n
		\n
	END
}

# no output is lost at the end, in many short runs with a terminal and without
test_tail() {
	local turn

	bundle '.' 'seq 1 300; echo the end'
	for turn in {1..20}; do
		expect_eq 'the end' "$(rt run --bundle "$BUNDLE" "$ID" </dev/null | tail -n 1)" "last line in turn $turn"
	done
	bundle '.process.terminal = true' 'seq 1 300; echo the end'
	for turn in {1..20}; do
		at_terminal_run end
		expect_eq 'the end' "$(tail -n 1 "$HERE/shown" | tr -d '\r')" "last line in turn $turn at a terminal"
	done
	start_ok '.' 'sleep 100'
	for turn in {1..20}; do
		expect_eq 'the end' "$(rt exec "$ID" sh -c 'seq 1 300; echo the end' </dev/null | tail -n 1)" "last line in turn $turn of exec"
		at_terminal end exec -t "$ID" sh -c 'seq 1 300; echo the end'
		expect_eq 'the end' "$(tail -n 1 "$HERE/shown" | tr -d '\r')" "last line in turn $turn of exec at a terminal"
	done
}

# a reader that is slow gets everything, and one that goes away does not hold the container
test_slow_reader() {
	bundle '.process.terminal = true' 'seq 1 30000; echo the end'
	runtime_differs runc 'it needs a terminal of its own in the foreground'
	expect_eq 'the end' "$(rt run --bundle "$BUNDLE" "$ID" </dev/null | (sleep 0.5; cat) | tail -n 1)" 'last line'
	rt run --bundle "$BUNDLE" "$ID" </dev/null | head -n 1 >"$HERE/first"
	expect_unknown
}

# a program with a terminal that ends while nobody takes its output: what it wrote is with us and in the terminal
ends_unread() {
	head -c 65536 /dev/zero >&8 # as much as a pipe takes
	"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$HERE/out" </dev/null &
	wait_for eval 'grep -q "^State:.Z" "/proc/$(jq .init "$ROOT/$ID/config.json")/status"'
}

# an output that nobody takes for now is not lost to an orphan's end, and holds up no signal
test_stuck_reader() {
	local pid

	bundle '.process.terminal = true' 'trap "" HUP; sleep 0.5 & head -c 6000 /dev/zero | tr "\0" x'
	runtime_differs runc 'it needs a terminal of its own in the foreground'
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	mkfifo "$HERE/out"
	exec 8<>"$HERE/out"
	ends_unread
	wait_for eval '! pgrep -x sleep --runstates SRD'
	expect_eq 6000 "$(timeout 5 head -c 71536 <&8 | tr -d '\0' | wc -c)" bytes
	wait $!
	ends_unread
	pid=$!
	kill -TERM $pid
	wait_for eval '! grep -q "^State:.[^ZX]" /proc/$pid/status'
	wait $pid
	expect_unknown
}

# who lives on in a shared pid namespace when its parent has ended is collected by run, with its zombies
test_orphans() {
	mydocker_only
	bundle '.linux.namespaces |= map(select(.type != "pid"))' \
		'for i in 1 2 3 4 5; do (sleep 0.05 & sleep 0.02 &) ; done; echo ready; sleep 0.3; exec sleep 100'
	"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$HERE/log" 2>&1 </dev/null &
	wait_for logged ready
	wait_for eval '[ "$(pgrep -c -P $! 2>/dev/null)" = 1 ]'
	expect_eq '' "$(ps -o state= --ppid $! | grep Z || :)" zombies
}

# the exit status: of the program, and of a signal, in run and exec, with a terminal too
test_status() {
	local status

	for status in 0 1 126 127 255; do
		bundle '.' "exit $status"
		run
		expect_status $status
	done
	bundle '.process.terminal = true' 'kill -USR1 $$; sleep 1'
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	at_terminal_run end
	expect_eq 138 "$OUT" status
	start_ok '.' 'sleep 100'
	at_terminal end exec -t "$ID" sh -c 'kill -USR1 $$'
	expect_eq 138 "$OUT" 'status of exec'
}

run_tests
