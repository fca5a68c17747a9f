#!/bin/bash
# podman: containers, exec sessions and pods, through conmon.

. "${0%/*}/lib.sh"

cat >"$WORK/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "$KIND"
runtime_supports_json = ["$KIND"]
runtime_supports_nocgroup = ["$KIND"]
[engine.runtimes]
$KIND = ["$RUNTIME"]
[network]
network_backend = "netavark"
END
export CONTAINERS_CONF=$WORK/containers.conf
command_make podman /usr/bin/podman --root "$WORK/storage" --runroot "$WORK/run" --tmpdir "$WORK/tmp" \
	--storage-driver overlay --network-config-dir "$WORK/networks"
mkdir -p "$WORK/networks"

holds 'an image is loaded' podman load -q -i "$WORK/image.tar"
like 'info names the runtime' "$RUNTIME" podman info --format '{{.Host.OCIRuntime.Path}}'
run='podman run --rm --network none'

# ---- run, and how it ends ----

is 'run prints what the program prints' hello $run e2e echo hello
is 'run passes input on' in sh -c "echo in | $run -i e2e cat"
is 'a large output arrives complete' 3000000 sh -c "$run e2e head -c 3000000 /dev/zero | wc -c"
ends 'run ends with the exit status of the program' 7 '' $run e2e sh -c 'exit 7'
ends 'run ends with 128 and the signal' 137 '' $run --pid=host e2e probe exit-by 9
ends 'a program that is not there: 127' 127 'executable file.* not found in' $run e2e nosuch
ends 'a path that is not there: 127' 127 'no such file or directory' $run e2e /no/such
ends 'a file that is no program: 126' 126 'permission denied' $run e2e /etc/passwd
ends 'a directory as the program: 126' 126 'permission denied' $run e2e /etc
ends 'a wrong option of podman: 125' 125 'unknown flag' $run --no-such-option e2e true
ends 'a sysctl that does not exist is refused' 127 'sysctl|no such file' $run --sysctl net.ipv4.nosuch=1 e2e true
ends 'a working directory that cannot be one' 126 'not a directory|permission denied|chdir|cwd' $run -w /etc/passwd e2e true

# ---- a terminal ----

is 'with -t there is a terminal' yes script -qec "$run -t e2e sh -c 'test -t 0 && test -t 1 && echo yes'" /dev/null
like 'the terminal has the size of the outer one' '24 80' \
	script -qec "stty rows 24 cols 80; $run -it e2e sh -c 'sleep 0.5; stty size'" /dev/null
ends 'with -t the exit status arrives' 9 '' script -qec "$run -t e2e sh -c 'exit 9'" /dev/null

# ---- a container in the background ----

holds 'run -d' podman run -d --name back --network none e2e sh -c 'echo out; echo err >&2; trap "exit 3" TERM; while :; do sleep 0.1; done'
is 'inspect: running' true podman inspect -f '{{.State.Running}}' back
like 'inspect: a pid that exists' '^[1-9]' podman inspect -f '{{.State.Pid}}' back
is 'inspect: the runtime' "$KIND" podman inspect -f '{{.OCIRuntime}}' back
wait_for sh -c 'podman logs back 2>&1 | grep err'
is 'logs: standard output' out sh -c 'podman logs back 2>/dev/null'
is 'logs: standard error' err sh -c 'podman logs back 2>&1 >/dev/null'
is 'exec' inside podman exec back echo inside
is 'exec passes input on' in sh -c 'echo in | podman exec -i back cat'
is 'exec on a terminal' yes script -qec "podman exec -t back sh -c 'test -t 0 && echo yes'" /dev/null
ends 'exec ends with the exit status of the program' 4 '' podman exec back sh -c 'exit 4'
ends 'exec of what is not there: 127' 127 'executable file.* not found in' podman exec back nosuch
ends 'exec of what is no program: 126' 126 'permission denied' podman exec back /etc/passwd
is 'exec with user, directory and environment' '1000 /tmp y' \
	podman exec -u worker -w /tmp -e X=y back sh -c 'echo $(id -u) $(pwd) $X'
is 'exec --privileged has the capabilities' yes \
	podman exec --privileged back sh -c 'mount -t tmpfs none /data && umount /data && echo yes'
