#!/bin/bash
# docker: dockerd with its own containerd, its networks (a prestart hook in every container), and builds.

. "${0%/*}/lib.sh"

# BuildKit calls "runc" from the PATH, whatever dockerd was told; which is what README has.
ln -s "$RUNTIME" "$WORK/bin/runc"
readme '/etc/docker/daemon.json' >"$WORK/daemon.json"
dockerd --config-file "$WORK/daemon.json" --data-root "$WORK/data" --exec-root "$WORK/exec" --pidfile "$WORK/pid" \
	-H "unix://$WORK/sock" --storage-driver overlay2 \
	--exec-opt native.cgroupdriver=cgroupfs --experimental >"$WORK/dockerd.log" 2>&1 </dev/null &
command_make docker /usr/bin/docker -H "unix://$WORK/sock"

if ! wait_for docker info; then
	sed 's/^/# /' "$WORK/dockerd.log"
	echo 'Bail out! dockerd does not start'
	exit 1
fi

holds 'an image is loaded' docker load -q -i "$WORK/image.tar"
is 'info names the runtime' mydocker docker info -f '{{.DefaultRuntime}}'
run='docker run --rm --network none'

# ---- run, and how it ends ----

is 'run prints what the program prints' hello $run e2e echo hello
is 'run passes input on' in sh -c "echo in | $run -i e2e cat"
is 'a large output arrives complete' 3000000 sh -c "$run e2e head -c 3000000 /dev/zero | wc -c"
ends 'run ends with the exit status of the program' 7 '' $run e2e sh -c 'exit 7'
ends 'run ends with 128 and the signal' 137 '' $run --pid=host e2e probe exit-by 9
fails_with crun 'its errors begin with capital letters, which docker does not look for'
ends 'a program that is not there: 127' 127 'executable file not found in' $run e2e nosuch
fails_with crun 'its errors begin with capital letters, which docker does not look for'
ends 'a path that is not there: 127' 127 'no such file or directory' $run e2e /no/such
fails_with crun 'its errors begin with capital letters, which docker does not look for'
ends 'a file that is no program: 126' 126 'permission denied' $run e2e /etc/passwd
fails_with crun 'its errors begin with capital letters, which docker does not look for'
ends 'a directory as the program: 126' 126 'permission denied|is a directory' $run e2e /etc
ends 'a wrong option of docker: 125' 125 'unknown flag' $run --no-such-option e2e true
ends 'the message of a failed start names the cause' 125 'memory|limit|minimum' $run --memory 1k e2e true

# ---- a terminal ----

is 'with -t there is a terminal' yes script -qec "$run -t e2e sh -c 'test -t 0 && test -t 1 && echo yes'" /dev/null
like 'the terminal has the size of the outer one' '24 80' \
	script -qec "stty rows 24 cols 80; $run -it e2e sh -c 'sleep 0.5; stty size'" /dev/null
ends 'with -t the exit status arrives' 9 '' script -qec "$run -t e2e sh -c 'exit 9'" /dev/null

# ---- a container in the background ----

holds 'run -d' docker run -d --name back --network none e2e sh -c 'echo out; echo err >&2; trap "exit 3" TERM; while :; do sleep 0.1; done'
is 'inspect: running' true docker inspect -f '{{.State.Running}}' back
is 'inspect: the runtime' mydocker docker inspect -f '{{.HostConfig.Runtime}}' back
wait_for sh -c 'docker logs back 2>&1 | grep err'
is 'logs: standard output' out sh -c 'docker logs back 2>/dev/null'
is 'logs: standard error' err sh -c 'docker logs back 2>&1 >/dev/null'
is 'exec' inside docker exec back echo inside
is 'exec passes input on' in sh -c 'echo in | docker exec -i back cat'
is 'exec on a terminal' yes script -qec "docker exec -t back sh -c 'test -t 0 && echo yes'" /dev/null
ends 'exec ends with the exit status of the program' 4 '' docker exec back sh -c 'exit 4'
fails_with crun 'its words are its own'
ends 'exec of what is not there is said' 126 'executable file not found in' docker exec back nosuch
ends 'exec of what is no program: 126' 126 'permission denied' docker exec back /etc/passwd
is 'exec with user, directory and environment' '1000 /tmp y' \
	docker exec -u worker -w /tmp -e X=y back sh -c 'echo $(id -u) $(pwd) $X'
