#!/bin/bash
# Kubernetes: pods and containers through the interface of containerd that the kubelet speaks, with the configuration of README.

. "${0%/*}/lib.sh"

image_make pause '["sleep", "1000000"]' "$WORK/pause.tar"
mkdir -p "$WORK/networks" "$WORK/logs"
cat >"$WORK/networks/e2e.conflist" <<'END'
{"cniVersion": "1.0.0", "name": "e2e", "plugins": [{"type": "bridge", "bridge": "e2e0", "isGateway": true,
	"ipam": {"type": "host-local", "ranges": [[{"subnet": "10.99.0.0/24"}]], "dataDir": "/run/cni"}}]}
END
# The last line is for a host on which even root may not lower an OOM score.
{
	readme 'a section for its default runtime'
	cat <<-END
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "docker.io/library/pause:latest"
		  restrict_oom_score_adj = true
		[plugins."io.containerd.grpc.v1.cri".cni]
		  bin_dir = "/usr/lib/cni"
		  conf_dir = "$WORK/networks"
		[plugins."io.containerd.internal.v1.opt"]
		  path = "$WORK/opt"
	END
} >"$WORK/config.toml"
containerd --config "$WORK/config.toml" --root "$WORK/root" --state "$WORK/state" --address "$WORK/sock" \
	>"$WORK/containerd.log" 2>&1 </dev/null &
DAEMON=$!
export TESTS WORK RUNTIME
command_make ctr /usr/bin/ctr --address "$WORK/sock" --namespace k8s.io

# cri METHOD REQUEST RESPONSE TEXT: one call; request and response are messages of cri.proto, in protoc's text form
cat >"$WORK/bin/cri" <<'END'
#!/bin/bash
cd "$TESTS" && message=$(mktemp "$WORK/message.XXXXXX") || exit
trap 'rm -f "$message"*' EXIT
protoc --encode="cri.$2" cri.proto <<<"$4" >"$message" || exit
size=$(printf '%08x' "$(stat -c %s "$message")")
{
	printf '\0'
	printf "\\x${size:0:2}\\x${size:2:2}\\x${size:4:2}\\x${size:6:2}"
	cat "$message"
} | curl -sS --max-time 50 --http2-prior-knowledge --unix-socket "$WORK/sock" -H 'content-type: application/grpc' -H 'te: trailers' \
	--data-binary @- -D "$message.headers" -o "$message.answer" "http://localhost/runtime.v1.RuntimeService/$1" || exit
if ! grep -q '^grpc-status: 0' "$message.headers"; then
	sed -n 's/^grpc-message: //p' "$message.headers" >&2
	exit 1