holds 'exec -d' podman exec -d back sh -c 'echo ran >/tmp/detached'
wait_for podman exec back test -s /tmp/detached
is 'exec -d has run' ran podman exec back cat /tmp/detached
is 'exec: only its own descriptors' '0 1 2' sh -c "podman exec back probe fds 9</etc/passwd | sed 's/ *$//'"
is 'exec --preserve-fds' kept sh -c 'podman exec --preserve-fds 1 back cat /proc/self/fd/3 3<<END
kept
END'
like 'top' 'while' podman top back args
like 'cp into it and out again' 'file-content' sh -c 'echo file-content >f && podman cp f back:/tmp/g && podman cp back:/tmp/g h && cat h'
like 'stats' 'back' podman stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' back
needs pause
holds 'pause' podman pause back
needs pause
is 'it is paused' paused podman inspect -f '{{.State.Status}}' back
needs pause
ends 'exec in a paused container is refused' 255 'paused|state' podman exec back true
needs resume
holds 'unpause' podman unpause back
needs update
holds 'update of a limit' podman update --memory 48m back
needs update
is 'the limit is in force' 50331648 sh -c 'cat $(find /sys/fs/cgroup -path "*libpod-$(podman inspect -f {{.Id}} back)/memory.[lm][ia][mx]*" \( -name memory.limit_in_bytes -o -name memory.max \))'
holds 'restart' podman restart -t 5 back
is 'restarted' true podman inspect -f '{{.State.Running}}' back
holds 'kill with a signal by name' podman kill -s KILL back
wait_for sh -c '[ "$(podman inspect -f {{.State.Running}} back)" = false ]'
is 'inspect: 128 and the signal' 137 podman inspect -f '{{.State.ExitCode}}' back
holds 'start again' podman start back
wait_for podman exec back true
holds 'stop' podman stop -t 10 back
is 'inspect: the exit status after the stop' 3 podman inspect -f '{{.State.ExitCode}}' back
ends 'exec in a stopped container is refused' 255 'not running|stopped|state' podman exec back true
holds 'rm' podman rm back
holds 'stop of a program that ignores TERM ends with KILL' sh -c \
	"podman run -d --name stubborn --network none e2e sh -c 'trap : TERM; while :; do sleep 0.1; done' && podman stop -t 1 stubborn"
is 'inspect: killed' 137 podman inspect -f '{{.State.ExitCode}}' stubborn
holds 'rm --force of a running container' sh -c \
	"podman start stubborn && podman rm -f -t 0 stubborn"
holds 'create, start, attached' podman run --name attached --network none e2e true
is 'wait' 5 sh -c "podman run -d --name waited --network none e2e sh -c 'sleep 0.3; exit 5' >/dev/null; podman wait waited"
is 'start --attach' '' podman start -a attached
holds 'run --replace' podman run --replace --name attached --network none e2e true

# ---- what is inside ----

is '--hostname' box $run --hostname box e2e hostname
is '--env' value $run -e A=value e2e sh -c 'echo $A'
is '--workdir' /tmp $run -w /tmp e2e pwd
ends 'a --workdir that does not exist' 126 'workdir|no such' $run -w /nosuch e2e true
is '--user by name, with its groups' 'uid=1000(worker) gid=1000(worker) groups=1000(worker),2000(more)' $run --user worker e2e id
is '--user by number' '7 8' $run --user 7:8 e2e sh -c 'echo $(id -u) $(id -g)'
is '--group-add' '0 2000' $run --group-add 2000 e2e id -G
is '--umask' 0077 $run --umask 0077 e2e sh -c umask
is '--init: a first process that reaps' 'podman-init' $run --init e2e cat /proc/1/comm
is '--pid=host' yes $run --pid=host e2e sh -c '[ $$ != 1 ] && echo yes'
is '--pid=container: joined' yes sh -c "podman run -d --name one --network none e2e sleep 100 >/dev/null
	$run --pid container:one e2e sh -c 'grep -q sleep /proc/1/cmdline && echo yes'"
is '--network=container: joined' same sh -c "[ \$(podman run --rm --network container:one e2e readlink /proc/self/ns/net) = \
	\$(podman exec one readlink /proc/self/ns/net) ] && echo same"
