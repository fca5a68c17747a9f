#!/bin/bash
# checkpoint and restore: a container goes on where it was, and so do those who had to do with it; what the options change.

. "${0%/*}/criu.sh"

# what was written down goes on where it was, with its memory, its pids and its streams
test_goes_on() {
	local last

	remember
	begin . "$COUNTING"
	wait_for has_lines 5
	checkpoint
	expect_unknown
	expect_nothing_left
	last=$(tail -n 1 "$HERE/log")
	restore
	expect_state running
	expect_eq "$(state pid)" "$PID" 'pid file'
	wait_for has_lines 3 log2
	expect_eq $((last + 1)) "$(head -n 1 "$HERE/log2")" 'the number after the restore'
	checkpoint
	restore
	expect_state running
}

# its state after a restore is that of any other container: exec, kill, delete
test_state() {
	begin . "$COUNTING"
	checkpoint
	restore
	capture rt exec "$ID" sh -c 'tr "\0" " " </proc/1/cmdline; hostname'
	expect_status 0
	expect_match '^sh -c i=0' "$OUT"
	rt kill "$ID" KILL
	wait_for is_status stopped
	rt delete "$ID"
	expect_unknown
}

# what exec adds to it shares the clocks that CRIU has set, and does not hinder the next checkpoint (CRIU leaves it out)
test_exec_again() {
	runtime_differs runc 'it does not know time namespaces'
	begin . "$COUNTING"
	checkpoint
	restore
	expect_eq "$(readlink "/proc/$PID/ns/time")" "$(rt exec "$ID" readlink /proc/self/ns/time)" 'its time namespace'
	rt exec --detach "$ID" sleep 1000 </dev/null >/dev/null 2>&1
	checkpoint
	restore
	expect_state running
}

# --leave-running: the container goes on
test_leave_running() {
	local lines

	begin . "$COUNTING"
	checkpoint --leave-running
	expect_state running
	lines=$(wc -l <"$HERE/log")
	wait_for has_lines $((lines + 3))
	rt delete --force "$ID"
	restore
	expect_state running
}

# a paused container can be written down as well
test_paused() {
	begin . "$COUNTING"
	rt pause "$ID"
	checkpoint
	expect_unknown
	restore
	expect_state running
}

# a terminal that was somebody's is handed over anew
test_terminal() {
	local at

	criu_needed
	bundle '.process.terminal = true' 'echo here; while read line; do echo "got <$line>"; done'
	mkfifo "$HERE/keys"
	for at in 1 2; do
		"$TOOLS/console" "$HERE/socket$at" <"$HERE/keys" >"$HERE/terminal$at" &
		exec 9>"$HERE/keys"
		wait_for test -S "$HERE/socket$at"
		if [ $at = 1 ]; then
			rt create --bundle "$BUNDLE" --console-socket "$HERE/socket1" "$ID" </dev/null
			rt start "$ID"
			wait_for printed here terminal1
			checkpoint
		else
			restore --console-socket "$HERE/socket2"
		fi
	done
	echo words >&9
	wait_for printed 'got <words>' terminal2
	expect_state running
}

# in the foreground, restore ends as the program does
test_foreground() {
	local status

	begin . "$WAITING"
	wait_for printed ready
	checkpoint
	go_on 'exit 7'
	capture rt restore "${IMAGES[@]}" --bundle "$BUNDLE" "$ID"
	expect_status 7
	expect_unknown
	rm "$BUNDLE/rootfs/tmp/go"
	status=0
	rt restore "${IMAGES[@]}" --bundle "$BUNDLE" -no-subreaper "$ID" </dev/null >/dev/null 2>&1 &
	wait_for is_status running
	rt kill "$ID" KILL
	wait $! || status=$?
	expect_eq 137 $status 'exit status of the foreground restore'
	expect_unknown
}

# [engines-32] the restored process belongs to the caller, not to anybody in between
test_parent() {
	begin . "$COUNTING"
	checkpoint
	restore
	expect_eq 1 "$(awk '/^PPid/ { print $2 }' "/proc/$PID/status")" 'its parent, this namespace having one'
}

# a container in the background can be written down, too; the journal tells of both
test_detached() {
	mydocker_only
	criu_needed
	bundle . "$COUNTING"
	rt events --no-stream >/dev/null
	rt run --detach --bundle "$BUNDLE" --name "$ID" >/dev/null </dev/null
	checkpoint
	expect_unknown
	restore
	wait_for has_lines 3 log2
	rt delete --force "$ID"
	expect_eq 'create start checkpoint delete restore delete' \
		"$(rt events --no-stream --since 1h | jq -r 'select(.type != "exit").type' | tr '\n' ' ' | sed 's/ $//')" 'the journal'
}

