#!/bin/bash
# What has gone wrong in this field, tried against the runtime from outside: each test is one old vulnerability.

. "${0%/*}/lib.sh"

# CVE-2024-21626: a working directory through a leaked descriptor is not outside the container
test_cwd_through_descriptor() {
	local fd

	for fd in 3 4 5 6 7 8 9 10; do
		bundle ".process.cwd = \"/proc/self/fd/$fd\"" 'pwd; ls ../../../../..'
		capture rt run --bundle "$BUNDLE" "$ID" 7</ 9</sys/fs/cgroup
		[ "$STATUS" = 0 ] && [ "$KIND" = mydocker ] && fail "started in /proc/self/fd/$fd"
		expect_no_match '^(boot|lost\+found)$' "$OUT" stdout
	done
}

# CVE-2024-21626: nor through a symbolic link in the image
test_cwd_through_link() {
	bundle '.process.cwd = "/link"' 'pwd; ls ../../../../..'
	ln -s /proc/self/fd/7 "$BUNDLE/rootfs/link"
	capture rt run --bundle "$BUNDLE" "$ID" 7</
	expect_no_match '^(boot|lost\+found)$' "$OUT" stdout
	[ "$KIND" != mydocker ] || expect_failure
}

# CVE-2024-21626: nor exec --cwd
test_exec_cwd() {
	local fd

	start_ok '.' 'sleep 100'
	for fd in 3 5 7 9; do
		capture rt exec --cwd "/proc/self/fd/$fd" "$ID" sh -c 'ls ../../../../..' 7</
		expect_no_match '^(boot|lost\+found)$' "$OUT" stdout
		[ "$KIND" != mydocker ] || expect_failure
	done
}

# CVE-2019-5736: no process inside has the runtime's own file as its image, before start or after
test_image_of_init() {
	bundle '.' 'sleep 100'
	mydocker_only
	create
	expect_no_match "^$RUNTIME\$" "$(readlink "/proc/$PID/exe")" image
	expect_match 'memfd:|/' "$(readlink "/proc/$PID/exe")" image
	# It cannot be opened for writing, nor be changed by a write through it.
	! (: >>"/proc/$PID/exe") 2>/dev/null || fail 'the image can be opened for writing'
}

# CVE-2016-9962: a waiting process is not dumpable, and holds no directory of the host
test_waiting_init() {
	bundle
	mydocker_only
	create
	expect_eq 0 "$(stat -c %u "/proc/$PID/mem")" 'owner of its memory'
	expect_eq '' "$(for fd in "/proc/$PID"/fd/*; do [ -d "$fd" ] && readlink "$fd"; done)" 'directories it holds'
	[ "$(ls "/proc/$PID/fd" | wc -l)" -le 5 ] || fail "descriptors: $(ls -l "/proc/$PID/fd")"
}

# CVE-2019-18837: a mount target that is an absolute symbolic link stays inside
test_mount_through_link() {
	mkdir "$HERE/outside"
	bundle '.mounts += [{"destination": "/link/target", "type": "tmpfs", "source": "tmpfs"},
		{"destination": "/up/target", "type": "tmpfs", "source": "tmpfs"}]' 'true'
	ln -s "$HERE/outside" "$BUNDLE/rootfs/link"
	ln -s ../../../../../../../../../../.."$HERE/outside" "$BUNDLE/rootfs/up"
	run
	expect_eq '' "$(ls -A "$HERE/outside")" 'made outside'
}

# CVE-2023-27561, CVE-2019-19921: /proc that is a symbolic link in the image is refused
test_proc_link() {
	bundle '.' 'true'
	rm -rf "$BUNDLE/rootfs/proc"
	mkdir "$BUNDLE/rootfs/elsewhere"
	ln -s elsewhere "$BUNDLE/rootfs/proc"
	expect_refused /mounts/0
}

# CVE-2019-19921: so is /sys
test_sys_link() {
	bundle '.' 'true'
	rm -rf "$BUNDLE/rootfs/sys"
	mkdir "$BUNDLE/rootfs/elsewhere"
	ln -s elsewhere "$BUNDLE/rootfs/sys"
	expect_refused /mounts/5
}

# CVE-2026-41579, CVE-2026-47766: /dev that is a symbolic link out of the image touches nothing outside
test_dev_link() {
	mkdir "$HERE/outside"
	touch "$HERE/outside/ptmx"
	bundle '.mounts |= map(select(.destination | startswith("/dev") | not))' 'true'
	rm -rf "$BUNDLE/rootfs/dev"
	ln -s "$HERE/outside" "$BUNDLE/rootfs/dev"
	runtime_differs runc 'it makes links and nodes there'
	run
	expect_eq ptmx "$(ls -A "$HERE/outside")" 'outside'
}

