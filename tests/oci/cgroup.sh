#!/bin/bash
# Cgroups: where the container is, and that its limits are in force.

. "${0%/*}/lib.sh"

# The container's directory for a controller, on v1, hybrid or v2.
directory() {
	local path=${2:-$CGROUP/$ID}

	if [ -d "/sys/fs/cgroup/$1" ]; then
		echo "/sys/fs/cgroup/$1$path"
	else
		echo "/sys/fs/cgroup$path"
	fi
}

# value CONTROLLER V1-FILE V2-FILE
value() {
	local where

	where=$(directory "$1")
	if [ -e "$where/$2" ]; then
		cat "$where/$2"
	else
		cat "$where/$3"
	fi
}

# [config-linux-cg-04] [config-linux-cg-10] an absolute path is below each hierarchy's mount point
test_absolute() {
	bundle
	create
	expect_eq '' "$(cut -d: -f3 "/proc/$PID/cgroup" | grep -vx "$CGROUP/$ID" | grep -vx /)" 'other cgroups'
	expect_match "$CGROUP/$ID" "$(<"/proc/$PID/cgroup")"
	expect_match "^$PID\$" "$(<"$(directory memory)/cgroup.procs")" members
}

# [config-linux-cg-07] without a path the id names the cgroup
test_default() {
	bundle 'del(.linux.cgroupsPath)'
	create
	expect_match "/$ID\$" "$(<"/proc/$PID/cgroup")"
	rt delete --force "$ID"
}

# [config-linux-cg-05] [config-linux-cg-06] a relative path means the same place each time
test_relative() {
	local first

	bundle '.linux.cgroupsPath |= ltrimstr("/")'
	create
	first=$(<"/proc/$PID/cgroup")
	rt delete --force "$ID"
	cd /tmp
	create
	expect_eq "$first" "$(<"/proc/$PID/cgroup")" cgroup
}

# a cgroup that was there, and was killed as a whole once, takes a container and its commands all the same
test_killed_once() {
	local cgroup

	cgroup=$(directory unified)
	mkdir -p "$cgroup" 2>/dev/null || skip 'needs cgroup v2'
	[ -e "$cgroup/cgroup.kill" ] || skip 'needs cgroup v2 and Linux 5.14'
	echo 1 >"$cgroup/cgroup.kill"
	start_ok '.' 'sleep 100'
	expect_match "^0::$CGROUP/$ID\$" "$(<"/proc/$PID/cgroup")"
	capture rt exec "$ID" true
	expect_status 0
	rt delete --force "$ID"
	[ -d "$cgroup" ] || fail 'what was there is gone'
	rmdir "$cgroup"
}

# [config-linux-cg-08] missing parents are made
test_deep() {
	bundle '.linux.cgroupsPath += "/a/b/c"'
	create
	expect_match "$CGROUP/$ID/a/b/c" "$(<"/proc/$PID/cgroup")"
	rt delete --force "$ID"
}

# [config-linux-cg-09] a path cannot climb out
test_climbing() {
	bundle '.linux.cgroupsPath = "/../../../" + .linux.cgroupsPath'
	capture rt create --bundle "$BUNDLE" "$ID"
	[ "$STATUS" != 0 ] || expect_match "$CGROUP" "$(<"/proc/$(state pid)/cgroup")"
	[ "$KIND" != mydocker ] || expect_failure
}

# [config-linux-cg-01] [config-linux-cg-02] a cgroup with processes in it is refused
test_occupied() {
	mkdir "$(directory memory)" 2>/dev/null || :
	sleep 1001 &
	echo $! >"$(directory memory)/cgroup.procs"
	bundle
	runtime_differs runc 'this version only warns'
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match "container's cgroup is not empty" "$ERR"
	kill $!
	expect_unknown
}

