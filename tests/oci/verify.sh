#!/bin/bash
# What was asked for, and what is in force.

. "${0%/*}/lib.sh"

wrong() {
	rt verify --format json "$ID" | jq -r '.findings[] | "\(.severity) \(.place)"'
}

inside() {
	nsenter --target "$PID" --mount --pid --uts --net "$@"
}

# a container that is as it was made has nothing wrong with it
test_good() {
	mydocker_only
	start_ok '.linux.resources.memory.limit = 67108864 | .linux.resources.pids.limit = 100
		| .linux.resources.cpu = {quota: 50000, period: 100000, shares: 512} | .root.readonly = true
		| .process.noNewPrivileges = true | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}]
		| .process.oomScoreAdj = 300 | .linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.domainname": "example"}
		| .linux.maskedPaths = ["/proc/kcore", "/no/such"] | .linux.readonlyPaths = ["/proc/sys", "/no/such"]
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}
		| .hostname = "inside"' 'sleep 100'
	capture rt verify "$ID"
	expect_status 0
	expect_match '^ok +[0-9]{2} steps are in force$' "$OUT"
	expect_eq mydocker.verify/1 "$(rt verify --format json "$ID" | jq -r .schema)" schema
}

# the default configuration, and one in a user namespace, as well
test_default() {
	mydocker_only
	mkdir -p "$HERE/bundle"
	BUNDLE=$HERE/bundle
	CONFIG=$BUNDLE/config.json
	rt spec --bundle "$BUNDLE"
	cp -al "$WORK/rootfs" "$BUNDLE/rootfs"
	edit '.process.terminal = false | .process.args = ["sleep", "100"]'
	start
	expect_eq 'ok ' "$(wrong)" findings
	rt delete --force "$ID"
	chmod 711 "$WORK"
	start_ok '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 1000, gid: 1000}' 'sleep 100'
	expect_eq 'ok ' "$(wrong)" findings
}

# what was written last counts, and an idle cgroup has no shares
test_superseded() {
	mydocker_only
	start_ok '.linux.resources.cpu = {shares: 512, idle: 1}' 'sleep 100'
	expect_eq 'ok ' "$(wrong)" 'findings in an idle cgroup'
	[ -e /sys/fs/cgroup/cgroup.controllers ] || return 0
	rt delete --force "$ID"
	start_ok '.linux.resources = {cpu: {shares: 512}, memory: {limit: 67108864}, unified: {"cpu.weight": "77", "memory.max": "48M", "memory.high": "30000000"}}' 'sleep 100'
	expect_eq 'ok ' "$(wrong)" 'findings with files by their names'
}

# of mounts on one place the last counts, a remount takes back, and a link is where it leads
test_superseded_mounts() {
	mydocker_only
	ln -s /etc/passwd "$HERE/link"
	bundle '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["ro", "nosuid"]},
		{"destination": "/mnt", "type": "tmpfs", "options": ["remount", "rw"]},
		{"destination": "/cover/below", "type": "tmpfs", "source": "x", "options": ["noexec"]},
		{"destination": "/cover/", "type": "tmpfs", "source": "x", "options": ["nosuid"]},
		{"destination": "/twice", "type": "tmpfs", "source": "x", "options": ["noexec"]},
		{"destination": "/twice", "type": "tmpfs", "source": "x"},
		{"destination": "/led", "type": "tmpfs", "source": "x", "options": ["noexec"]},
		{"destination": "/copied", "source": ($here + "/link"), "options": ["bind", "copy-symlink"]}]' 'sleep 100'
	mkdir "$BUNDLE/rootfs/real"
	ln -s real "$BUNDLE/rootfs/led"
	start
	expect_eq 'ok ' "$(wrong)" findings
	inside mount -o remount,suid,exec /cover /cover
	inside mount -o remount,exec /real /real
	expect_eq $'error /mounts/9\nerror /mounts/12' "$(wrong)" 'findings after a change'
}

# what somebody has changed is told, with the place that had asked for it
test_changed() {
	mydocker_only
	start_ok '.hostname = "inside" | .linux.maskedPaths = ["/proc/acpi", "/proc/timer_list"] | .linux.readonlyPaths = ["/proc/sys"]
		| .linux.sysctl = {"net.ipv4.ip_forward": "1"} | .process.oomScoreAdj = 300
		| .mounts += [{destination: "/data", source: "/tmp", type: "bind", options: ["rbind", "ro", "nosuid"]},
			{destination: "/more", source: "tmpfs", type: "tmpfs", options: ["size=1m"]}]' 'sleep 100'
	inside umount /proc/timer_list
	inside mount -o remount,bind,rw /proc/sys
	inside mount -o remount,bind,ro,suid /data
	inside umount /more
	nsenter --target "$PID" --uts hostname other
	nsenter --target "$PID" --net sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
	echo 400 >"/proc/$PID/oom_score_adj"
	expect_eq "error /process/oomScoreAdj
error /mounts/$(jq '.mounts | length - 2' "$CONFIG")
error /mounts/$(jq '.mounts | length - 1' "$CONFIG")
error /linux/maskedPaths/1
error /linux/readonlyPaths/0
error /hostname
error /linux/sysctl/net.ipv4.ip_forward" "$(wrong)" findings
	capture rt verify "$ID"
	expect_status 1
}

# what nobody can take away is found missing, too, where it was never there
test_never_there() {
	mydocker_only
	[ -z "${KERNEL-}" ] || skip 'what answers as an older kernel is a filter, too'
	start_ok '.process.noNewPrivileges = false | .linux.namespaces |= map(select(.type != "ipc"))
		| .mounts |= map(select(.type != "mqueue"))' 'sleep 100'
	jq '.process.noNewPrivileges = true | .root.readonly = true | .linux.namespaces += [{type: "ipc"}]
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10, hard: 10}] | .process.capabilities.bounding = []
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}' \
		"$ROOT/$ID/bundle.json" >"$HERE/bundle.json"
	cp "$HERE/bundle.json" "$ROOT/$ID/bundle.json"
	expect_eq '/linux/namespaces /linux/seccomp /process/noNewPrivileges /process/rlimits/0 /process/user /root/readonly' \
		"$(wrong | sed 's/^error //' | sort -u | xargs)" findings
}

# limits that were changed behind our back are told, those that update changed are not
test_limits() {
	local directory

	mydocker_only
	bundle '.linux.resources.pids.limit = 100 | .linux.resources.memory.limit = 67108864' 'sleep 100'
	start
	rt update --pids-limit 50 "$ID"
	expect_eq 'ok ' "$(wrong)" findings
	for directory in $(jq -r '.cgroups[].path' "$ROOT/$ID/config.json"); do
		[ ! -e "$directory/pids.max" ] || echo 60 >"$directory/pids.max"
		for file in memory.max memory.limit_in_bytes; do
			[ ! -e "$directory/$file" ] || echo 50000000 >"$directory/$file"
		done
	done
	expect_eq $'error /linux/resources/memory/limit\nerror /linux/resources/pids/limit' "$(wrong | sort)" findings
	expect_match 'of pids.max, "60" is in force instead of "50"' "$(rt verify "$ID")"
}

# a container that does not run has nothing in force
test_stopped() {
	mydocker_only
	start_ok '.' 'true'
	wait_for is_status stopped
	capture rt verify "$ID"
	expect_failure
	expect_match 'container not running' "$ERR"
}

run_tests