# CVE-2025-31133: a /dev/null in the image that is something else is not bound over masked paths
test_masked_null_link() {
	bundle '.mounts |= map(select(.destination | startswith("/dev") | not)) | .linux.maskedPaths = ["/etc/group"]' 'cat /etc/group'
	rm -f "$BUNDLE/rootfs/dev/null"
	ln -s ../etc/passwd "$BUNDLE/rootfs/dev/null"
	runtime_differs runc 'it binds what the link names'
	run
	expect_no_match root "$OUT" 'masked file'
}

# CVE-2025-31133: nor is one with other numbers
test_masked_null_device() {
	bundle '.mounts |= map(select(.destination | startswith("/dev") | not)) | .linux.maskedPaths = ["/etc/group"]' \
		'stat -c "%t:%T" /etc/group; head -c 1 /etc/group | wc -c'
	rm -f "$BUNDLE/rootfs/dev/null"
	mknod "$BUNDLE/rootfs/dev/null" c 1 5
	runtime_differs runc 'it binds it'
	run
	[ "$STATUS" != 0 ] || expect_out $'1:3\n0'
}

# a passwd or group file that is a FIFO does not hang the runtime
test_passwd_fifo() {
	bundle '.process.env = ["PATH=/bin"]' 'true'
	rm "$BUNDLE/rootfs/etc/passwd" "$BUNDLE/rootfs/etc/group"
	mkfifo "$BUNDLE/rootfs/etc/passwd" "$BUNDLE/rootfs/etc/group"
	runtime_differs runc 'it hangs'
	run
	[ "$STATUS" != 124 ] || fail 'it hangs'
}

# a passwd file that is a link out of the image is not read
test_passwd_link() {
	echo 'root:x:0:0::/stolen:/bin/sh' >"$HERE/passwd"
	bundle '.process.env = ["PATH=/bin"]' 'echo $HOME'
	ln -sf "$HERE/passwd" "$BUNDLE/rootfs/etc/passwd"
	run
	expect_no_match stolen "$OUT" HOME
}

# ids that climb out of the state root
test_id_traversal() {
	local id verb

	mkdir -p "$WORK/victim"
	touch "$WORK/victim/file"
	bundle
	for id in ../victim .. . /etc "../../$(basename "$WORK")/victim"; do
		for verb in 'create --bundle' 'state' 'delete --force' 'kill' 'start' 'exec' 'logs'; do
			[ "$verb" = logs ] && [ "$KIND" = runc ] && continue
			case $verb in
			create*) capture rt create --bundle "$BUNDLE" "$id" ;;
			exec) capture rt exec "$id" true ;;
			*) capture rt $verb "$id" ;;
			esac
			[ "$verb" = 'delete --force' ] || expect_failure
		done
	done
	[ -e "$WORK/victim/file" ]
}

# the state directory is for its owner only
test_state_modes() {
	umask 0
	bundle
	create
	expect_eq 700 "$(stat -c %a "$ROOT/$ID" | sed 's/711/700/')" 'mode of the directory'
	mydocker_only
	expect_eq 700 "$(stat -c %a "$ROOT")" 'mode of the root'
	expect_eq '' "$(find "$ROOT/$ID" -type f -perm /077)" 'files for others'
}

# a pid file that is a symbolic link is not followed
test_pid_file_link() {
	echo precious >"$HERE/precious"
	ln -s "$HERE/precious" "$HERE/pidfile"
	bundle
	capture rt create --bundle "$BUNDLE" --pid-file "$HERE/pidfile" "$ID"
	expect_eq precious "$(<"$HERE/precious")" 'the file behind the link'
}

# what a container leaves in its root cannot redirect a later create through mount targets: races are tried
test_swapped_target() {
	local try swapper

	mkdir "$HERE/outside"
	bundle '.mounts += [{"destination": "/swap/a/b", "type": "tmpfs", "source": "tmpfs"}]' 'true'
	mkdir -p "$BUNDLE/rootfs/swap"
	ln -s "$HERE/outside" "$BUNDLE/rootfs/other"
	(set +eE
		while :; do
		mv -T "$BUNDLE/rootfs/swap" "$BUNDLE/rootfs/kept" && mv -T "$BUNDLE/rootfs/other" "$BUNDLE/rootfs/swap"
		mv -T "$BUNDLE/rootfs/swap" "$BUNDLE/rootfs/other" && mv -T "$BUNDLE/rootfs/kept" "$BUNDLE/rootfs/swap"
	done) 2>/dev/null &
	swapper=$!
	runtime_differs runc 'it makes directories outside'
	for try in {1..20}; do
		run
	done
	kill "$swapper"
	expect_eq '' "$(ls -A "$HERE/outside")" 'made outside'
}