# v2: a place where no container can be is refused with the reason
test_impossible() {
	local parent=/sys/fs/cgroup$CGROUP/$ID directory

	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2'
	mydocker_only
	for directory in /sys/fs/cgroup "/sys/fs/cgroup$CGROUP"; do
		echo +memory +pids >"$directory/cgroup.subtree_control"
	done
	mkdir -p "$parent/threads"
	echo threaded >"$parent/threads/cgroup.type"
	bundle '.linux.cgroupsPath += "/box" | .linux.resources = {}'
	expect_refused /linux/cgroupsPath
	expect_match threaded "$ERR"
	rmdir "$parent/threads" "$parent"
	mkdir -p "$parent/below"
	echo +memory >"$parent/cgroup.subtree_control"
	bundle '.linux.resources = {}'
	expect_refused /linux/cgroupsPath
	expect_match 'hands controllers down' "$ERR"
	[ -d "$parent" ]
	rmdir "$parent/below" "$parent"
}

# [config-linux-cg-02] a frozen cgroup is refused, and left as it was
test_frozen() {
	local where

	mydocker_only
	where=$(directory freezer)
	mkdir "$where"
	if [ -e "$where/freezer.state" ]; then
		echo FROZEN >"$where/freezer.state"
	else
		echo 1 >"$where/cgroup.freeze"
	fi
	bundle
	expect_refused -
	expect_match "container's cgroup unexpectedly frozen" "$ERR"
	[ -d "$where" ]
	rmdir "$where"
}

# a cgroup that was there before stays
test_foreign_stays() {
	mkdir -p "$(directory memory)"
	start_ok '.' true
	wait_for is_status stopped
	rt delete "$ID"
	runtime_differs runc 'it removes it'
	[ -d "$(directory memory)" ]
	rmdir "$(directory memory)"
}

# [config-linux-cg-23] [config-linux-cg-24] memory limits
test_memory() {
	bundle '.linux.resources.memory = {"limit": 67108864, "reservation": 33554432}'
	if ! keeps_reservation; then
		runtime_differs runc 'it does not look'
		expect_refused /linux/resources/memory/reservation
		expect_match 'was given "33554432", but .* is in force' "$ERR"
		edit 'del(.linux.resources.memory.reservation)'
	fi
	create
	expect_eq 67108864 "$(value memory memory.limit_in_bytes memory.max)" limit
	! keeps_reservation || expect_eq 33554432 "$(value memory memory.soft_limit_in_bytes memory.low)" reservation
}

# [config-linux-cg-23] -1 is no limit
test_memory_unlimited() {
	bundle '.linux.resources.memory = {"limit": -1}'
	create
	expect_match '^(max|9223372036854771712)$' "$(value memory memory.limit_in_bytes memory.max)" limit
}

# a memory limit is enforced
test_memory_enforced() {
	bundle '.linux.resources.memory = {"limit": 16777216}' 'probe eat 64; echo "status $?"'
	[ ! -e "$(directory memory "$CGROUP")/memory.memsw.limit_in_bytes" ] || edit '.linux.resources.memory.swap = 16777216'
	run
	expect_no_match 'ate 64' "$OUT"
	expect_match 'status 137|^$' "$OUT"
}

# [config-linux-cg-41] the number of processes, and 0 is a limit
test_pids() {
	bundle '.linux.resources.pids = {"limit": 7}'
	create
	expect_eq 7 "$(value pids pids.max pids.max)" limit
	rt delete --force "$ID"
	bundle '.linux.resources.pids = {"limit": -1}'
	create
	expect_eq max "$(value pids pids.max pids.max)" limit
	rt delete --force "$ID"
	bundle '.linux.resources.pids = {"limit": 0}'
	runtime_differs runc 'it takes 0 for unset'
	create
	expect_match '^[01]$' "$(value pids pids.max pids.max)" limit
	rt delete --force "$ID"
	mydocker_only
	bundle ".linux.resources.pids.limit = 1 | $MAPPED"
	chmod 711 "$OCI_WORK" "$HERE" "$BUNDLE"
	expect_refused /linux/namespaces/0
	expect_match 'limit of processes is reached' "$ERR" 'hint for a container that is two for a moment'
	[ -e /sys/fs/cgroup/cgroup.controllers ] || return 0 # on v1 who moves in is not counted
	bundle '.linux.resources.pids.limit = 1' 'exec sleep 100'
	start
	capture rt exec "$ID" true
	expect_failure
	expect_match 'limit of processes is reached' "$ERR" 'hint for one too many'
}

