#!/bin/bash
# checkpoint and restore, through CRIU: this machine's if it works here, or the one of `make criu`.

. "${0%/*}/lib.sh"

for directory in '' "$BUILD/criu" "$BUILD/../criu"; do
	PATH=$directory${directory:+:}$PATH
	criu check >/dev/null 2>&1 && break
	PATH=${PATH#"$directory"}
	PATH=${PATH#:}
	directory=none
done
STANDARD=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
IMAGES=()

# Every test begins with a working CRIU, or is skipped.
criu_needed() {
	[ "$directory" != none ] || skip 'there is no criu that works here; make criu'
	IMAGES=(--image-path "$HERE/images")
}

# Shows what a container prints in a file. Its output has to be a pipe: a file of the host is none that CRIU could open again.
shown_in() {
	exec cat >>"$HERE/$1"
}

# begin FILTER SCRIPT [JQ-ARGUMENT...]: a running container; what it prints is in $HERE/log
begin() {
	criu_needed
	bundle "$@"
	rt create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" </dev/null > >(shown_in log) 2>&1
	PID=$(<"$HERE/pid")
	rt start "$ID"
}

checkpoint() {
	rt checkpoint "${IMAGES[@]}" "$@" "$ID" </dev/null || fail "checkpoint failed: $(grep Error "$HERE/images/dump.log")"
}

# What it prints from now on is in $HERE/log2, its pid in PID.
restore() {
	rt restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" --pid-file "$HERE/pid2" "$@" "$ID" </dev/null > >(shown_in log2) 2>&1 ||
		fail "restore failed: $(cat "$HERE/log2"; grep Error "$HERE/images/restore.log")"
	PID=$(<"$HERE/pid2")
}

# A number that only its memory knows, again and again.
COUNTING='i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done'

has_lines() {
	(($(wc -l <"$HERE/${2:-log}") >= $1))
}

# It waits until somebody says how it is to go on.
WAITING='echo ready; while [ ! -e /tmp/go ]; do sleep 0.02; done; . /tmp/go'

go_on() {
	echo "$1" >"$BUNDLE/rootfs/tmp/go.new"
	mv "$BUNDLE/rootfs/tmp/go.new" "$BUNDLE/rootfs/tmp/go"
}

# Whether $HERE/log, or another, has a line.
printed() {
	grep -q -- "$1" "$HERE/${2:-log}"
}

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

# what exec adds to it shares the clocks that CRIU has set, and is written down with it the next time
test_exec_again() {
	begin . "$COUNTING"
	checkpoint
	restore
	expect_eq "$(readlink "/proc/$PID/ns/time")" "$(rt exec "$ID" readlink /proc/self/ns/time)" 'its time namespace'
	rt exec --detach "$ID" sleep 1000 </dev/null >/dev/null 2>&1
	checkpoint
	restore
	capture rt exec "$ID" pidof sleep
	expect_status 0
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

# bind mounts lead to what the new configuration says, wherever their places lead
test_mounts() {
	criu_needed
	mkdir -p "$HERE/one" "$HERE/two"
	echo first >"$HERE/one/file"
	echo second >"$HERE/two/file"
	bundle '.mounts += [{destination: "/conf", source: ($here + "/one"), options: ["bind"]},
		{destination: "/data", source: ($here + "/one"), options: ["rbind", "ro"]},
		{destination: "/data/in/it", source: ($here + "/one/file"), options: ["bind"]},
		{destination: "/etc/some/file", source: ($here + "/one/file"), options: ["bind"]}]' "$WAITING"
	mkdir -p "$BUNDLE/rootfs/real/conf" "$HERE/one/in" "$HERE/two/in"
	ln -s /real/conf "$BUNDLE/rootfs/conf"
	touch "$HERE/one/in/it" "$HERE/two/in/it"
	rt create --bundle "$BUNDLE" "$ID" </dev/null > >(shown_in log) 2>&1
	rt start "$ID"
	wait_for printed ready
	checkpoint
	rm -rf "$HERE/two/in"
	edit --arg here "$HERE" '(.mounts[].source | select(startswith($here))) |= sub("/one"; "/two")'
	go_on 'cat /conf/file /real/conf/file /data/file /data/in/it /etc/some/file; touch /data/x 2>&1'
	restore
	wait_for printed 'Read-only' log2
	expect_eq $'second\nsecond\nsecond\nsecond\nsecond' "$(head -n 5 "$HERE/log2")" 'what the mounts show'
}

# places of mounts that a root filesystem lacks are made
test_fresh_root() {
	begin '.mounts += [{destination: "/made/here", source: "tmpfs", type: "tmpfs"}]' 'echo kept >/made/here/file; '"$WAITING"
	wait_for printed ready
	checkpoint
	rm -rf "$BUNDLE/rootfs"
	cp -al "$WORK/rootfs" "$BUNDLE/rootfs"
	rmdir "$BUNDLE/rootfs"/{proc,sys} 2>/dev/null || :
	go_on 'cat /made/here/file'
	restore
	wait_for printed kept log2
}

# what was masked and read-only is so afterwards
test_masks() {
	begin '.linux.maskedPaths += ["/proc/timer_list", "/proc/scsi", "/etc/hidden", "/tmp/dir"] | .linux.readonlyPaths += ["/proc/irq"]' "$COUNTING"
	checkpoint
	restore
	capture rt exec "$ID" sh -c 'wc -c </proc/keys; ls /sys/firmware; echo 1 >/proc/sys/kernel/pid_max'
	expect_out 0
	expect_failure
	expect_match 'Read-only' "$ERR"
}

# the cgroup and its limits are those of the configuration that it is restored with
test_cgroup() {
	runtime_differs runc 'Debian has one that knows no mode ignore'
	begin '.linux.resources.pids.limit = 30' "$COUNTING"
	checkpoint --manage-cgroups-mode ignore
	edit --arg path "$CGROUP/$ID.other" '.linux.cgroupsPath = $path | .linux.resources.pids.limit = 40'
	restore --manage-cgroups-mode ignore
	expect_match "$ID.other\$" "$(<"/proc/$PID/cgroup")"
	expect_no_match "$ID\$" "$(<"/proc/$PID/cgroup")"
	expect_eq 40 "$(cat "$(awk -v path="$CGROUP/$ID.other" '/ - cgroup2? / { print $5 path "/pids.max" }' /proc/self/mountinfo |
		while read -r file; do [ -e "$file" ] && echo "$file"; done | head -n 1)")" 'the limit'
	remember
	rt delete --force "$ID"
	! compgen -G "/sys/fs/cgroup/*$CGROUP/$ID*" || fail 'a cgroup is left'
}

# in its cgroup without further words, too
test_cgroup_soft() {
	begin . "$COUNTING"
	checkpoint
	restore
	expect_no_match ":/$" "$(grep -v ::/ "/proc/$PID/cgroup")" 'its cgroups'
	expect_match "$ID\$" "$(<"/proc/$PID/cgroup")"
}

# a container with the hierarchies mounted goes on to see its own
test_cgroup_mount() {
	begin '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro", "nosuid", "noexec", "nodev"]}]' "$COUNTING"
	checkpoint
	restore
	runtime_differs runc 'what is mounted afterwards is another cgroup'
	capture rt exec "$ID" sh -c 'cat /sys/fs/cgroup/pids/cgroup.procs 2>/dev/null || cat /sys/fs/cgroup/cgroup.procs'
	expect_status 0
	expect_match '^1$' "$OUT"
}

# namespaces by path are joined again
test_joined() {
	local holder

	criu_needed
	unshare --net --pid --fork --kill-child sleep 1000 &
	wait_for pgrep -P $!
	holder=$(pgrep -P $!)
	wait_for test "/proc/$holder/ns/net" -ef "/proc/$holder/ns/net"
	begin '.linux.namespaces |= map(if .type == "network" then .path = "/proc/\($ARGS.named.holder)/ns/net" else . end)' "$COUNTING" \
		--arg holder "$holder"
	checkpoint
	restore
	[ "/proc/$PID/ns/net" -ef "/proc/$holder/ns/net" ] || fail 'it is in another network namespace'
}

# the loopback device of its own network is up
test_loopback() {
	begin . "$COUNTING"
	checkpoint
	restore
	runtime_differs runc 'it leaves the device down'
	capture rt exec "$ID" ip addr show lo
	expect_match 'inet 127.0.0.1' "$OUT"
}

# hooks: the host's when the namespaces are there, poststop when it is written down
test_hooks() {
	local hook='{path: "/bin/sh", args: ["sh", "-c", "echo $0 $(cat) >>\($here)/hooked", $name]}' stage

	begin "[\"prestart\", \"createRuntime\", \"createContainer\", \"startContainer\", \"poststart\", \"poststop\"] as \$names |
		.hooks = (\$names | map(. as \$name | {key: ., value: [$hook]}) | from_entries) | .hooks.startContainer = []" "$COUNTING"
	: >"$HERE/hooked"
	checkpoint
	expect_eq poststop "$(cut -d' ' -f1 "$HERE/hooked" | tr '\n' ' ' | sed 's/ $//')" 'hooks of a checkpoint'
	: >"$HERE/hooked"
	restore
	expect_eq 'prestart createRuntime' "$(cut -d' ' -f1 "$HERE/hooked" | tr '\n' ' ' | sed 's/ $//')" 'hooks of a restore'
	expect_eq "$PID $PID" "$(sed 's/^[^{]*//' "$HERE/hooked" | jq -r .pid | tr '\n' ' ' | sed 's/ $//')" 'their pid'
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

# killed in the middle of a restore, it leaves nothing that delete --force does not find
test_killed() {
	local path

	begin . "$COUNTING"
	checkpoint
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

# swept VERB ARGUMENT...: the verb is killed at every FAULTS-th of its system calls; delete --force leaves nothing
swept() {
	local call=1 bad=0

	while "$TOOLS/killat" "$call" "$RUNTIME" --root "$ROOT" "$@" >"$HERE/killed" 2>&1 </dev/null; do
		capture rt delete --force "$ID"
		if [ "$STATUS" != 0 ] || ! nothing_left; then
			echo "$1 $(<"$HERE/killed") $call: $STATUS $ERR $(left_over)"
			bad=1
			find /sys/fs/cgroup -depth -type d -path "*$ID*" -exec rmdir {} + || :
			rm -rf "${ROOT:?}/$ID"
		fi
		[ "$1" = restore ] || again
		call=$((call + ${FAULTS:-23}))
	done
	rt delete --force "$ID"
	echo "killed at $call calls"
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

# the id must be free
test_taken() {
	begin . "$COUNTING"
	checkpoint --leave-running
	capture rt restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'exists' "$ERR"
	expect_state running
}

# a pipe between its own processes stays between them
test_inner_pipes() {
	begin . "($COUNTING) | while read -r n; do echo \"\$n again\"; done"
	wait_for has_lines 3
	checkpoint
	restore
	wait_for has_lines 3 log2
	expect_no_match -v ' again$' "$(grep -v ' again$' "$HERE/log2")"
}

# the outer stream is found where the first process has given its own another meaning
test_turned_streams() {
	begin . 'mkfifo /tmp/f; (while read -r n; do echo "$n again"; done) </tmp/f & exec >/tmp/f; '"$COUNTING"
	wait_for has_lines 3
	checkpoint
	restore
	wait_for has_lines 3 log2
	expect_eq '' "$(grep -v ' again$' "$HERE/log2")" 'lines that went another way'
}

# what is read comes from who restores it
test_input() {
	local to

	criu_needed
	bundle . 'echo ready; while read -r line; do echo "got <$line>"; done'
	exec {to}> >(rt run --bundle "$BUNDLE" "$ID" > >(shown_in log) 2>&1)
	wait_for printed ready
	checkpoint
	exec {to}>&-
	exec {to}> >(restore_reading)
	echo words >&$to
	wait_for printed 'got <words>' log2
}

restore_reading() {
	rt restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" "$ID" > >(shown_in log2) 2>&1
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

run_tests
