#!/bin/bash
# Mounts: types, options, order, binds, propagation; read back from mountinfo.

. "${0%/*}/lib.sh"

# The fields of mountinfo of one mount point: "options | optional fields | type | source | superblock options".
mount_line() {
	awk -v target="$1" '$5 == target {
		optional = ""
		for (i = 7; $i != "-"; i++) optional = optional " " $i
		line = $6 " |" optional " | " $(i + 1) " | " $(i + 2) " | " $(i + 3)
	} END { print line }' "/proc/$PID/mountinfo"
}

# A created container with one more mount on /mnt, made from a jq object.
with_mount() {
	bundle ".mounts += [{\"destination\": \"/mnt\"} + $1]"
	create
}

with_tmpfs() {
	with_mount "{\"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": $1}"
}

# expect_options OPTIONS PATTERN: a tmpfs with these options shows this in mountinfo
expect_options() {
	with_tmpfs "$1"
	expect_match "$2" "$(mount_line /mnt)" "mount with $1"
	rt delete --force "$ID"
}

with_bind() {
	mkdir -p "$HERE/source"
	touch "$HERE/source/file"
	with_mount "{\"type\": \"none\", \"source\": \"$HERE/source\", \"options\": $1}"
}

# [config-linux-fs-01] [config-linux-fs-02] [config-linux-fs-03] [config-linux-fs-04] the default filesystems
test_default_filesystems() {
	bundle
	create
	expect_match '\| proc \| proc' "$(mount_line /proc)"
	expect_match '\| tmpfs \| tmpfs .*mode=755' "$(mount_line /dev)"
	expect_match '^rw,nosuid,noexec.*\| devpts \| devpts .*gid=5,mode=620,ptmxmode=666' "$(mount_line /dev/pts)"
	expect_match '^rw,nosuid,nodev,noexec.*\| tmpfs \| shm .*size=65536k' "$(mount_line /dev/shm)"
	expect_match '^rw,nosuid,nodev,noexec.*\| mqueue' "$(mount_line /dev/mqueue)"
	expect_match '^ro,nosuid,nodev,noexec.*\| sysfs' "$(mount_line /sys)"
}

# [config-13] nosuid, nodev, noexec
test_restrictions() {
	expect_options '["nosuid"]' '^rw,nosuid,relatime '
	expect_options '["nodev"]' '^rw,nodev,relatime '
	expect_options '["noexec"]' '^rw,noexec,relatime '
	expect_options '["nosuid","nodev","noexec"]' '^rw,nosuid,nodev,noexec,relatime '
}

# [config-13] suid, dev, exec, rw and async take back what came before
test_taken_back() {
	expect_options '["nosuid","suid"]' '^rw,relatime '
	expect_options '["nodev","dev"]' '^rw,relatime '
	expect_options '["noexec","exec"]' '^rw,relatime '
	expect_options '["ro","rw"]' '^rw,relatime .* rw,?'
}

# [config-13] sync and async
test_sync() {
	expect_options '["sync"]' 'rw,sync'
	expect_options '["sync","async"]' '\| rw(,seclabel)?(,size|$|,inode)'
}

# [config-13] ro makes the mount read-only
test_ro() {
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["ro"]}]' 'touch /mnt/x'
	run
	expect_status 1
	expect_match 'Read-only' "$ERR" stderr
}

# [config-13] noatime, relatime, strictatime, nodiratime and their opposites
test_atime() {
	expect_options '["noatime"]' '^rw,noatime '
	expect_options '["noatime","atime"]' '^rw,relatime '
	expect_options '["relatime"]' '^rw,relatime '
	expect_options '["strictatime"]' '^rw '
	expect_options '["nodiratime"]' '^rw,nodiratime,relatime '
	expect_options '["nodiratime","diratime"]' '^rw,relatime '
}

# [config-14] nosymfollow and symfollow
test_nosymfollow() {
	runtime_differs runc 'this version does not know it'
	expect_options '["nosymfollow"]' '^rw,relatime,nosymfollow '
	expect_options '["nosymfollow","symfollow"]' '^rw,relatime '
}

# [config-13] options without a visible effect here are accepted
test_silent_options() {
	local option

	for option in loud silent nolazytime iversion noiversion norelatime nostrictatime nomand; do
		[ "$KIND" = runc ] && [[ $option =~ lazytime|silent|loud ]] && continue
		with_tmpfs "[\"$option\"]"
		rt delete --force "$ID"
	done
}