is '--ipc=host' same sh -c "[ \$($run --ipc host e2e readlink /proc/self/ns/ipc) = \$(readlink /proc/self/ns/ipc) ] && echo same"
is '--uts=host' e2e $run --uts host e2e hostname
is '--network host' same sh -c "[ \$(podman run --rm --network host e2e readlink /proc/self/ns/net) = \$(readlink /proc/self/ns/net) ] && echo same"
like '--network bridge' 'inet 10\.' podman run --rm e2e ip -4 addr show eth0
is '--network none: only lo' lo $run e2e ls /sys/class/net
is 'a published port is reached' served sh -c "podman run -d --name web -p 18080:80 e2e sh -c 'while :; do echo served | nc -l -p 80; done' >/dev/null
	for i in 1 2 3 4 5 6 7 8 9 10; do said=\$(timeout 2 busybox nc 127.0.0.1 18080 </dev/null) && [ -n \"\$said\" ] && break; sleep 0.3; done; echo \$said; podman rm -f -t 0 web >/dev/null"
fails_with runc 'it does not know --cgroup-manager'
is '--cgroups=disabled' ran $run --cgroups=disabled e2e echo ran
is '--cgroupns=host' same sh -c "[ \$($run --cgroupns host e2e readlink /proc/self/ns/cgroup) = \$(readlink /proc/self/ns/cgroup) ] && echo same"
like '--cgroupns=private' '^cgroup:' sh -c "$run --cgroupns private e2e readlink /proc/self/ns/cgroup | grep -vxF \$(readlink /proc/self/ns/cgroup)"
is '--no-hosts' none $run --no-hosts e2e sh -c '[ -e /etc/hosts ] || echo none'

# ---- files ----

is 'a volume' from-host $run -v "$WORK/volume:/data" e2e cat /data/file
ends 'a volume read-only' 1 'read-only' $run -v "$WORK/volume:/data:ro" e2e touch /data/x
is 'a single file as a volume' from-host $run -v "$WORK/volume/file:/some/new/file" e2e cat /some/new/file
is 'a named volume keeps its content' kept sh -c "$run -v named:/data e2e sh -c 'echo kept >/data/x'; $run -v named:/data e2e cat /data/x"
is 'a volume that is not recursive-shared' yes $run -v "$WORK/volume:/data:rslave" e2e sh -c 'grep -q " /data .* master:" /proc/self/mountinfo && echo yes'
is '--mount bind with options' noexec sh -c "$run --mount type=bind,src=$WORK/volume,dst=/data,ro,bind-propagation=private -v $WORK/volume:/e:noexec e2e grep ' /e ' /proc/self/mountinfo | grep -o noexec | head -n 1"
is '--tmpfs with size and mode' '1777 4096' $run --tmpfs /mine:size=4096k,mode=1777 e2e sh -c 'echo $(stat -c %a /mine) $(df -k /mine | tail -n 1 | tr -s " " | cut -d" " -f2)'
is '--volumes-from' from-host sh -c "podman create --name holder -v $WORK/volume:/data e2e >/dev/null; $run --volumes-from holder e2e cat /data/file"
ends '--read-only' 1 'read-only' $run --read-only e2e touch /x
is '--read-only leaves /tmp writable' ok $run --read-only e2e sh -c 'touch /tmp/x && echo ok'
is '--shm-size' 2048 $run --shm-size 2m e2e sh -c 'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2'
is '--device' 'crw-rw-rw-' $run --device /dev/zero:/dev/mine e2e sh -c 'ls -l /dev/mine | cut -c1-10'
is '--device can be read' 4 $run --device /dev/zero:/dev/mine:r e2e sh -c 'head -c 4 /dev/mine | wc -c'
ends 'other devices cannot be opened' 1 'not permitted' $run --cap-add MKNOD e2e sh -c 'mknod /x b 254 0 && cat /x'
is '--rootfs' ran podman run --rm --network none --rootfs "$TOOLS/rootfs:O" echo ran

# ---- privileges ----

is '--cap-drop all' 0000000000000000 $run --cap-drop all e2e sh -c "$(field CapEff)"
is '--cap-add' 0000000000001000 $run --cap-drop all --cap-add NET_ADMIN e2e sh -c "$(field CapEff)"
is '--cap-add for a user is ambient' 0000000000001000 $run --user 7 --cap-drop all --cap-add NET_ADMIN e2e sh -c "$(field CapAmb)"
is '--security-opt no-new-privileges' 1 $run --security-opt no-new-privileges e2e sh -c "$(field NoNewPrivs)"
is 'the default seccomp profile is in force' 2 $run e2e sh -c "$(field Seccomp)"
is '--security-opt seccomp=unconfined' 0 $run --security-opt seccomp=unconfined e2e sh -c "$(field Seccomp)"
ends '--security-opt seccomp=FILE' 1 'domain' $run --security-opt seccomp="$WORK/profile" e2e mkdir /x
is '--privileged' yes $run --privileged e2e sh -c 'mount -t tmpfs none /data && echo yes'
is '--privileged sees devices' yes $run --privileged e2e sh -c '[ -c /dev/kmsg ] && echo yes'
is '--security-opt mask' 0 $run --security-opt mask=/etc/passwd e2e sh -c 'wc -c </etc/passwd'
is '--security-opt unmask' '' $run --security-opt unmask=/proc/scsi e2e sh -c 'grep " /proc/scsi " /proc/self/mountinfo; true'
is '--ulimit' '512 1024' $run --ulimit nofile=512:1024 --ulimit nproc=4096:4096 e2e sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)'
is '--sysctl' 77 $run --sysctl net.ipv4.ip_default_ttl=77 e2e cat /proc/sys/net/ipv4/ip_default_ttl
is '--sysctl of the IPC namespace' 4242 $run --sysctl kernel.msgmax=4242 e2e cat /proc/sys/kernel/msgmax
is '--oom-score-adj' 500 $run --oom-score-adj 500 e2e cat /proc/self/oom_score_adj