fails_with runc,crun 'docker asks for all capabilities, and CAP_SYS_RESOURCE may not be had'
is 'exec --privileged has the capabilities' yes \
	docker exec --privileged back sh -c '[ $((0x$(grep CapEff /proc/self/status | cut -f2) & 0x200000)) != 0 ] && echo yes'
holds 'exec -d' docker exec -d back sh -c 'echo ran >/tmp/detached'
wait_for docker exec back test -s /tmp/detached
is 'exec -d has run' ran docker exec back cat /tmp/detached
is 'only its own descriptors' '0 1 2' sh -c "docker exec back probe fds | sed 's/ *$//'"
like 'top' 'while' docker top back
like 'top with options of ps' 'while' docker top back -o pid,args
like 'cp into it and out again' 'file-content' sh -c 'echo file-content >f && docker cp f back:/tmp/g && docker cp back:/tmp/g h && cat h'
like 'stats' 'back [1-9]' docker stats --no-stream --format '{{.Name}} {{.PIDs}}' back
needs pause
holds 'pause' docker pause back
needs pause
is 'it is paused' paused docker inspect -f '{{.State.Status}}' back
needs pause
ends 'exec in a paused container is refused' 1 'paused' docker exec back true
needs resume
holds 'unpause' docker unpause back
needs update
holds 'update of a limit' docker update --pids-limit 77 back
needs update
is 'the limit is in force, and no other was changed' '77 1024' sh -c 'cd /sys/fs/cgroup; echo $(cat $(find . -path "*/docker/$(docker inspect -f {{.Id}} back)/pids.max" | head -n 1)) $(cat $(find . -path "*/docker/$(docker inspect -f {{.Id}} back)/cpu.shares" | head -n 1))'
holds 'restart' docker restart -t 5 back
is 'restarted' true docker inspect -f '{{.State.Running}}' back
holds 'kill with a signal by name' docker kill -s KILL back
is 'inspect: 128 and the signal' 137 sh -c 'docker wait back'
holds 'start again' docker start back
wait_for docker exec back true
holds 'stop' docker stop -t 10 back
is 'inspect: the exit status after the stop' 3 docker inspect -f '{{.State.ExitCode}}' back
ends 'exec in a stopped container is refused' 1 'not running' docker exec back true
holds 'rm' docker rm back
holds 'rm --force of a running container' sh -c "docker run -d --name stubborn --network none e2e sh -c 'trap : TERM; while :; do sleep 0.1; done' && docker rm -f stubborn"
is 'wait' 5 sh -c "docker run -d --name waited --network none e2e sh -c 'sleep 0.3; exit 5' >/dev/null; docker wait waited"
ends 'start --attach passes the exit status on' 5 '' docker start -a waited
holds 'a container with --restart=on-failure is started again' sh -c \
	"docker run -d --name again --network none --restart on-failure:2 e2e false; for i in 1 2 3 4 5 6 7 8 9; do [ \$(docker inspect -f '{{.RestartCount}}' again) -ge 1 ] && exit 0; sleep 0.3; done; exit 1"

# ---- what is inside ----

is '--hostname' box $run --hostname box e2e hostname
is '--env' value $run -e A=value e2e sh -c 'echo $A'
is '--workdir makes the directory' /made/here $run -w /made/here e2e pwd
is 'HOME comes from the password file' /home/worker $run --user worker e2e sh -c 'echo $HOME'
is '--user by name, with its groups' 'uid=1000(worker) gid=1000(worker) groups=1000(worker),2000(more)' $run --user worker e2e id
is '--user by number' '7 8' $run --user 7:8 e2e sh -c 'echo $(id -u) $(id -g)'
is '--group-add' '0 2000' $run --group-add 2000 e2e id -G
is '--init: a first process that reaps' docker-init $run --init e2e cat /proc/1/comm
is '--pid=host' yes $run --pid=host e2e sh -c '[ $$ != 1 ] && echo yes'
is '--pid=container: joined' yes sh -c "docker run -d --name one --network none e2e sleep 100 >/dev/null
	$run --pid container:one e2e sh -c 'grep -q sleep /proc/1/cmdline && echo yes'"
