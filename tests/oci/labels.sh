#!/bin/bash
# What security modules are told: labels of processes and of mounts, where the kernel has such a module.

. "${0%/*}/lib.sh"

DOMAIN=system_u:system_r:container_t:s0:c4,c5
FILES=system_u:object_r:container_file_t:s0:c4,c5
OTHERS=system_u:object_r:container_file_t:s0:c6,c7

needs_selinux() {
	[ -e /sys/fs/selinux/enforce ] || skip 'needs SELinux'
}

# $1: a path in the container
label_of() {
	getfattr --absolute-names --only-values -n security.selinux "/proc/$PID/root$1" | tr -d '\0'
}

# [config-process-27] the process and what exec starts beside it have the SELinux label
test_process() {
	needs_selinux
	start_ok '.process.selinuxLabel = $want' 'sleep 100' --arg want "$DOMAIN"
	expect_eq "$DOMAIN" "$(tr -d '\0' <"/proc/$PID/attr/current")" process
	expect_eq "$DOMAIN" "$(rt exec "$ID" cat /proc/self/attr/current </dev/null | tr -d '\0')" exec
}

# a label that SELinux does not know is refused
test_unknown() {
	needs_selinux
	bundle '.process.selinuxLabel = "nobody:knows:this:s0"'
	expect_refused /process/selinuxLabel
	bundle '.linux.mountLabel = "nobody:knows:this:s0"'
	expect_refused -
}

# [config-linux-paths-10] the container's own filesystems have the label for mounts
test_mounts() {
	local path

	needs_selinux
	start_ok '.linux.mountLabel = $want' 'sleep 100' --arg want "$FILES"
	for path in /dev /dev/shm /dev/pts /dev/mqueue; do
		expect_eq "$FILES" "$(label_of "$path")" "$path"
	done
	expect_no_match container_file_t "$(label_of /proc/self)" /proc
}

# containers that share an ipc namespace, and with it the message queues, may have different labels
test_shared_queues() {
	local first

	needs_selinux
	start_ok '.linux.mountLabel = $want' 'sleep 100' --arg want "$FILES"
	first=$ID
	ID=$ID-second
	edit '.linux.cgroupsPath += "-second" | .linux.mountLabel = $want | .linux.namespaces |= map(if .type == "ipc" then .path = $ipc else . end)' \
		--arg want "$OTHERS" --arg ipc "/proc/$PID/ns/ipc"
	start
	expect_eq "$OTHERS" "$(label_of /dev/shm)" /dev/shm
	expect_eq "$OTHERS" "$(label_of /dev/mqueue)" /dev/mqueue
	rt delete --force "$ID"
	ID=$first
}

# [config-process-14] the process and what exec starts beside it are under the AppArmor profile
test_profile() {
	command -v apparmor_parser >/dev/null && [ -e /sys/kernel/security/apparmor/profiles ] || skip 'needs AppArmor'
	cat >"$HERE/profile" <<-END
	profile mydocker-tests-$$ flags=(attach_disconnected,mediate_deleted) {
	  file,
	  capability,
	  signal,
	  deny /etc/passwd r,
	}
	END
	apparmor_parser -K -r "$HERE/profile"
	bundle '.process.apparmorProfile = $profile' 'cat /etc/passwd || cat /proc/self/attr/current; sleep 100' --arg profile "mydocker-tests-$$"
	start
	expect_eq "mydocker-tests-$$ (enforce)" "$(<"/proc/$PID/attr/current")" process
	capture rt exec "$ID" cat /etc/passwd
	expect_match 'Permission denied' "$ERR" 'what the profile denies'
	rt delete --force "$ID"
	apparmor_parser -K -R "$HERE/profile"
	expect_refused /process/apparmorProfile
}

run_tests