# a limit of processes is enforced
test_pids_enforced() {
	bundle '.linux.resources.pids = {"limit": 5}' 'for i in 1 2 3 4 5 6 7 8; do sleep 0.3 & done; wait'
	run
	expect_match "can't fork|Resource temporarily" "$ERR" stderr
}

# cpu shares, quota and period
test_cpu() {
	bundle '.linux.resources.cpu = {"shares": 512, "quota": 50000, "period": 100000}'
	create
	if [ -e "$(directory cpu)/cpu.shares" ]; then
		expect_eq '512 50000 100000' "$(cd "$(directory cpu)" && cat cpu.shares cpu.cfs_quota_us cpu.cfs_period_us | xargs)"
	else
		expect_eq '50000 100000' "$(<"$(directory cpu)/cpu.max")"
	fi
}

# [config-linux-cg-32] cpus and memory nodes
test_cpuset() {
	bundle '.linux.resources.cpu = {"cpus": "0", "mems": "0"}' 'grep Cpus_allowed_list /proc/self/status'
	run
	expect_status 0
	expect_out $'Cpus_allowed_list:\t0'
}

# zeros that engines write for "not set" change nothing
test_zeros() {
	run_ok '.linux.resources.cpu = {"shares": 0, "quota": 0, "period": 0} | .linux.resources.blockIO = {"weight": 0}
		| .linux.resources.memory = {"disableOOMKiller": false}' true
}

# a value that the kernel refuses is an error with the pointer, and no cgroup stays
test_refused() {
	bundle '.linux.resources.cpu = {"cpus": "999"}'
	expect_refused /linux/resources/cpu/cpus
	bundle '.linux.resources.cpu = {"quota": 10, "period": 100000}'
	expect_refused /linux/resources/cpu/quota
}

# a memory limit that is too small to start is refused, in words
test_memory_tiny() {
	bundle '.linux.resources.memory = {"limit": 4096}'
	expect_refused /linux/resources/memory/limit
}

# owners: who owns the container's cgroup, its delegated files and one that is not
owners() {
	(cd "/sys/fs/cgroup$CGROUP/$ID" && stat -c %u . cgroup.procs cgroup.subtree_control cgroup.threads cgroup.max.depth | xargs)
}

WRITABLE='.mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid"]}] | .linux.namespaces += [{"type": "cgroup"}]
	| .process.user = {"uid": 1000, "gid": 1000}'
MAPPED='.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'

# [config-linux-cg-11] [config-linux-cg-14] [config-linux-cg-15] v2: the user of a container that may write its cgroups owns them
test_ownership() {
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2'
	runtime_differs runc 'only its systemd driver does'
	bundle "$WRITABLE" 'cd /sys/fs/cgroup && mkdir below && echo $$ >below/cgroup.procs && cat /proc/self/cgroup; echo 5 >pids.max || echo refused; sleep 100'
	start
	wait_for logged refused
	expect_match '^0::/below$' "$(<"$HERE/log")" 'the cgroup that its user has made'
	expect_eq '1000 1000 1000 1000 0' "$(owners)" owners
	rt delete --force "$ID"
	bundle "$WRITABLE | $MAPPED"
	chmod 711 "$OCI_WORK" "$HERE" "$BUNDLE"
	create
	expect_eq '101000 101000 101000 101000 0' "$(owners)" 'owners with a user namespace'
}

# [config-linux-cg-13] [config-linux-cg-14] and nobody else does
test_ownership_kept() {
	local less

	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2'
	for less in '.mounts[-1].options += ["ro"]' '.linux.namespaces |= map(select(.type != "cgroup"))' '.mounts[-1].destination = "/cgroups"' \
		'.mounts[-1].source = "other"'; do
		bundle "$WRITABLE | $less"
		create
		expect_eq '0 0 0 0 0' "$(owners)" "owners after $less"
		rt delete --force "$ID"
	done
}