is '--network container: joined' same sh -c "[ \$(docker run --rm --network container:one e2e readlink /proc/self/ns/net) = \
	\$(docker exec one readlink /proc/self/ns/net) ] && echo same"
is '--ipc=host' same sh -c "[ \$($run --ipc host e2e readlink /proc/self/ns/ipc) = \$(readlink /proc/self/ns/ipc) ] && echo same"
is '--uts=host' e2e $run --uts host e2e hostname
is '--network host' same sh -c "[ \$(docker run --rm --network host e2e readlink /proc/self/ns/net) = \$(readlink /proc/self/ns/net) ] && echo same"
like 'the bridge, made by a prestart hook' 'inet 172\.' docker run --rm e2e ip -4 addr show eth0
is '--network none: only lo' lo $run e2e ls /sys/class/net
is 'a network of its own, with names' served sh -c "docker network create net >/dev/null
	docker run -d --name server --network net e2e sh -c 'while :; do echo served | nc -l -p 80; done' >/dev/null
	docker run --rm --network net e2e sh -c 'for i in 1 2 3 4 5; do nc server 80 </dev/null && break; sleep 0.3; done'"
like '--cgroupns=private' '^cgroup:' sh -c "$run --cgroupns private e2e readlink /proc/self/ns/cgroup | grep -vxF \$(readlink /proc/self/ns/cgroup)"
is '--cgroup-parent' yes $run --cgroupns host --cgroup-parent /mine e2e sh -c 'grep -q :/mine/ /proc/self/cgroup && echo yes'
is '--add-host' 10.9.8.7 docker run --rm --add-host here:10.9.8.7 e2e sh -c 'grep here /etc/hosts | cut -f1'

# ---- files ----

is 'a volume' from-host $run -v "$WORK/volume:/data" e2e cat /data/file
ends 'a volume read-only' 1 'read-only' $run -v "$WORK/volume:/data:ro" e2e touch /data/x
is 'a single file as a volume' from-host $run -v "$WORK/volume/file:/some/new/file" e2e cat /some/new/file
is 'a named volume keeps its content' kept sh -c "$run -v named:/data e2e sh -c 'echo kept >/data/x'; $run -v named:/data e2e cat /data/x"
ends 'a file as a volume over a directory is told, with advice' 125 'not a directory.*onto a file' $run -v "$WORK/volume/file:/tmp" e2e true
is '--mount bind with propagation' yes $run --mount "type=bind,src=$WORK/volume,dst=/data,bind-propagation=rslave" e2e sh -c 'grep -q " /data .* master:" /proc/self/mountinfo && echo yes'
is '--tmpfs with size and mode' '1777 4096' $run --tmpfs /mine:size=4096k,mode=1777 e2e sh -c 'echo $(stat -c %a /mine) $(df -k /mine | tail -n 1 | tr -s " " | cut -d" " -f2)'
ends '--read-only' 1 'read-only' $run --read-only e2e touch /x
is '--shm-size' 2048 $run --shm-size 2m e2e sh -c 'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2'
is '--device' 'crw-rw-rw-' $run --device /dev/zero:/dev/mine e2e sh -c 'ls -l /dev/mine | cut -c1-10'
ends 'other devices cannot be opened' 1 'not permitted' $run --cap-add MKNOD e2e sh -c 'mknod /x b 254 0 && cat /x'

# ---- privileges ----

is '--cap-drop all' 0000000000000000 $run --cap-drop all e2e sh -c "$(field CapEff)"
is '--cap-add' 0000000000001000 $run --cap-drop all --cap-add NET_ADMIN e2e sh -c "$(field CapEff)"
is '--security-opt no-new-privileges' 1 $run --security-opt no-new-privileges e2e sh -c "$(field NoNewPrivs)"
is 'the default seccomp profile is in force' 2 $run e2e sh -c "$(field Seccomp)"
is '--security-opt seccomp=unconfined' 0 $run --security-opt seccomp=unconfined e2e sh -c "$(field Seccomp)"
ends '--security-opt seccomp=FILE' 1 'domain' $run --security-opt seccomp="$WORK/profile" e2e mkdir /x
fails_with runc,crun 'docker asks for all capabilities, and CAP_SYS_RESOURCE may not be had'
is '--privileged' yes $run --privileged e2e sh -c 'mount -t tmpfs none /data && echo yes'
fails_with runc,crun 'docker asks for all capabilities, and CAP_SYS_RESOURCE may not be had'
is '--cap-add=ALL' yes $run --cap-add ALL e2e sh -c 'mount -t tmpfs none /data && echo yes'
is '--ulimit' '512 1024' $run --ulimit nofile=512:1024 e2e sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)'
is '--sysctl' 77 $run --sysctl net.ipv4.ip_default_ttl=77 e2e cat /proc/sys/net/ipv4/ip_default_ttl
is '--oom-score-adj' 500 $run --oom-score-adj 500 e2e cat /proc/self/oom_score_adj

