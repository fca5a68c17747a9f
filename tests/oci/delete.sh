#!/bin/bash
# delete: what it removes, what it keeps, when it is refused.

. "${0%/*}/lib.sh"

# [runtime-33] [runtime-63] delete undoes everything that create made
test_everything() {
	remember
	start_ok '.' 'true'
	wait_for is_status stopped
	rt delete "$ID"
	expect_nothing_left
	expect_unknown
}

# [runtime-61] [runtime-62] a running container is refused and goes on
test_running() {
	start_ok '.' 'sleep 100'
	capture rt delete "$ID"
	expect_failure
	expect_match 'not stopped' "$ERR" stderr
	expect_state running
	expect_eq "$PID" "$(state pid)" pid
}

# waited or ended: delete has the container's lock, or has come to its end
waited_or_ended() {
	! flock -n 9 9<"$ROOT/$ID" || [ -e "$HERE/ended" ]
}

# who was killed and has not ended yet, here because he is frozen, is waited for
test_dying() {
	mydocker_only
	remember
	start_ok '.' 'sleep 100'
	rt pause "$ID"
	kill -KILL "$PID"
	(
		rt delete "$ID" 2>"$HERE/error" && result=0 || result=$?
		echo $result >"$HERE/ended"
	) &
	wait_for waited_or_ended
	for freezer in /sys/fs/cgroup/{,freezer/}"$CGROUP/$ID"/freezer.state; do
		[ ! -e "$freezer" ] || echo THAWED >"$freezer"
	done
	wait $!
	expect_eq 0 "$(<"$HERE/ended")" "$(<"$HERE/error")"
	expect_nothing_left
}

# [runtime-62] a created container is deleted, as engines need it
test_created() {
	remember
	bundle
	create
	rt delete "$ID"
	expect_nothing_left
}

# delete --force ends a running container
test_force_running() {
	remember
	start_ok '.' 'sleep 100 & sleep 100'
	rt delete --force "$ID"
	expect_nothing_left
}

# delete --force of an unknown container succeeds, twice too
test_force_unknown() {
	capture rt delete --force nosuch
	expect_status 0
	start_ok '.' 'sleep 100'
	rt delete -f "$ID"
	rt delete -f "$ID"
}

# [runtime-60] an unknown container, or none, is an error
test_unknown() {
	capture rt delete nosuch
	expect_failure
	expect_match 'does not exist' "$ERR" stderr
	capture rt delete
	expect_failure
}

# several ids in one call
test_several() {
	local first

	bundle
	create
	first=$ID
	ID=$ID-b
	bundle
	create
	runtime_differs runc 'it takes one id'
	rt delete --force "$first" "$ID"
	expect_unknown
}

# [runtime-64] a joined namespace, a bind source and the bundle stay
test_keeps() {
	mkdir "$HERE/source"
	touch "$HERE/namespace" "$HERE/source/file"
	unshare --net="$HERE/namespace" true
	bundle '(.linux.namespaces[] | select(.type == "network")).path = $here + "/namespace"
		| .mounts += [{"destination": "/mnt", "source": ($here + "/source"), "options": ["bind"]}]'
	remember
	start
	wait_for is_status stopped
	rt delete "$ID"
	expect_nothing_left
	[ -e "$HERE/source/file" ] && [ -e "$CONFIG" ] && [ -d "$BUNDLE/rootfs/bin" ]
	nsenter --net="$HERE/namespace" true
	umount "$HERE/namespace"
}

# processes that outlive the first one in a shared pid namespace go with delete
test_leftover_processes() {
	remember
	start_ok '.linux.namespaces |= map(select(.type != "pid"))' 'setsid sleep 1001 & exit 0'
	wait_for is_status stopped
	rt delete --force "$ID"
	expect_nothing_left
}

# a cgroup that the container made below its own is removed with it
test_nested_cgroup() {
	local directory

	remember
	start_ok '.' 'sleep 100'
	for directory in /sys/fs/cgroup{,/*}"$CGROUP/$ID"; do
		[ ! -d "$directory" ] || mkdir "$directory/below"
	done
	rt delete --force "$ID"
	expect_nothing_left
}

# delete of a container whose record is damaged still finds the processes
test_damaged_record() {
	remember
	start_ok 'del(.linux.cgroupsPath)' 'sleep 100'
	runtime_differs runc 'the container stays for ever'
	echo '{' >"$ROOT/$ID/config.json"
	capture rt delete --force "$ID"
	expect_status 0
	expect_nothing_left
}

# delete of a container with an empty directory, or one that is not a regular record, never hangs
test_odd_records() {
	bundle
	runtime_differs runc 'it hangs on a FIFO'
	for kind in empty fifo directory symlink; do
		mkdir -p -m 700 "$ROOT/odd-$kind"
	done
	mkfifo "$ROOT/odd-fifo/config.json"
	mkdir "$ROOT/odd-directory/config.json"
	ln -s /etc/passwd "$ROOT/odd-symlink/config.json"
	for kind in empty fifo directory symlink; do
		capture rt state "odd-$kind"
		expect_failure
		capture rt delete --force "odd-$kind"
		expect_status 0
		[ ! -e "$ROOT/odd-$kind" ]
	done
	[ -e /etc/passwd ]
}

run_tests
