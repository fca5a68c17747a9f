#!/bin/bash
# buildah: commands in working containers, and builds, each a create, start, state, delete.

. "${0%/*}/lib.sh"

command_make buildah /usr/bin/buildah --root "$WORK/storage" --runroot "$WORK/run" --storage-driver overlay
export BUILDAH_RUNTIME=$RUNTIME BUILDAH_ISOLATION=oci
export CONTAINERS_CONF=$WORK/containers.conf
printf '[containers]\ndefault_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]\n[engine]\ncgroup_manager = "cgroupfs"\n' \
	>"$CONTAINERS_CONF"

holds 'an image is loaded' buildah pull -q --policy never "docker-archive:$WORK/image.tar"
holds 'a working container' buildah from --name work e2e
run='buildah run --network none work'
is 'run prints what the program prints' hello $run echo hello
is 'run passes input on' in sh -c "echo in | buildah run --network none work cat"
ends 'run ends with the exit status of the program' 7 '' $run -- sh -c 'exit 7'
fails_with crun 'its words are its own'
ends 'a program that is not there is said' 1 'executable file not found in' $run nosuch
ends 'a path that is not there is said' 1 'no such file or directory' $run /no/such
ends 'a file that is no program is said' 1 'permission denied' $run /etc/passwd
like 'a terminal' yes script -qec "buildah run -t --network none work -- sh -c 'test -t 0 && echo yes'" /dev/null
is '--user' 1000 buildah run --network none --user worker work id -u
is '--env' value buildah run --network none -e A=value work -- sh -c 'echo $A'
is '--workingdir' /tmp buildah run --network none --workingdir /tmp work pwd
is '--volume' from-host buildah run --network none -v "$WORK/volume:/data:ro" work cat /data/file
is '--cap-add' yes buildah run --network none --cap-add CAP_SYS_ADMIN work -- sh -c 'mount -t tmpfs none /data && echo yes'
is '--hostname' box buildah run --network none --hostname box work hostname
is '--network host' same sh -c "[ \$(buildah run --network host work readlink /proc/self/ns/net) = \$(readlink /proc/self/ns/net) ] && echo same"
is '--pid host' yes buildah run --network none --pid host work -- sh -c '[ $$ != 1 ] && echo yes'
is 'what is written stays' kept sh -c "$run -- sh -c 'echo kept >/kept'; $run cat /kept"
is 'the descriptors of the caller do not arrive' '0 1 2' sh -c "$run probe fds 9</etc/passwd | sed 's/ *$//'"
is '--add-history, config and commit' yes sh -c "buildah config --cmd true work && buildah commit -q work made >/dev/null && buildah images -q made | grep -q . && echo yes"

holds 'bud' buildah bud -q --network none -t built "$WORK/context"
is 'bud: its steps have run' 'built 0 1000' sh -c 'buildah from --name result built >/dev/null; echo $(buildah run --network none result cat /made /tmp/who)'
ends 'bud: a failing step is told, with its status' 6 'exit status 6' buildah bud --network none -t broken "$WORK/broken"
printf 'FROM e2e\nRUN --mount=type=tmpfs,target=/scratch touch /scratch/x && cat /data/file >/copied\n' >"$WORK/context/Dockerfile"
holds 'bud with volumes and mounts' buildah bud -q --network none -v "$WORK/volume:/data:ro" -t mounts "$WORK/context"
printf 'FROM e2e\nRUN sleep 1000 </dev/null >/dev/null 2>&1 &\nRUN true\n' >"$WORK/context/Dockerfile"
holds 'bud: what a step leaves running ends with it' timeout 30 buildah bud -q --network none -t background "$WORK/context"
printf 'FROM e2e\nRUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes >/limit || echo 67108864 >/limit\n' >"$WORK/context/Dockerfile"
is 'bud with limits' 67108864 sh -c "buildah bud -q --network none --memory 64m -t limited $WORK/context >/dev/null; buildah from --name limited limited >/dev/null; buildah run --network none limited cat /limit"
printf 'FROM e2e AS first\nRUN mkdir /out && echo x >/out/x\nFROM e2e\nCOPY --from=first /out/x /x\nARG A\nENV B=$A\n' >"$WORK/context/Dockerfile"
is 'bud in stages, with arguments' 'x arg' sh -c "buildah bud -q --network none --build-arg A=arg -t stages $WORK/context >/dev/null; buildah from --name staged stages >/dev/null; echo \$(buildah run --network none staged -- sh -c 'cat /x; echo \$B')"
printf 'FROM e2e\nRUN ulimit -n >/n && df -k /dev/shm | tail -n 1 | tr -s " " | cut -d" " -f2 >>/n && hostname >>/n\n' >"$WORK/context/Dockerfile"
is 'bud with ulimit and shm-size' '512 2048' sh -c "buildah bud -q --network none --ulimit nofile=512:512 --shm-size 2m -t small $WORK/context >/dev/null; buildah from --name smalls small >/dev/null; echo \$(buildah run --network none smalls head -n 2 /n)"
is 'run with a mount' yes buildah run --network none --mount "type=bind,src=$WORK/volume,dst=/data,ro" work -- sh -c 'grep -q from-host /data/file && echo yes'
is '--cap-drop' 0 buildah run --network none --cap-drop CAP_CHOWN work -- sh -c 'echo $((0x$(grep CapEff /proc/self/status | cut -f2) & 1))'
is 'ten in a row' 10 sh -c "for i in 1 2 3 4 5 6 7 8 9 10; do $run echo x; done | wc -l"
holds 'all is removed' sh -c 'buildah rm -a && buildah rmi -a -f'
is 'nothing is left' '' sh -c 'find /sys/fs/cgroup -mindepth 2 -type d -name "buildah-*"'

finish
