#!/bin/bash
# The calls of engines, word for word as each of them passes them, with its environment and its leaked descriptors.

. "${0%/*}/lib.sh"

# Who names no state root gets the usual one, which is this file's own.
mount -t tmpfs -o mode=755 tmpfs /run
PROGRAM=$(command -v "$RUNTIME")

# calls WORD...: the engine's call, which CALLER prepares, succeeds; what it prints is in OUT, and on stderr it says nothing
calls() {
	STATUS=0
	(cd "${WHERE-/}" && exec env -i "${CALLER[@]}" "$PROGRAM" "${GLOBALS[@]}" "$@") \
		<"${INPUT-/dev/null}" >"$HERE/stdout" 2>"$HERE/stderr" 3<"$HERE" || STATUS=$?
	OUT=$(<"$HERE/stdout")
	ERR=$(<"$HERE/stderr")
	expect_eq "${EXPECTED-0}" "$STATUS" "exit status of $*: $ERR, which"
	expect_eq '' "$ERR" "stderr of $*"
}

# quietly WORD...: the same, and it prints nothing at all
quietly() {
	calls "$@"
	expect_eq '' "$OUT" "stdout of $*"
}

# The file of exec --process.
process_file() {
	jq -n --arg script "$1" '{args: ["sh", "-c", $script], cwd: "/", env: ["PATH=/bin"], user: {uid: 0, gid: 0}, terminal: false}' >"$HERE/process"
}

is_stopped() {
	calls state "$ID"
	[ "$(jq -r .status <<<"$OUT")" = stopped ]
}

ZEROS='{"memory": {"limit": 0, "reservation": 0, "kernel": 0}, "cpu": {"shares": 0, "quota": 0, "period": 0}, "blockIO": {"weight": 0}}'

# [engines-34] containerd's shim, docker's too
test_shim() {
	bundle '.' 'trap "exit 3" TERM; while :; do sleep 0.05; done'
	CALLER=(HOME=/root PATH="$PATH" GOMAXPROCS=4) GLOBALS=(--root "$ROOT" --log "$BUNDLE/log.json" --log-format json) WHERE=$BUNDLE
	quietly create --bundle "$BUNDLE" --pid-file "$BUNDLE/init.pid" "$ID"
	expect_match '^[0-9]+$' "$(<"$BUNDLE/init.pid")" 'pid file'
	quietly start "$ID"
	process_file 'exec sleep 100'
	quietly exec --process "$HERE/process" --detach --pid-file "$BUNDLE/x1.pid" "$ID"
	calls ps --format json "$ID"
	expect_eq true "$(jq --argjson pids "[$(<"$BUNDLE/init.pid"), $(<"$BUNDLE/x1.pid")]" 'contains($pids)' <<<"$OUT")" 'pids of ps'
	quietly pause "$ID"
	quietly resume "$ID"
	if [ "$KIND" = mydocker ] || [ -e /sys/fs/cgroup/blkio/blkio.weight ]; then
		echo "$ZEROS" >"$HERE/zeros"
		INPUT=$HERE/zeros quietly update --resources - "$ID"
		INPUT=$HERE/zeros quietly update --resources=- "$ID"
	fi
	quietly kill "$ID" 15
	wait_for is_stopped
	quietly delete "$ID"
	quietly delete --force "$ID"
	[ ! -s "$BUNDLE/log.json" ] || fail "the log: $(<"$BUNDLE/log.json")"
	bundle '.' 'sleep 100 & sleep 100'
	quietly create --bundle "$BUNDLE" --pid-file "$BUNDLE/init.pid" --no-pivot --no-new-keyring "$ID"
	quietly start "$ID"
	quietly kill --all "$ID" 9
	wait_for is_stopped
	quietly delete "$ID"
}

# [engines-35] conmon, and podman itself: no root, an empty XDG_RUNTIME_DIR, and neither HOME nor PATH
test_podman() {
	bundle '.' 'trap "exit 3" TERM; while :; do sleep 0.05; done'
	CALLER=(_OCI_SYNCPIPE=3 _OCI_STARTPIPE=4 XDG_RUNTIME_DIR= HOME=/root PATH="$PATH") GLOBALS=(--log-format=json --log "$HERE/oci-log")
	quietly create --bundle "$BUNDLE" --pid-file "$BUNDLE/pidfile" --no-pivot --no-new-keyring --preserve-fds 0 "$ID"
	[ -d "/run/$KIND/$ID" ] || fail 'its state is elsewhere'
	CALLER=(XDG_RUNTIME_DIR= PATH="$PATH") GLOBALS=()
	quietly start "$ID"
	CALLER=(XDG_RUNTIME_DIR=)
	calls state "$ID"
	process_file 'exit 0'
	CALLER=(_OCI_SYNCPIPE=3 XDG_RUNTIME_DIR= HOME=/root PATH="$PATH") GLOBALS=(--log-format=json --log "$HERE/oci-log") WHERE=$HERE
	quietly exec --pid-file "$HERE/exec.pid" --process "$HERE/process" --detach "$ID"
	CALLER=(XDG_RUNTIME_DIR=) GLOBALS=()
	quietly pause "$ID"
	quietly resume "$ID"
	echo '{"pids": {"limit": 33}}' >"$HERE/resources"
	quietly update --resources="$HERE/resources" "$ID"
	quietly kill "$ID" 15
	wait_for is_stopped
	quietly delete --force "$ID"
	calls --version
	expect_match ' version ' "$(head -n 1 <<<"$OUT")" version
}

