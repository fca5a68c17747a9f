#!/bin/bash
# The process: what it is, where it is, what it may do.

. "${0%/*}/lib.sh"

status_field() {
	grep -P "^$1:\t" "/proc/$PID/status" | cut -f2
}

# [config-process-08] [runtime-29] the argument vector arrives as written
test_args() {
	run_ok '.process.args = ["printf", "%s|", "a b", "", "*", "$x"]'
	expect_out 'a b||*|$x|'
}

# [config-process-08] a program without slash is found in the PATH of process.env
test_path() {
	bundle '.process.env = ["PATH=/first:/second"] | .process.args = ["thing"]'
	mkdir "$BUNDLE/rootfs/second"
	printf '#!/bin/sh\necho found\n' >"$BUNDLE/rootfs/second/thing"
	chmod 755 "$BUNDLE/rootfs/second/thing"
	run
	expect_out found
}

# [config-process-08] a program with a slash is relative to cwd
test_relative_program() {
	bundle '.process.cwd = "/opt" | .process.args = ["./thing"]'
	mkdir "$BUNDLE/rootfs/opt"
	printf '#!/bin/sh\necho found\n' >"$BUNDLE/rootfs/opt/thing"
	chmod 755 "$BUNDLE/rootfs/opt/thing"
	run
	expect_out found
}

# [config-process-07] the environment is exactly env
test_env() {
	run_ok '.process.env = ["PATH=/bin", "HOME=/h", "EMPTY=", "EQUALS=a=b", "SPACE=a b"] | .process.args = ["/bin/env"]'
	expect_eq $'EMPTY=\nEQUALS=a=b\nHOME=/h\nPATH=/bin\nSPACE=a b' "$(sort <<<"$OUT")" environment
}

# an entry without = is refused
test_bad_env() {
	bundle '.process.env += ["NOEQUALS"]'
	runtime_differs runc 'it drops it'
	expect_refused /process/env/2
}

# HOME comes from the image's passwd when the environment has none
test_home() {
	run_ok '.process.env = ["PATH=/bin"]' 'echo $HOME'
	expect_out /root
}

# HOME is that of the user's first line in passwd, and / when there is none
test_home_of_user() {
	bundle '.process.env = ["PATH=/bin"] | .process.user = {"uid": 4242, "gid": 1}' 'echo $HOME'
	printf '%s\n' 'broken' 'other:x:42:0::/other:' 'me:x:4242:0::/home/me:/bin/sh' 'again:x:4242:0::/again:' >"$HERE/passwd"
	mv "$HERE/passwd" "$BUNDLE/rootfs/etc/passwd"
	run
	expect_out /home/me
	edit '.process.user.uid = 4243'
	run
	expect_out /
	edit '.process.env += ["HOME=/mine"]'
	run
	expect_out /mine
}

# a passwd that is a link to another file of the image is that file
test_home_behind_link() {
	bundle '.process.env = ["PATH=/bin"]' 'echo $HOME'
	mkdir -p "$BUNDLE/rootfs/opt/etc"
	echo 'root:x:0:0::/elsewhere:' >"$BUNDLE/rootfs/opt/etc/passwd"
	ln -sf ../../../opt/etc/passwd "$BUNDLE/rootfs/etc/passwd"
	run
	expect_out /elsewhere
}

# a passwd that is a FIFO, a directory, a way out of the image or missing stops nobody
test_home_traps() {
	bundle '.process.env = ["PATH=/bin"]' 'echo $HOME'
	rm "$BUNDLE/rootfs/etc/passwd"
	echo 'spy:x:0:0::/spied:' >"$HERE/passwd"
	run
	expect_out /
	runtime_differs runc 'it waits for the other end of a FIFO'
	mkfifo "$BUNDLE/rootfs/etc/passwd"
	run
	expect_out /
	ln -sf "$HERE/passwd" "$BUNDLE/rootfs/etc/passwd"
	run
	expect_out /
	ln -sf "../../../../../../../../../..$HERE/passwd" "$BUNDLE/rootfs/etc/passwd"
	run
	expect_out /
	rm "$BUNDLE/rootfs/etc/passwd"
	mkdir "$BUNDLE/rootfs/etc/passwd"
	run
	expect_out /
}

