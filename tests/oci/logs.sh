#!/bin/bash
# The output of detached containers: kept, found again, rotated.

. "${0%/*}/lib.sh"

detached() {
	rt run -d --bundle "$BUNDLE" "$@" "$ID" >"$HERE/id" </dev/null
}

# A container that has ended, and its monitor too.
ended() {
	bundle '.' "$1"
	detached "${@:2}"
	rt wait "$ID" >/dev/null || :
	wait_for test -e "$ROOT/$ID/exit.json"
}

# logs prints each stream on its own
test_streams() {
	mydocker_only
	ended 'echo out; sleep 0.1; echo err >&2; sleep 0.1; echo more'
	capture rt logs "$ID"
	expect_eq $'out\nmore' "$OUT" stdout
	expect_eq err "$ERR" stderr
	expect_eq err "$(rt logs --stream stderr "$ID" 2>&1)" 'stderr alone'
	expect_eq $'out\nmore' "$(rt logs --stream stdout "$ID" 2>&1)" 'stdout alone'
	capture rt logs --stream both "$ID"
	expect_failure
	expect_eq $'out\nerr\nmore' "$(<"$ROOT/$ID/container.log")" 'container.log'
}

# streams that lead to the same place come in the order in which they were written
test_order() {
	mydocker_only
	ended 'for i in 1 2 3; do echo out $i; sleep 0.05; echo err $i >&2; sleep 0.05; done; printf open; sleep 0.05; echo end >&2'
	expect_eq "$(<"$ROOT/$ID/container.log")" "$(rt logs "$ID" 2>&1)" 'both streams'
	expect_eq "$(<"$ROOT/$ID/container.log")" "$(rt logs -f "$ID" 2>&1)" 'both streams, followed'
	rt logs -t "$ID" 2>&1 | cut -d ' ' -f 1 | sort -c || fail 'the times are not in order'
}

# logs --tail prints the last lines
test_tail() {
	mydocker_only
	ended 'for i in 1 2 3 4 5; do echo $i; done; printf end'
	expect_eq $'5\nend' "$(rt logs --tail 2 "$ID")" 'two lines'
	expect_eq '' "$(rt logs --tail 0 "$ID")" 'no line'
	expect_eq $'1\n2\n3\n4\n5\nend' "$(rt logs -n 100 "$ID")" 'all lines'
	capture rt logs --tail -1 "$ID"
	expect_failure
}

# logs --since and --until cut by time, -t prints it
test_times() {
	local middle word

	mydocker_only
	bundle '.' 'echo one; read line </go; echo two'
	mkfifo "$BUNDLE/rootfs/go"
	detached
	wait_for eval 'rt logs "$ID" | grep -q one'
	middle=$(date -u +%FT%T.%NZ)
	echo >"$BUNDLE/rootfs/go"
	rt wait "$ID" >/dev/null
	wait_for eval 'rt logs "$ID" | grep -q two'
	expect_eq two "$(rt logs --since "$middle" "$ID")" since
	expect_eq one "$(rt logs --until "$middle" "$ID")" until
	expect_eq two "$(rt logs --since "$(date -d "$middle" +%s.%N)" "$ID")" 'since so many seconds'
	for word in "$(date -d 'next day' +%s)" "$(date -d 'next day' +%FT%H:%M)" "$(date -d 'next day' +%F)"; do
		expect_eq '' "$(rt logs --since "$word" "$ID")" "since $word"
		expect_eq $'one\ntwo' "$(rt logs --until "$word" "$ID")" "until $word"
	done
	expect_eq $'one\ntwo' "$(rt logs --since 5m "$ID")" 'since five minutes'
	expect_eq '' "$(rt logs --until 5m "$ID")" 'until five minutes ago'
	expect_match '^[0-9-]{10}T[0-9:]{8}\.[0-9]{9}Z two$' "$(rt logs -t --tail 1 "$ID")"
	for word in yesterday 2026-01-02T15: 2026-01-02T15:04: 1767366245x 99999999999999999999; do
		capture rt logs --since "$word" "$ID"
		expect_failure
		expect_match "$word.*duration" "$ERR"
	done
}

# logs -f ends when --until is over, at once or later
test_follow_until() {
	mydocker_only
	bundle '.' 'echo one; sleep 100'
	detached
	wait_for eval 'rt logs "$ID" | grep -q one'
	capture timeout 10 "$RUNTIME" --root "$ROOT" logs -f --until 5m "$ID"
	expect_status 0
	expect_out ''
	capture timeout 10 "$RUNTIME" --root "$ROOT" logs -f --until "$(date -u -d '1 second' +%FT%T.%NZ)" "$ID"
	expect_status 0
	expect_out one
	expect_state running
}

