#!/bin/bash
# exec: another process inside, the same namespaces, its own attributes, its exit status.

. "${0%/*}/lib.sh"

# exec runs a command in the container's namespaces and cgroup
test_inside() {
	local ns

	start_ok '.hostname = "inside"' 'sleep 100'
	expect_eq inside "$(rt exec "$ID" hostname </dev/null)" hostname
	for ns in mnt pid net ipc uts; do
		expect_eq "$(readlink "/proc/$PID/ns/$ns")" "$(rt exec "$ID" readlink "/proc/self/ns/$ns" </dev/null)" "$ns"
	done
	expect_eq "$(sort "/proc/$PID/cgroup")" "$(rt exec "$ID" sh -c 'sort /proc/self/cgroup' </dev/null)" cgroup
}

# [engines-23] exec ends with the command's exit status, or 128 + its signal
test_status() {
	start_ok '.' 'sleep 100'
	capture rt exec "$ID" sh -c 'exit 42'
	expect_status 42
	capture rt exec "$ID" probe exit-by 9
	expect_status 137
}

# exec of something that is not there ends with 255 and says so
test_missing_command() {
	start_ok '.' 'sleep 100'
	capture rt exec "$ID" nosuchcommand
	expect_status 255
	expect_match 'executable file not found' "$ERR" stderr
	capture rt exec "$ID" /no/such
	expect_status 255
	expect_match 'no such file or directory' "$ERR" stderr
	capture rt exec "$ID" /etc/passwd
	expect_status 255
	expect_match 'permission denied' "$ERR" stderr
}

# a command that comes while the container ends hears just that
test_ending_container() {
	local i

	mydocker_only
	for i in {1..20}; do
		bundle '.' 'sleep 100'
		start
		rt kill "$ID" KILL
		capture rt exec "$ID" true
		((STATUS == 137 || STATUS == 0)) || expect_match '^mydocker: exec: cannot exec in a stopped container' "$ERR"
		rt delete --force "$ID"
	done
}

# the streams are the caller's
test_streams() {
	start_ok '.' 'sleep 100'
	expect_eq $'in\nout' "$(echo in | rt exec "$ID" sh -c 'cat; echo out')" stdout
	expect_eq err "$(rt exec "$ID" sh -c 'echo err >&2' 2>&1 >/dev/null </dev/null)" stderr
}

# exec has the environment of the configuration, and -e adds to it
test_environment() {
	start_ok '.process.env += ["A=1"]' 'sleep 100'
	expect_eq '1 2' "$(rt exec -e B=2 "$ID" sh -c 'echo $A $B' </dev/null)" environment
}

# a runtime that is confined by chroot itself: exec stays inside the container all the same
test_chrooted_runtime() {
	runtime_differs runc 'its exec runs on the files of the host outside the chroot'
	bundle '.' 'echo inside >/where; sleep 100'
	mkdir "$HERE/jail"
	mount --rbind / "$HERE/jail"
	chroot "$HERE/jail" "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$HERE/stdout" 2>&1
	chroot "$HERE/jail" "$RUNTIME" --root "$ROOT" start "$ID"
	wait_for test -e "$BUNDLE/rootfs/where"
	expect_eq inside "$(chroot "$HERE/jail" "$RUNTIME" --root "$ROOT" exec "$ID" cat /where </dev/null)" where
	rt delete --force "$ID"
	umount -l "$HERE/jail"
}

# --cwd and --user
test_cwd_and_user() {
	start_ok '.' 'sleep 100'
	expect_eq /tmp "$(rt exec --cwd /tmp "$ID" pwd </dev/null)" cwd
	expect_eq 1000:1001 "$(rt exec --user 1000:1001 "$ID" sh -c 'echo $(id -u):$(id -g)' </dev/null)" user
}

# CVE-2026-30892: a user that is no number is refused, never root
test_bad_user() {
	local user

	start_ok '.' 'sleep 100'
	for user in -1 4294967295 1x 0x1 ' 1' 1:1:1 1:; do
		capture rt exec --user "$user" "$ID" id -u
		[ "$STATUS" != 0 ] || [ "$OUT" != 0 ] || fail "user '$user' ran as root"
		[ "$KIND" != mydocker ] || expect_failure
	done
}

# --process reads the whole process from a file
test_process_file() {
	start_ok '.' 'sleep 100'
	cat >"$HERE/process.json" <<-END
	{"args": ["sh", "-c", "id -u; pwd; echo \$X; umask"], "cwd": "/tmp", "env": ["PATH=/bin", "X=y"],
		"user": {"uid": 7, "gid": 8}}
	END
	capture rt exec --process "$HERE/process.json" "$ID"
	expect_status 0
	expect_match $'^7\n/tmp\ny\n' "$OUT" stdout
}

# --process reads from a pipe, as shells hand over what a command prints
test_process_pipe() {
	start_ok '.' 'sleep 100'
	capture rt exec --process <(echo '{"args": ["echo", "piped"], "cwd": "/", "env": ["PATH=/bin"]}') "$ID"
	expect_status 0
	expect_eq piped "$OUT" stdout
}