# [config-13] dirsync, lazytime, mand and their opposites
test_superblock_options() {
	expect_options '["dirsync"]' '\| rw,dirsync'
	expect_options '["mand"]' '\| rw,mand'
	expect_options '["mand","nomand"]' '\| rw(,seclabel)?(,size|$|,inode)'
	runtime_differs runc 'this version does not know the others'
	expect_options '["lazytime"]' '\| rw,lazytime'
	expect_options '["lazytime","nolazytime"]' '\| rw(,seclabel)?(,size|$|,inode)'
}

# [config-13] defaults has no effect, and is not data for the filesystem
test_defaults() {
	runtime_differs runc 'it gives the word to the filesystem'
	expect_options '["defaults"]' '^rw,relatime '
	expect_options '["nosuid","defaults"]' '^rw,nosuid,relatime '
}

# [config-17] any other option is data for the filesystem
test_data() {
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k", "mode=700", "uid=5"]}]' \
		'stat -c "%a %u" /mnt; df -k /mnt | tail -n 1 | tr -s " " | cut -d" " -f2'
	run
	expect_out $'700 5\n64'
}

# [config-17] data that the filesystem does not know is refused, with the pointer
test_unknown_data() {
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["zzz"]}]'
	expect_refused /mounts/6
	[ "$KIND" != mydocker ] || expect_match zzz "$ERR" stderr
}

# [config-12] a bind mount, whatever its type says
test_bind() {
	local type

	mkdir "$HERE/source"
	touch "$HERE/source/file"
	for type in '"none"' '"bind"' '"ext4"' 'null'; do
		with_mount "{\"type\": $type, \"source\": \"$HERE/source\", \"options\": [\"bind\"]}"
		[ -e "/proc/$PID/root/mnt/file" ] || [ "$(nsenter -m -t "$PID" ls "$BUNDLE/rootfs/mnt" 2>/dev/null)" = file ] ||
			expect_match ' /[^ ]*source .*/mnt ' "$(grep '/mnt ' "/proc/$PID/mountinfo")"
		rt delete --force "$ID"
	done
}

# [config-12] type bind without the option is no bind mount
test_bind_type_only() {
	mkdir "$HERE/source"
	bundle '.mounts += [{"destination": "/mnt", "type": "bind", "source": ($here + "/source")}]'
	runtime_differs runc 'it takes the type for the option'
	expect_refused /mounts/6/type
}

# [config-11] a relative bind source is relative to the bundle
test_bind_relative() {
	bundle '.mounts += [{"destination": "/mnt", "source": "volume", "options": ["bind"]}]' 'cat /mnt/file'
	mkdir "$BUNDLE/volume"
	echo content >"$BUNDLE/volume/file"
	cd /
	run
	expect_out content
}

# a file can be bound, and its target is made
test_bind_file() {
	echo content >"$HERE/file"
	run_ok '.mounts += [{"destination": "/new/place", "source": ($here + "/file"), "options": ["bind"]}]' 'cat /new/place'
	expect_out content
}

# a bind source that is missing is refused, with the pointer and the path
test_bind_missing() {
	bundle '.mounts += [{"destination": "/mnt", "source": "/no/such/source", "options": ["bind"]}]'
	expect_refused /mounts/6
	[ "$KIND" != mydocker ] || expect_match '/no/such/source' "$ERR" stderr
}

# a bind mount takes its restrictions
test_bind_options() {
	with_bind '["bind", "ro", "nosuid", "nodev", "noexec"]'
	expect_match '^ro,nosuid,nodev,noexec' "$(mount_line /mnt)"
	expect_match '^rw' "$(awk '$5 == "/" { print $6 }' /proc/self/mountinfo | tail -n 1)" "the source's mount"
}

# bind takes one mount, rbind the whole tree
test_rbind() {
	mkdir -p "$HERE/source/sub"
	mount -t tmpfs tmpfs "$HERE/source/sub"
	touch "$HERE/source/sub/file"
	run_ok '.mounts += [{"destination": "/one", "source": ($here + "/source"), "options": ["bind"]},
		{"destination": "/all", "source": ($here + "/source"), "options": ["rbind"]}]' 'ls /one/sub /all/sub'
	umount "$HERE/source/sub"
	expect_out $'/all/sub:\nfile\n\n/one/sub:'
}