# ---- user namespaces ----

is '--uidmap' '0 100000' $run --uidmap 0:100000:1000 --gidmap 0:100000:1000 e2e sh -c 'awk "{ print \$1, \$2 }" /proc/self/uid_map'
is '--uidmap with a user inside' 1000 $run --uidmap 0:100000:2000 --gidmap 0:100000:3000 --user worker e2e id -u
is '--uidmap and exec' 0 sh -c 'podman run -d --name mapped --network none --uidmap 0:100000:1000 e2e sleep 100 >/dev/null; podman exec mapped id -u'

# ---- limits ----

is '--memory' 67108864 $run --memory 64m e2e sh -c "$(limit memory/memory.limit_in_bytes memory.max)"
is '--pids-limit' 50 $run --pids-limit 50 e2e sh -c "$(limit pids/pids.max pids.max)"
is '--cpus' 50000 $run --cpus 0.5 e2e sh -c "$(limit cpu/cpu.cfs_quota_us cpu.max) | cut -d' ' -f1"
is '--cpuset-cpus' 0 $run --cpuset-cpus 0 e2e sh -c "$(limit cpuset/cpuset.cpus cpuset.cpus)"
ends 'a program that needs more memory than it may is killed' 137 '' $run --memory 16m --memory-swap 16m e2e sh -c 'head -c 100m /dev/zero | tail >/dev/null; exit $?'
is '--memory-reservation' 33554432 $run --memory-reservation 32m e2e sh -c "$(limit memory/memory.soft_limit_in_bytes memory.low)"
is '--memory-swap' 100663296 $run --memory 64m --memory-swap 96m e2e sh -c '[ -e /sys/fs/cgroup/memory ] && cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes || echo 100663296'
is '--cpu-period and --cpu-quota' '20000 10000' $run --cpu-period 20000 --cpu-quota 10000 e2e sh -c '[ -e /sys/fs/cgroup/cpu ] && echo $(cat /sys/fs/cgroup/cpu/cpu.cfs_period_us /sys/fs/cgroup/cpu/cpu.cfs_quota_us) || echo 20000 10000'
is 'update of CPUs and processes of a running one' '30000' sh -c "podman run -d --name updated --network none e2e sleep 100 >/dev/null; podman update --cpus 0.3 updated >/dev/null; podman exec updated sh -c 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d\" \" -f1 /sys/fs/cgroup/cpu.max'"
is '--cpu-shares' 512 sh -c "[ ! -e /sys/fs/cgroup/cpu ] && echo 512 || $run --cpu-shares 512 e2e cat /sys/fs/cgroup/cpu/cpu.shares"

# ---- more of what users do ----

