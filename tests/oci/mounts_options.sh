#!/bin/bash
# Mount options, part two: every word on nested binds, propagation in its order, what is data and what is not, links, labels,
# cgroup mounts, and what a user namespace may not undo.

. "${0%/*}/lib.sh"

chmod 755 "$WORK"

# The options, propagation, type and superblock options of the last mount on a point, from mountinfo.
mount_line() {
	awk -v target="$1" '$5 == target {
		optional = ""
		for (i = 7; $i != "-"; i++) optional = optional " " $i
		line = $6 " |" optional " | " $(i + 1) " | " $(i + 3)
	} END { print line }' "/proc/$PID/mountinfo"
}

# A source with a mount below it; both with the options given, else none.
source_tree() {
	mkdir -p "$HERE/source"
	mount -t tmpfs -o "${1:-rw}" tmpfs "$HERE/source"
	[ -d "$HERE/source/sub" ] || { mount -o remount,rw "$HERE/source" && mkdir "$HERE/source/sub" && touch "$HERE/source/file"; }
	mount -t tmpfs tmpfs "$HERE/source/sub"
	[ -z "${1-}" ] || mount -o "remount,bind,$1" "$HERE/source"
	[ -z "${1-}" ] || mount -o "remount,bind,$1" "$HERE/source/sub"
}

# bound OPTIONS PATTERN [PATTERN-BELOW [FILTER]]: what the source looks like in a container when it is bound so
bound() {
	bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"), \"options\": $1}] ${4-}"
	mkdir -p "$BUNDLE/rootfs/mnt"
	create
	expect_match "$2" "$(mount_line /mnt)" "mount with $1"
	[ -z "${3-}" ] || expect_match "$3" "$(mount_line /mnt/sub)" "mount below one with $1"
	rt delete --force "$ID"
}

# [config-14] each recursive word sets its flag on the mount and below
test_recursive_set() {
	local word

	runtime_differs runc 'needs a newer kernel interface than this version has for some'
	source_tree
	for word in rro:ro rnosuid:nosuid rnodev:nodev rnoexec:noexec rnoatime:noatime rnodiratime:nodiratime rnosymfollow:nosymfollow; do
		bound "[\"rbind\", \"${word%:*}\"]" "(^|,)${word#*:}(,| )" "(^|,)${word#*:}(,| )"
	done
	bound '["rbind", "rstrictatime"]' '^rw \|' '^rw \|'
	bound '["rbind", "rrelatime"]' '^rw,relatime \|' '^rw,relatime \|'
}

# [config-14] each recursive opposite clears it on the mount and below
test_recursive_clear() {
	local word

	runtime_differs runc 'needs a newer kernel interface than this version has for some'
	source_tree ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow
	for word in rrw:ro rsuid:nosuid rdev:nodev rexec:noexec ratime:noatime rdiratime:nodiratime rsymfollow:nosymfollow \
		rrelatime:noatime rnorelatime:noatime rnostrictatime:noatime; do
		bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"), \"options\": [\"rbind\", \"${word%:*}\"]}]"
		create
		expect_no_match "(^|,)${word#*:}(,| )" "$(mount_line /mnt)" "mount with ${word%:*}"
		expect_no_match "(^|,)${word#*:}(,| )" "$(mount_line /mnt/sub)" "mount below one with ${word%:*}"
		rt delete --force "$ID"
	done
	bound '["rbind"]' '^ro,nosuid,nodev,noexec,noatime,nodiratime' '^ro,nosuid,nodev,noexec,noatime,nodiratime'
}

# [config-13] the plain words reach the mount alone, and of two that contradict each other the last wins
test_last_wins() {
	source_tree
	bound '["rbind", "ro", "nosuid"]' '^ro,nosuid,' '^rw,relatime'
	bound '["rbind", "rw", "ro"]' '^ro,' '^rw,'
	bound '["rbind", "nosuid", "nodev", "suid"]' '^rw,nodev,' '^rw,relatime'
	runtime_differs runc 'needs a newer kernel interface than this version has for some'
	bound '["rbind", "rro", "rrw"]' '^rw,' '^rw,'
	bound '["rbind", "rro", "rw"]' '^ro,' '^ro,'
}