# an empty HOME is none
test_home_empty() {
	run_ok '.process.env = ["PATH=/bin", "HOME=/h", "HOME="]' 'echo $HOME'
	expect_out /root
}

# with CAP_DAC_OVERRIDE a user may execute what is executable for somebody
test_program_override() {
	bundle '.process.user = {"uid": 7, "gid": 8} | .process.args = ["/bin/own"]'
	printf '#!/bin/sh\necho ran\n' >"$BUNDLE/rootfs/bin/own"
	chmod 700 "$BUNDLE/rootfs/bin/own"
	capture rt run --bundle "$BUNDLE" "$ID"
	expect_failure
	edit '.process.capabilities |= with_entries(.value += ["CAP_DAC_OVERRIDE"]) | .process.capabilities.inheritable = ["CAP_DAC_OVERRIDE"] |
		.process.capabilities.ambient = ["CAP_DAC_OVERRIDE"]'
	capture rt run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_out ran
}

# [config-process-05] [config-process-06] the program starts in cwd
test_cwd() {
	run_ok '.process.cwd = "/usr/bin"' 'pwd'
	expect_out /usr/bin
}

# a cwd that does not exist is made, in a root that will be read-only, too
test_cwd_made() {
	run_ok '.process.cwd = "/not/there/yet"' 'pwd'
	expect_out /not/there/yet
	run_ok '.process.cwd = "/nor/here" | .root.readonly = true' 'pwd; touch x 2>/dev/null || echo read-only'
	expect_out $'/nor/here\nread-only'
}

# [config-process-05] a cwd that is missing, empty or relative is refused
test_bad_cwd() {
	bundle 'del(.process.cwd)'
	expect_refused /process/cwd
	bundle '.process.cwd = "tmp"'
	expect_refused /process/cwd
	bundle '.process.cwd = "/etc/passwd"'
	expect_refused /process/cwd
}

# [config-process-33] uid and gid
test_ids() {
	run_ok '.process.user = {"uid": 1000, "gid": 1001}' 'id -u; id -g; grep -E "^[UG]id" /proc/self/status'
	expect_out $'1000\n1001\nUid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001'
}

# [config-process-35] the supplementary groups are exactly the list
test_groups() {
	run_ok '.process.user.additionalGids = [5, 2147483647, 10]' 'probe groups'
	expect_eq '5 10 2147483647' "$(tr ' ' '\n' <<<"$OUT" | sort -n | xargs)" groups
	run_ok '.' 'probe groups'
	expect_out ''
}

# [config-process-34] the umask is set, or the caller's stays
test_umask() {
	run_ok '.process.user.umask = 63' 'umask'
	expect_out 0077
	umask 027
	runtime_differs runc 'it always sets 0022'
	run_ok '.' 'umask'
	expect_out 0027
}

# [config-process-10] [config-process-11] [config-process-12] resource limits
test_rlimits() {
	run_ok '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
			{"type": "RLIMIT_CORE", "soft": 0, "hard": 0},
			{"type": "RLIMIT_STACK", "soft": 1048576, "hard": "2^64-1"},
			{"type": "RLIMIT_FSIZE", "soft": "2^64-1", "hard": "2^64-1"},
			{"type": "RLIMIT_NPROC", "soft": 100, "hard": 100}]' \
		'cat /proc/self/limits'
	expect_match '^Max open files +100 +200 ' "$OUT"
	expect_match '^Max core file size +0 +0 ' "$OUT"
	expect_match '^Max stack size +1048576 +unlimited ' "$OUT"
	expect_match '^Max file size +unlimited +unlimited ' "$OUT"
	expect_match '^Max processes +100 +100 ' "$OUT"
}

