#!/bin/bash
# checkpoint and restore are killed at each of their system calls; CRIU and what it makes go on, as they would.

. "${0%/*}/criu.sh"

STRIDE=${FAULTS:-$([ -n "${FULL-}" ] && echo 1 || echo 61)}

# swept VERB ARGUMENT...: the verb is killed at every STRIDE-th of its system calls; delete --force leaves nothing
swept() {
	local call=1 bad=0

	while "$TOOLS/faultat" -c "$HERE/fault" 0 KILL "$call" "$RUNTIME" --root "$ROOT" "$@" >"$HERE/killed" 2>&1 </dev/null
		grep -q '^call' "$HERE/fault"; do
		capture rt delete --force "$ID"
		if [ "$STATUS" != 0 ] || ! nothing_left; then
			echo "$1, $(<"$HERE/fault"): $STATUS $ERR $(left_over)"
			bad=1
			find /sys/fs/cgroup -depth -type d -path "*$ID*" -exec rmdir {} + || :
			rm -rf "${ROOT:?}/$ID"
		fi
		[ "$1" = restore ] || again
		call=$((call + STRIDE))
	done
	rt delete --force "$ID"
	echo "# $1: $(<"$HERE/fault")"
	return $bad
}

# A container for the next checkpoint.
again() {
	rt create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	rt start "$ID"
}

# restore is killed anywhere
test_swept_restore() {
	runtime_differs runc 'it leaves mounts, cgroups and processes'
	begin . 'sleep 1000'
	checkpoint
	remember
	swept restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" "$ID"
}

# checkpoint is killed anywhere
test_swept_checkpoint() {
	runtime_differs runc 'its own processes are many'
	criu_needed
	bundle . 'sleep 1000'
	remember
	again
	swept checkpoint "${IMAGES[@]}" "$ID"
}

run_tests