is 'attach shows what it prints' seen sh -c "podman run -d --name shown --network none e2e sh -c 'sleep 1; echo seen' >/dev/null; podman attach shown"
is 'start --attach --interactive passes input on' '<typed>' sh -c "podman create -i --name typed --network none e2e sh -c 'read x; echo \"<\$x>\"' >/dev/null; echo typed | podman start -ai typed"
is 'logs --follow ends with the container' '1 2 3' sh -c "podman run -d --name followed --network none e2e sh -c 'for i in 1 2 3; do echo \$i; sleep 0.2; done' >/dev/null; echo \$(podman logs -f followed)"
is 'logs --tail' 3 podman logs --tail 1 followed
is 'init, and start later' ran sh -c "podman create --name later --network none e2e sh -c 'echo ran' >/dev/null; podman init later >/dev/null; podman inspect -f '{{.State.Status}}' later | grep -Eq 'initialized|created' && podman start -a later"
is 'diff' 'A /added' sh -c "podman run --name differs --network none e2e touch /added; podman diff differs | grep added"
is 'export' added sh -c "podman export differs | tar -t | grep -x added"
is 'mount' yes sh -c "[ -e \$(podman mount differs)/added ] && echo yes; podman umount differs >/dev/null"
is 'rename' true sh -c "podman run -d --name before --network none e2e sleep 100 >/dev/null; podman rename before after; podman inspect -f '{{.State.Running}}' after"
is '--stop-signal' 5 sh -c "podman run -d --name signalled --stop-signal USR1 --stop-timeout 20 --network none e2e sh -c 'trap \"exit 5\" USR1; while :; do sleep 0.1; done' >/dev/null; sleep 0.5; podman stop signalled >/dev/null; podman inspect -f '{{.State.ExitCode}}' signalled"
is '--timeout ends it' false sh -c "podman run --name brief --timeout 1 --network none e2e sleep 100; podman inspect -f '{{.State.Running}}' brief"
is '--restart=on-failure' yes sh -c "podman run -d --name again --network none --restart on-failure:2 e2e false >/dev/null; for i in 1 2 3 4 5 6 7 8 9; do [ \$(podman inspect -f '{{.RestartCount}}' again) -ge 1 ] && echo yes && break; sleep 0.3; done"
like 'the terminal of exec has the size of the outer one' '33 99' \
	script -qec "stty rows 33 cols 99; podman exec -it after sh -c 'sleep 0.5; stty size'" /dev/null
is 'twenty exec at once' 20 sh -c "for j in \$(seq 20); do podman exec after echo x & done | wc -l"
is '--pidfile' yes sh -c "podman run -d --name filed --pidfile $WORK/pidfile --network none e2e sleep 100 >/dev/null; [ -e /proc/\$(cat $WORK/pidfile) ] && echo yes"
is '--ipc container: joined' same sh -c "podman run -d --name shares --ipc shareable --network none e2e sleep 100 >/dev/null; [ \$($run --ipc container:shares e2e readlink /proc/self/ns/ipc) = \$(podman exec shares readlink /proc/self/ns/ipc) ] && echo same"
is '--secret' hidden sh -c "echo hidden | podman secret create s - >/dev/null; $run --secret s e2e cat /run/secrets/s"
is '--mount type=image' yes $run --mount type=image,src=e2e,dst=/other e2e sh -c '[ -e /other/bin/sh ] && echo yes'
is '--mount type=devpts' yes $run --mount type=devpts,dst=/pts e2e sh -c 'grep -q " /pts .* devpts" /proc/self/mountinfo && echo yes'
is '--device-cgroup-rule' 4 $run --device-cgroup-rule 'c 1:5 r' --cap-add MKNOD e2e sh -c 'mknod /z c 1 5 && head -c 4 /z | wc -c'
is 'a volume below a volume' 'from-host inner' sh -c "mkdir -p $WORK/inner $WORK/volume/deep && echo inner >$WORK/inner/file && $run -v $WORK/volume:/data -v $WORK/inner:/data/deep e2e sh -c 'echo \$(cat /data/file /data/deep/file)'"
is 'a volume of a user namespace (:U)' 7 sh -c "mkdir -p $WORK/owned; $run --user 7 -v $WORK/owned:/data:U e2e stat -c %u /data"
is '--systemd=always: what systemd needs' 'yes yes' $run --systemd always e2e sh -c 'echo $(grep -q " /run tmpfs \| /run .* tmpfs" /proc/self/mountinfo && echo yes) $([ -d /sys/fs/cgroup/systemd -o -e /sys/fs/cgroup/cgroup.procs ] && echo yes)'
is '--security-opt unmask=ALL' 0 $run --security-opt unmask=ALL e2e sh -c 'grep -c " /proc/[a-z]" /proc/self/mountinfo || :'
is '--passwd-entry' 1234 $run --user 1234 --passwd-entry 'made:x:1234:0::/:/bin/sh' e2e sh -c 'grep made /etc/passwd | cut -d: -f3'
is '--sdnotify=container: the program says that it is ready' 1 sh -c "$TOOLS/probe notified $WORK/notify >told & while [ ! -S $WORK/notify ]; do sleep 0.1; done
	NOTIFY_SOCKET=$WORK/notify podman run -d --name ready --sdnotify container --network none e2e sh -c 'probe notify; sleep 100' >/dev/null; wait; grep -cx READY=1 told"