# ---- limits ----

is '--memory' 67108864 $run --memory 64m e2e sh -c "$(limit memory/memory.limit_in_bytes memory.max)"
is '--pids-limit' 50 $run --pids-limit 50 e2e sh -c "$(limit pids/pids.max pids.max)"
is '--cpus' 50000 $run --cpus 0.5 e2e sh -c "$(limit cpu/cpu.cfs_quota_us cpu.max) | cut -d' ' -f1"
is '--cpuset-cpus' 0 $run --cpuset-cpus 0 e2e sh -c "$(limit cpuset/cpuset.cpus cpuset.cpus)"
is '--memory-reservation' 33554432 $run --memory-reservation 32m e2e sh -c "$(limit memory/memory.soft_limit_in_bytes memory.low)"
is '--memory-swap' 100663296 $run --memory 64m --memory-swap 96m e2e sh -c '[ -e /sys/fs/cgroup/memory ] && cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes || echo 100663296'
is '--cpu-shares' 512 $run --cpu-shares 512 e2e sh -c '[ -e /sys/fs/cgroup/cpu ] && cat /sys/fs/cgroup/cpu/cpu.shares || echo 512'
is '--cpu-period and --cpu-quota' '20000 10000' $run --cpu-period 20000 --cpu-quota 10000 e2e sh -c '[ -e /sys/fs/cgroup/cpu ] && echo $(cat /sys/fs/cgroup/cpu/cpu.cfs_period_us /sys/fs/cgroup/cpu/cpu.cfs_quota_us) || echo 20000 10000'
is 'update of memory and CPUs of a running one' '50331648 30000' sh -c "docker run -d --name updated --network none --memory 32m e2e sleep 100 >/dev/null; docker update --memory 48m --memory-swap 64m --cpus 0.3 updated >/dev/null; echo \$(docker exec updated sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max') \$(docker exec updated sh -c 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d\" \" -f1 /sys/fs/cgroup/cpu.max')"
is 'too little memory for a program is told' 137 sh -c "docker run --name tiny --network none --memory 6m --memory-swap 6m e2e sh -c 'head -c 20m /dev/zero | tail >/dev/null'; docker inspect -f '{{.State.ExitCode}}' tiny"
is 'a health check that fails' unhealthy sh -c "docker run -d --name ill --network none --health-cmd 'exit 1' --health-interval 1s --health-retries 1 e2e sleep 100 >/dev/null; for i in 1 2 3 4 5 6 7 8 9; do [ \$(docker inspect -f '{{.State.Health.Status}}' ill) = unhealthy ] && break; sleep 0.5; done; docker inspect -f '{{.State.Health.Status}}' ill"
is 'without limits: none' max $run e2e sh -c "$(limit pids/pids.max pids.max)"
is 'the kernel kills for memory, and docker sees it' true sh -c "docker run --name big --network none --memory 16m --memory-swap 16m e2e sh -c 'head -c 100m /dev/zero | tail >/dev/null; sleep 0.5'; docker inspect -f '{{.State.OOMKilled}}' big"
is 'a health check' healthy sh -c "docker run -d --name healthy --network none --health-cmd 'test -e /etc/passwd' --health-interval 1s e2e sleep 100 >/dev/null; for i in 1 2 3 4 5 6 7 8 9; do [ \$(docker inspect -f '{{.State.Health.Status}}' healthy) = healthy ] && break; sleep 0.5; done; docker inspect -f '{{.State.Health.Status}}' healthy"

# ---- users of their own ----

