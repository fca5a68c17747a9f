#!/bin/bash
# A checkpoint, or a restore, that cannot be: what is told, and that nothing is lost and nothing left.

. "${0%/*}/criu.sh"

# what is not running cannot be written down
test_refused() {
	criu_needed
	bundle . true
	create
	capture rt checkpoint "${IMAGES[@]}" "$ID"
	expect_failure
	expect_match 'created' "$ERR"
	rt start "$ID"
	wait_for is_status stopped
	capture rt checkpoint "${IMAGES[@]}" "$ID"
	expect_failure
	expect_match 'stopped' "$ERR"
	capture rt checkpoint "${IMAGES[@]}" nosuch
	expect_failure
	expect_match 'does not exist' "$ERR"
}

# the id must be free
test_taken() {
	begin . "$COUNTING"
	checkpoint --leave-running
	capture rt restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'exists' "$ERR"
	expect_state running
}

# options that cannot be are refused before anything happens
test_options() {
	local option

	begin . "$COUNTING"
	for option in --manage-cgroups-mode=nosuch --empty-ns=nosuch --page-server=nowhere \
		--parent-path=/absolute --no-such-option; do
		capture rt checkpoint "${IMAGES[@]}" "$option" "$ID"
		expect_failure
		expect_match "nosuch|nvalid|ADDRESS:PORT|parent-path|no-such-option" "$ERR"
		expect_state running
	done
	runtime_differs runc 'it lets CRIU find the others out'
	for option in --network-lock=nosuch --status-fd=1 --page-server=a:99999 --parent-path=nosuch; do
		capture rt checkpoint "${IMAGES[@]}" "$option" "$ID"
		expect_failure
		expect_match 'nosuch|status-fd|ADDRESS:PORT' "$ERR"
		expect_state running
	done
	capture rt checkpoint "${IMAGES[@]}" --lazy-pages --status-fd=77 "$ID"
	expect_failure
	expect_match 'status-fd 77' "$ERR"
}

# without images there is nothing to restore, and nothing is left
test_no_images() {
	criu_needed
	bundle . true
	remember
	capture rt restore --detach --image-path "$HERE/nosuch" --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'nosuch' "$ERR"
	mkdir "$HERE/empty"
	capture rt restore --detach --image-path "$HERE/empty" --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'descriptors.json' "$ERR"
	expect_nothing_left
	expect_unknown
}

# images that are damaged are told with CRIU's own words; nothing is left
test_damaged_images() {
	begin . "$COUNTING"
	checkpoint
	remember
	echo garbage >"$HERE/images/pstree.img"
	capture rt restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'criu failed: type [A-Z_]+ errno' "$ERR"
	[ "$KIND" != mydocker ] || expect_match 'log file: .*/images/restore.log.*Error \(criu/.*pstree' "$ERR"
	expect_nothing_left
	expect_unknown
}

# [engines-13] what cannot be written down is told with CRIU's own words; the container goes on, and none of its processes is lost
test_fails() {
	local lines

	criu_needed
	bundle . "$COUNTING"
	rt create --bundle "$BUNDLE" "$ID" </dev/null >"$HERE/log" 2>&1 # a file of the host
	rt start "$ID"
	wait_for has_lines 3
	capture rt checkpoint "${IMAGES[@]}" "$ID"
	expect_failure
	expect_match 'criu failed: type (DUMP|NOTIFY) errno' "$ERR"
	[ "$KIND" != mydocker ] || expect_match 'log file: .*/images/dump.log.*Error \(criu/.*fd=1' "$ERR"
	[ -s "$HERE/images/dump.log" ] || fail 'there is no log'
	expect_state running
	lines=$(wc -l <"$HERE/log")
	wait_for has_lines $((lines + 3))
}

# a hook that fails ends the restore; nothing is left
test_hook_fails() {
	begin . "$COUNTING"
	checkpoint
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "echo no network >&2; exit 3"]}]'
	remember
	capture rt restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'no network' "$ERR"
	expect_nothing_left
	expect_unknown
}

# one that dies at once, or says nothing that is understood, is an error and nothing else
test_broken_criu() {
	mydocker_only
	begin . "$COUNTING"
	mkdir "$HERE/bin"
	printf '#!/bin/sh\nexit 1\n' >"$HERE/bin/criu"
	chmod +x "$HERE/bin/criu"
	capture env PATH="$HERE/bin:$PATH" "$RUNTIME" --root "$ROOT" checkpoint "${IMAGES[@]}" "$ID"
	expect_failure
	expect_match 'criu failed: it ended early' "$ERR"
	expect_state running
	checkpoint
	remember
	capture env PATH="$HERE/bin:$PATH" "$RUNTIME" --root "$ROOT" restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'criu failed: it ended early' "$ERR"
	expect_nothing_left
}

# killed in the middle of a restore, it leaves nothing that delete --force does not find
test_killed() {
	local path

	begin . "$COUNTING"
	checkpoint
	wait # for who wrote its output down
	remember
	# the restore's own process is the hook's parent
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "kill -KILL $PPID"]}]'
	capture rt restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" "$ID"
	expect_failure
	rt delete --force "$ID"
	runtime_differs runc 'it leaves a mount in its state directory, and cgroups'
	expect_nothing_left
	expect_unknown
}

run_tests