# [engines-36] buildah: from the bundle, with the whole environment, a signal by name, and delete while it dies
test_buildah() {
	bundle '.' 'sleep 100'
	mapfile -d '' -t CALLER <"/proc/$BASHPID/environ"
	GLOBALS=() WHERE=$BUNDLE
	quietly create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$ID"
	quietly start "$ID"
	calls state "$ID"
	expect_eq running "$(jq -r .status <<<"$OUT")" status
	quietly kill "$ID" SIGKILL
	[ "$KIND" != runc ] || wait_for is_stopped # it may be too late for it
	quietly delete "$ID"
	capture "$PROGRAM" state "$ID"
	expect_failure
}

# [engines-37] BuildKit: in the foreground, the exit status its own
test_buildkit() {
	bundle '.' 'cat; exit 7'
	CALLER=(PATH="$PATH") GLOBALS=(--log "$HERE/log.json" --log-format json)
	echo words >"$HERE/words"
	INPUT=$HERE/words EXPECTED=7 calls run --bundle "$BUNDLE" "$ID"
	expect_out words
	runtime_differs runc 'this version does not have --keep'
	EXPECTED=7 calls run --bundle "$BUNDLE" --keep "$ID"
	quietly delete "$ID"
	bundle '.' 'sleep 100'
	quietly create --bundle "$BUNDLE" "$ID"
	quietly start "$ID"
	process_file 'echo probed; exit 6'
	EXPECTED=6 calls exec --process "$HERE/process" "$ID"
	expect_out probed
	quietly kill "$ID" 9
}

# [engines-38] CRI-O: its root with an equals sign, exec in the foreground, and both streams read as one
test_crio() {
	bundle '.' 'sleep 100'
	CALLER=(PATH="$PATH") GLOBALS=(--root="$ROOT")
	quietly create --bundle "$BUNDLE" --pid-file "$HERE/pidfile" "$ID"
	GLOBALS=(--root "$ROOT")
	quietly start "$ID"
	process_file 'echo probed; exit 6'
	EXPECTED=6 calls exec --process "$HERE/process" "$ID"
	expect_out probed
	echo '{"pids": {"limit": 33}}' >"$HERE/resources"
	INPUT=$HERE/resources quietly update --resources - "$ID"
	quietly kill -a "$ID" KILL
	wait_for is_stopped
	quietly delete --force "$ID"
	calls --version
	calls features
	expect_match linux "$(jq -r 'keys[]' <<<"$OUT")" features
}

# [engines-39] go-runc's others: lists, statistics once and again, tables, a detached run
test_go_runc() {
	bundle '.' 'sleep 100'
	CALLER=(PATH="$PATH") GLOBALS=(--root "$ROOT" --rootless=false --debug=false)
	quietly create --bundle "$BUNDLE" "$ID"
	quietly start "$ID"
	calls list --format=json
	expect_eq "$ID" "$(jq -r '.[].id' <<<"$OUT")" list
	calls events --stats "$ID"
	expect_eq "stats $ID" "$(jq -r '"\(.type) \(.id)"' <<<"$OUT")" event
	calls ps --format table "$ID" -ef
	expect_match '^ *UID|PID' "$(head -n 1 <<<"$OUT")" 'table of ps'
	"$PROGRAM" "${GLOBALS[@]}" events --interval=1s "$ID" >"$HERE/events" &
	wait_for eval '[ "$(grep -c "\"type\":\"stats\"" "$HERE/events")" -ge 2 ]'
	quietly kill "$ID" 9
	[ "$KIND" = runc ] || timeout 10 tail --pid=$! -f /dev/null || fail 'events goes on'
	wait_for is_stopped
	quietly delete "$ID"
	[ "$KIND" = mydocker ] || return 0 # which prints the id
	calls run --detach --bundle "$BUNDLE" --pid-file "$HERE/pidfile" "$ID"
	expect_match '^[0-9]+$' "$(<"$HERE/pidfile")" 'pid file'
}

run_tests