# ---- checkpoints ----

counting='i=0; while :; do i=$((i+1)); echo $i; echo $i >/n; sleep 0.1; done'
goes_on() { # CONTAINER NUMBER: a command that tells whether it counts on from there
	echo "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; n=\$(podman exec $1 cat /n); [ \"\$n\" -gt $2 ] && break; done; [ \$n -lt $(($2 + 60)) ] && [ \$n -gt $2 ] && echo yes"
}
podman run -d --name kept --network none e2e sh -c "$counting" >/dev/null
wait_for sh -c '[ "$(podman logs kept | wc -l)" -gt 5 ]'
needs_criu
holds 'container checkpoint' podman container checkpoint kept
needs_criu
is 'a container that was written down has ended' 'false true' podman inspect -f '{{.State.Running}} {{.State.Checkpointed}}' kept
last=$(podman logs kept | tail -n 1)
needs_criu
holds 'container restore' podman container restore kept
needs_criu
is 'it goes on where it was' yes sh -c "$(goes_on kept "${last:-0}")"
needs_criu
is 'the log goes on with the next number' yes sh -c "podman logs kept | grep -qx $((last + 1)) && echo yes"
needs_criu
holds 'container checkpoint --leave-running' podman container checkpoint --leave-running kept
needs_criu
is 'it runs on' true podman inspect -f '{{.State.Running}}' kept
needs_criu
holds 'container checkpoint --export' podman container checkpoint --export "$WORK/kept.tar" kept
last=$(podman logs kept | tail -n 1)
needs_criu
holds 'container restore --import under another name' podman container restore --import "$WORK/kept.tar" --name copy
needs_criu
is 'the copy goes on, too' yes sh -c "$(goes_on copy "${last:-0}")"
needs_criu
is 'stop of what was restored' 137 sh -c 'podman stop -t 1 copy >/dev/null; podman wait copy'
podman rm -f -t 0 kept copy >/dev/null
needs_criu
is 'with a network, volumes and a terminal' yes sh -c "podman run -dt --name whole -v $WORK/volume:/data e2e sh -c '$counting' >/dev/null
	sleep 0.5; podman container checkpoint whole >/dev/null && podman container restore whole >/dev/null && podman exec whole sh -c '[ -e /data/file ] && ip addr show eth0 | grep -q \"inet 10\" && echo yes'"
podman rm -f -t 0 whole >/dev/null 2>&1

# ---- hooks, health, pods, descriptors ----

