#!/bin/bash
# An image, or a volume, whose author is an attacker: nothing in it redirects, stops or fools the making of a container.

. "${0%/*}/lib.sh"

BARE='.mounts |= map(select(.destination | startswith("/dev") | not))'

# Outside the container there is a directory, and a file, that nothing may touch.
outside() {
	mkdir "$HERE/outside"
	echo precious >"$HERE/outside/file"
}

expect_outside_untouched() {
	expect_eq file "$(ls -A "$HERE/outside")" 'what is outside'
	expect_eq precious "$(<"$HERE/outside/file")" 'the file outside'
	expect_no_match "$HERE/outside" "$(</proc/self/mountinfo)" 'mounts outside'
}

# The bundle asks for a terminal and does not get one.
expect_no_terminal() {
	remember
	"$TOOLS/console" "$HERE/socket" </dev/null >/dev/null 2>&1 &
	wait_for test -S "$HERE/socket"
	capture rt create --bundle "$BUNDLE" --console-socket "$HERE/socket" "$ID"
	expect_failure
	expect_unknown
	wait $! || :
	expect_nothing_left
	rm -f "$HERE/socket"
}

# CVE-2026-88264: a /dev/console in the image that is a link, a directory or a pipe is no console
test_console_file() {
	local what

	outside
	for what in "ln -s $HERE/outside/new" "ln -s ../../../../../../../../../..$HERE/outside/new" "ln -s $HERE/outside/file" mkdir; do
		bundle "$BARE"' | .mounts += [{"destination": "/dev/pts", "type": "devpts", "source": "devpts"}] | .process.terminal = true' 'true'
		rm -f "$BUNDLE/rootfs/dev/console"
		$what "$BUNDLE/rootfs/dev/console"
		runtime_differs runc 'it follows some'
		expect_no_terminal
		expect_outside_untouched
	done
}

# CVE-2025-52565: what is called /dev/pts/ptmx, or /dev/pts, is a terminal's multiplexer, or there is no terminal
test_ptmx_file() {
	local what

	for what in 'mkfifo ptmx' 'touch ptmx' 'mknod ptmx c 1 5' 'mknod ptmx c 5 2' 'ln -s /dev/null ptmx' 'mkdir ptmx'; do
		bundle "$BARE | .process.terminal = true" 'true'
		mkdir -p "$BUNDLE/rootfs/dev/pts"
		(cd "$BUNDLE/rootfs/dev/pts" && $what)
		runtime_differs runc 'it tries some'
		expect_no_terminal
	done
}

# CVE-2021-30465: a mount's destination that leads through the links of /proc is refused
test_magic_links() {
	local target

	outside
	for target in /proc/self/cwd/new /proc/1/root/new /proc/self/fd/3 /proc/self/exe /proc/self/root; do
		bundle ".mounts += [{\"destination\": \"$target\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}]" 'true'
		runtime_differs runc 'it refuses anything in /proc'
		expect_refused /mounts/6
		ln -s "$target" "$BUNDLE/rootfs/link"
		edit '.mounts[6].destination = "/link"'
		expect_refused /mounts/6
		edit '.mounts[6] = {"destination": "/link", "source": ($here + "/outside"), "options": ["bind"]}' --arg here "$HERE"
		expect_refused /mounts/6
	done
	expect_outside_untouched
}

# CVE-2024-45310: what is made for a mount is not made through a link that leads out
test_made_targets() {
	outside
	bundle '.mounts += [{"destination": "/a/new/deep", "type": "tmpfs", "source": "tmpfs"},
		{"destination": "/b/new", "source": "/etc/hostname", "options": ["bind"]},
		{"destination": "/c", "source": "/etc/hostname", "options": ["bind"]}]
		| .linux.devices = [{"path": "/d/node", "type": "c", "major": 1, "minor": 3}]' 'true'
	ln -s "$HERE/outside" "$BUNDLE/rootfs/a"
	ln -s ../../../../../../../../../..$HERE/outside "$BUNDLE/rootfs/b"
	ln -s "$HERE/outside/new" "$BUNDLE/rootfs/c"
	ln -s "$HERE/outside" "$BUNDLE/rootfs/d"
	run
	expect_outside_untouched
}

# tmpcopyup copies what there is, as what it is, and follows nothing
test_copyup() {
	local tree

	outside
	bundle '.mounts += [{"destination": "/tree", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "nodev"]}]' \
		'cd /tree; stat -c "%n %F %a %u" * .hidden | sort; readlink out; cat one two; head -c 1 node 2>/dev/null || echo refused'
	runtime_differs runc 'it follows links'
	tree=$BUNDLE/rootfs/tree
	mkdir -p "$tree/sub"
	ln -s "$HERE/outside/file" "$tree/out"
	ln -s . "$tree/loop"
	mkfifo -m 600 "$tree/pipe"
	mknod -m 666 "$tree/node" c 1 5
	echo text >"$tree/one"
	ln "$tree/one" "$tree/two"
	install -m 4755 -o 7 /dev/null "$tree/setid"
	touch "$tree/.hidden"
	chmod 1777 "$tree/sub"
	run
	expect_out "$(printf '%s\n' '.hidden regular empty file 644 0' 'loop symbolic link 777 0' 'node character special file 666 0' \
		'one regular file 644 0' 'out symbolic link 777 0' 'pipe fifo 600 0' 'setid regular empty file 4755 7' 'sub directory 1777 0' \
		'two regular file 644 0'; echo "$HERE/outside/file"; echo text; echo text; echo refused)"
	expect_outside_untouched
}