# a broken process file is refused, with a pointer into it
test_bad_process_file() {
	start_ok '.' 'sleep 100'
	echo '{"args": ["true"], "cwd": 5}' >"$HERE/process.json"
	capture rt --log "$HERE/errors" --log-format json exec --process "$HERE/process.json" "$ID"
	expect_failure
	expect_record /cwd
}

# exec -d returns at once, with a pid file, and the process goes on
test_detached() {
	start_ok '.' 'sleep 100'
	rt exec -d --pid-file "$HERE/execpid" "$ID" sleep 1001 </dev/null >/dev/null 2>&1
	expect_match 'sleep.1001' "$(tr '\0' ' ' <"/proc/$(<"$HERE/execpid")/cmdline")" cmdline
}

# exec into a created container works
test_created() {
	bundle '.' 'true'
	create
	capture rt exec "$ID" echo early
	expect_status 0
	expect_out early
	expect_state created
}

# exec into a stopped, or unknown, container is refused
test_stopped() {
	start_ok '.' 'true'
	wait_for is_status stopped
	capture rt exec "$ID" true
	expect_failure
	capture rt exec nosuch true
	expect_failure
	expect_match 'does not exist' "$ERR" stderr
}

# an exec'd process ends with the container
test_ends_with_container() {
	start_ok '.' 'sleep 100'
	rt exec "$ID" sleep 1001 </dev/null >/dev/null 2>&1 &
	wait_for pgrep -f '^sleep 1001$'
	rt kill "$ID" KILL
	STATUS=0
	wait $! || STATUS=$?
	expect_eq 137 "$STATUS" status
}

# exec gets the configuration's capabilities and no_new_privs, and never inheritable ones
test_privileges() {
	start_ok '.' 'sleep 100'
	expect_eq "$(grep -E '^(Cap|NoNewPrivs)' "/proc/$PID/status")" \
		"$(rt exec "$ID" grep -E '^(Cap|NoNewPrivs)' /proc/self/status </dev/null)" privileges
}

# --cap adds a capability
test_cap() {
	start_ok '.process.noNewPrivileges = false' 'sleep 100'
	expect_match 'CapEff:.*2[0-9a-f]{5}$' "$(rt exec --cap CAP_SYS_ADMIN "$ID" grep CapEff /proc/self/status </dev/null)"
}

# --cap makes it ambient where the container lets it be inherited
test_cap_ambient() {
	start_ok '.process.noNewPrivileges = false | .process.capabilities |= (.inheritable = ["CAP_SYSLOG"] | .bounding += ["CAP_SYSLOG"])' 'sleep 100'
	expect_match 'CapAmb:.*0$' "$(rt exec "$ID" grep CapAmb /proc/self/status </dev/null)" before
	expect_match 'CapAmb:.*0400000000$' "$(rt exec --cap CAP_SYSLOG --cap CAP_SYS_ADMIN "$ID" grep CapAmb /proc/self/status </dev/null)"
}

# options after the id belong to the command
test_positional() {
	start_ok '.' 'sleep 100'
	expect_eq '-e --user x' "$(rt exec "$ID" echo -e --user x </dev/null | sed 's/^--user x$/-e --user x/')"
}

# only 0, 1 and 2 are open in the process
test_descriptors() {
	start_ok '.' 'sleep 100'
	expect_eq '0 1 2 ' "$(rt exec "$ID" probe fds 7</etc/passwd 9<"$HERE" </dev/null)" descriptors
}

# many at once
test_parallel() {
	local i jobs=()

	start_ok '.' 'sleep 100'
	for i in {1..8}; do
		rt exec "$ID" sh -c "exit $i" </dev/null &
		jobs+=($!)
	done
	for i in {1..8}; do
		STATUS=0
		wait "${jobs[i - 1]}" || STATUS=$?
		expect_eq "$i" "$STATUS" status
	done
}

# v2: a container that has divided its cgroup, as systemd does, gets one more process where its first one is
test_divided_cgroup() {
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2'
	start_ok '.mounts += [{"destination": "/tree", "type": "cgroup", "source": "cgroup"}] | .linux.namespaces += [{"type": "cgroup"}]
		| .process.capabilities[] += ["CAP_DAC_OVERRIDE"]' 'cd /tree && mkdir first &&
		echo 1 >first/cgroup.procs && echo +memory >cgroup.subtree_control && echo divided; sleep 100'
	wait_for logged divided
	capture rt exec "$ID" cat /proc/self/cgroup
	expect_status 0
	expect_match '/first$' "$OUT" cgroup
	capture rt exec --cgroup / "$ID" true
	expect_failure
	[ "$KIND" != mydocker ] || expect_match 'hands controllers down' "$ERR" stderr
}

# ps lists the container's processes by their host pids
test_ps() {
	local pids

	start_ok '.' 'sleep 1001 & sleep 1002'
	wait_for pgrep -f '^sleep 1002$'
	pids=$(rt ps --format json "$ID" | jq -c sort)
	expect_eq "$(for p in $(grep -l "$CGROUP/$ID\$" /proc/[0-9]*/cgroup 2>/dev/null); do basename "${p%/cgroup}"; done |
		jq -sc sort)" "$pids" pids
	expect_match 'sleep.*1001' "$(rt ps "$ID")" table
}

run_tests