fi
tail -c +6 "$message.answer" | protoc --decode="cri.$3" cri.proto
END
# value NAME METHOD REQUEST RESPONSE TEXT: one field of the answer
cat >"$WORK/bin/value" <<'END'
#!/bin/bash
answer=$(cri "${@:2}") || exit
printf '%b\n' "$(sed -n "s/^ *$1: \"*\([^\"]*\)\"*\$/\1/p" <<<"$answer")"
END
# in_pod POD CONFIG: creates a container of the image e2e; prints its id
cat >"$WORK/bin/in_pod" <<'END'
#!/bin/bash
value id CreateContainer Create ById "pod: '$1' pod_config: { $(cat pod) } config: { image: { image: 'docker.io/library/e2e:latest' } $2 }"
END
# probe_exec ID WORD...: what the kubelet's exec probes do; prints the output, ends with the command's status
cat >"$WORK/bin/probe_exec" <<'END'
#!/bin/bash
answer=$(cri ExecSync Exec ExecResult "id: '$1' timeout: ${TIMEOUT-20} $(printf ' cmd: "%s"' "${@:2}")") || exit
printf '%b' "$(sed -n 's/^std[a-z]*: "\(.*\)"$/\1/p' <<<"$answer")"
exit "$(grep '^exit_code: ' <<<"$answer" | grep -o '[0-9]*$' || echo 0)" # a zero is left out
END
# container_state ID NUMBER: whether a container is in this state
cat >"$WORK/bin/container_state" <<'END'
#!/bin/bash
[ "$(value state ContainerStatus ById ContainerStatus "id: '$1'")" = "$2" ]
END
chmod +x "$WORK"/bin/*

if ! wait_for cri Status ById Status ''; then
	sed 's/^/# /' "$WORK/containerd.log"
	echo 'Bail out! containerd does not start'
	exit 1
fi

# ---- a pod ----

holds 'images are imported' sh -c "ctr images import $WORK/image.tar && ctr images import $WORK/pause.tar"
is 'runtime and network are ready' 'true true' sh -c 'echo $(value status Status ById Status "")'
echo "metadata: { name: 'web' uid: 'u1' namespace: 'default' } hostname: 'web-pod' log_directory: '$WORK/logs'
	linux: { cgroup_parent: '/e2e' sysctls: { key: 'net.ipv4.ip_forward' value: '1' } }" >"$WORK/pod"
like 'a pod, by its runtime class' '^[0-9a-f]{64}$' value id RunPodSandbox RunPod ById "config: { $(<"$WORK/pod") } runtime_handler: 'mydocker'"
pod=$OUT
is 'its status' 'mydocker 10.99.0' sh -c "cri PodSandboxStatus ById PodStatus \"id: '$pod'\" | sed -n 's/.*runtime_handler: \"\(.*\)\"/\1/p; s/.*ip: \"\(.*\)\.[0-9]*\"/\1/p' | sort -r | xargs"
is 'it is a container of this runtime' running sh -c "$RUNTIME --root /run/containerd/runc/k8s.io state $pod | jq -r .status"
ends 'a runtime class that is not there is refused' 1 'no runtime for' cri RunPodSandbox RunPod ById "config: { metadata: { name: 'x' uid: 'u2' namespace: 'default' } } runtime_handler: 'nosuch'"

# ---- a container in it ----

like 'a container is created' '^[0-9a-f]{64}$' in_pod "$pod" "metadata: { name: 'c1' } working_dir: '/tmp' log_path: 'c1.log'
	command: ['sh', '-c', 'echo out; echo err >&2; trap \"exit 3\" TERM; while :; do sleep 0.1; done'] envs: { key: 'A' value: 'value' }
	mounts: { container_path: '/data' host_path: '$WORK/volume' readonly: true }
	linux: { resources: { memory_limit: 67108864 cpu_period: 100000 cpu_quota: 50000 cpu_shares: 512 }
		security: { user: { value: 1000 } readonly_rootfs: true no_new_privs: true seccomp: { type: 0 } capabilities: { drop: 'ALL' add: 'NET_BIND_SERVICE' } } }"
id=$OUT
holds 'it is started' cri StartContainer ById ById "id: '$id'"
holds 'it runs' container_state "$id" 1
is 'an exec probe' inside probe_exec "$id" echo inside
ends 'an exec probe ends with the status of its command' 4 '' probe_exec "$id" sh -c 'exit 4'
ends 'an exec probe of what is not there is told' 1 'executable file not found in' probe_exec "$id" nosuch
TIMEOUT=1 ends 'an exec probe that takes too long is ended' 1 'timeout|deadline' env TIMEOUT=1 probe_exec "$id" sleep 1000
is 'user, directory, environment and host name' '1000 /tmp value web-pod' probe_exec "$id" sh -c 'echo $(id -u) $(pwd) $A $(hostname)'
is 'a volume' from-host probe_exec "$id" cat /data/file
ends 'a volume that is read-only' 1 'read-only' probe_exec "$id" touch /data/x
ends 'the root filesystem is read-only' 1 'read-only' probe_exec "$id" touch /x
is 'new privileges are forbidden' 1 probe_exec "$id" sh -c "$(field NoNewPrivs)"
is 'the seccomp profile of containerd' 2 probe_exec "$id" sh -c "$(field Seccomp)"
is 'capabilities' 0000000000000400 probe_exec "$id" sh -c "$(field CapBnd)"
is 'the limit of memory' 67108864 probe_exec "$id" sh -c "$(limit memory/memory.limit_in_bytes memory.max)"
holds 'its limits are changed' cri UpdateContainerResources Update ById "id: '$id' linux: { memory_limit: 50331648 cpu_quota: 20000 cpu_period: 100000 }"
is 'the new limit of memory' 50331648 probe_exec "$id" sh -c "$(limit memory/memory.limit_in_bytes memory.max)"
is 'the sysctl of the pod' 1 probe_exec "$id" cat /proc/sys/net/ipv4/ip_forward
like 'the network of the pod' '10\.99\.0\.' probe_exec "$id" ip addr show eth0
like 'statistics' '^[1-9][0-9]*$' sh -c "cri ContainerStats ById Stats \"id: '$id'\" | sed -n 's/.*value: //p' | head -n 1"
is 'its log' 'stderr F err stdout F out' sh -c "cut -d' ' -f2- $WORK/logs/c1.log | sort | xargs"

# ---- others beside it ----

like 'a second container' . in_pod "$pod" "metadata: { name: 'c2' } command: ['sleep', '1000'] linux: { security: { namespaces: { pid: 1 } } }"
second=$OUT
holds 'it is started, too' cri StartContainer ById ById "id: '$second'"
is 'each is process 1' 1 probe_exec "$second" sh -c 'grep -l sleep /proc/[0-9]*/comm | head -n 1 | cut -d/ -f3'
is 'they share network and host name, and no mounts' 'net uts' bash -c "for n in net uts mnt pid; do
	[ \"\$(probe_exec $id readlink /proc/self/ns/\$n)\" != \"\$(probe_exec $second readlink /proc/self/ns/\$n)\" ] || echo \$n; done | xargs"
like 'a container whose program is not there' . in_pod "$pod" "metadata: { name: 'c3' } command: 'nosuch'"
ends 'it does not start, and why is told' 1 'executable file not found in' cri StartContainer ById ById "id: '$OUT'"
like 'a container that eats too much' . in_pod "$pod" "metadata: { name: 'c4' } command: ['sh', '-c', 'sleep 0.5; exec probe eat 100'] linux: { resources: { memory_limit: 33554432 } }"
greedy=$OUT
holds 'it starts' cri StartContainer ById ById "id: '$greedy'"
wait_for container_state "$greedy" 2
like 'that it was killed for that is known' 'exit_code: 137.*reason: "OOMKilled"' sh -c "cri ContainerStatus ById ContainerStatus \"id: '$greedy'\" | xargs -d '\n'"

# ---- the end ----

holds 'stop' cri StopContainer ById ById "id: '$id' timeout: 10"
is 'the exit status after the stop' 3 value exit_code ContainerStatus ById ContainerStatus "id: '$id'"
holds 'a container is removed' cri RemoveContainer ById ById "id: '$id'"
holds 'the pod is stopped with what runs in it' cri StopPodSandbox ById ById "id: '$pod'"
holds 'its second container has ended' container_state "$second" 2
holds 'the pod is removed' cri RemovePodSandbox ById ById "id: '$pod'"
echo "metadata: { name: 'host' uid: 'u3' namespace: 'default' }
	linux: { cgroup_parent: '/e2e' security: { privileged: true namespaces: { network: 2 pid: 2 ipc: 2 } } }" >"$WORK/pod"
like 'a privileged pod of the host' . value id RunPodSandbox RunPod ById "config: { $(<"$WORK/pod") } runtime_handler: 'mydocker'"
pod=$OUT
holds 'a privileged container' sh -c "id=\$(in_pod $pod \"metadata: { name: 'c5' } command: ['sleep', '1000']
	linux: { security: { privileged: true namespaces: { network: 2 pid: 2 ipc: 2 } } }\") && cri StartContainer ById ById \"id: '\$id'\" && echo \$id >privileged"
is 'it is the host, almost' 'same yes' sh -c "id=\$(cat privileged); echo \$([ \$(probe_exec \$id readlink /proc/self/ns/net) = \$(readlink /proc/self/ns/net) ] && echo same) \$(probe_exec \$id sh -c 'mount -t tmpfs none /data && echo yes')"
holds 'it is removed by force' sh -c "cri StopPodSandbox ById ById \"id: '$pod'\" && cri RemovePodSandbox ById ById \"id: '$pod'\""
is 'nothing is left' '' sh -c 'find /sys/fs/cgroup -mindepth 3 -type d -path "*/e2e/*"; ls /run/containerd/runc/k8s.io 2>/dev/null; ctr task ls -q; ip netns list'
kill $DAEMON
wait $DAEMON

finish