# [config-13] propagation words are applied in their order, the last wins, the recursive ones below too
test_propagation_order() {
	source_tree
	mount --make-rshared "$HERE/source"
	bound '["rbind", "rprivate"]' '\|  *\| tmpfs' '\|  *\| tmpfs'
	bound '["rbind", "rslave", "rshared"]' 'shared:[0-9]+ master:[0-9]+' 'shared:[0-9]+ master:[0-9]+'
	bound '["rbind", "rshared", "rslave"]' '\| master:[0-9]+ \|' '\| master:[0-9]+ \|'
	bound '["rbind", "rslave", "private"]' '\| *\| tmpfs' '\| master:[0-9]+ \|'
	bound '["rbind", "runbindable"]' 'unbindable' 'unbindable'
	bound '["rbind", "rprivate", "unbindable"]' 'unbindable' '\|  *\| tmpfs'
	umount -R "$HERE/source"
}

# [config-13] propagation beside data: the data reaches the filesystem, the propagation the mount
test_propagation_and_data() {
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["size=64k", "shared", "nr_inodes=50", "gid=7"]}]'
	create
	expect_match 'shared:[0-9]+ \| tmpfs \| rw,(seclabel,)?size=64k,nr_inodes=50,gid=7' "$(mount_line /mnt)"
}

# superblock words on a bind mount do nothing, and say so; the forms with r count as those without
test_superblock_words() {
	local word

	source_tree
	runtime_differs runc 'it knows other words'
	for word in sync dirsync lazytime mand rsync rasync rdirsync rmand rnomand; do
		bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"), \"options\": [\"bind\", \"$word\"]}]"
		run
		expect_status 0
		expect_match "/mounts/6/options/1.*$word" "$ERR" warning
	done
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["rsync"]}]'
	create
	expect_match 'rw,sync' "$(mount_line /mnt)"
}

# [config-17] words that only mount(8) knows, and words joined by commas, are data and refused by filesystem or bind mount
test_foreign_words() {
	local word

	for word in auto noauto user nouser users owner group _netdev nofail x-y X-y comment=z ro,nosuid; do
		bundle ".mounts += [{\"destination\": \"/mnt\", \"type\": \"proc\", \"source\": \"x\", \"options\": [\"$word\"]}]"
		[ "$word" = ro,nosuid ] || expect_refused /mounts/6
		bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": \"/tmp\", \"options\": [\"bind\", \"$word\"]}]"
		[ "$KIND" = runc ] || expect_refused /mounts/6/options/1
	done
}

# [config-17] data of proc, devpts and overlay
test_data() {
	mkdir -p "$HERE/low" "$HERE/fs"
	touch "$HERE/low/file"
	mount -t tmpfs tmpfs "$HERE/fs"
	mkdir "$HERE/fs/up" "$HERE/fs/work"
	bundle '.mounts += [{"destination": "/mnt", "type": "overlay", "source": "overlay",
			"options": ["lowerdir=" + $here + "/low", "upperdir=" + $here + "/fs/up", "workdir=" + $here + "/fs/work"]},
		{"destination": "/mnt2", "type": "proc", "source": "proc", "options": ["hidepid=2", "subset=pid"]}]'
	create
	expect_match "overlay .*lowerdir=$HERE/low,upperdir=$HERE/fs/up,workdir=$HERE/fs/work" "$(mount_line /mnt)"
	expect_match 'proc .*hidepid=(2|invisible),subset=pid' "$(mount_line /mnt2)"
}

# a remount changes what it names and keeps the rest, of a bind mount and of a filesystem; without a mount it is refused
test_remounts() {
	source_tree nosuid
	runtime_differs runc 'it refuses a remount that is no bind mount'
	bound '["rbind", "nodev"]' '^ro,nosuid,nodev,' '^rw,nosuid' \
		'| .mounts += [{"destination": "/mnt", "options": ["bind", "remount", "ro"]}]'
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "size=64k"]},
		{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["remount", "noexec"]}]'
	create
	expect_match '^rw,nosuid,noexec,.*size=64k' "$(mount_line /mnt)"
	rt delete --force "$ID"
	bundle '.mounts += [{"destination": "/usr", "options": ["bind", "remount", "ro"]}]'
	expect_refused /mounts/6
}

