#!/bin/bash
# Masked and read-only paths.

. "${0%/*}/lib.sh"

# [config-linux-paths-06] a masked file reads as empty, a masked directory too
test_masked() {
	run_ok '.linux.maskedPaths = ["/etc/passwd", "/usr"]' 'cat /etc/passwd; ls -A /usr; touch /usr/x 2>&1; echo end'
	expect_match 'Read-only' "$OUT"
	expect_eq 2 "$(wc -l <<<"$OUT")" lines
}

# a path that is listed twice is masked once
test_masked_twice() {
	runtime_differs runc 'it masks the path again'
	run_ok '.linux.maskedPaths = ["/etc/passwd", "/usr", "/usr", "/etc/passwd"]' 'grep -cE " /(usr|etc/passwd) " /proc/self/mounts'
	expect_out 2
}

# [config-linux-paths-06] a masked path that does not exist is skipped
test_masked_missing() {
	run_ok '.linux.maskedPaths = ["/no/such/path", "/proc/nosuch"]' 'echo ran'
	expect_out ran
}

# [config-linux-paths-06] masks hold in /proc and /sys
test_masked_proc() {
	run_ok '.linux.maskedPaths = ["/proc/version", "/proc/driver", "/sys/kernel"]' \
		'wc -c </proc/version; ls -A /proc/driver /sys/kernel | grep -vc :'
	expect_eq 0 "$(head -n 1 <<<"$OUT")" bytes
}

# [config-linux-paths-07] [config-linux-paths-09] a relative path is refused
test_relative() {
	bundle '.linux.maskedPaths = ["/proc/kcore", "proc/keys"]'
	runtime_differs runc 'it takes it as it is'
	expect_refused /linux/maskedPaths/1
	bundle '.linux.readonlyPaths = ["proc/sys"]'
	expect_refused /linux/readonlyPaths/0
}

# [config-linux-paths-08] a read-only path cannot be written, and keeps the other flags of its mount
test_readonly() {
	bundle '.linux.readonlyPaths = ["/proc/sys", "/dev/shm", "/data"]' \
		'echo 1 >/proc/sys/kernel/msgmax; touch /dev/shm/x; touch /data/x; grep " /dev/shm " /proc/self/mountinfo | tail -n 1'
	mkdir "$BUNDLE/rootfs/data"
	run
	expect_eq 3 "$(grep -c 'Read-only' <<<"$ERR")" 'refused writes'
	expect_match ' ro,nosuid,nodev,noexec' "$OUT"
}

# [config-linux-paths-08] a read-only path that does not exist is skipped
test_readonly_missing() {
	run_ok '.linux.readonlyPaths = ["/no/such/path"]' 'echo ran'
	expect_out ran
}

# a path below a masked one does not matter
test_below_masked() {
	run_ok '.linux.maskedPaths = ["/usr", "/usr/bin"] | .linux.readonlyPaths = ["/usr/bin"]' 'echo ran'
	expect_out ran
}

# a file can be made read-only
test_readonly_file() {
	run_ok '.linux.readonlyPaths = ["/etc/passwd"]' 'echo x >>/etc/passwd || echo refused'
	expect_out refused
}

run_tests