# logs are rotated by size, and nothing is lost over all of them
test_rotation() {
	mydocker_only
	ended 'i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i + 1)); done' --log-max-size 4k --log-max-files 50
	[ -e "$ROOT/$ID/container.log.3" ] || fail 'nothing was rotated'
	expect_eq "$(seq -f 'line %.0f' 0 2999 | md5sum)" "$(rt logs "$ID" | md5sum)" 'all lines'
	expect_eq "line 2999" "$(rt logs --tail 1 "$ID")" 'the last one'
	expect_eq 1500 "$(rt logs --tail 1500 "$ID" | wc -l)" 'half of them'
	[ "$(stat -c %s "$ROOT/$ID/container.log.1")" -le 4096 ] || fail 'a log is too large'
}

# rotation keeps so many files and no more
test_rotation_count() {
	mydocker_only
	ended 'i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i + 1)); done' --log-max-size 4k --log-max-files 3
	expect_eq 'container.log container.log.1 container.log.2' \
		"$(cd "$ROOT/$ID" && echo $(ls | grep -v idx | grep '^container.log'))" files
	expect_eq 'line 2999' "$(rt logs "$ID" | tail -n 1)" 'the last line'
}

# logs -f loses nothing while the log is rotated
test_rotation_followed() {
	mydocker_only
	bundle '.' 'read line </go; i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i + 1)); done'
	mkfifo "$BUNDLE/rootfs/go"
	detached --log-max-size 16k --log-max-files 100
	"$RUNTIME" --root "$ROOT" logs -f "$ID" >"$HERE/followed" &
	wait_for eval 'ls -l /proc/'$!'/fd | grep -q inotify'
	echo >"$BUNDLE/rootfs/go"
	wait $!
	expect_eq "$(seq -f 'line %.0f' 0 4999 | md5sum)" "$(md5sum <"$HERE/followed")" 'all lines'
}

# every byte of both streams arrives as it was
test_bytes() {
	mydocker_only
	bundle '.' 'cat /data & cat /data >&2; wait'
	head -c "$((${BYTES:-40000000} / 2))" /dev/urandom >"$BUNDLE/rootfs/data"
	detached --log-max-size "$((${BYTES:-40000000} / 50))" --log-max-files 100
	"$RUNTIME" --root "$ROOT" wait "$ID" >/dev/null
	wait_for test -e "$ROOT/$ID/exit.json"
	"$RUNTIME" --root "$ROOT" logs --stream stdout "$ID" | cmp - "$BUNDLE/rootfs/data" || fail 'stdout differs'
	"$RUNTIME" --root "$ROOT" logs --stream stderr "$ID" 2>&1 | cmp - "$BUNDLE/rootfs/data" || fail 'stderr differs'
	[ -e "$ROOT/$ID/container.log.49" ] || fail 'it was not rotated fifty times'
}

# a full disk drops output and says so; with --log-mode block the container waits for room
test_full_disk() {
	local end

	mydocker_only
	mkdir -p "$ROOT"
	mount -t tmpfs -o size=300k none "$ROOT"
	bundle '.' 'head -c 1000000 /dev/zero; echo the end'
	detached
	rt wait "$ID"
	wait_for test -e "$ROOT/$ID/exit.json"
	capture eval 'rt logs "$ID" | wc -c'
	expect_match 'bytes of output are lost' "$ERR"
	rt rm "$ID"
	rm -rf "$ROOT/$ID"
	detached --log-mode block
	wait_for eval '[ "$(stat -c %s "$ROOT/$ID/container.log")" -gt 100000 ]'
	expect_state running
	mount -o remount,size=3m "$ROOT"
	rt wait "$ID"
	wait_for test -e "$ROOT/$ID/exit.json"
	expect_eq 1000008 "$(rt logs "$ID" | wc -c)" 'bytes kept'
	rt rm "$ID"
	umount "$ROOT"
}

# a killed monitor does not end the container, and logs and ps say what that means
test_monitor_killed() {
	mydocker_only
	bundle '.' 'echo ready; read line </go; echo after; echo alive >/proof; sleep 100'
	mkfifo "$BUNDLE/rootfs/go"
	detached
	wait_for eval 'rt logs "$ID" | grep -q ready'
	expect_eq '' "$(rt ps 2>&1 >/dev/null)" 'warnings of ps'
	monitor_kill
	echo >"$BUNDLE/rootfs/go"
	wait_for grep -q alive "$BUNDLE/rootfs/proof"
	expect_state running
	capture timeout 10 "$RUNTIME" --root "$ROOT" logs -f "$ID"
	expect_status 0
	expect_out ready
	expect_match "monitor was killed.*mydocker monitor $ID" "$ERR"
	expect_match "$ID: its monitor was killed.*mydocker monitor $ID" "$(rt ps 2>&1 >/dev/null)"
	expect_eq false "$(rt ps --format json | jq '.containers[0].monitored')" monitored
	rt stop --time 0 "$ID"
	capture rt logs "$ID"
	expect_match 'what came after is lost' "$ERR"
}