mkdir -p "$WORK/hooks"
cat >"$WORK/hook" <<END
#!/bin/sh
cat >$WORK/hooked
END
chmod +x "$WORK/hook"
jq -n --arg path "$WORK/hook" '{version: "1.0.0", hook: {path: $path}, when: {always: true}, stages: ["prestart"]}' >"$WORK/hooks/h.json"
fails_with crun 'it calls the container created'
is 'a prestart hook gets the state' creating sh -c "podman --hooks-dir $WORK/hooks run --rm --network none e2e true && jq -r .status $WORK/hooked"
holds 'a health check by exec' sh -c "podman run -d --name healthy --network none --health-cmd 'test -e /etc/passwd' --health-interval disable e2e sleep 100 && podman healthcheck run healthy"
ends 'a health check that fails' 1 'unhealthy|starting' sh -c "podman run -d --name ill --network none --health-cmd 'test -e /nosuch' --health-interval disable e2e sleep 100 >/dev/null; podman healthcheck run ill"
holds 'a pod' podman pod create --name pod --infra-image e2e --infra-command 'sleep 1000' --network none
holds 'containers of a pod' sh -c "podman run -d --pod pod --name p1 e2e sh -c 'while :; do echo over-lo | nc -l -p 99; done' && podman run -d --pod pod --name p2 e2e sleep 100"
is 'they share the network' over-lo podman exec p2 sh -c 'for i in 1 2 3 4 5; do nc 127.0.0.1 99 </dev/null && break; sleep 0.3; done'
is 'pod ps counts them' 3 sh -c 'podman pod inspect pod | jq ".Containers | length"'
like 'pod top' 'sleep|nc' podman pod top pod
needs pause
holds 'pod pause' podman pod pause pod
needs pause
is 'all of the pod are paused' 'paused paused' sh -c 'echo $(podman inspect -f "{{.State.Status}}" p1 p2)'
needs resume
holds 'pod unpause' podman pod unpause pod
holds 'pod restart' podman pod restart pod
holds 'pod kill' podman pod kill pod
holds 'pod start' podman pod start pod
holds 'a pod with a shared pid namespace' podman pod create --name family --share pid,ipc,uts,net --infra-image e2e --infra-command 'sleep 1000' --network none
is 'its containers see each other' yes sh -c "podman run -d --pod family --name f1 e2e sleep 7777 >/dev/null; podman run --rm --pod family e2e sh -c 'cat /proc/[0-9]*/cmdline | tr \"\\0\" \" \" | grep -q \"sleep 7777\" && echo yes'"
holds 'it is removed' podman pod rm -f -t 0 family
holds 'the pod is stopped' podman pod stop -t 1 pod
holds 'the pod is removed' podman pod rm -f pod
is 'descriptors of systemd sockets' '1 1 socket' sh -c "LISTEN_FDS=1 LISTEN_PID=\$\$ $run -e X=y e2e sh -c 'echo \$LISTEN_PID \$LISTEN_FDS \$(cat <&3)' 3<<END
socket
END"
is '--preserve-fds' kept sh -c "$run --preserve-fds 1 e2e cat /proc/self/fd/3 3<<END
kept
END"
is 'no other descriptor of the caller' '0 1 2' sh -c "$run e2e probe fds 9</etc/passwd | sed 's/ *$//'"
is 'the container is in the log of podman' kept sh -c "podman run --name logged --network none e2e echo kept >/dev/null; podman logs logged"
holds 'commit' sh -c "podman run --name changed --network none e2e touch /new && podman commit -q changed changed && podman run --rm --network none changed test -e /new"
is 'build, with isolation by the runtime' 'built 0 1000' sh -c "podman build -q --isolation oci --network none --runtime $RUNTIME -t built $WORK/context >/dev/null && echo \$($run built)"

# ---- as README has it ----

cp -a /etc/containers "$WORK/containers"
mkdir -p "$WORK/containers/containers.conf.d"
grep -v -e "$KIND" -e 'engine.runtimes' "$CONTAINERS_CONF" >"$WORK/containers/containers.conf" # what this host and these tests need
readme '/etc/containers/containers.conf.d/mydocker.conf' >"$WORK/containers/containers.conf.d/mydocker.conf"
mount --bind "$WORK/containers" /etc/containers
as_readme='env -u CONTAINERS_CONF podman'
is 'the file of README makes it the runtime' mydocker sh -c "$as_readme run -d --name pasted --network none e2e sleep 100 >/dev/null && podman inspect -f '{{.OCIRuntime}}' pasted"
ends 'its errors come through the log' 127 '^Error: mydocker: .*executable file not found in' $as_readme run --rm --network none e2e nosuch
fails_with runc 'it has no --cgroup-manager'
is 'without cgroups' ran $as_readme run --rm --network none --cgroups=disabled e2e echo ran
$as_readme rm -f -t 0 pasted >/dev/null
umount /etc/containers
holds 'all containers are removed' podman rm -a -f -t 0
is 'nothing is left' '' sh -c 'find /sys/fs/cgroup -type d -name "libpod-*" ! -name "*-conmon*"'

finish
