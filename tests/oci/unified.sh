#!/bin/bash
# Resources where cgroup v2 is alone: its own files, and what it has nothing like. Where the host has hierarchies of version 1, they
# are taken away here, and with them most controllers.

. "${0%/*}/lib.sh"

TREE=/sys/fs/cgroup

[ -e $TREE/cgroup.controllers ] || {
	umount -R $TREE
	mount -t cgroup2 cgroup2 $TREE
}

# What a file of the container's cgroup holds.
file() {
	cat "$TREE$CGROUP/$ID/$1"
}

has_controller() {
	grep -qw "$1" $TREE/cgroup.controllers || skip "$1 is not a controller of the unified tree here"
}

# [config-linux-cg-43] what the files need is handed down to a cgroup that is not there yet
test_handed_down() {
	has_controller pids
	bundle '.linux.cgroupsPath += "/deep/er" | .linux.resources.unified = {"pids.max": "17"}'
	create
	expect_eq 17 "$(file deep/er/pids.max)" limit
}

# [config-linux-cg-44] a file is written as it is told, whether anybody knows it or not
test_any_file() {
	bundle '.linux.resources.unified = {"cgroup.max.depth": "3", "cgroup.max.descendants": "7"}'
	create
	expect_eq '3 7' "$(file cgroup.max.depth) $(file cgroup.max.descendants)" limits
	rt delete --force "$ID"
	bundle '.linux.resources.unified = {"cgroup.max.depth": "frog"}'
	expect_refused /linux/resources/unified/cgroup.max.depth
	bundle '.linux.resources.unified = {"cgroup.no.such": "1"}'
	expect_refused /linux/resources/unified/cgroup.no.such
}

# [config-linux-cg-44] a file has the last word over a value that is converted to the same
test_file_wins() {
	has_controller pids
	bundle '.linux.resources.pids.limit = 12 | .linux.resources.unified = {"pids.max": "17"}'
	create
	expect_eq 17 "$(file pids.max)" limit
}

# [config-linux-cg-45] a file of a controller that is not there is refused, with its name
test_no_controller() {
	bundle '.linux.resources.unified = {"nosuch.max": "1"}'
	expect_refused /linux/resources/unified/nosuch.max
	expect_match 'controller nosuch' "$ERR" stderr
}

# [config-linux-cg-47] a value that version 2 has nothing like is refused
test_nothing_like() {
	local values pointer

	runtime_differs runc 'it ignores some'
	while read -r pointer values; do
		bundle ".linux.resources += $values"
		expect_refused "/linux/resources/$pointer"
	done <<-'END'
		memory/swappiness {"memory": {"swappiness": 30}}
		memory/kernelTCP {"memory": {"kernelTCP": 67108864}}
		memory/disableOOMKiller {"memory": {"disableOOMKiller": true}}
		memory/useHierarchy {"memory": {"useHierarchy": false}}
		cpu/realtimeRuntime {"cpu": {"realtimeRuntime": 1000}}
		cpu/realtimePeriod {"cpu": {"realtimePeriod": 100000}}
		blockIO/leafWeight {"blockIO": {"leafWeight": 500}}
		network/classID {"network": {"classID": 1}}
		network/priorities/0 {"network": {"priorities": [{"name": "lo", "priority": 1}]}}
	END
}

run_tests