# tmpcopyup of more than fits, or of directories without end, is an error and leaves nothing
test_copyup_large() {
	local i deep=

	bundle '.mounts += [{"destination": "/tree", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "size=64k"]}]' 'true'
	runtime_differs runc 'not tried'
	mkdir "$BUNDLE/rootfs/tree"
	truncate -s 1T "$BUNDLE/rootfs/tree/sparse"
	expect_refused /mounts/6
	bundle '.mounts += [{"destination": "/tree", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}]' 'true'
	for i in {1..500}; do
		deep+=/d
	done
	mkdir -p "$BUNDLE/rootfs/tree$deep"
	expect_refused /mounts/6
}

# masks cover what is there at the end, also below a link of the image, and what they cover stays covered
test_masks() {
	bundle '.linux.maskedPaths = ["/real/secret", "/link/other", "/way/file"]' 'cat /real/secret /real/other /real/file; echo end'
	mkdir "$BUNDLE/rootfs/real"
	echo hidden | tee "$BUNDLE/rootfs/real/secret" "$BUNDLE/rootfs/real/other" >"$BUNDLE/rootfs/real/file"
	ln -s real "$BUNDLE/rootfs/link"
	ln -s /../../real "$BUNDLE/rootfs/way"
	run
	expect_out end
}

# CVE-2019-16884, CVE-2025-52881: another file of /proc that is mounted over a kernel parameter is not written
test_parameter_covered() {
	bundle '.mounts += [{"destination": "/proc/sys/net/ipv4/ip_forward", "source": "/proc/sys/kernel/hostname", "options": ["bind"]}]
		| .linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.readonlyPaths = []'
	runtime_differs runc 'it refuses the mount'
	expect_refused /linux/sysctl/net.ipv4.ip_forward
	expect_no_match '^1$' "$(</proc/sys/kernel/hostname)" 'the host name'
}

# a program, a shared directory and a passwd that never answer: create ends all the same
test_pipes_everywhere() {
	local file

	for file in etc/passwd etc/group dev/null dev/pts/ptmx bin/program; do
		bundle "$BARE"' | .process.args = ["/bin/program"] | .process.env = ["PATH=/bin"] | .process.user.uid = 5'
		cp "$TOOLS/probe" "$BUNDLE/rootfs/bin/program"
		mkdir -p "$BUNDLE/rootfs/dev/pts"
		rm -f "$BUNDLE/rootfs/$file"
		mkfifo "$BUNDLE/rootfs/$file"
		runtime_differs runc 'it hangs'
		run
		[ "$STATUS" != 124 ] || fail "a pipe as $file holds it up"
	done
}

# A bundle with a mount to make in a filesystem that does not answer; its server is SERVER.
unanswering() {
	[ -c /dev/fuse ] || skip 'no /dev/fuse'
	bundle '.mounts += [{"destination": "/silent/new", "type": "tmpfs", "source": "tmpfs"}]' 'true'
	mkdir "$BUNDLE/rootfs/silent"
	"$TOOLS/unanswering" "$BUNDLE/rootfs/silent" &
	SERVER=$!
	wait_for grep -q "$BUNDLE/rootfs/silent" /proc/self/mountinfo
}

# Whether a process of the container waits for the answer.
stuck() {
	grep -qs "$ID" "/proc/$1/cgroup" && grep -qs request_wait_answer "/proc/$1/wchan"
}

any_stuck() {
	local process

	for process in /proc/[0-9]*; do
		stuck "${process#/proc/}" && return
	done
	return 1
}

# what was killed and cannot end is not forgotten: delete fails, and can be repeated
test_unkillable() {
	local status=0

	mydocker_only
	! grep -qw hostfs /proc/filesystems || skip 'user-mode Linux does not tell where a process waits'
	unanswering
	"$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" >"$HERE/log" 2>&1 </dev/null &
	wait_for any_stuck
	kill -KILL $!
	wait $! || :
	capture rt delete --force "$ID"
	expect_failure
	expect_match 'cannot remove the cgroup|does not die' "$ERR" stderr
	expect_match "$ID" "$(rt list -q)" list
	kill "$SERVER"
	umount -l "$BUNDLE/rootfs/silent"
	wait_for rt delete --force "$ID"
	expect_unknown
	wait_for eval '! any_stuck'
}

# nobody waits for ever for such a filesystem
test_unanswering() {
	[ -z "${KERNEL-}${SANITIZE-}" ] || skip 'once is enough'
	mydocker_only
	unanswering
	capture timeout 110 "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_match 'did not answer in time' "$ERR" stderr
	kill "$SERVER"
	umount -l "$BUNDLE/rootfs/silent"
	wait_for rt delete --force "$ID"
}

run_tests