is 'attach shows what it prints' seen sh -c "docker run -d --name shown --network none e2e sh -c 'sleep 1; echo seen' >/dev/null; docker attach shown"
is 'start --attach --interactive passes input on' '<typed>' sh -c "docker create -i --name typed --network none e2e sh -c 'read x; echo \"<\$x>\"' >/dev/null; echo typed | docker start -ai typed"
is 'logs --follow ends with the container' '1 2 3' sh -c "docker run -d --name followed --network none e2e sh -c 'for i in 1 2 3; do echo \$i; sleep 0.2; done' >/dev/null; echo \$(docker logs -f followed)"
is 'diff' 'A /added' sh -c "docker run --name differs --network none e2e touch /added; docker diff differs"
is 'export' added sh -c "docker export differs | tar -t | grep -x added"
is 'rename' true sh -c "docker run -d --name before --network none e2e sleep 100 >/dev/null; docker rename before after; docker inspect -f '{{.State.Running}}' after"
ends '--stop-signal and --stop-timeout' 0 '^(5|.* 5)$' sh -c "docker run -d --name signalled --stop-signal USR1 --stop-timeout 20 --network none e2e sh -c 'trap \"exit 5\" USR1; while :; do sleep 0.1; done' >/dev/null; sleep 0.5; docker stop signalled >/dev/null; docker inspect -f '{{.State.ExitCode}}' signalled"
like 'the terminal of exec has the size of the outer one' '33 99' \
	script -qec "stty rows 33 cols 99; docker exec -it after sh -c 'sleep 0.5; stty size'" /dev/null
