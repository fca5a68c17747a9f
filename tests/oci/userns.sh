#!/bin/bash
# User namespaces: their maps, who owns what in them, and callers without privilege.

. "${0%/*}/lib.sh"

MAPPED='.linux.namespaces += [{"type": "user"}]
	| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
	| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'

# Whoever is root inside is nobody outside: the way to the bundles has to be open.
chmod 755 "$WORK"

# A file of a container's first process, with single blanks.
map_of() {
	tr -s ' ' <"/proc/$PID/$1" | sed 's/^ //'
}

# [config-linux-ns-06] [config-linux-ns-16] the maps are those of the configuration, for each of the two
test_maps() {
	start_ok "$MAPPED" 'id -u; id -g; cat /proc/self/setgroups; sleep 100'
	wait_for logged allow
	expect_log $'0\n0\nallow'
	expect_eq '0 100000 65536' "$(map_of uid_map)" uid_map
	expect_eq '0 200000 65536' "$(map_of gid_map)" gid_map
	expect_eq '100000 200000' "$(stat -c '%u %g' "/proc/$PID")" "owner of the process's directory"
}

# [config-linux-ns-16] several ranges
test_several_ranges() {
	start_ok "$MAPPED"' | .linux.uidMappings = [{"containerID": 0, "hostID": 1000, "size": 1},
		{"containerID": 1, "hostID": 100000, "size": 10}, {"containerID": 100, "hostID": 200000, "size": 5}]
		| .process.user = {"uid": 102, "gid": 7, "additionalGids": [8, 9]}' 'id -u; probe groups; sleep 100'
	wait_for logged 8
	expect_log $'102\n8 9 '
	expect_eq $'0 1000 1\n1 100000 10\n100 200000 5' "$(map_of uid_map)" uid_map
	expect_eq '200002 200007' "$(stat -c '%u %g' "/proc/$PID")" 'ids outside'
}

# [config-linux-ns-18] the kernel takes 340 ranges: 341 are refused, 340 are not
test_range_limit() {
	bundle "$MAPPED | .linux.uidMappings = [range(340) | {\"containerID\": ., \"hostID\": (1000 + 2 * .), \"size\": 1}]"
	create
	expect_eq 340 "$(wc -l <"/proc/$PID/uid_map")" 'lines of uid_map'
	rt delete --force "$ID"
	bundle "$MAPPED | .linux.uidMappings = [range(341) | {\"containerID\": ., \"hostID\": (1000 + 2 * .), \"size\": 1}]"
	runtime_differs runc 'it leaves that to the kernel'
	expect_refused /linux/uidMappings
}

# [config-linux-ns-06] [config-linux-ns-16] a new user namespace without maps, and maps without one, are refused
test_maps_missing() {
	runtime_differs runc 'it takes maps without a user namespace'
	bundle '.linux.namespaces += [{"type": "user"}]'
	expect_refused /linux/uidMappings
	bundle '.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 1}]'
	expect_refused /linux/uidMappings
}

# [config-process-33] an id that the namespace does not map is refused
test_unmapped_user() {
	bundle "$MAPPED | .process.user = {\"uid\": 70000, \"gid\": 0}"
	expect_refused /process/user
}

# a user namespace that maps no root is told what it lacks
test_no_root() {
	bundle "$MAPPED | .linux.uidMappings[0].containerID = 5 | .linux.gidMappings[0].containerID = 5 | .process.user = {\"uid\": 5, \"gid\": 5}"
	expect_refused -
	[ "$KIND" != mydocker ] || expect_match 'containerID 0' "$ERR" stderr
}

# [config-linux-ns-17] nothing of the image is made to fit the map
test_no_chown() {
	bundle "$MAPPED"
	mkdir "$BUNDLE/rootfs/mine"
	chown 1234:1234 "$BUNDLE/rootfs/mine"
	find "$BUNDLE/rootfs" -printf '%p %U %G %m\n' | grep -v /dev | sort >"$HERE/before"
	run
	expect_status 0
	expect_eq '' "$(find "$BUNDLE/rootfs" -printf '%p %U %G %m\n' | grep -v /dev | sort | diff "$HERE/before" - |
		grep -v '/\(proc\|sys\)')" 'changed owners and modes'
}

# [config-linux-dev-02] [config-linux-dev-10] devices are the host's, bound; what is listed too
test_devices() {
	run_ok "$MAPPED | .linux.devices = [{\"path\": \"/dev/kmsg\", \"type\": \"c\", \"major\": 1, \"minor\": 11}]" \
		'echo x >/dev/null && [ -c /dev/kmsg ] && echo there; grep -c "^devtmpfs /dev/null " /proc/mounts; readlink /dev/ptmx'
	expect_out $'there\n1\npts/ptmx'
}

# [config-linux-dev-07] an owner that the host's node does not have is not passed over in silence
test_device_owner() {
	bundle "$MAPPED | .linux.devices = [{\"path\": \"/dev/kmsg\", \"type\": \"c\", \"major\": 1, \"minor\": 11, \"uid\": 5, \"gid\": 0}]" 'true'
	runtime_differs runc 'it says nothing'
	run
	expect_status 0
	expect_match 'warning: .*/dev/kmsg.*owner' "$ERR" stderr
}

