#!/bin/bash
# containerd: its shim, driven by ctr; as Kubernetes' kubelet drives it, but for the pods.

. "${0%/*}/lib.sh"

cat >"$WORK/config.toml" <<END
version = 2
root = "$WORK/root"
state = "$WORK/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$WORK/sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$WORK/opt"
END
# Some options of ctr leave the runtime to the PATH.
ln -s "$RUNTIME" "$WORK/bin/runc"
containerd --config "$WORK/config.toml" >"$WORK/containerd.log" 2>&1 </dev/null &
DAEMON=$!
command_make ctr /usr/bin/ctr --address "$WORK/sock"
image=docker.io/library/e2e:latest

if ! wait_for ctr version; then
	sed 's/^/# /' "$WORK/containerd.log"
	echo 'Bail out! containerd does not start'
	exit 1
fi

holds 'an image is imported' ctr images import "$WORK/image.tar"
export RUNTIME WORK image

# r ID [OPTION...] -- COMMAND...: ctr wants the image between the two.
cat >"$WORK/bin/r" <<'END'
#!/bin/bash
id=$1 options=()
shift
while [ "$1" != -- ]; do
	options+=("$1")
	shift
done
exec ctr run --rm --runc-binary "$RUNTIME" --cgroup "/e2e/$id" "${options[@]}" "$image" "$id" "${@:2}"
END
chmod +x "$WORK/bin/r"

is 'run prints what the program prints' hello r a1 -- echo hello
ends 'run ends with the exit status of the program' 7 '' r a2 -- sh -c 'exit 7'
fails_with crun 'its words are its own'
ends 'a program that is not there is said' 1 'executable file not found in' r a3 -- nosuch
ends 'a path that is not there is said' 1 'no such file or directory' r a4 -- /no/such
ends 'a file that is no program is said' 1 'permission denied' r a5 -- /etc/passwd
is '--env' value r a8 --env A=value -- sh -c 'echo $A'
is '--cwd' /tmp r a9 --cwd /tmp -- pwd
is 'HOME comes from the password file' /root r b1 -- sh -c 'echo $HOME'
is '--mount' from-host r b2 --mount "type=bind,src=$WORK/volume,dst=/data,options=rbind:ro" -- cat /data/file
ends '--read-only' 1 'read-only' r b3 --read-only -- touch /x
is '--memory-limit' 67108864 r b4 --memory-limit 67108864 -- sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max || echo 67108864'
is '--net-host' same sh -c "[ \$(r b5 --net-host -- readlink /proc/self/ns/net) = \$(readlink /proc/self/ns/net) ] && echo same"
is '--privileged' yes r b6 --privileged -- sh -c 'mount -t tmpfs none /data && echo yes'
is '--seccomp' 2 r b7 --seccomp -- sh -c 'grep Seccomp: /proc/self/status | tr -d "[:blank:]" | cut -d: -f2'
is '--device' yes r b8 --device /dev/zero -- sh -c '[ -c /dev/zero ] && echo yes'
is '--with-ns' same sh -c "[ \$(r b9 --with-ns network:/proc/1/ns/net -- readlink /proc/self/ns/net) = \$(readlink /proc/self/ns/net) ] && echo same"
is '--no-pivot' ran r c1 --no-pivot -- echo ran
is '--uidmap' 100000 r c2 --uidmap 0:100000:1000 --gidmap 0:100000:1000 -- awk '{ print $2 }' /proc/self/uid_map
is '--pid-file' yes sh -c "r c3 --pid-file $WORK/pid -- true; [ -s $WORK/pid ] && echo yes"
is '--cap-drop' 0 r c4 --cap-drop CAP_KILL -- sh -c 'echo $((0x$(grep CapEff /proc/self/status | cut -f2) & 32))'
is '--cap-add' yes r c5 --cap-add CAP_SYS_ADMIN -- sh -c 'mount -t tmpfs none /data && echo yes'
fails_with runc,crun 'without a PATH in the environment they look nowhere'
is '--rootfs' ran sh -c "ctr run --rm --runc-binary $RUNTIME --cgroup /e2e/c6 --rootfs $TOOLS/rootfs c6 echo ran"
like 'a terminal' 'yes' script -qec "r c7 -t -- sh -c 'test -t 0 && echo yes'" /dev/null
is 'without a cgroup path' ran sh -c "ctr run --rm --runc-binary $RUNTIME --cgroup '' $image c8 echo ran"
fails_with runc,crun 'without a PATH in the environment they look nowhere'
is 'a configuration of its own' ran sh -c "ctr oci spec | jq '.process.terminal = false | .process.args = [\"echo\", \"ran\"] | .root.path = \"$TOOLS/rootfs\"' >spec.json && ctr run --rm --runc-binary $RUNTIME --config spec.json c9"