is 'exec --env-file' value sh -c "echo B=value >env; docker exec --env-file env after sh -c 'echo \$B'"
is 'a hundred exec in a row' 100 sh -c "for i in \$(seq 20); do for j in 1 2 3 4 5; do docker exec after echo x & done; wait; done | wc -l"
is '--ipc container: joined' same sh -c "docker run -d --name shares --ipc shareable --network none e2e sleep 100 >/dev/null; [ \$($run --ipc container:shares e2e readlink /proc/self/ns/ipc) = \$(docker exec shares readlink /proc/self/ns/ipc) ] && echo same"
is 'a published port is reached' served sh -c "docker run -d --name web -p 18081:80 e2e sh -c 'while :; do echo served | nc -l -p 80; done' >/dev/null
	for i in 1 2 3 4 5 6 7 8 9 10; do said=\$(timeout 2 busybox nc 127.0.0.1 18081 </dev/null) && [ -n \"\$said\" ] && break; sleep 0.3; done; echo \$said"
is 'network connect and disconnect of a running one' '1 0' sh -c "docker network create late >/dev/null; docker run -d --name joins --network net e2e sleep 100 >/dev/null; docker network connect late joins; a=\$(docker exec joins ls /sys/class/net | grep -c eth1); docker network disconnect late joins; echo \$a \$(docker exec joins ls /sys/class/net | grep -c eth1)"

# ---- more of what is inside ----

is '--security-opt systempaths=unconfined: nothing is masked' 0 $run --security-opt systempaths=unconfined e2e sh -c 'grep -c " /proc/[a-z]" /proc/self/mountinfo || :'
is '--device-cgroup-rule' 4 $run --device-cgroup-rule 'c 1:5 r' --cap-add MKNOD e2e sh -c 'rm -f /z; mknod /z c 1 5 && head -c 4 /z | wc -c'
is '--volumes-from' from-host sh -c "docker create --name holder -v $WORK/volume:/data e2e >/dev/null; $run --volumes-from holder e2e cat /data/file"
is '--mount type=tmpfs' '1770' $run --mount type=tmpfs,dst=/mine,tmpfs-mode=1770,tmpfs-size=1m e2e stat -c %a /mine
is '--mount bind-recursive and read-only' 'ro' $run --mount "type=bind,src=$WORK/volume,dst=/data,readonly" e2e sh -c 'grep " /data " /proc/self/mountinfo | cut -d" " -f6 | cut -d, -f1'
is 'a volume below a volume' 'from-host inner' sh -c "mkdir -p $WORK/inner && echo inner >$WORK/inner/file && mkdir -p $WORK/volume/deep && $run -v $WORK/volume:/data -v $WORK/inner:/data/deep e2e sh -c 'echo \$(cat /data/file /data/deep/file)'"
is '--domainname' here.example $run --hostname box --domainname here.example e2e sh -c 'cat /proc/sys/kernel/domainname'
is '--dns and --dns-search' '9.9.9.9 here.example' sh -c "docker run --rm --dns 9.9.9.9 --dns-search here.example e2e sh -c 'echo \$(grep nameserver /etc/resolv.conf | cut -d\" \" -f2) \$(grep search /etc/resolv.conf | cut -d\" \" -f2)'"
is '--entrypoint' entered $run --entrypoint echo e2e entered
is '--env-file' value sh -c "echo B=value >env; $run --env-file env e2e sh -c 'echo \$B'"
is '--cidfile' 64 sh -c "rm -f cid; $run --cidfile cid e2e true; wc -c <cid"
is '--label and ps --filter' labelled sh -c "docker run -d --name labelled --label a=b --network none e2e sleep 100 >/dev/null; docker ps --filter label=a=b --format '{{.Names}}'"

# ---- checkpoints ----

# A number that only its memory knows, on the console and in a file.
counting='i=0; while :; do i=$((i+1)); echo $i; echo $i >/n; sleep 0.1; done'
docker run -d --name kept --network none e2e sh -c "$counting" >/dev/null
wait_for sh -c '[ "$(docker logs kept | wc -l)" -gt 5 ]'
needs_criu
holds 'checkpoint create' docker checkpoint create kept one
needs_criu
is 'a container that was written down has ended' false docker inspect -f '{{.State.Running}}' kept
needs_criu
like 'checkpoint ls' '^one' docker checkpoint ls kept
last=$(docker logs kept | tail -n 1)
needs_criu
# dockerd of Debian 12 may have to be asked again: content sha256:... already exists
holds 'start --checkpoint' sh -c 'for i in 1 2 3; do docker start --checkpoint one kept && exit 0; done; exit 1'
needs_criu
is 'it goes on where it was' yes sh -c "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; n=\$(docker logs kept | tail -n 1); [ \$n -gt $last ] && break; done; docker logs kept | grep -qx $((last + 1)) && echo yes"
needs_criu
is 'exec in what was restored' 1 docker exec kept sh -c 'grep -c "i=" /proc/1/cmdline'
needs_criu
holds 'checkpoint create --leave-running' docker checkpoint create --leave-running kept two
needs_criu
is 'it runs on' true docker inspect -f '{{.State.Running}}' kept
needs_criu
holds 'checkpoint rm' docker checkpoint rm kept two
docker rm -f kept >/dev/null

# ---- builds ----

is 'build' 'built 0 1000' sh -c "DOCKER_BUILDKIT=0 docker build -q --network none -t built $WORK/context >/dev/null && echo \$($run built)"
is 'build with BuildKit, which calls runc' 'built 0 1000' sh -c "DOCKER_BUILDKIT=1 docker build --network none -q -t kit $WORK/context >/dev/null && echo \$($run kit)"
ends 'a build with BuildKit that fails says the exit status' 1 'exit code: 6' sh -c "DOCKER_BUILDKIT=1 docker build --network none -t broken $WORK/broken"
printf 'FROM e2e AS first\nRUN --mount=type=tmpfs,target=/scratch echo x >/scratch/x && mkdir /out && cp /scratch/x /out\nFROM e2e\nCOPY --from=first /out/x /x\nARG A\nENV B=$A\nENTRYPOINT ["sh", "-c"]\n' >"$WORK/stages"
is 'a build in stages, with arguments and a mount' 'x arg' sh -c "DOCKER_BUILDKIT=1 docker build --network none -q --build-arg A=arg -t stages -f $WORK/stages $WORK/context >/dev/null && echo \$($run stages 'cat /x; echo \$B')"
is 'commit' yes sh -c "docker run --name changed --network none e2e touch /new && docker commit changed changed >/dev/null && $run changed sh -c '[ -e /new ] && echo yes'"

holds 'all containers are removed' sh -c 'docker rm -f $(docker ps -aq)'
is 'nothing is left' '' sh -c 'find /sys/fs/cgroup -type d -path "*/docker/*" ! -path "*/docker/buildkit"'
kill "$(<"$WORK/pid")" && wait_for sh -c "[ ! -e $WORK/pid ]"

finish