# the default filesystems belong to the container's root: gid 5 of devpts, message queues, a tmpfs
test_filesystems() {
	run_ok "$MAPPED" 'grep -o "gid=200005" /proc/mounts; touch /dev/shm/x /dev/mqueue/q; stat -c "%u %g" /dev/shm/x /dev/mqueue/q; stat -c %u /proc/self/stat'
	expect_out $'gid=200005\n0 0\n0 0\n0'
}

# [config-linux-fs-02] [config-linux-fs-01] with the host's network and processes, sysfs and proc are the host's, bound
test_foreign_sysfs() {
	bundle "$MAPPED | .linux.namespaces |= map(select(.type != \"network\" and .type != \"pid\")) | .linux.maskedPaths = [] | .linux.readonlyPaths = []" \
		'grep -c " /sys sysfs ro" /proc/mounts; [ -e /proc/self/stat ] && echo seen; touch /sys/x 2>/dev/null || echo refused'
	runtime_differs runc 'it fails'
	run
	expect_status 0
	expect_out $'1\nseen\nrefused'
}

# hooks see what the runtime sees: the process is theirs to look at, and outside the namespace they are root
test_hooks() {
	bundle "$MAPPED | .hooks = {\"createRuntime\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\",
		\"pid=\$(jq .pid); id -u >'$HERE/seen'; tr -s ' ' </proc/\$pid/uid_map >>'$HERE/seen'\"], \"env\": [\"PATH=/usr/bin:/bin\"]}]}"
	create
	expect_eq $'0\n 0 100000 65536' "$(<"$HERE/seen")" 'what the hook saw'
}

# What a terminal shows, without the end of its input.
shown() {
	tr -d '\r' | sed 's/^^@//'
}

# [config-linux-dev-16] a terminal in a user namespace belongs to its user
test_terminal() {
	bundle "$MAPPED | .process.terminal = true | .process.user = {\"uid\": 5, \"gid\": 5}" 'tty; stat -c %u $(tty); ls -l /dev/console | cut -c1'
	capture timeout 20 script -qec "$RUNTIME --root $ROOT run --bundle $BUNDLE $ID" /dev/null
	expect_eq $'/dev/pts/0\n5\nc' "$(shown <<<"$OUT")" output
}

# exec enters all eight namespaces
test_exec() {
	local type

	runtime_differs runc 'this version does not know time namespaces'
	start_ok "$MAPPED | .linux.namespaces += [{\"type\": \"cgroup\"}, {\"type\": \"time\"}]" 'sleep 100'
	for type in user mnt pid net ipc uts cgroup time; do
		expect_eq "$(readlink "/proc/$PID/ns/$type")" "$(rt exec "$ID" readlink "/proc/self/ns/$type" </dev/null)" "$type"
	done
	expect_eq '0 0 5 5' "$(rt exec "$ID" id -u </dev/null) $(rt exec "$ID" id -g </dev/null) $(rt exec --user 5:5 "$ID" id -u </dev/null) 5" ids
	expect_eq /dev/pts/0 "$(timeout 20 script -qec "$RUNTIME --root $ROOT exec -t $ID tty" /dev/null </dev/null | shown)" terminal
}

# [config-linux-ns-11] a user namespace is joined by path, together with new and joined others
test_join() {
	local first

	runtime_differs runc 'it wants maps for a namespace that has them'
	start_ok "$MAPPED" 'sleep 100'
	first=$PID
	ID=$ID-b
	start_ok '.linux.namespaces = [{"type": "user", "path": "/proc/'"$first"'/ns/user"}, {"type": "mount"}, {"type": "pid"},
		{"type": "network", "path": "/proc/'"$first"'/ns/net"}, {"type": "ipc", "path": "/proc/'"$first"'/ns/ipc"}, {"type": "uts"}]' \
		'id -u; sleep 100'
	wait_for logged 0
	expect_eq "$(readlink "/proc/$first/ns/user") $(readlink "/proc/$first/ns/net")" \
		"$(readlink "/proc/$PID/ns/user") $(readlink "/proc/$PID/ns/net")" 'joined namespaces'
	expect_eq '0 100000 65536' "$(map_of uid_map)" uid_map
	[ "$(readlink "/proc/$first/ns/uts")" != "$(readlink "/proc/$PID/ns/uts")" ] || fail 'uts is shared'
}

# a privilege of the container is none on the host: capabilities are full inside, and what belongs to the host stays closed
test_capabilities() {
	run_ok "$MAPPED | .process.capabilities[] += [\"CAP_SYS_ADMIN\", \"CAP_SYS_RESOURCE\", \"CAP_SYS_TIME\"] | .process.noNewPrivileges = false" \
		'grep CapEff /proc/self/status; hostname inside && hostname; mknod /x c 1 3 2>/dev/null || echo refused'
	expect_eq $'inside\nrefused' "$(tail -n 2 <<<"$OUT")"
}

# ---- callers without privilege ----

CALLER=54321

