#!/bin/bash
# A container whose processes are an attacker's, while exec enters it: what they see of the one that enters, and what they can
# put in its way.

. "${0%/*}/lib.sh"

chmod 755 "$WORK"
SYS_ADMIN='| .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_MKNOD", "CAP_SYS_PTRACE"])'

# exec_held CALL ARGUMENT...: exec, whose process stands still for a while inside the container in front of a system call
exec_held() {
	local call=$1

	needs_tracing
	traced -e "trace=$call" -e "inject=$call:delay_enter=3000000" -- exec "${@:2}" >"$HERE/exec" 2>&1 &
	EXEC=$!
	# The one with two pids, of which the inner one is not 1: the gate, which has entered.
	wait_for entered
}

entered() {
	local status

	ENTERED=
	for status in /proc/[0-9]*/status; do
		grep -q '^Name:.memfd:mydocker\|^Name:.mydocker-gate\|^Name:.[0-9]*$\|^Name:.3$' "$status" 2>/dev/null || continue
		INSIDE=$(awk '/^NSpid:/ { print $3 }' "$status")
		[ -n "$INSIDE" ] && [ "$INSIDE" != 1 ] && ENTERED=${status//[^0-9]/} && break
	done
	[ -n "$ENTERED" ]
}

# CVE-2016-9962, CVE-2019-5736: whoever is inside cannot look into a process that enters, nor at its image
test_entering_process() {
	mydocker_only
	# In a user namespace of its own it may have every capability over what is in there.
	start_ok ".$SYS_ADMIN | .linux.namespaces += [{\"type\": \"user\"}] | .linux.uidMappings = [{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536}]
		| .linux.gidMappings = .linux.uidMappings" 'until [ -s /go ]; do sleep 0.1; done; exec spy $(cat /go)'
	cat >"$BUNDLE/rootfs/bin/spy" <<-'END'
		#!/bin/sh
		for what in exe cwd root fd/0 fd/3 fd/4 fd/5 ns/mnt; do
			readlink /proc/$1/$what && echo "readlink $what"
		done
		for what in environ maps mem auxv io; do
			head -c 1 /proc/$1/$what >/dev/null && echo "reads $what"
		done
		ls /proc/$1/cwd/ /proc/$1/root/ /proc/$1/fd/0/ && echo "enters"
		(: >>/proc/$1/exe) && echo "writes exe"
		[ -d /proc/$1 ] && echo spied
	END
	chmod +x "$BUNDLE/rootfs/bin/spy"
	exec_held chdir "$ID" true
	echo "$INSIDE" >"$BUNDLE/rootfs/go"
	wait_for is_status stopped
	expect_eq spied "$(grep -E '^(readlink|reads|writes|enters|spied)' "$HERE/log")" "what is seen of process $INSIDE"
	wait "$EXEC" || :
}

# CVE-2024-21626: it holds nothing of the host while it stands inside
test_entering_descriptors() {
	mydocker_only
	start_ok '.' 'sleep 100'
	exec_held chdir "$ID" true
	expect_eq '' "$(find "/proc/$ENTERED/fd" -type l -printf '%l\n' | grep '^/' | grep -v -e "^$HERE" -e '^/dev/null$')" 'paths that it holds'
	wait "$EXEC"
}

# a /proc of the container's own making is not written to, and does not hold exec up
test_fake_proc() {
	mydocker_only
	start_ok ".$SYS_ADMIN | .linux.maskedPaths = [] | .linux.readonlyPaths = []" \
		'mount -t tmpfs tmpfs /proc; mkdir -p /proc/self/attr/apparmor /proc/self/fd; mkfifo /proc/self/status /proc/self/attr/exec /proc/self/fd/0
		echo made; sleep 100'
	wait_for logged made
	capture rt exec "$ID" echo inside
	expect_status 0
	expect_out inside
	capture rt exec --cwd /tmp "$ID" sh -c 'ls /proc/self/fd'
	expect_out 0
}

# a container that has covered its /dev: exec does without a null device, and refuses a terminal
test_fake_dev() {
	mydocker_only
	start_ok ".$SYS_ADMIN" 'mount -t tmpfs tmpfs /dev; mkfifo /dev/null /dev/console; mkdir /dev/pts; mkfifo /dev/pts/ptmx; echo made; sleep 100'
	wait_for logged made
	capture rt exec "$ID" echo inside
	expect_status 0
	capture timeout 20 script -qec "$RUNTIME --root $ROOT exec -t $ID true" /dev/null
	expect_failure
}

# a passwd of the container's that never ends, leads out, or is enormous: a name is not found, and nobody waits
test_fake_passwd() {
	local how

	echo 'thief:x:0:0::/:/bin/sh' >"$HERE/passwd"
	runtime_differs runc 'it hangs'
	start_ok '.' 'sleep 100'
	for how in 'mkfifo etc/passwd' "ln -s $HERE/passwd etc/passwd" 'ln -s /proc/self/fd/0 etc/passwd' 'mkdir etc/passwd' \
		'truncate -s 1T etc/passwd' 'ln -s /dev/zero etc/passwd'; do
		(cd "$BUNDLE/rootfs" && rm -rf etc/passwd && $how)
		capture rt exec --user thief "$ID" id
		expect_failure
		capture rt exec --user 0:thief "$ID" id
		expect_failure
		capture rt exec --user 5 "$ID" stat -c %u /proc/self/
		expect_out 5
	done
}

# a directory as a standard stream would be a way out, and is refused
test_directory_stream() {
	runtime_differs runc 'it hands it over'
	bundle '.' 'ls /proc/self/fd/0/'
	STATUS=0
	OUT=$(rt run --bundle "$BUNDLE" "$ID" </ 2>"$HERE/stderr") || STATUS=$?
	ERR=$(<"$HERE/stderr")
	expect_failure
	expect_eq '' "$OUT" stdout
	[ "$KIND" != mydocker ] || expect_match 'way out' "$ERR" stderr
	start_ok '.' 'sleep 100'
	STATUS=0
	OUT=$(rt exec "$ID" ls /proc/self/fd/0/ </ 2>"$HERE/stderr") || STATUS=$?
	ERR=$(<"$HERE/stderr")
	expect_failure
	expect_eq '' "$OUT" stdout
}

# a shell of the container's that is a link to its own image gets no handle on the runtime
test_own_image() {
	local i

	mydocker_only
	start_ok '.' 'sleep 100'
	ln -sf /proc/self/exe "$BUNDLE/rootfs/bin/evil"
	printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/bin/script"
	chmod +x "$BUNDLE/rootfs/bin/script"
	for i in evil script; do
		capture rt exec "$ID" "/bin/$i" --help
		expect_no_match 'mydocker|exec|OPTION' "$OUT" "what $i prints"
	done
	bundle '.process.args = ["/proc/self/exe"]'
	capture rt run --bundle "$BUNDLE" "$ID-b"
	expect_failure
	expect_no_match 'Usage|OPTION' "$OUT" stdout
}

# a working directory that changes while exec enters it leads nowhere else
test_swapped_cwd() {
	local i swapper

	start_ok '.' 'sleep 100'
	mkdir "$BUNDLE/rootfs/dir"
	(set +eE
		while :; do
			rm -rf "$BUNDLE/rootfs/dir"
			ln -s /proc/self/fd/9 "$BUNDLE/rootfs/dir"
			rm -f "$BUNDLE/rootfs/dir"
			mkdir "$BUNDLE/rootfs/dir"
		done) 2>/dev/null &
	swapper=$!
	for i in {1..30}; do
		capture rt exec --cwd /dir "$ID" sh -c 'pwd -P; ls ../../../../..' 9</
		expect_no_match '^(boot|lost\+found)$' "$OUT" stdout
	done
	kill "$swapper"
}

run_tests
