#!/bin/bash
# rootless podman: the runtime is called by root of a user namespace, who may make no cgroup.

. "${0%/*}/lib.sh"

# A user of this script alone, with ids to map.
cp /etc/passwd /etc/group "$WORK"
echo "e2euser:x:54321:54321::$WORK/user:/bin/sh" >>"$WORK/passwd"
echo 'e2euser:x:54321:' >>"$WORK/group"
echo 'e2euser:600000:65536' >"$WORK/subid"
for file in passwd group; do
	mount --bind "$WORK/$file" /etc/$file
done
for file in subuid subgid; do
	touch /etc/$file
	mount --bind "$WORK/subid" /etc/$file
done
mkdir -p "$WORK/user" "$WORK/runtime"
chown 54321:54321 "$WORK/user" "$WORK/runtime"
chmod 700 "$WORK/runtime"
cat >"$WORK/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "$KIND"
runtime_supports_json = ["$KIND"]
[engine.runtimes]
$KIND = ["$RUNTIME"]
END
command_make podman setpriv --reuid 54321 --regid 54321 --clear-groups --inh-caps=-all env -i "PATH=$PATH" "HOME=$WORK/user" \
	"XDG_RUNTIME_DIR=$WORK/runtime" "CONTAINERS_CONF=$WORK/containers.conf" /usr/bin/podman --storage-driver vfs
run='podman run --rm --network none'
cd "$WORK/user" || exit 1

holds 'an image is loaded' podman load -q -i "$WORK/image.tar"
is 'run prints what the program prints' hello $run e2e echo hello
is 'root inside is the user outside' '0 54321 1' $run e2e sh -c 'echo $(head -n 1 /proc/self/uid_map)'
ends 'run ends with the exit status of the program' 7 '' $run e2e sh -c 'exit 7'
ends 'a program that is not there: 127' 127 'executable file.* not found in' $run e2e nosuch
ends 'a file that is no program: 126' 126 'permission denied' $run e2e /etc/passwd
is '--user' 1000 $run --user worker e2e id -u
is '--userns=keep-id' 54321 $run --userns keep-id e2e id -u
is 'a terminal' yes script -qec "$run -t e2e sh -c 'test -t 0 && echo yes'" /dev/null
is 'a volume' from-host sh -c "mkdir -p v && echo from-host >v/file && chmod 755 v && $run -v $WORK/user/v:/data e2e cat /data/file"
is '--tmpfs' 1777 $run --tmpfs /mine:mode=1777 e2e stat -c %a /mine
ends '--read-only' 1 'read-only' $run --read-only e2e touch /x
is '--privileged' yes $run --privileged e2e sh -c 'mount -t tmpfs none /data && echo yes'
is 'the default seccomp profile is in force' 2 $run e2e sh -c "$(field Seccomp)"
is '--sysctl' 77 $run --sysctl net.ipv4.ip_default_ttl=77 e2e cat /proc/sys/net/ipv4/ip_default_ttl
is '--hostname' box $run --hostname box e2e hostname
is '--device' 4 $run --device /dev/zero e2e sh -c 'head -c 4 /dev/zero | wc -c'
is '--pid=host' yes $run --pid=host e2e sh -c '[ $$ != 1 ] && echo yes'
is '--network host' same sh -c "[ \$(podman run --rm --network host e2e readlink /proc/self/ns/net) = \$(readlink /proc/self/ns/net) ] && echo same"
holds 'run -d' podman run -d --name back --network none e2e sh -c 'echo out; trap "exit 3" TERM; while :; do sleep 0.1; done'
is 'exec' 0 podman exec back id -u
ends 'exec ends with the exit status of the program' 4 '' podman exec back sh -c 'exit 4'
is 'exec on a terminal' yes script -qec "podman exec -t back sh -c 'test -t 0 && echo yes'" /dev/null
is 'logs' out podman logs back
is '--pid=container: joined' yes $run --pid container:back e2e sh -c 'grep -q trap /proc/1/cmdline && echo yes'
is 'cp into it and out again' file-content sh -c 'echo file-content >f && podman cp f back:/tmp/g && podman cp back:/tmp/g h && cat h'
is 'attach shows what it prints' seen sh -c "podman run -d --name shown --network none e2e sh -c 'sleep 1; echo seen' >/dev/null; podman attach shown"
is '--uidmap inside' '0 1 100' $run --uidmap 0:1:100 --gidmap 0:1:100 e2e sh -c 'echo $(head -n 1 /proc/self/uid_map)'
is '--userns=nomap or auto' ran $run --userns nomap e2e echo ran
is '--cap-drop all' 0000000000000000 $run --cap-drop all e2e sh -c "$(field CapEff)"
is '--security-opt no-new-privileges' 1 $run --security-opt no-new-privileges e2e sh -c "$(field NoNewPrivs)"
is '--ulimit' '512 1024' $run --ulimit nofile=512:1024 e2e sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)'
is '--init' podman-init $run --init e2e cat /proc/1/comm
is 'a named volume keeps its content' kept sh -c "$run -v named:/data e2e sh -c 'echo kept >/data/x'; $run -v named:/data e2e cat /data/x"
holds 'a pod' sh -c "podman pod create --name pod --infra-image e2e --infra-command 'sleep 1000' --network none && podman run -d --pod pod --name p1 e2e sleep 100 && podman run -d --pod pod --name p2 e2e sleep 100"
is 'its containers share the network' same sh -c "[ \$(podman exec p1 readlink /proc/self/ns/net) = \$(podman exec p2 readlink /proc/self/ns/net) ] && echo same"
holds 'the pod is removed' podman pod rm -f -t 0 pod
is 'build' 'built 0 1000' sh -c "cp -r $WORK/context . && podman build -q --isolation oci --network none --runtime $RUNTIME -t built context >/dev/null && echo \$($run built)"
like 'top' 'while' podman top back args
holds 'stop' podman stop -t 10 back
is 'inspect: the exit status after the stop' 3 podman inspect -f '{{.State.ExitCode}}' back
holds 'start again' podman start back
holds 'kill' podman kill back
holds 'all is removed' podman rm -a -f -t 0
is 'nothing is left' '' sh -c "find $WORK/runtime -mindepth 2 -path '*/$KIND/*' ! -path '*/.seccomp*'"

finish