# A caller that nobody knows but newuidmap; everything that it needs to read lies below $WORK.
caller() {
	runtime_differs runc 'this is asked of mydocker only'
	[ -x "$WORK/mydocker" ] || cp "$RUNTIME" "$WORK/mydocker"
	mkdir "$HERE/run"
	if [ ! -e "$WORK/etc" ]; then
		mkdir "$WORK/etc"
		cp /etc/passwd "$WORK/etc/passwd"
		echo "caller:x:$CALLER:$CALLER::/:/bin/sh" >>"$WORK/etc/passwd"
		echo "caller:300000:1000" >"$WORK/etc/subuid"
		cp "$WORK/etc/subuid" "$WORK/etc/subgid"
		touch /etc/subuid /etc/subgid
		for file in passwd subuid subgid; do
			mount --bind "$WORK/etc/$file" "/etc/$file"
		done
	fi
}

as_caller() {
	timeout --foreground -k 2 30 setpriv --reuid $CALLER --regid $CALLER --clear-groups \
		env -i PATH="$PATH" XDG_RUNTIME_DIR="$HERE/run" "$WORK/mydocker" "$@"
}

# The bundle that `spec --rootless` writes, with a script instead of the shell.
rootless_bundle() {
	caller
	BUNDLE=$HERE/bundle
	CONFIG=$BUNDLE/config.json
	mkdir -p "$BUNDLE"
	cp -a "$WORK/rootfs" "$BUNDLE/rootfs"
	chown -R $CALLER:$CALLER "$BUNDLE" "$HERE/run"
	as_caller spec --rootless --bundle "$BUNDLE"
	edit --arg script "$1" '.process.terminal = false | .process.args = ["sh", "-c", $script]'"${2+ | $2}"
	chmod 644 "$CONFIG"
}

# the bundle of spec --rootless runs as it is, without any right to a cgroup, and its state is below XDG_RUNTIME_DIR
test_rootless() {
	rootless_bundle 'id -u; cat /proc/self/setgroups; cat /proc/self/uid_map; ls -d /sys/fs/cgroup; touch /dev/shm/x && echo done'
	capture as_caller run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_eq "0 deny 0 $CALLER 1 /sys/fs/cgroup done" "$(xargs <<<"$OUT")" output
	expect_eq '' "$(ls "$HERE/run/mydocker")" 'what is left'
}

# a rootless container has the whole life: create, state, start, exec, kill, delete
test_rootless_life() {
	local pid

	rootless_bundle 'sleep 100'
	as_caller create --bundle "$BUNDLE" --pid-file "$HERE/run/pid" "$ID" </dev/null >/dev/null
	pid=$(<"$HERE/run/pid")
	expect_eq created "$(as_caller state "$ID" | jq -r .status)" status
	[ -d "$HERE/run/mydocker/$ID" ] || fail 'its state is elsewhere'
	as_caller start "$ID"
	expect_eq running "$(as_caller state "$ID" | jq -r .status)" status
	expect_eq 0 "$(as_caller exec "$ID" id -u </dev/null)" uid
	expect_eq $CALLER "$(stat -c %u "/proc/$pid")" 'uid outside'
	as_caller kill "$ID" KILL
	wait_for eval '! [ -d /proc/'"$pid"' ]'
	as_caller delete "$ID"
}

# [config-linux-ns-16] newuidmap and newgidmap write what a caller may have mapped, and groups can be set then
test_rootless_ranges() {
	rootless_bundle 'id -u; id -G; cat /proc/self/setgroups' '.linux.uidMappings += [{"containerID": 1, "hostID": 300000, "size": 1000}]
		| .linux.gidMappings += [{"containerID": 1, "hostID": 300000, "size": 1000}]
		| .process.user = {"uid": 5, "gid": 6, "additionalGids": [7, 8]}'
	capture as_caller run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_out $'5\n6 7 8\nallow'
}

# [config-linux-ns-16] a range that is not the caller's is refused, with the pointer and the file that would allow it
test_rootless_foreign_range() {
	rootless_bundle true '.linux.uidMappings += [{"containerID": 1, "hostID": 400000, "size": 1000}]'
	capture as_caller run --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match /linux/uidMappings "$ERR" error
	expect_match /etc/subuid "$ERR" error
	expect_eq '' "$(ls "$HERE/run/mydocker")" 'what is left'
}

# a limit that a caller cannot set is refused, with the pointer and the file
test_rootless_limit() {
	rootless_bundle true '.linux.resources = {"memory": {"limit": 100000000}}'
	capture as_caller run --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match /linux/resources/memory/limit "$ERR" error
	expect_match memory "$ERR" error
	expect_eq '' "$(ls "$HERE/run/mydocker")" 'what is left'
}

# a cgroup that is asked for by name and cannot be made is refused
test_rootless_cgroup() {
	rootless_bundle true '.linux.cgroupsPath = "/mine"'
	capture as_caller run --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match /linux/cgroupsPath "$ERR" error
}

# without a user namespace a caller without privilege is told what it needs
test_rootless_without() {
	rootless_bundle true 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	capture as_caller run --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'user namespace' "$ERR" error
}

run_tests