# [config-14] the recursive options reach the mounts below, the plain ones do not
test_recursive_options() {
	local option

	runtime_differs runc 'needs a newer kernel interface than this version has for some'
	mkdir -p "$HERE/source/sub"
	mount -t tmpfs tmpfs "$HERE/source/sub"
	for option in rro:ro rnosuid:nosuid rnodev:nodev rnoexec:noexec rnoatime:noatime rnodiratime:nodiratime \
		rnosymfollow:nosymfollow; do
		with_mount "{\"source\": \"$HERE/source\", \"options\": [\"rbind\", \"${option%:*}\"]}"
		expect_match "(^|,)${option#*:}(,| )" "$(mount_line /mnt)" "$option, itself"
		expect_match "(^|,)${option#*:}(,| )" "$(mount_line /mnt/sub)" "$option, below"
		rt delete --force "$ID"
	done
	with_mount "{\"source\": \"$HERE/source\", \"options\": [\"rbind\", \"ro\"]}"
	expect_match '^ro' "$(mount_line /mnt)"
	expect_match '^rw' "$(mount_line /mnt/sub)"
	rt delete --force "$ID"
	umount "$HERE/source/sub"
}

# [config-14] rrw, rsuid and the other recursive opposites take back
test_recursive_opposites() {
	runtime_differs runc 'needs a newer kernel interface than this version has for some'
	mkdir -p "$HERE/source/sub"
	mount -t tmpfs -o ro,nosuid,nodev,noexec,noatime tmpfs "$HERE/source/sub"
	mount -o remount,bind,ro,nosuid,nodev,noexec,noatime "$HERE/source/sub"
	with_mount "{\"source\": \"$HERE/source\", \"options\": [\"rbind\", \"rrw\", \"rsuid\", \"rdev\", \"rexec\", \"rrelatime\"]}"
	umount "$HERE/source/sub"
	expect_match '^rw,relatime ' "$(mount_line /mnt/sub)"
}

# [config-14] the other recursive options are understood
test_recursive_others() {
	local option

	runtime_differs runc 'this version does not know all of them'
	mkdir "$HERE/source"
	for option in ratime rdiratime rnorelatime rstrictatime rnostrictatime rsymfollow; do
		with_mount "{\"source\": \"$HERE/source\", \"options\": [\"rbind\", \"$option\"]}"
		expect_match '^rw' "$(mount_line /mnt)" "$option"
		rt delete --force "$ID"
	done
}

# [config-13] shared, slave, private, unbindable and their recursive forms
test_propagation() {
	mkdir -p "$HERE/source"
	mount -t tmpfs tmpfs "$HERE/source"
	mount --make-shared "$HERE/source"
	with_bind '["rbind", "private"]'
	expect_match '\| \| tmpfs|\|  *\| tmpfs' "$(mount_line /mnt)" private
	rt delete --force "$ID"
	with_bind '["rbind", "rslave"]'
	expect_match '\| master:[0-9]+ ' "$(mount_line /mnt)" rslave
	rt delete --force "$ID"
	with_bind '["rbind", "rshared"]'
	expect_match '\| .*shared:[0-9]+ ' "$(mount_line /mnt)" rshared
	rt delete --force "$ID"
	with_bind '["rbind", "unbindable"]'
	expect_match '\| unbindable ' "$(mount_line /mnt)" unbindable
	rt delete --force "$ID"
	umount "$HERE/source"
}

# a slave mount receives what the host mounts later
test_slave_receives() {
	mkdir -p "$HERE/source/later"
	mount --bind "$HERE/source" "$HERE/source"
	mount --make-shared "$HERE/source"
	start_ok '.linux.rootfsPropagation = "slave"
		| .mounts += [{"destination": "/mnt", "source": ($here + "/source"), "options": ["rbind", "rslave"]}]' 'sleep 100'
	mount -t tmpfs late "$HERE/source/later"
	wait_for grep -q '/mnt/later.*late' "/proc/$PID/mountinfo"
	umount "$HERE/source/later"
	wait_for eval "! grep -q /mnt/later /proc/$PID/mountinfo"
	umount "$HERE/source"
}