monitor_kill() {
	local monitor

	monitor=$(jq .monitor "$ROOT/$ID/config.json")
	kill -KILL "$monitor"
	wait_for eval "! grep -q '^State:.[^ZX]' /proc/$monitor/status"
}

# monitor starts another, which finds what waited, keeps what comes, and has the same orders
test_monitor_replaced() {
	mydocker_only
	bundle '.' 'echo ready; read line </go; i=0; while [ $i -lt 9000 ]; do
		echo "line $i"; i=$((i + 1)); [ $i != 5000 ] || echo half >/proof; done; exit 7'
	mkfifo "$BUNDLE/rootfs/go"
	detached --log-max-size 8k --log-max-files 3
	wait_for eval 'rt logs "$ID" | grep -q ready'
	capture rt monitor "$ID"
	expect_failure
	expect_match 'has its monitor' "$ERR"
	monitor_kill
	echo >"$BUNDLE/rootfs/go"
	wait_for grep -q half "$BUNDLE/rootfs/proof"
	rt monitor "$ID"
	wait_for test -e "$ROOT/$ID/exit.json"
	expect_eq 3 "$(cd "$ROOT/$ID" && ls | grep -c '^container.log[.0-9]*$')" files
	[ "$(stat -c %s "$ROOT/$ID/container.log.1")" -le 8192 ] || fail 'a log is too large'
	capture rt logs "$ID"
	expect_eq "$(seq -f 'line %.0f' 0 8999 | tail -n 1000 | md5sum)" "$(tail -n 1000 <<<"$OUT" | md5sum)" 'the last lines'
	expect_match 'killed once and replaced' "$ERR"
	linux_has 6.15 || skip 'the rest needs Linux 6.15'
	capture rt wait "$ID"
	expect_status 7
	expect_eq exited "$(jq -r .status "$ROOT/$ID/config.json")" 'classic status'
	expect_eq true "$(jq '.startedAt <= .finishedAt' "$ROOT/$ID/exit.json")" 'order of times'
}

# so does one where the program has left a stream, or both
test_monitor_replaced_streams() {
	local streams

	mydocker_only
	for streams in '2>/dev/null' '>/dev/null' '>/dev/null 2>&1'; do
		bundle '.' "exec $streams; echo left >/proof; read line </go; echo after; echo after >&2; exit 7"
		mkfifo "$BUNDLE/rootfs/go"
		detached
		wait_for test -s "$BUNDLE/rootfs/proof"
		monitor_kill
		rt monitor "$ID"
		echo >"$BUNDLE/rootfs/go"
		wait_for test -e "$ROOT/$ID/exit.json"
		expect_eq "$([ "${streams% *}" = "$streams" ] && echo after)" "$(rt logs "$ID" 2>&1 | grep -v warning)" "log with $streams"
		rt rm "$ID"
	done
}

# the monitor that took over removes the container at the end, when the first was to
test_monitor_replaced_remove() {
	mydocker_only
	bundle '.' 'read line </go'
	mkfifo "$BUNDLE/rootfs/go"
	remember
	detached --rm
	monitor_kill
	rt monitor "$ID"
	echo >"$BUNDLE/rootfs/go"
	wait_for eval '! rt state "$ID"'
	expect_nothing_left
}

# monitor is for detached containers that run
test_monitor_refused() {
	mydocker_only
	ended 'echo text'
	capture rt monitor "$ID"
	expect_failure
	expect_match 'not running' "$ERR"
	rt rm "$ID"
	edit '.process.args = ["sleep", "100"]'
	create
	capture rt monitor "$ID"
	expect_failure
	expect_match 'has no log' "$ERR"
}

# logs -f survives being stopped in the middle of a rotation, and a dead reader harms nobody
test_reader_killed() {
	mydocker_only
	bundle '.' 'while :; do echo line; done'
	detached --log-max-size 64k --log-max-files 4
	"$RUNTIME" --root "$ROOT" logs -f "$ID" >"$HERE/followed" &
	wait_for test -s "$HERE/followed"
	kill -KILL $!
	expect_state running
	rt stop --time 0 "$ID"
}

# run -d --rm leaves nothing when the program has ended
test_remove() {
	mydocker_only
	bundle '.' 'sleep 0.2'
	remember
	detached --rm
	wait_for eval '! rt state "$ID"'
	expect_nothing_left
}

# the monitor has at most 300 KiB of memory to itself
test_monitor_memory() {
	local monitor private

	mydocker_only
	[ -z "${SANITIZE-}" ] || skip 'sanitizers need memory'
	bundle '.' 'echo ready; sleep 100'
	detached
	wait_for eval 'rt logs "$ID" | grep -q ready'
	monitor=$(jq .monitor "$ROOT/$ID/config.json")
	private=$(awk '/^Anonymous/ { print $2 }' "/proc/$monitor/smaps_rollup")
	[ "$private" -le 300 ] || fail "the monitor has $private KiB to itself"
}

run_tests
