# The harness of the tests with real engines.
#
# A script sources this, starts its engine, and puts questions to it as its users do; each is one check of the report, in TAP.
# The engine is Debian's; what is tested is $RUNTIME, which the engine is told to use: with RUNTIME=/usr/sbin/runc the same
# questions are put to runc, as an oracle.
#
# Each script runs in mount, pid, network, IPC, UTS and cgroup namespaces of its own, below a cgroup of its own, with empty /run
# and /var/tmp: no bridge, no packet filter, no cgroup, no lock of the host is touched, and all ends with the script.
#
#   T=WORDS        only the checks whose title matches this extended regular expression
#   RUNTIME=PATH   what to test (default: $BUILD/mydocker)

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=${BUILD:-$TESTS/../../build}
RUNTIME=${RUNTIME:-$BUILD/mydocker}
TOOLS=$BUILD/tests/oci
KIND=${RUNTIME##*/}
NAME=${0##*/}
NAME=${NAME%.sh}
PATIENCE=600 # seconds for a whole script

# ---- isolation ----

# A directory of one's own in each hierarchy, whether it is there or not.
cgroup_directories() {
	awk -v name="mydocker-e2e-${E2E_WORK##*.}" \
		'$4 == "/" && / - cgroup2? / { print $5 "/" name }' /proc/self/mountinfo
}

# Puts this process there.
cgroup_enter() {
	local directory file

	for directory in $(cgroup_directories); do
		mkdir -p "$directory"
		for file in cpuset.cpus cpuset.mems; do
			[ -e "$directory/$file" ] && cat "${directory%/*}/$file" >"$directory/$file"
		done 2>/dev/null
		# Where controllers are handed down, no process may be beside the directories that get them.
		if [ -s "$directory/cgroup.controllers" ]; then
			mkdir -p "$directory/engine"
			directory=$directory/engine
		fi
		echo "$BASHPID" >"$directory/cgroup.procs"
	done
}

cgroup_remove() {
	local directory left=0

	for directory in $(cgroup_directories); do
		find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null
		[ ! -e "$directory" ] || left=1
	done
	return $left
}

if [ -z "${E2E_WORK-}" ]; then
	if [ "$(id -u)" != 0 ]; then
		echo '1..0 # SKIP needs root'
		exit 0
	fi
	E2E_WORK=$(mktemp -d /tmp/e2e.XXXXXX) # a short path: sockets lie below it
	export E2E_WORK
	(
		cgroup_enter
		exec timeout -k 5 $PATIENCE unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child --mount-proc \
			--propagation slave bash "$0" "$@" </dev/null
	)
	status=$?
	# Processes and mounts have gone with the namespaces; it takes a moment until the last has left its cgroup.
	for _ in {1..50}; do
		cgroup_remove && break
		sleep 0.1
	done
	rm -rf "$E2E_WORK"
	exit $status
fi

if [ $$ != 1 ]; then
	echo 'Bail out! not in a pid namespace of its own'
	exit 1
fi

# The hierarchies of the host, mounted again as the cgroup namespace shows them.
cgroup_mount() {
	local hierarchies type options directory

	hierarchies=$(awk '/ - cgroup2? / { sub(/^rw,/, "", $NF); print $(NF - 2), $NF, $5 }' /proc/self/mountinfo)
	umount -R -l /sys/fs/cgroup
	grep -q ' /sys/fs/cgroup$' <<<"$hierarchies" || mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
	while read -r type options directory; do
		mkdir -p "$directory"
		mount -t "$type" -o "$options" cgroup "$directory"
	done <<<"$hierarchies"
}

WORK=$E2E_WORK
umask 022
cd "$WORK" || exit 1
unset XDG_RUNTIME_DIR LISTEN_FDS NOTIFY_SOCKET TMPDIR
chmod 755 "$WORK" # users of mapped namespaces pass through it
mkdir -p "$WORK/bin" "$WORK/home"
export PATH=$WORK/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=$WORK/home
mount --make-rshared /
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
mkdir -p /run/lock
cgroup_mount
ip link set lo up
hostname e2e

# command NAME WORD...: a program NAME for the rest of the script, which calls the words with its own arguments after them.
command_make() {
	printf '#!/bin/sh\nexec %s "$@"\n' "${*:2}" >"$WORK/bin/$1"
	chmod +x "$WORK/bin/$1"
}

# The runtime where README has it installed.
mount -t tmpfs tmpfs /usr/local/bin
ln -s "$(command -v "$RUNTIME")" /usr/local/bin/mydocker

# readme WORDS: the indented block behind the line of README that has the words, as a reader pastes it.
readme() {
	awk -v words="$1" 'index($0, words) { found = 1; next }
		found && sub(/^    /, "") { print; begun = 1; next }
		begun { exit }' "$TESTS/../../README.md"
}

# A CRIU that works here, where mydocker looks for one without a PATH and the engines with theirs.
criu_use() {
	local directory

	for directory in /usr/sbin "$BUILD/criu"; do
		"$directory/criu" check >/dev/null 2>&1 || continue
		mount -t tmpfs tmpfs /usr/local/sbin
		command_make criu "$directory/criu"
		mv "$WORK/bin/criu" /usr/local/sbin
		PATH=/usr/local/sbin:$PATH
		CRIU=$directory/criu
		return
	done
}
CRIU=
criu_use

# ---- checks ----

CHECKS=0
FAILED=0

# What was said about the next check is said about no other.
forget() {
	WITH='' KNOWN='' MISSING=''
}
forget

# fails_with RUNTIME[,RUNTIME] REASON: the next check is one that these runtimes of Debian are known to fail.
fails_with() {
	WITH="${1//,/ and } fail: $2"
	case ",$1," in
	*,"$KIND",*) KNOWN=$WITH ;;
	esac
}

# needs VERB: the next check is of a verb that this runtime may not have.
needs() {
	"$RUNTIME" --help | grep -Eq "^ +$1( |,|$)" || MISSING="$KIND has no $1"
}

# needs_criu: the next check needs a CRIU that works here.
needs_criu() {
	[ -n "$CRIU" ] || MISSING='there is no criu that works here; make criu'
}

# report OUTCOME TITLE [EXPECTATION]
report() {
	local title="$2${WITH:+ ($WITH)}"

	((CHECKS++))
	if [ "$1" = 0 ]; then
		echo "ok $CHECKS - $title"
	elif [ -n "$MISSING$KNOWN" ]; then
		echo "ok $CHECKS - $title # SKIP ${MISSING:-$KNOWN}"
	else
		echo "not ok $CHECKS - $title"
		printf 'expected: %s\nstatus: %s\nstdout: %s\nstderr: %s\n' "${3-}" "$STATUS" "$OUT" "$ERR" | sed 's/^/# /'
		FAILED=1
	fi
	forget
}

# Calls a command for the check with this title: OUT, ERR, STATUS. False when the check is not wanted, or cannot be made.
ask() {
	if ! grep -Eq -- "${T-}" <<<"$1"; then
		forget
		return 1
	fi
	if [ -n "$MISSING" ]; then
		report 1 "$1"
		return 1
	fi
	STATUS=0
	timeout --foreground -k 2 60 "${@:2}" >"$WORK/stdout" 2>"$WORK/stderr" </dev/null || STATUS=$?
	OUT=$(tr -d '\r\0' <"$WORK/stdout")
	ERR=$(tr -d '\0' <"$WORK/stderr")
}

# is TITLE OUTPUT COMMAND...: it succeeds and prints this.
is() {
	ask "$1" "${@:3}" || return 0
	[ "$STATUS" = 0 ] && [ "$OUT" = "$2" ]
	report $? "$1" "$2"
}

# like TITLE PATTERN COMMAND...: it succeeds and prints something that matches.
like() {
	ask "$1" "${@:3}" || return 0
	[ "$STATUS" = 0 ] && grep -Eq -- "$2" <<<"$OUT"
	report $? "$1" "$2"
}

# holds TITLE COMMAND...: it succeeds.
holds() {
	ask "$1" "${@:2}" || return 0
	[ "$STATUS" = 0 ]
	report $? "$1"
}

# ends TITLE STATUS PATTERN COMMAND...: it ends with this status and says something that matches, in whatever case.
ends() {
	ask "$1" "${@:4}" || return 0
	[ "$STATUS" = "$2" ] && grep -Eiq -- "$3" <<<"$OUT$ERR"
	report $? "$1" "status $2, $3"
}

# Waits until a command succeeds, at most twenty seconds.
wait_for() {
	local end=$((SECONDS + 20))

	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# Ends the script: its containers are gone, and so must be what was made for them.
finish() {
	echo "1..$CHECKS"
	exit $FAILED
}

# ---- an image, made here ----

# image_make NAME COMMAND FILE: a docker-archive, which every engine loads; COMMAND is what it runs, a list in JSON
image_make() {
	local image=$WORK/image rootfs=$WORK/rootfs layer config

	mkdir -p "$image"
	cp -a "$TOOLS/rootfs" "$rootfs"
	cp "$TOOLS/probe" "$rootfs/bin/probe"
	mkdir -p "$rootfs"/{etc,tmp,data,root}
	chmod 1777 "$rootfs/tmp"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh worker:x:1000:1000::/home/worker:/bin/sh >"$rootfs/etc/passwd"
	printf '%s\n' root:x:0: worker:x:1000: more:x:2000:worker >"$rootfs/etc/group"
	tar -C "$rootfs" --owner=0 --group=0 --sort=name -cf "$image/layer.tar" .
	layer=$(sha256sum <"$image/layer.tar")
	jq -n --arg layer "sha256:${layer%% *}" --argjson command "$2" '{architecture: "amd64", os: "linux", created: "2020-01-01T00:00:00Z",
		config: {Env: ["PATH=/bin:/usr/bin:/sbin"], Cmd: $command},
		rootfs: {type: "layers", diff_ids: [$layer]},
		history: [{created: "2020-01-01T00:00:00Z", created_by: "tar"}]}' >"$image/config"
	config=$(sha256sum <"$image/config")
	mv "$image/config" "$image/${config%% *}.json"
	jq -n --arg config "${config%% *}.json" --arg name "$1:latest" \
		'[{Config: $config, RepoTags: [$name], Layers: ["layer.tar"]}]' >"$image/manifest.json"
	tar -C "$image" -cf "$3" .
	rm -rf "$image" "$rootfs"
}
image_make e2e '["sh"]' "$WORK/image.tar"

# ---- what the checks of several engines use ----

# A directory of the host.
mkdir -p "$WORK/volume"
echo from-host >"$WORK/volume/file"

# A seccomp profile that refuses to make directories, with an error of its own.
echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 33}]}' >"$WORK/profile"

# A build, and one that fails.
mkdir -p "$WORK/context" "$WORK/broken"
printf 'FROM e2e\nRUN echo built >/made && id -u >>/made\nUSER worker\nRUN id -u >/tmp/who\nCMD cat /made /tmp/who\n' >"$WORK/context/Dockerfile"
printf 'FROM e2e\nRUN exit 6\n' >"$WORK/broken/Dockerfile"

# limit FILE-OF-V1 FILE-OF-V2: a command that prints the limit from inside.
limit() {
	echo "cat /sys/fs/cgroup/$1 2>/dev/null || cat /sys/fs/cgroup/$2"
}

# field NAME: a command that prints this of a process's status, from inside.
field() {
	echo "grep $1: /proc/self/status | tr -d '[:blank:]' | cut -d: -f2"
}