# [config-process-10] every resource limit that the kernel has is known, and is the one of its name
test_rlimit_types() {
	run_ok '.process.args = ["cat", "/proc/self/limits"] | .process.rlimits = ({CPU: 1001, FSIZE: 1002000, DATA: 1003000000, STACK: 8388608,
		CORE: 1005, RSS: 1006000, NPROC: 1007, NOFILE: 108, MEMLOCK: 32768, AS: 1010000000, LOCKS: 1011, SIGPENDING: 212,
		MSGQUEUE: 101300, NICE: 0, RTPRIO: 0, RTTIME: 1016000} | to_entries | map({type: "RLIMIT_\(.key)", soft: .value, hard: .value}))'
	expect_eq 'cpu time 1001|file size 1002000|data size 1003000000|stack size 8388608|core file size 1005|resident set 1006000|processes 1007|open files 108|locked memory 32768|address space 1010000000|file locks 1011|pending signals 212|msgqueue size 101300|nice priority 0|realtime priority 0|realtime timeout 1016000' \
		"$(sed -En 's/^Max (.*[a-z]) +([0-9]+) +\2 .*/\1 \2/p' <<<"$OUT" | tr -s ' ' | paste -sd '|')" limits
}

# [config-process-09] [config-process-13] an unknown limit, or the same twice, is refused
test_bad_rlimits() {
	bundle '.process.rlimits = [{"type": "RLIMIT_FOO", "soft": 1, "hard": 1}]'
	expect_refused /process/rlimits/0/type
	bundle '.process.rlimits += .process.rlimits'
	runtime_differs runc 'this version takes duplicates'
	expect_refused /process/rlimits/1/type
}

# a soft limit above the hard one is refused
test_rlimit_soft_above_hard() {
	bundle '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 300, "hard": 200}]'
	expect_refused /process/rlimits/0/soft
}

# [config-process-17] [config-process-18] [config-process-19] [config-process-20] [config-process-21] the five capability sets
test_capabilities() {
	run_ok '.process.capabilities = {"bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_SETPCAP"],
			"permitted": ["CAP_CHOWN", "CAP_KILL"], "effective": ["CAP_KILL"],
			"inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]} | .process.user = {"uid": 1000, "gid": 1000}' \
		'grep Cap /proc/self/status'
	expect_match $'CapInh:\t0000000000000020' "$OUT"
	expect_match $'CapPrm:\t0000000000000020' "$OUT"
	expect_match $'CapBnd:\t0000000000000121' "$OUT"
	expect_match $'CapAmb:\t0000000000000020' "$OUT"
	expect_match $'CapEff:\t0000000000000020' "$OUT"
}

# the sets of a created container are those of the configuration already, or are set at exec
test_no_capabilities() {
	run_ok 'del(.process.capabilities)' 'grep Cap /proc/self/status'
	expect_match $'CapEff:\t0000000000000000' "$OUT"
	expect_match $'CapPrm:\t0000000000000000' "$OUT"
	expect_match $'CapBnd:\t0000000000000000' "$OUT"
}

# CVE-2022-24769: without an inheritable set it is empty
test_inheritable_empty() {
	run_ok '.' 'grep CapInh /proc/self/status'
	expect_out $'CapInh:\t0000000000000000'
}

# [config-process-15] an unknown capability is a warning
test_unknown_capability() {
	bundle '.process.capabilities[] += ["CAP_FOO"]' 'echo ran'
	capture rt --log "$HERE/warnings" --log-format json run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_out ran
	[ "$KIND" != mydocker ] || expect_eq warning \
		"$(jq -r 'select(.msg | contains("CAP_FOO")).level' "$HERE/warnings" | head -n 1)" level
}

# [config-process-16] a capability that cannot be granted here does not stop the container
test_ungrantable_capability() {
	bundle '.process.capabilities[] += ["CAP_SYS_RESOURCE"]' 'echo ran'
	grep -q 'CapEff:.*fff[e]ffffff' /proc/self/status || skip 'every capability can be granted here'
	runtime_differs runc 'it fails'
	run
	expect_status 0
	expect_out ran
}

# [config-process-22] no_new_privs
test_no_new_privs() {
	run_ok '.process.noNewPrivileges = true' 'grep NoNewPrivs /proc/self/status'
	expect_out $'NoNewPrivs:\t1'
	run_ok '.process.noNewPrivileges = false' 'grep NoNewPrivs /proc/self/status'
	expect_out $'NoNewPrivs:\t0'
}