# a remount takes back what made the mount or its filesystem read-only, synchronous or lazy
test_remounts_take_back() {
	local again

	runtime_differs runc 'it refuses a remount that is no bind mount'
	for again in '"remount", "rw"' '"bind", "remount", "rw"' '"remount", "rrw"'; do
		bundle ".mounts += [{\"destination\": \"/mnt\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"ro\"]},
			{\"destination\": \"/mnt\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [$again]}]"
		create
		expect_match '^rw,' "$(mount_line /mnt)" "tmpfs after $again"
		rt delete --force "$ID"
	done
	bundle '.mounts += [{"destination": "/mnt", "type": "ramfs", "source": "/x", "options": ["ro"]},
		{"destination": "/mnt", "type": "ramfs", "options": ["remount", "rw"]}]'
	create
	expect_match '^rw,.* rw' "$(mount_line /mnt)" 'ramfs as of a device'
	rt delete --force "$ID"
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["sync", "lazytime", "mand"]},
		{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["remount", "async", "nolazytime", "nomand", "size=64k"]}]'
	create
	expect_no_match 'sync|lazytime|mand' "$(mount_line /mnt)"
	expect_match 'size=64k' "$(mount_line /mnt)"
}

# a remount without bind makes the mount read-only, and not what the host sees of the filesystem
test_remount_host() {
	runtime_differs runc 'it refuses a remount that is no bind mount'
	source_tree
	bound '["bind"]' '^ro,' '' '| .mounts += [{"destination": "/mnt", "type": "none", "source": ($here + "/source"), "options": ["remount", "ro"]}]'
	touch "$HERE/source/still-writable"
}

# a /dev that is made read-only by a remount has its devices all the same
test_remount_dev() {
	local again

	runtime_differs runc 'it makes none where /dev is bound'
	for again in '"bind", "remount", "ro"' '"remount", "ro"'; do
		run_ok ".mounts += [{\"destination\": \"/dev\", \"options\": [$again]}]" 'echo x >/dev/null; touch /dev/x 2>/dev/null || echo read-only'
		expect_out read-only
	done
	run_ok '.mounts += [{"destination": "/dev", "options": ["bind", "remount", "noexec"]}]' 'touch /dev/x && echo writable'
	expect_out writable
}

# what is to be copied or mapped before anybody sees it is refused together with data that only mount(2) takes
test_long_data() {
	local mode

	runtime_differs runc 'it knows other limits'
	mode=$(printf 'mode=%0300d' 710)
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": [$mode]}]' '' --arg mode "$mode"
	create
	expect_match 'mode=710' "$(mount_line /mnt)"
	rt delete --force "$ID"
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": [$mode, "tmpcopyup"]}]' '' --arg mode "$mode"
	expect_refused /mounts/6
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": [$mode],
		"uidMappings": [{"containerID": 0, "hostID": 5, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 5, "size": 1}]}]' \
		'' --arg mode "$mode"
	expect_refused /mounts/6
}

# [config-15] tmpcopyup keeps owners, modes and links
test_tmpcopyup() {
	runtime_differs runc 'it leaves the owner of the directory behind'
	bundle '.mounts += [{"destination": "/data", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "ro"]}]' \
		'stat -c "%a %u %g %n" /data /data/sub /data/sub/file; readlink /data/sub/link; touch /data/x 2>/dev/null || echo read-only; sleep 100'
	mkdir -p "$BUNDLE/rootfs/data/sub"
	touch "$BUNDLE/rootfs/data/sub/file"
	chown 5:6 "$BUNDLE/rootfs/data" "$BUNDLE/rootfs/data/sub/file"
	chmod 4711 "$BUNDLE/rootfs/data/sub/file"
	chmod 1775 "$BUNDLE/rootfs/data"
	ln -s nowhere "$BUNDLE/rootfs/data/sub/link"
	start
	wait_for logged read-only
	expect_log $'1775 5 6 /data\n755 0 0 /data/sub\n4711 5 6 /data/sub/file\nnowhere\nread-only'
}

