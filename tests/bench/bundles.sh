#!/bin/sh
# Makes the benchmark's bundles below DIR, all on one root filesystem, DIR/rootfs, with the program PAYLOAD in it.
#
#   tests/bench/bundles.sh DIR PAYLOAD ROOTFS MYDOCKER
#
# The version is one that every runtime takes, and no limit is raised, since a machine may not allow that.
#
# default: what `mydocker spec` prints, with a cgroup namespace on every host, as the floor has it. engine: what podman writes,
# with its seccomp profile and a limit. users: default in a new user namespace. net: default in a network namespace that is
# there. limit: default with @LIMIT@ for a memory limit. counted: default, hiding what is there in every kernel.

set -eu
dir=$(realpath -m "$1") payload=$2 rootfs=$3 mydocker=$4
here=$(dirname "$0")

rm -rf "$dir"
mkdir -p "$dir"
cp -a "$rootfs" "$dir/rootfs"
cp "$payload" "$dir/rootfs/bin/payload"
chown -R 0:0 "$dir/rootfs"
echo '127.0.0.1 localhost' >"$dir/file"
"$mydocker" spec --bundle "$dir"

default() {
	jq '.linux.namespaces |= map(select(.type != "cgroup")) + [{"type": "cgroup"}]' "$dir/config.json"
}

engine() {
	jq --arg file "$dir/file" '
		del(.hooks, .linux.cgroupsPath)
		| (.mounts[] | select(.type == "bind") | .source) = $file
		| (.process.rlimits[] | .hard, .soft) = 1024
		| .linux.resources.memory = {"limit": 268435456}
		' "$here/../unit/configs/podman.json"
}

# bundle NAME ARGUMENTS FILTER: standard input is the configuration
bundle() {
	mkdir "$dir/$1"
	jq --arg rootfs "$dir/rootfs" --argjson args "$2" "
		.ociVersion = \"1.0.2\" | .root.path = \$rootfs | .process.args = \$args | .process.terminal = false | $3
		" >"$dir/$1/config.json"
}

run='["/bin/payload"]' wait='["/bin/payload", "wait"]'
default | bundle default-true "$run" .
default | bundle default-wait "$wait" .
engine | bundle engine-true "$run" .
engine | bundle engine-wait "$wait" .
default | bundle users-true "$run" '
	.linux.namespaces += [{"type": "user"}]
	| .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 65536}]
	| .linux.gidMappings = .linux.uidMappings'
default | bundle net-true "$run" '
	(.linux.namespaces[] | select(.type == "network")).path = "/run/bench-net"'
counted='
	.linux.maskedPaths = ["/proc/uptime", "/proc/meminfo", "/proc/tty", "/sys/kernel", "/proc/none"]
	| .linux.readonlyPaths = ["/proc/sys", "/proc/fs", "/proc/none"]'
default | bundle counted-true "$run" "$counted"
default | bundle counted-wait "$wait" "$counted"
default | bundle limit-true "$run" '.linux.resources.memory = {"limit": 123456789}'
sed -i 's/123456789/@LIMIT@/' "$dir/limit-true/config.json"
mv "$dir/limit-true/config.json" "$dir/limit-true/template"