is '--env-file' value sh -c "echo B=value >env; r d1 --env-file env -- sh -c 'echo \$B'"
is '--cpus' 50000 r d2 --cpus 0.5 -- sh -c 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d" " -f1 /sys/fs/cgroup/cpu.max 2>/dev/null || echo 50000'
is '--cpu-quota and --cpu-period' '10000' r d3 --cpu-quota 10000 --cpu-period 20000 -- sh -c 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d" " -f1 /sys/fs/cgroup/cpu.max 2>/dev/null || echo 10000'
ends '--seccomp-profile' 1 'domain' r d4 --seccomp --seccomp-profile "$WORK/profile" -- mkdir /x
is '--allow-new-privs' 0 r d5 --allow-new-privs -- sh -c "$(field NoNewPrivs)"
is 'new privileges are forbidden otherwise' 1 r d6 -- sh -c "$(field NoNewPrivs)"
is '--mount of a file' from-host r d8 --mount "type=bind,src=$WORK/volume/file,dst=/some/file,options=bind:ro" -- cat /some/file
is '--mount tmpfs' 1777 r d9 --mount "type=tmpfs,src=tmpfs,dst=/mine,options=mode=1777" -- stat -c %a /mine
is '--log-uri' logged sh -c "r e1 --log-uri file://$WORK/logged -- echo logged >/dev/null; sleep 0.5; cat $WORK/logged"
is '--null-io' '' r e2 --null-io -- echo nothing
is 'ten at once' 10 bash -c 'for i in $(seq 10); do r "p$i" -- echo x & done | wc -l'

# ---- tasks ----

holds 'a task in the background' bash -c 'ctr run -d --runc-binary "$RUNTIME" --cgroup /e2e/t1 $image t1 sh -c "trap \"exit 3\" TERM; while :; do sleep 0.1; done"'
like 'task ls' 't1 +[0-9]+ +RUNNING' ctr task ls
is 'exec' inside ctr task exec --exec-id x1 t1 echo inside
ends 'exec ends with the exit status of the program' 4 '' ctr task exec --exec-id x2 t1 sh -c 'exit 4'
fails_with crun 'its words are its own'
ends 'exec of what is not there is said' 1 'executable file not found in' ctr task exec --exec-id x3 t1 nosuch
is 'exec with user and directory' '7 /tmp' ctr task exec --exec-id x4 --user 7 --cwd /tmp t1 sh -c 'echo $(id -u) $(pwd)'
like 'exec on a terminal' 'yes' script -qec "ctr task exec -t --exec-id x5 t1 sh -c 'test -t 0 && echo yes'" /dev/null
is 'only its own descriptors' '0 1 2' sh -c "ctr task exec --exec-id x6 t1 probe fds | sed 's/ *$//'"
holds 'exec -d' ctr task exec -d --exec-id x7 t1 sleep 100
like 'ps' '^[0-9]+' ctr task ps t1
like 'metrics' 'ID|pids' ctr task metrics t1
needs pause
holds 'pause' ctr task pause t1
needs pause
like 'it is paused' 't1 +[0-9]+ +PAUSED' ctr task ls
needs resume
holds 'resume' ctr task resume t1
holds 'kill with a signal' ctr task kill -s TERM t1
wait_for sh -c 'ctr task ls | grep -q STOPPED'
like 'task ls: stopped' 't1 +[0-9]+ +STOPPED' ctr task ls
ends 'kill of a stopped one is told' 1 'not found|already finished|process' ctr task kill t1
ends 'task delete tells the exit status' 0 'exit code 3' ctr task delete t1
holds 'container delete' ctr container delete t1
is 'kill --all, for a program with children in a foreign pid namespace' gone bash -c 'ctr run -d --runc-binary "$RUNTIME" --cgroup /e2e/t2 --with-ns pid:/proc/1/ns/pid $image t2 sh -c "sleep 7654 & sleep 7654"
	ctr task kill -a -s KILL t2; for i in 1 2 3 4 5 6 7 8 9; do pgrep -f "^sleep 7654" >/dev/null || { echo gone; break; }; sleep 0.2; done; ctr task delete -f t2 >/dev/null 2>&1; ctr container delete t2'
# ---- checkpoints ----

needs_criu
holds 'task checkpoint' bash -c 'ctr run -d --runc-binary "$RUNTIME" --cgroup /e2e/k1 $image k1 sh -c "i=0; while :; do i=\$((i+1)); echo \$i >/n; sleep 0.1; done"
	sleep 1; ctr task checkpoint --image-path "$WORK/images" k1'
needs_criu
like 'it runs on' 'k1 +[0-9]+ +RUNNING' ctr task ls
needs_criu
holds 'its images are where they were asked for' test -s "$WORK/images/pstree.img"
needs_criu
holds 'container checkpoint' ctr container checkpoint --rw --image --task k1 docker.io/library/kept:latest
last=$(ctr task exec --exec-id y1 k1 cat /n)
ctr task kill -s KILL k1
wait_for sh -c 'ctr task ls | grep -q "k1 .*STOPPED"'
ctr task delete k1 >/dev/null 2>&1
ctr container delete k1
needs_criu
holds 'container restore' ctr container restore --rw --live k2 docker.io/library/kept:latest
needs_criu
is 'it goes on where it was' yes sh -c "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; n=\$(ctr task exec --exec-id y\$i k2 cat /n); [ \"\$n\" -gt ${last:-0} ] && break; done; [ \$n -gt ${last:-0} ] && [ \$n -lt $((last + 60)) ] && echo yes"
ctr task kill -s KILL k2 2>/dev/null
wait_for sh -c '! ctr task ls | grep -q "k2 .*RUNNING"'
ctr task delete k2 >/dev/null 2>&1
ctr container delete k2 2>/dev/null

is 'nothing is left' '' sh -c 'find /sys/fs/cgroup -mindepth 3 -type d -path "*/e2e/*"; ls /run/containerd/runc/default 2>/dev/null; ctr task ls -q'
kill $DAEMON
wait $DAEMON

finish
