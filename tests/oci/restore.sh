#!/bin/bash
# What a restored container finds: mounts, cgroups, namespaces, hooks and streams, as its new configuration and its new caller have them.

. "${0%/*}/criu.sh"

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

run_tests