# [config-process-23] [config-process-24] the OOM score adjustment is set, 0 too, or the caller's stays
test_oom_score() {
	echo 100 >/proc/self/oom_score_adj
	run_ok '.process.oomScoreAdj = 500' 'cat /proc/self/oom_score_adj'
	expect_out 500
	run_ok '.' 'cat /proc/self/oom_score_adj'
	expect_out 100
	echo 500 >"/proc/$BASHPID/oom_score_adj"
	grep -q 'CapEff:.*fff[e]ffffff' /proc/self/status && skip 'lowering it needs CAP_SYS_RESOURCE'
	run_ok '.process.oomScoreAdj = 0' 'cat /proc/self/oom_score_adj'
	expect_out 0
}

# an OOM score adjustment out of range is refused
test_bad_oom_score() {
	bundle '.process.oomScoreAdj = 1001'
	expect_refused /process/oomScoreAdj
}

# [runtime-linux-01] only 0, 1 and 2 are open in the program, whatever the caller had open
test_descriptors() {
	bundle '.process.args = ["probe", "fds"]'
	capture rt run --bundle "$BUNDLE" "$ID" 7</etc/passwd 9<"$HERE"
	expect_out '0 1 2 '
}

# --preserve-fds hands over descriptors from 3 on, and no more
test_preserve_fds() {
	bundle '.process.args = ["probe", "fds"]'
	exec 3</etc/passwd 4</etc/passwd 5</etc/passwd
	run --preserve-fds 2
	expect_out '0 1 2 3 4 '
}

# [runtime-linux-02] LISTEN_FDS hands over sockets, with LISTEN_PID
test_listen_fds() {
	bundle '.' 'echo $LISTEN_FDS $LISTEN_PID; probe fds'
	exec 3</etc/passwd
	capture bash -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"' - "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_out $'1 1\n0 1 2 3 '
}

# the program is a session leader
test_session() {
	run_ok '.' 'cut -d" " -f6 /proc/1/stat'
	expect_out 1
}

# [config-process-36] [config-process-37] the host name, and the domain name
test_hostname() {
	run_ok '.hostname = "thing"' 'hostname'
	expect_out thing
	runtime_differs runc 'this version does not know domainname'
	run_ok '.domainname = "example.org"' 'cat /proc/sys/kernel/domainname'
	expect_out example.org
}

# a host name without a new host name's namespace is refused
test_hostname_without_namespace() {
	bundle '.linux.namespaces |= map(select(.type != "uts"))'
	expect_refused /hostname
}

# signals are at their defaults and unblocked in the program
test_signals() {
	bundle '.process.args = ["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]'
	trap '' USR1
	run
	expect_match $'SigBlk:\t0000000000000000' "$OUT"
}

# [config-linux-paths-11] the personality
test_personality() {
	runtime_differs runc 'this version does not know it'
	[[ $(setarch linux32 uname -m) = i*86 ]] || skip 'the kernel does not show it'
	run_ok '.linux.personality = {"domain": "LINUX32"}' 'uname -m'
	expect_match '^i[3-6]86$' "$OUT"
	bundle '.linux.personality = {"domain": "BSD"}'
	expect_refused /linux/personality/domain
}

# the session keyring is a new one
test_keyring() {
	run_ok '.' 'probe session-keyring'
	[ "$OUT" != "$("$TOOLS/probe" session-keyring)" ]
}

# a cwd that only root can enter serves a program of another user too
test_cwd_permission() {
	bundle '.process.cwd = "/secret" | .process.user = {"uid": 1000, "gid": 1000}' 'pwd'
	mkdir -m 700 "$BUNDLE/rootfs/secret"
	run
	expect_status 0
	expect_out /secret
}

# [config-process-14] [config-process-27] [config-linux-paths-10] a label of a security module that is not there is refused
test_label_without_module() {
	grep -q selinuxfs /proc/filesystems && skip 'SELinux is there'
	[ -e /sys/kernel/security/apparmor ] && skip 'AppArmor is there'
	bundle '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
	expect_refused /process/selinuxLabel
	bundle '.process.apparmorProfile = "docker-default"'
	expect_refused /process/apparmorProfile
	bundle '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
	runtime_differs runc 'it leaves the mounts without a label'
	expect_refused /linux/mountLabel
}

run_tests