# CVE-2017-5226: the program has its own session: it cannot type into the caller's terminal
test_own_session() {
	run_ok '.' 'cut -d" " -f6 /proc/self/stat'
	expect_out 1
	start_ok '.' 'sleep 100'
	[ "$(rt exec "$ID" sh -c 'cut -d" " -f6 /proc/self/stat' </dev/null)" != 0 ]
}

# CVE-2022-0811 and its kind: kernel parameters of the host cannot be set
test_core_pattern() {
	bundle '.linux.sysctl = {"kernel.core_pattern": "|/evil"}'
	expect_refused /linux/sysctl/kernel.core_pattern
	bundle '.linux.sysctl = {"kernel.shm_rmid_forced": "1", "kernel/../kernel/core_pattern": "|/evil"}'
	expect_refused -
}

# a sysctl is written to the real /proc, not to what a mount put there
test_fake_proc() {
	mkdir -p "$HERE/proc/sys/net/ipv4"
	echo 0 >"$HERE/proc/sys/net/ipv4/ip_forward"
	bundle '.mounts |= map(if .destination == "/proc" then {"destination": "/proc", "source": ($here + "/proc"), "options": ["bind"]} else . end)
		| .linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.maskedPaths = [] | .linux.readonlyPaths = []' 'sleep 100'
	runtime_differs runc 'refuses'
	capture rt create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID"
	if [ "$STATUS" = 0 ]; then
		expect_eq 1 "$(nsenter -n -t "$(<"$HERE/pid")" cat /proc/sys/net/ipv4/ip_forward)" 'the real value'
	fi
	expect_eq 0 "$(<"$HERE/proc/sys/net/ipv4/ip_forward")" 'the fake file'
}

# a security label that is asked for where there is no such module is an error
test_label_without_module() {
	! grep -Eq 'apparmor|selinux' /sys/kernel/security/lsm 2>/dev/null || skip 'a module is there'
	bundle '.process.apparmorProfile = "docker-default"'
	runtime_differs runc 'this build ignores it'
	expect_refused /process/apparmorProfile
	bundle '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
	expect_refused /process/selinuxLabel
}

# the environment of the caller does not reach the container
test_environment_leak() {
	bundle '.process.args = ["/bin/env"]'
	SECRET=hidden _MYDOCKER=hidden run
	expect_no_match hidden "$OUT" environment
	start_ok '.' 'sleep 100'
	expect_no_match hidden "$(SECRET=hidden rt exec "$ID" env </dev/null)" environment
}

# the environment of the caller cannot be read from a waiting container
test_environment_of_init() {
	bundle
	mydocker_only
	export SECRET=hidden
	create
	expect_no_match hidden "$(tr '\0' '\n' <"/proc/$PID/environ")" environment
}

# closed standard streams of the caller are no way in
test_closed_streams() {
	bundle '.process.args = ["probe", "fds"]'
	STATUS=0
	rt create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" <&- >&- 2>&- || STATUS=$?
	if [ "$STATUS" = 0 ]; then
		rt start "$ID"
		wait_for is_status stopped
	fi
	capture rt delete --force "$ID"
	[ "$KIND" = runc ] || expect_eq 0 "$STATUS" status
}

# few descriptors, no descriptors: an error, nothing left
test_descriptor_limits() {
	local limit

	runtime_differs runc 'it panics at some'
	bundle
	remember
	for limit in 3 4 5 6 8 10 12 16 20; do
		STATUS=0
		(ulimit -n "$limit" && exec "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID") >/dev/null 2>&1 </dev/null || STATUS=$?
		((STATUS < 128)) || fail "died with $STATUS at $limit"
		rt delete --force "$ID"
		expect_nothing_left
	done
}

# the state root on a read-only filesystem is an error, nothing left
test_readonly_state() {
	mkdir "$HERE/ro"
	mount -t tmpfs -o ro tmpfs "$HERE/ro"
	bundle
	remember
	capture "$RUNTIME" --root "$HERE/ro/state" create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_nothing_left
	umount "$HERE/ro"
}

# a full state disk is an error, nothing left
test_full_state() {
	mkdir "$HERE/full"
	mount -t tmpfs -o size=4k tmpfs "$HERE/full"
	head -c 4096 /dev/zero >"$HERE/full/fill"
	bundle
	runtime_differs runc 'checked for mydocker only'
	remember
	capture "$RUNTIME" --root "$HERE/full/state" create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_nothing_left
	expect_eq '' "$(ls -A "$HERE/full/state" 2>/dev/null | grep -v '^\.')" 'left in the state root'
	umount "$HERE/full"
}

run_tests
