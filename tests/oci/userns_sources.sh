#!/bin/bash
# What is bound into a container with a user namespace: wherever it lies on the host, and no more than the host allows.

. "${0%/*}/lib.sh"

chmod 755 "$WORK"
MAPPED='.linux.namespaces += [{"type": "user"}]
	| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
	| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
BIND='.mounts += [{"destination": "/mnt", "source": ($here + "/shut/source"), "options": ["rbind"]}]'

# A source below a directory that only its owner may enter.
shut_source() {
	runtime_differs runc 'this version opens some in the container'
	mkdir -p "$HERE/shut/source"
	echo content >"$HERE/shut/source/file"
	chown -R 100000:200000 "$HERE/shut/source"
	chown "$1" "$HERE/shut"
	chmod 700 "$HERE/shut"
}

# A bundle with the places to mount on: nobody inside may make them in a root that is not theirs.
bundle_with_places() {
	bundle "$@"
	mkdir -p "$BUNDLE/rootfs/mnt" "$BUNDLE/rootfs/tree" "$BUNDLE/rootfs/volume"
	touch "$BUNDLE/rootfs/file" "$BUNDLE/rootfs/link"
}

prints() {
	bundle_with_places "${@:2}"
	run
	expect_status 0
	expect_out "$1"
}

# a source below a directory that is only root's, or only some user's
test_shut() {
	local owner

	for owner in 0 1000; do
		shut_source "$owner"
		prints $'content\n0 0\nfile\nnew' "$MAPPED | $BIND" 'cat /mnt/file; stat -c "%u %g" /mnt/file; touch /mnt/new && ls /mnt'
		rm -rf "$HERE/shut"
	done
}

# a file, a tree, a link, and a source relative to the bundle
test_kinds() {
	shut_source 0
	ln -s source/file "$HERE/shut/link"
	bundle_with_places "$MAPPED"' | .mounts += [{"destination": "/file", "source": ($here + "/shut/source/file"), "options": ["bind", "ro"]},
		{"destination": "/link", "source": ($here + "/shut/link"), "options": ["bind"]},
		{"destination": "/tree", "source": ($here + "/shut"), "options": ["rbind", "rro"]},
		{"destination": "/volume", "source": "volume", "options": ["bind"]}]' \
		'cat /file /link /volume/file; ls /tree 2>/dev/null || echo closed; echo x 2>/dev/null >/file || echo read-only'
	mkdir "$BUNDLE/volume"
	echo volume >"$BUNDLE/volume/file"
	run
	expect_out $'content\ncontent\nvolume\nclosed\nread-only'
}

# with a user namespace that is joined, too
test_joined() {
	local first

	shut_source 0
	start_ok "$MAPPED" 'sleep 100'
	first=$PID
	ID=$ID-b
	prints content ".linux.namespaces += [{\"type\": \"user\", \"path\": \"/proc/$first/ns/user\"}] | $BIND" 'cat /mnt/file'
}

# what is missing is refused by the mount's pointer, and nothing is left
test_missing() {
	shut_source 0
	bundle "$MAPPED | $BIND"
	rm -r "$HERE/shut/source"
	expect_refused /mounts/6
	[ "$KIND" != mydocker ] || expect_match "$HERE/shut/source" "$ERR" stderr
}

# what the host's mount forbids cannot be allowed again inside, with every capability there
test_locked() {
	shut_source 0
	chmod 755 "$HERE/shut"
	mount -t tmpfs -o mode=777 tmpfs "$HERE/shut/source"
	mount -o remount,bind,ro,nosuid,nodev "$HERE/shut/source"
	bundle_with_places "$MAPPED | $BIND"' | .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])' \
		'mount -o remount,bind,rw /mnt 2>/dev/null; mount -o remount,bind,ro,suid,dev /mnt 2>/dev/null; grep " /mnt " /proc/mounts | cut -d" " -f4; touch /mnt/x 2>/dev/null || echo refused'
	run
	umount "$HERE/shut/source"
	expect_match '^ro,(seclabel,)?nosuid,nodev' "$OUT"
	expect_match '^refused$' "$OUT"
}

# a source inside the container's own root shows that directory
test_inside() {
	prints $'/etc/passwd\n/mnt/passwd' "$MAPPED"' | .mounts += [{"destination": "/mnt", "source": ($here + "/bundle/rootfs/etc"), "options": ["bind"]}]' \
		'ls /mnt/passwd /etc/passwd'
	prints $'/mnt/bin\n/mnt/mnt' '.mounts += [{"destination": "/mnt", "source": ($here + "/bundle/rootfs"), "options": ["rbind"]}]' 'ls -d /mnt/bin /mnt/mnt'
}

# one that is killed while it fetches leaves nobody behind
test_killed() {
	local call

	mydocker_only
	shut_source 0
	bundle "$MAPPED | $BIND"
	remember
	for call in open_tree setns wait4 unshare; do
		traced -e "trace=$call" -e "inject=$call:signal=KILL:when=1" -- run --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 &
		wait_for eval "! kill -0 $!"
		rt delete --force "$ID" 2>/dev/null || :
		expect_nothing_left
	done
}

run_tests