# [config-08] mounts are made in order: a later one hides an earlier one
test_order() {
	mkdir "$HERE/a" "$HERE/b"
	touch "$HERE/a/first" "$HERE/b/second"
	run_ok '.mounts += [{"destination": "/mnt", "source": ($here + "/a"), "options": ["bind"]},
		{"destination": "/mnt", "source": ($here + "/b"), "options": ["bind"]},
		{"destination": "/mnt/inner", "type": "tmpfs", "source": "tmpfs"},
		{"destination": "/mnt/inner/deep", "type": "tmpfs", "source": "tmpfs"}]' 'ls /mnt; grep -c /mnt /proc/mounts'
	expect_out $'inner\nsecond\n4'
}

# [config-10] a relative destination is below /
test_relative_destination() {
	run_ok '.mounts += [{"destination": "data", "type": "tmpfs", "source": "tmpfs"}]' 'grep -c " /data " /proc/mounts'
	expect_out 1
}

# [runtime-18] an unknown filesystem type is refused, with the pointer
test_unknown_type() {
	bundle '.mounts += [{"destination": "/mnt", "type": "nosuchfs", "source": "x"}]'
	expect_refused /mounts/6
}

# a mount without type that is no bind is refused
test_no_type() {
	bundle '.mounts += [{"destination": "/mnt", "source": "x"}]'
	expect_refused /mounts/6
}

# a file where a directory has to be is refused
test_target_kind() {
	bundle '.mounts += [{"destination": "/etc/passwd", "type": "tmpfs", "source": "tmpfs"}]'
	expect_refused /mounts/6
}

# the target is made with its parents, mode 755
test_target_made() {
	run_ok '.mounts += [{"destination": "/a/b/c", "type": "tmpfs", "source": "tmpfs"}]' 'stat -c %a /a /a/b'
	expect_out $'755\n755'
}

# [config-15] tmpcopyup copies what the mount hides, with modes and links
test_tmpcopyup() {
	bundle '.mounts += [{"destination": "/data", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}]' \
		'cat /data/file; readlink /data/link; stat -c %a /data/file; cat /data/sub/deep; echo new >/data/file'
	mkdir -p "$BUNDLE/rootfs/data/sub"
	echo content >"$BUNDLE/rootfs/data/file"
	echo deep >"$BUNDLE/rootfs/data/sub/deep"
	chmod 640 "$BUNDLE/rootfs/data/file"
	ln -s file "$BUNDLE/rootfs/data/link"
	run
	expect_status 0
	expect_out $'content\nfile\n640\ndeep'
	expect_eq content "$(<"$BUNDLE/rootfs/data/file")" 'the image'
}

# remount changes an earlier mount
test_remount() {
	runtime_differs runc 'it refuses a remount of what it has not been given as bind'
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"},
		{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["remount", "ro", "size=32k"]}]'
	create
	expect_match '(^ro|\| ro).*size=32k' "$(mount_line /mnt)"
}

# the cgroup filesystem shows each hierarchy, read-only
test_cgroup_mount() {
	start_ok '.linux.namespaces += [{"type": "cgroup"}]
		| .mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro", "nosuid", "noexec", "nodev"]}]' \
		'for f in /sys/fs/cgroup/memory/cgroup.procs /sys/fs/cgroup/cgroup.procs; do [ -e $f ] && cat $f; done; echo end; sleep 100'
	wait_for logged end
	expect_match '^1$' "$(<"$HERE/log")"
	expect_match '^ro,nosuid,nodev,noexec.*\| cgroup' "$(mount_line /sys/fs/cgroup/memory)$(mount_line /sys/fs/cgroup)"
}

# no file and no mount is made on the host outside the state root and the cgroups
test_no_host_traces() {
	bundle
	mydocker_only
	traced -e trace=file,move_mount,open_tree -- run --bundle "$BUNDLE" "$ID"
	expect_eq '' "$(grep -E ' (mkdir|mknod|link|rename|creat|mount)(at2?)?\((AT_FDCWD, )?"/|"/[^"]*", [^)]*O_CREAT' "$HERE/trace" |
		grep -v -e "$ROOT" -e /sys/fs/cgroup/)" 'made by absolute path'
}

run_tests
