#!/bin/bash
# Devices: the default ones, the listed ones, the links, and who may open them.

. "${0%/*}/lib.sh"

# [config-linux-dev-10] [config-linux-dev-11] [config-linux-dev-12] [config-linux-dev-13] [config-linux-dev-14] [config-linux-dev-15] the default devices
test_default() {
	run_ok '.' 'cd /dev; for d in null zero full random urandom tty; do stat -c "%n %F %t:%T %a" $d; done'
	expect_out 'null character special file 1:3 666
zero character special file 1:5 666
full character special file 1:7 666
random character special file 1:8 666
urandom character special file 1:9 666
tty character special file 5:0 666'
}

# the default devices work
test_default_work() {
	run_ok '.' 'echo x >/dev/null; head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; echo x >/dev/full || echo full'
	expect_out $'3\n3\nfull'
}

# [runtime-linux-04] [runtime-linux-05] [runtime-linux-06] [runtime-linux-07] [config-linux-dev-17] the links
test_links() {
	run_ok '.' 'cd /dev; for l in fd stdin stdout stderr ptmx; do echo "$l $(readlink $l)"; done'
	expect_out 'fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
ptmx pts/ptmx'
}

# [config-linux-dev-01] [config-linux-dev-07] character, block and FIFO devices as listed
test_listed() {
	run_ok '.linux.devices = [
			{"type": "c", "path": "/dev/chars", "major": 10, "minor": 200, "fileMode": 384, "uid": 5, "gid": 6},
			{"type": "u", "path": "/dev/unbuffered", "major": 10, "minor": 201},
			{"type": "b", "path": "/dev/blocks", "major": 7, "minor": 3, "fileMode": 432},
			{"type": "p", "path": "/dev/fifo", "fileMode": 420}]' \
		'cd /dev; stat -c "%n %F %t:%T %a %u:%g" chars unbuffered blocks; stat -c "%n %F %a" fifo'
	expect_out 'chars character special file a:c8 600 5:6
unbuffered character special file a:c9 666 0:0
blocks block special file 7:3 660 0:0
fifo fifo 644'
}

# [config-linux-dev-04] a device can be anywhere; parents are made
test_elsewhere() {
	run_ok '.linux.devices = [{"type": "c", "path": "/opt/d/null0", "major": 1, "minor": 3}]' \
		'stat -c "%F %t:%T" /opt/d/null0; echo x >/opt/d/null0'
	expect_out 'character special file 1:3'
	run_ok '.linux.devices = [{"type": "c", "path": "/opt/slash/", "major": 1, "minor": 3}]' 'stat -c %F /opt/slash'
	expect_out 'character special file'
}

# [config-linux-dev-06] the mode does not depend on the umask, and type bits in it are ignored
test_mode() {
	umask 077
	run_ok '.linux.devices = [{"type": "c", "path": "/dev/a", "major": 1, "minor": 3, "fileMode": 438},
		{"type": "c", "path": "/dev/b", "major": 1, "minor": 3, "fileMode": 8630}]' 'stat -c %a /dev/a /dev/b'
	expect_out $'666\n666'
}

# [config-linux-dev-08] two paths for one device
test_same_numbers() {
	run_ok '.linux.devices = [{"type": "c", "path": "/dev/a", "major": 1, "minor": 5},
		{"type": "c", "path": "/dev/b", "major": 1, "minor": 5}]' 'head -c 2 /dev/a | wc -c; head -c 2 /dev/b | wc -c'
	expect_out $'2\n2'
}

# [config-linux-dev-03] a file that is not the requested device is an error, a node that is it is fine
test_existing() {
	bundle '.linux.devices = [{"type": "c", "path": "/nodes/thing", "major": 1, "minor": 3}]' 'true'
	mkdir "$BUNDLE/rootfs/nodes"
	mknod "$BUNDLE/rootfs/nodes/thing" c 1 3
	run
	expect_status 0
	rm "$BUNDLE/rootfs/nodes/thing"
	touch "$BUNDLE/rootfs/nodes/thing"
	runtime_differs runc 'it takes any existing file'
	expect_refused /linux/devices/0
}

# [config-linux-dev-05] a character device needs its numbers
test_numbers_missing() {
	bundle '.linux.devices = [{"type": "c", "path": "/dev/thing", "major": 1}]'
	runtime_differs runc 'it takes 0'
	expect_refused /linux/devices/0/minor
}

# a type that is not one, and a relative path
test_bad_values() {
	bundle '.linux.devices = [{"type": "x", "path": "/dev/thing", "major": 1, "minor": 3}]'
	expect_refused /linux/devices/0/type
	bundle '.linux.devices = [{"type": "c", "path": "dev/thing", "major": 1, "minor": 3}]'
	runtime_differs runc 'it takes a relative path'
	expect_refused /linux/devices/0/path
}

# [config-linux-dev-09] a device that is neither listed nor default cannot be opened
test_denied() {
	bundle '.process.capabilities[] += ["CAP_MKNOD"]' 'mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem'
	run
	expect_failure
	expect_match 'not permitted' "$ERR" stderr
}

# [config-linux-cg-18] device rules act in order, the later one wins
test_rules_order() {
	local rules='[{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rwm"}]'

	# Whether there is such a device behind the node does not matter here.
	bundle ".linux.resources.devices = $rules" 'mknod /tmp/fuse c 10 229 && : </tmp/fuse'
	run
	expect_no_match 'not permitted' "$ERR" stderr
	bundle ".linux.resources.devices = $rules + [{\"allow\": false, \"type\": \"c\", \"major\": 10, \"minor\": 229, \"access\": \"r\"}]" \
		'mknod /tmp/fuse c 10 229 && : </tmp/fuse'
	run
	expect_failure
	expect_match 'not permitted' "$ERR" stderr
}

# [config-linux-cg-21] a device rule without numbers is about all of them
test_rules_any_number() {
	local opens='for d in 10 11; do mknod /tmp/$d c $d 229; (: </tmp/$d); done; true'

	bundle '.linux.resources.devices = [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "access": "r"}]' "$opens"
	run
	expect_match '11.*not permitted' "$ERR" stderr
	expect_no_match '10.*not permitted' "$ERR" stderr
	bundle '.linux.resources.devices = [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "access": "r"}]' "$opens"
	run
	expect_no_match 'not permitted' "$ERR" stderr
}

# [config-linux-cg-19] [config-linux-cg-20] [config-linux-cg-22] a device rule of a type that is none, or with letters that are none, is refused
test_bad_rules() {
	bundle '.linux.resources.devices += [{"allow": true, "type": "x", "access": "r"}]'
	expect_refused /linux/resources/devices/1/type
	bundle '.linux.resources.devices += [{"allow": true, "type": "c", "access": "rx"}]'
	runtime_differs runc 'it takes any letters'
	expect_refused /linux/resources/devices/1/access
	bundle '.linux.resources.devices += [{"type": "c", "access": "r"}]'
	expect_refused /linux/resources/devices/1/allow
}

# [runtime-linux-03] standard streams that are /dev/null are the container's node
test_null_streams() {
	bundle '.' 'stat -L -c "%t:%T %d" /proc/self/fd/0 /dev/null >/report; touch /done'
	start
	wait_for test -e "$BUNDLE/rootfs/done"
	expect_eq 1 "$(sort -u "$BUNDLE/rootfs/report" | wc -l)" 'different nodes'
}

run_tests