# [config-linux-cg-16] [config-linux-cg-17] without the kernel's list three files are the user's
test_ownership_list() {
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2'
	runtime_differs runc 'only its systemd driver does'
	mount -t tmpfs none /sys/kernel/cgroup
	bundle "$WRITABLE"
	create
	expect_eq '1000 1000 1000 1000 0' "$(owners)" owners
	rt delete --force "$ID"
	printf 'no.such.file\ncgroup.procs\n' >/sys/kernel/cgroup/delegate
	create
	expect_eq '1000 1000 0 0 0' "$(owners)" owners
	umount /sys/kernel/cgroup
}

# unified files need cgroup v2
test_unified_on_v1() {
	[ -d /sys/fs/cgroup/memory ] || skip 'needs cgroup v1'
	bundle '.linux.resources.unified = {"memory.max": "100000000"}'
	expect_refused /linux/resources/unified/memory.max
}

# From now on the runtime sees the hierarchies as commands of the shell leave them, on a host of version 1 with a unified tree beside it.
sees() {
	[ -e /sys/fs/cgroup/unified/cgroup.procs ] || skip 'needs version 1 with a unified tree beside it'
	cat >"$HERE/$KIND" <<-END
		#!/bin/sh
		exec unshare --mount --propagation private sh -c '$1 && exec "\$@"' sh "$(realpath "$RUNTIME")" "\$@"
	END
	chmod +x "$HERE/$KIND"
	RUNTIME=$HERE/$KIND
}

# a hierarchy that is mounted below the unified one, as is done for programs of old, is another one
test_mounted_below() {
	local below=/sys/fs/cgroup/$ID-below both

	sees "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p $below && mount -t cgroup -o memory cgroup $below"
	start_ok '.linux.resources = {memory: {limit: 67108864}}' 'sleep 1000'
	both=$(</proc/$PID/cgroup)
	expect_match ":memory:$CGROUP/$ID\$" "$both" 'that of memory'
	expect_match "^0::$CGROUP/$ID\$" "$both" 'the unified one'
	expect_eq "$both" "$(rt exec "$ID" cat /proc/self/cgroup)" 'cgroups of exec'
	rt update --memory 100m "$ID"
	expect_eq 104857600 "$(<"$(directory memory)/memory.limit_in_bytes")" 'limit after an update'
	rt delete --force "$ID"
}

# a host of version 1 alone: every verb does without a unified tree
test_without_unified() {
	sees 'umount /sys/fs/cgroup/unified'
	bundle ".linux.resources = {memory: {limit: 67108864}, pids: {limit: 2}} | $MAPPED" 'sleep 1000'
	chmod 711 "$OCI_WORK" "$HERE" "$BUNDLE"
	remember
	start
	expect_eq '' "$(grep -v '^0:' "/proc/$PID/cgroup" | cut -d: -f3 | grep -vx "$CGROUP/$ID" | grep -vx /)" 'other cgroups'
	expect_no_match "^0:.*$CGROUP" "$(<"/proc/$PID/cgroup")" cgroups
	expect_eq '67108864 2' "$(cd "$(directory memory)" && cat memory.limit_in_bytes "$(directory pids)/pids.max" | xargs)" limits
	expect_match ":$CGROUP/$ID\$" "$(rt exec "$ID" cat /proc/self/cgroup)" 'cgroup of exec'
	rt pause "$ID"
	expect_state paused
	expect_eq FROZEN "$(<"$(directory freezer)/freezer.state")" freezer
	rt resume "$ID"
	expect_state running
	rt update --memory 100m --pids-limit 30 "$ID"
	expect_eq '104857600 30' "$(cd "$(directory memory)" && cat memory.limit_in_bytes "$(directory pids)/pids.max" | xargs)" 'limits after an update'
	rt kill "$ID" KILL
	wait_for is_status stopped
	rt delete "$ID"
	expect_nothing_left
	start
	rt delete --force "$ID"
	expect_nothing_left
}

# a container of 512 KiB can run
test_memory_small() {
	bundle '.linux.resources.memory = {"limit": 524288}'
	edit '.process.args = ["/bin/probe", "fds"]'
	mydocker_only
	run
	expect_status 0
}

run_tests