# a connection inside it takes --tcp-established
test_tcp() {
	begin . 'sleep 1000 | nc -l -p 99 & (until sleep 1000 | nc 127.0.0.1 99; do sleep 0.05; done) &
		until netstat -tn | grep ESTABLISHED; do sleep 0.02; done; echo ready; sleep 1000'
	wait_for printed ready
	capture rt checkpoint "${IMAGES[@]}" "$ID"
	expect_failure
	expect_state running
	command -v iptables-restore >/dev/null || skip 'CRIU needs iptables to keep packets away'
	checkpoint --tcp-established
	runtime_differs runc 'it leaves the loopback device down, and CRIU finds no network'
	restore --tcp-established
	capture rt exec "$ID" netstat -tn
	expect_match ESTABLISHED "$OUT"
}

# memory can be written down before, where the kernel remembers what is written
test_pre_dump() {
	begin . "$COUNTING"
	mkdir "$HERE/before"
	capture rt checkpoint --pre-dump --image-path "$HERE/before" "$ID"
	expect_state running
	if ! criu check --feature mem_dirty_track >/dev/null 2>&1; then
		expect_failure
		expect_match 'missing features|SOFT_DIRTY' "$ERR"
		skip 'this kernel does not track memory'
	fi
	expect_status 0
	checkpoint --parent-path ../before
	[ -e "$HERE/images/parent" ] || fail 'the images know of none before'
	restore
	expect_state running
}

# memory can be fetched when it is needed, from a server that says when it is ready
test_lazy_pages() {
	local port=$((20000 + RANDOM % 10000)) ready told lazy

	criu_needed
	criu check --feature uffd-noncoop >/dev/null 2>&1 || skip 'this kernel has no userfaultfd(2) with events'
	begin . "$COUNTING"
	wait_for has_lines 3
	exec {ready}<> <(:)
	exec {told}>"/proc/self/fd/$ready"
	rt checkpoint --lazy-pages --page-server "127.0.0.1:$port" --status-fd $told "${IMAGES[@]}" "$ID" </dev/null &
	expect_eq 1 "$(timeout 10 head -c 1 <&$ready | wc -c)" 'bytes that tell of readiness'
	criu lazy-pages --page-server --address 127.0.0.1 --port "$port" -D "$HERE/images" >"$HERE/lazy" 2>&1 &
	lazy=$!
	# the first is over only when the last page has been fetched
	edit --arg path "$CGROUP/$ID.other" '.linux.cgroupsPath = $path'
	wait_for test -S "$HERE/images/lazy-pages.socket"
	capture rt restore --detach "${IMAGES[@]}" --lazy-pages --manage-cgroups-mode "$([ "$KIND" = runc ] || echo ignore)" \
		--bundle "$BUNDLE" "$ID.other"
	! grep -q 'Error.*splice' "$HERE/images/dump.log" || skip 'this CRIU fails to send pages on this kernel'
	expect_status 0
	wait $lazy
	ID=$ID.other expect_state running
	wait_for expect_unknown
}

# the settings of CRIU itself that an annotation names have the last word
test_config() {
	criu_needed
	echo 'log-file=named.log' >"$HERE/criu.conf"
	begin '.annotations["org.criu.config"] = $here + "/criu.conf"' "$COUNTING"
	mkdir "$HERE/kept"
	checkpoint --work-path "$HERE/kept"
	[ -s "$HERE/kept/named.log" ] || fail 'the log has another name'
	[ ! -e "$HERE/images/named.log" ] || fail 'the log is with the images'
	rm "$HERE/kept/named.log"
	restore --work-path "$HERE/kept"
	[ -s "$HERE/kept/named.log" ] || fail 'the log of the restore has another name'
}

# the options that change nothing here are taken
test_options_taken() {
	runtime_differs runc 'Debian has one that knows no --link-remap'
	begin . "$COUNTING"
	checkpoint --ext-unix-sk --shell-job --file-locks --link-remap --empty-ns network --manage-cgroups-mode soft
	restore --ext-unix-sk --shell-job --file-locks --empty-ns network --manage-cgroups-mode soft --no-pivot
	expect_state running
	checkpoint --tcp-skip-in-flight --network-lock skip --auto-dedup
	restore --tcp-close --network-lock skip --no-subreaper
	expect_state running
}

# [engines-33] the verbs have help where there is a CRIU that works, and only there
test_help() {
	mydocker_only
	criu_needed
	capture rt checkpoint --help
	expect_status 0
	expect_match '--image-path' "$OUT"
	capture rt restore --help
	expect_status 0
	if ! PATH=$STANDARD criu check >/dev/null 2>&1; then
		capture env -u PATH "$RUNTIME" checkpoint --help
		expect_status 1
		expect_match 'criu' "$ERR"
	fi
	mkdir "$HERE/bin"
	printf '#!/bin/sh\nexit 1\n' >"$HERE/bin/criu"
	chmod +x "$HERE/bin/criu"
	capture env PATH="$HERE/bin" "$RUNTIME" checkpoint --help
	expect_status 1
	expect_match 'does not work here' "$ERR"
}

run_tests