# [config-15] tmpcopyup is for tmpfs
test_tmpcopyup_elsewhere() {
	runtime_differs runc 'it ignores the word there'
	bundle '.mounts += [{"destination": "/mnt", "source": "/tmp", "options": ["bind", "tmpcopyup"]}]'
	expect_refused /mounts/6/options/1
}

# links: src-nofollow binds the link itself, dest-nofollow mounts over one, copy-symlink makes one
test_links() {
	runtime_differs runc 'it does not know these words'
	ln -s /etc/passwd "$HERE/link"
	run_ok '.mounts += [{"destination": "/copied", "source": ($here + "/link"), "options": ["bind", "copy-symlink"]}]' 'readlink /copied'
	expect_out /etc/passwd
	bundle '.mounts += [{"destination": "/place", "source": ($here + "/link"), "options": ["bind", "src-nofollow", "dest-nofollow"]}]' \
		'readlink /place'
	ln -s /nowhere "$BUNDLE/rootfs/place"
	run
	expect_status 0
	expect_out /etc/passwd
}

# [config-27] a target that is a link to "/" or climbs by ".." stays inside the root
test_links_to_root() {
	local target

	source_tree
	for target in /up/mnt /../../mnt /self/up/mnt; do
		bundle ".mounts += [{\"destination\": \"$target\", \"source\": (\$here + \"/source\"), \"options\": [\"bind\"]}]" 'ls /mnt'
		ln -s / "$BUNDLE/rootfs/up"
		ln -s . "$BUNDLE/rootfs/self"
		run
		expect_status 0
		expect_eq $'file\nsub' "$OUT" "what is on $target"
	done
}

# a cgroup mount without a cgroup namespace shows the container's own cgroup, on v1 no other; read-only where asked
test_cgroup_mounts() {
	local namespace look='find /sys/fs/cgroup -name cgroup.procs | while read f; do cat $f | grep -cx 1; done | sort | uniq -c | wc -l'

	runtime_differs runc 'it leaves the hierarchies writable'
	[ ! -e /sys/fs/cgroup/cgroup.controllers ] || look='grep -cx 1 "/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/cgroup.procs"'
	for namespace in '' '| .linux.namespaces += [{"type": "cgroup"}]'; do
		bundle ".mounts += [{\"destination\": \"/sys/fs/cgroup\", \"type\": \"cgroup\", \"source\": \"cgroup\", \"options\": [\"nosuid\", \"ro\"]}] $namespace" \
			"$look"'
			mkdir /sys/fs/cgroup/memory/x /sys/fs/cgroup/x 2>/dev/null || echo refused; sleep 100'
		start
		wait_for logged refused
		expect_log $'1\nrefused'
		expect_match '^ro,nosuid' "$(mount_line /sys/fs/cgroup)"
		rt delete --force "$ID"
	done
}

# [config-17] [config-18] a cgroup mount takes no data that nobody knows, and no mappings
test_cgroup_mount_words() {
	runtime_differs runc 'it ignores them'
	bundle '.linux.namespaces += [{"type": "cgroup"}]
		| .mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "zzz=1"]}]'
	expect_refused -
	expect_match zzz "$ERR" stderr
	bundle '.mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
		"uidMappings": [{"containerID": 0, "hostID": 5, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 5, "size": 1}]}]'
	expect_refused /mounts/6/uidMappings
}

# what the host's mount forbids stays forbidden in a user namespace; asking for it back is an error
test_locked() {
	local mapped='| .linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'

	source_tree ro,nosuid,nodev,noexec
	runtime_differs runc 'it may say so or not'
	bound '["rbind"]' '^ro,nosuid,nodev,noexec' '^ro,nosuid,nodev,noexec' "$mapped"
	bound '["rbind", "ro"]' '^ro,nosuid,nodev,noexec' '' "$mapped"
	bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"), \"options\": [\"rbind\", \"rw\"]}] $mapped"
	mkdir "$BUNDLE/rootfs/mnt"
	expect_refused /mounts/6
}

run_tests
