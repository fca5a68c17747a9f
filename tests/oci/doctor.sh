#!/bin/bash
# What a host lacks, and how it is mended.

. "${0%/*}/lib.sh"

found() {
	"$@" doctor --format json | jq -r '.findings[] | "\(.severity) \(.place) \(.text)"'
}

# a host on which these tests run has no errors, and nothing is made by looking
test_good() {
	mydocker_only
	remember
	capture rt doctor
	expect_status 0
	expect_match '^RESULT +PLACE +FOUND$' "$(head -n 1 <<<"$OUT")"
	expect_match '^ok +kernel +Linux [0-9.]+' "$OUT"
	expect_match "^ok +state +$ROOT can be used" "$OUT"
	expect_no_match '^error' "$OUT"
	expect_eq mydocker.doctor/1 "$(rt doctor --format json | jq -r .schema)" schema
	expect_nothing_left
}

# what is missing is told, with what to do: capabilities, user namespaces, cgroups, a state directory
test_missing() {
	mydocker_only
	expect_match '^warning capabilities CAP_MKNOD is missing$' "$(found setpriv --bounding-set=-mknod "$RUNTIME" --root "$ROOT")"
	capture setpriv --bounding-set=-sys_admin "$RUNTIME" --root "$ROOT" doctor
	expect_status 1
	expect_match '^error +capabilities +CAP_SYS_ADMIN is missing; nothing can be mounted' "$OUT"
	touch "$HERE/file"
	capture "$RUNTIME" --root "$HERE/file" doctor
	expect_status 1
	expect_match "^error +state +$HERE/file cannot be used; give another one with --root" "$OUT"
	# shellcheck disable=SC2016
	capture unshare --mount bash -c 'umount -lR /sys/fs/cgroup; "$@"' - "$RUNTIME" --root "$ROOT" doctor
	expect_status 0
	expect_match '^warning +cgroups +none are mounted; without them there are no limits' "$OUT"
}

# a caller without privilege hears what it needs besides
test_rootless() {
	mydocker_only
	chmod 755 "$WORK"
	capture env XDG_RUNTIME_DIR="$HERE" setpriv --reuid 1000 --regid 1000 --clear-groups "$RUNTIME" doctor
	expect_match '^ok +rootless +newuidmap and newgidmap$' "$OUT"
	expect_match '^(warning +cgroups +none is delegated|ok +cgroups)' "$OUT"
	capture env -u XDG_RUNTIME_DIR setpriv --reuid 1000 --regid 1000 --clear-groups "$RUNTIME" doctor
	expect_status 1
	expect_match '^error +state +no state directory' "$OUT"
}

# containers that need somebody: one without its monitor, one whose record is damaged, one that was never made
test_containers() {
	local monitor

	mydocker_only
	bundle '.' 'sleep 100'
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	monitor=$(jq .monitor "$ROOT/$ID/config.json")
	kill -KILL "$monitor"
	mkdir "$ROOT/$ID-broken"
	echo '{' >"$ROOT/$ID-broken/config.json"
	wait_for eval 'found rt | grep -q "warning $ID its monitor was killed"'
	expect_match "^warning $ID-broken its record is damaged" "$(found rt)"
	rm -r "$ROOT/$ID-broken"
}

run_tests
