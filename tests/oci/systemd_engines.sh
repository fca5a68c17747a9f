#!/bin/bash
# podman and containerd with systemd's cgroups, as they come on hosts of systemd. Only in a guest, where hostfs shows the machine's own.

. "${0%/*}/lib.sh"

export SYSTEMCTL_FORCE_BUS=1

# machine PROGRAM: the machine's files, read-only, with the guest's kernel and systemd, and places to write: $HERE/machine.
machine() {
	local directory

	[ -d /run/systemd/system ] || skip 'systemd does not run here'
	grep -qw hostfs /proc/filesystems || skip 'not in a guest that sees its machine'
	mkdir "$HERE/machine"
	mount -t hostfs -o / none "$HERE/machine"
	mount -o remount,ro,bind "$HERE/machine"
	[ -x "$HERE/machine/usr/bin/$1" ] || skip "the machine has no $1"
	mkdir -p /run/containerd
	for directory in proc sys dev run; do
		mount --rbind "/$directory" "$HERE/machine/$directory"
	done
	for directory in tmp var run/containerd; do
		mount -t tmpfs none "$HERE/machine/$directory"
	done
	mkdir -p "$HERE"/machine/tmp/{old,bin,net} "$HERE"/machine/var/{tmp,lib/containers}
	cp "$RUNTIME" "${RUNTIME%/*}/mydocker-systemd" "$HERE/machine/tmp/bin/"
	cp -a "$WORK/rootfs" "$HERE/machine/tmp/rootfs"
	cat >"$HERE/machine/tmp/enter" <<-'END'
		cd "$1" && shift && pivot_root . tmp/old && exec chroot . sh -c 'umount -l /tmp/old && exec "$@"' sh "$@"
	END
	THERE=(unshare --mount --propagation private sh "$HERE/machine/tmp/enter" "$HERE/machine")
}

# podman there; without a cgroup for conmon, whose pid is another where systemd is.
podman() {
	CONTAINERS_CONF=/tmp/containers.conf timeout -k 2 60 "${THERE[@]}" \
		podman --root /var/lib/containers/storage --runroot /run/podman-tests --storage-driver vfs --network-config-dir /tmp/net \
		--cgroup-manager systemd "$@"
}

ctr() {
	timeout -k 2 60 "${THERE[@]}" ctr --address /tmp/containerd.sock "$@"
}

property() {
	systemctl show --value -p "$1" "$UNIT"
}

# podman: create, start, exec, stats, update, stop, start again and rm, in a scope with the limits that were asked for
test_podman() {
	mydocker_only
	machine podman
	printf '[engine]\nevents_logger = "file"\nruntime = "mydocker"\n[engine.runtimes]\nmydocker = ["/tmp/bin/mydocker"]\n' \
		>"$HERE/machine/tmp/containers.conf"
	UNIT=libpod-$(podman create --name "$ID" --rootfs --network none --cgroups no-conmon -m 64m --pids-limit 30 --cpus 0.5 --stop-signal KILL /tmp/rootfs sleep 1000).scope
	podman start "$ID"
	expect_eq 'machine.slice active 67108864 30 500ms' \
		"$(property Slice) $(property ActiveState) $(property MemoryMax) $(property TasksMax) $(property CPUQuotaPerSecUSec)" unit
	expect_eq "$(readlink "/proc/$(podman inspect --format '{{.State.Pid}}' "$ID")/ns/cgroup")" "$(podman exec "$ID" readlink /proc/self/ns/cgroup)" 'exec'
	expect_match '67.11MB 1$' "$(podman stats --no-stream --no-reset --format '{{.MemUsage}} {{.PIDs}}' "$ID")" stats
	podman update --memory 96m --cpus 1 "$ID"
	expect_eq '100663296 1s' "$(property MemoryMax) $(property CPUQuotaPerSecUSec)" 'after update'
	podman pause "$ID"
	podman unpause "$ID"
	podman stop "$ID"
	expect_eq not-found "$(property LoadState)" 'unit of a stopped container'
	podman start "$ID"
	expect_eq active "$(property ActiveState)" 'started again'
	podman rm -f "$ID"
	expect_eq not-found "$(property LoadState)" 'unit of a removed container'
}

task_is() {
	ctr task ls | grep -Eq "^$ID +[0-9]+ +$1"
}

# containerd, SystemdCgroup = true: run, exec, metrics, pause, resume, kill and delete, in a scope with the limits that were asked for
test_containerd() {
	mydocker_only
	machine containerd
	cat >"$HERE/machine/tmp/containerd.toml" <<-'END'
		version = 2
		root = "/var/lib/containerd"
		state = "/run/containerd/state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		  address = "/tmp/containerd.sock"
	END
	"${THERE[@]}" containerd --config /tmp/containerd.toml >"$HERE/containerd.log" 2>&1 &
	wait_for test -S "$HERE/machine/tmp/containerd.sock"
	wait_for ctr version
	UNIT=ctr-$ID.scope
	ctr run -d --runc-binary /tmp/bin/mydocker --runc-systemd-cgroup --cgroup "machine.slice:ctr:$ID" --memory-limit 67108864 --cpus 0.5 \
		--rootfs /tmp/rootfs "$ID" sleep 1000
	expect_eq 'machine.slice active 67108864 500ms' \
		"$(property Slice) $(property ActiveState) $(property MemoryMax) $(property CPUQuotaPerSecUSec)" unit
	expect_eq "$(readlink "/proc/$(ctr task ls | awk -v id="$ID" '$1 == id { print $2 }')/ns/cgroup")" \
		"$(ctr task exec --exec-id e1 "$ID" readlink /proc/self/ns/cgroup)" exec
	expect_match '^memory.*usage_limit +67108864|67108864' "$(ctr task metrics "$ID")" metrics
	ctr task pause "$ID"
	task_is PAUSED
	expect_eq 'frozen 1' "$(grep frozen "/sys/fs/cgroup/machine.slice/$UNIT/cgroup.events")" freezer
	ctr task resume "$ID"
	task_is RUNNING
	ctr task kill -s KILL "$ID"
	wait_for task_is STOPPED
	ctr task delete "$ID" || [ $? = 137 ]
	expect_eq not-found "$(property LoadState)" 'unit of a removed container'
}

run_tests
