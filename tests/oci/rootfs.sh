#!/bin/bash
# The root filesystem: where it is, whether it is read-only, how it propagates.

. "${0%/*}/lib.sh"

# [config-07] a read-only root refuses writes, mounts below it keep their own flags
test_readonly() {
	bundle '.root.readonly = true | .mounts += [{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}]' \
		'touch /x || echo refused; touch /tmp/x && echo taken'
	run
	expect_status 0
	expect_out $'refused\ntaken'
}

# [config-07] the default is writable
test_writable() {
	run_ok '.' 'echo content >/x'
	expect_eq content "$(<"$BUNDLE/rootfs/x")" 'written file'
}

# [config-06] a root that is missing, or a file, is refused with the pointer
test_missing() {
	bundle '.root.path = "nosuch"'
	expect_refused /root/path
	bundle '.root.path = "config.json"'
	expect_refused /root/path
}

# [config-03] a configuration without root is refused
test_without() {
	bundle 'del(.root)'
	expect_refused /root
}

# nothing of the host's tree can be reached
test_confined() {
	run_ok '.' 'cd /; cd ../../..; ls -d home boot opt 2>/dev/null; pwd; wc -l </proc/self/mountinfo'
	expect_match '^/$' "$OUT"
	expect_no_match 'home|boot' "$OUT"
	(($(tail -n 1 <<<"$OUT") < 25)) || fail "mounts: $OUT"
}

# the old root is gone
test_old_root() {
	start_ok '.' 'sleep 100'
	expect_no_match 'oldroot|put_old|\.pivot' "$(<"/proc/$PID/mountinfo")" mountinfo
	expect_eq 1 "$(awk '$5 == "/"' "/proc/$PID/mountinfo" | wc -l)" 'mounts on /'
}

root_propagation() {
	bundle ".linux.rootfsPropagation = \"$1\""
	create
	awk '$5 == "/" { for (i = 7; $i != "-"; i++) printf "%s ", $i; print "" }' "/proc/$PID/mountinfo"
	rt delete --force "$ID"
}

# [config-linux-paths-03] [config-linux-paths-04] a root that is private, or unbindable
test_private() {
	expect_eq '' "$(root_propagation private)" private
	runtime_differs runc 'it fails with the second'
	expect_match unbindable "$(root_propagation unbindable)" unbindable
}

# [config-linux-paths-01] a shared root is in a peer group that is not the host's
test_shared() {
	local found

	mount --bind "$WORK" "$WORK"
	mount --make-shared "$WORK"
	runtime_differs runc 'it stays private'
	found=$(root_propagation shared)
	expect_match 'shared:[0-9]+' "$found" shared
	expect_no_match "${found%% *} " "$(</proc/self/mountinfo)" "the host's peer groups"
}

# [config-linux-paths-02] a slave root
test_slave() {
	mount --bind "$WORK" "$WORK"
	mount --make-shared "$WORK"
	runtime_differs runc 'it stays private'
	expect_match 'master:[0-9]+' "$(root_propagation slave)" slave
}

# [config-linux-paths-05] a propagation that is none is refused
test_bad_propagation() {
	bundle '.linux.rootfsPropagation = "foo"'
	expect_refused /linux/rootfsPropagation
}

# a root filesystem through a symlinked bundle works
test_symlinked_bundle() {
	bundle '.' 'echo ran'
	ln -s bundle "$HERE/link"
	BUNDLE=$HERE/link
	run
	expect_out ran
}

# --no-pivot works too
test_no_pivot() {
	bundle '.' 'touch /x; cd /; pwd; ls / | grep -c "^bin$"'
	run --no-pivot
	expect_status 0
	expect_out $'/\n1'
	[ -e "$BUNDLE/rootfs/x" ]
}

# --no-pivot leaves no whole procfs below the root, which would let a user namespace mount one without masks
test_no_pivot_proc() {
	bundle '.process.capabilities[] += ["CAP_SETFCAP"]' 'unshare -Urpmf mount -t proc proc /proc && echo mounted'
	run --no-pivot
	expect_no_match mounted "$OUT" stdout
	expect_match 'mount: permission denied|mount.*not permitted' "$ERR" stderr
}

run_tests
