# The harness of the black-box tests.
#
# A test file sources this, defines functions test_*, each with its title in the comment line above it, and ends with
# run_tests. It prints TAP. What it tests is the program $RUNTIME, through its command line and what the kernel shows of it;
# with RUNTIME=runc the same expectations are put to runc, as an oracle for our reading of the specification.
#
# Each file runs in its own pid and mount namespaces, with a state root and a cgroup parent of its own: files can run side by
# side, "nothing is left" can be asserted exactly, and nothing survives the file whatever goes wrong.
#
#   T=WORDS        run only the tests whose title or function contains this extended regular expression
#   RUNTIME=PATH   what to test (default: $BUILD/mydocker)
#   KERNEL=5.10    the kernel that we are shown by tests/oci/older.c

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=${BUILD:-$TESTS/../../build}
RUNTIME=${RUNTIME:-$BUILD/mydocker}
TOOLS=$BUILD/tests/oci
KIND=${RUNTIME##*/}
NAME=${0##*/}
NAME=${NAME%.sh}

# ---- isolation ----

if [ -z "${OCI_WORK-}" ]; then
	if [ "$(id -u)" != 0 ]; then
		echo '1..0 # SKIP needs root'
		exit 0
	fi
	OCI_WORK=$(mktemp -d "${TMPDIR:-/tmp}/mydocker-$NAME.XXXXXX")
	export OCI_WORK
	unshare --mount --pid --fork --kill-child --mount-proc --propagation private bash "$0" "$@"
	status=$?
	# Every process and mount of the file is gone with its namespaces; what is left are directories.
	find /sys/fs/cgroup -depth -type d -path "*${OCI_WORK##*.}*" -exec rmdir {} + 2>/dev/null
	rm -rf "$OCI_WORK"
	exit $status
fi

# What follows kills every process that it can see.
if [ $$ != 1 ]; then
	echo 'Bail out! not in a pid namespace of its own'
	exit 1
fi

WORK=$OCI_WORK
ROOT=$WORK/state
SUFFIX=${WORK##*.}
CGROUP=/mydocker-$NAME.$SUFFIX
umask 022
unset XDG_RUNTIME_DIR LISTEN_FDS NOTIFY_SOCKET
export ASAN_OPTIONS=log_path=$WORK/sanitizer UBSAN_OPTIONS=log_path=$WORK/sanitizer:print_stacktrace=1

# ---- outcomes ----

SKIPPED=75

# Ends the test as failed, saying where.
fail() {
	local frame

	echo "$*"
	for ((frame = 1; frame < ${#FUNCNAME[@]} - 2; frame++)); do
		case ${FUNCNAME[frame]} in
		expect_* | fail) ;;
		*) echo "at $NAME.sh:${BASH_LINENO[frame - 1]}" && break ;;
		esac
	done
	exit 1
}

# Ends the test as skipped.
skip() {
	echo "$*" >"$HERE/skip"
	exit $SKIPPED
}

# The rest of the test asserts the specification where this runtime is known to do something else.
runtime_differs() {
	[ "$KIND" != "$1" ] || skip "$1 differs: $2"
}

# The rest of the test waits for a part of mydocker that is still to come.
not_yet() {
	[ "$KIND" != mydocker ] || skip "still to come: $1"
}

# The rest of the test is about an extension that only mydocker has.
mydocker_only() {
	[ "$KIND" = mydocker ] || skip "an extension of mydocker"
}

# Whether this kernel, or the one that we are shown instead, is this old at least.
linux_has() {
	printf '%s\n' "$1" "${KERNEL:-$(uname -r)}" | sort -CV
}

# The rest of the test needs a kernel that is not older.
needs_linux() {
	linux_has "$1" || skip "needs Linux $1"
}

# ---- assertions ----

expect_eq() {
	[ "$1" = "$2" ] || fail "expected ${3-value}: $1"$'\n'"found: $2"
}

expect_match() {
	grep -Eq -- "$1" <<<"$2" || fail "expected ${3-text} to match: $1"$'\n'"found: $2"
}

expect_no_match() {
	! grep -Eq -- "$1" <<<"$2" || fail "expected ${3-text} not to match: $1"$'\n'"found: $2"
}

expect_status() {
	[ "$STATUS" = "$1" ] || fail "expected exit status $1, found $STATUS"$'\n'"stdout: $OUT"$'\n'"stderr: $ERR"
}

expect_failure() {
	((STATUS != 0 && STATUS != 124)) ||
		fail "expected a failure, found exit status $STATUS"$'\n'"stdout: $OUT"$'\n'"stderr: $ERR"
}

# What the last captured command, or the container, printed.
expect_out() {
	expect_eq "$1" "$OUT" stdout
}

expect_log() {
	expect_eq "$1" "$(<"$HERE/log")" "the container's output"
}

# Waits until a command succeeds, at most ten seconds.
wait_for() {
	local end=$((SECONDS + 10))

	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || fail "waited in vain for: $*"
		sleep 0.02
	done
}

# ---- the runtime ----

# Calls the runtime; nothing that it does may take longer than half a minute.
rt() {
	timeout --foreground -k 2 30 "$RUNTIME" --root "$ROOT" "$@"
}

# Calls a command; its output is in OUT and ERR, its exit status in STATUS.
capture() {
	STATUS=0
	"$@" >"$HERE/stdout" 2>"$HERE/stderr" </dev/null || STATUS=$?
	OUT=$(<"$HERE/stdout")
	ERR=$(<"$HERE/stderr")
}

# bundle [FILTER [SCRIPT [JQ-ARGUMENT...]]]: a bundle with a root filesystem of its own, the base configuration
# edited by a jq filter, and as its program a shell script. (jq's numbers are doubles: "2^64-1" stands for that number.)
bundle() {
	local filter=${1:-.} script=${2-}

	BUNDLE=$HERE/bundle
	CONFIG=$BUNDLE/config.json
	mkdir -p "$BUNDLE"
	rm -rf "$BUNDLE/rootfs"
	cp -al "$WORK/rootfs" "$BUNDLE/rootfs"
	jq --arg cgroup "$CGROUP/$ID" --arg script "$script" --arg here "$HERE" \
		'.linux.cgroupsPath = $cgroup
		| if $script == "" then . else .process.args = ["sh", "-c", $script] end
		| '"$filter" "${@:3}" "$TESTS/config.json" | sed 's/"2^64-1"/18446744073709551615/' >"$CONFIG"
}

# Changes the bundle's configuration.
edit() {
	jq "$@" "$CONFIG" >"$CONFIG.new"
	mv "$CONFIG.new" "$CONFIG"
}

# Runs the bundle in the foreground, as capture does.
run() {
	capture rt run --bundle "$BUNDLE" "$@" "$ID"
}

# bundle and run in one, which must succeed.
run_ok() {
	bundle "$@"
	run
	expect_status 0
}

# Creates a container from the bundle. Its output goes to $HERE/log, its pid to PID.
create() {
	rt create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$@" "$ID" >"$HERE/log" 2>&1 </dev/null ||
		fail "create failed: $(<"$HERE/log")"
	PID=$(<"$HERE/pid")
}

# Creates and starts one.
start() {
	create "$@"
	rt start "$ID"
}

# bundle and start in one.
start_ok() {
	bundle "$@"
	start
}

# Who traces in the background says so first: a skip there is lost.
needs_tracing() {
	[ -z "${SANITIZE-}" ] || skip 'sanitizers trace their program themselves'
}

# traced STRACE-OPTION... -- ARGUMENT...: the runtime under strace; the trace is in $HERE/trace
traced() {
	local options=()

	needs_tracing
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	strace -f -o "$HERE/trace" "${options[@]}" "$RUNTIME" --root "$ROOT" "${@:2}" </dev/null
}

# A member of the state document.
state() {
	rt state "$ID" | jq -r ".$1"
}

is_status() {
	[ "$(state status)" = "$1" ]
}

expect_state() {
	expect_eq "$1" "$(state status)" status
}

expect_unknown() {
	local printed

	! printed=$(rt state "$ID" 2>/dev/null) || fail "state knows $ID"
	expect_eq '' "$printed" 'stdout of state'
}

logged() {
	grep -q -- "$1" "$HERE/log"
}

# Whether the kernel keeps a reservation of memory: those of today take it on v1, and forget it.
keeps_reservation() {
	local file=/sys/fs/cgroup/memory$CGROUP/memory.soft_limit_in_bytes

	[ -e "$file" ] || return 0
	echo 33554432 >"$file"
	[ "$(<"$file")" = 33554432 ]
}

# ---- nothing is left ----

# What a failed operation must leave as it was: processes, mounts of this namespace, cgroups, state (but the cache of
# seccomp programs, which belongs to no container). Sets SNAPSHOT without starting a process.
snapshot() {
	local shopt_was mounts

	shopt_was=$(shopt -p nullglob globstar dotglob) || :
	shopt -s nullglob globstar dotglob
	mounts=$(</proc/self/mountinfo)
	set -- /proc/[0-9]*
	SNAPSHOT="processes: $*"
	set -- /sys/fs/cgroup/*"$SUFFIX"*/** /sys/fs/cgroup/*/*"$SUFFIX"*/ /sys/fs/cgroup/*/*"$SUFFIX"*/*/ \
		/sys/fs/cgroup/*/**/"$ID"*/
	SNAPSHOT+=$'\n'"cgroups: $*"
	set -- "$ROOT"/*
	SNAPSHOT+=$'\n'"state: ${*/#*\/.seccomp/}"$'\n'"mounts: $mounts"
	eval "$shopt_was"
}

remember() {
	snapshot
	BEFORE=$SNAPSHOT
}

# Whether nothing is left. Processes that were killed need a moment to go.
nothing_left() {
	local try

	for try in {1..100}; do
		snapshot
		[ "$SNAPSHOT" = "$BEFORE" ] && return
		sleep 0.02
	done
	return 1
}

# What is there now and was not before, or the other way round.
left_over() {
	diff <(tr ' ' '\n' <<<"$BEFORE") <(tr ' ' '\n' <<<"$SNAPSHOT") | grep '^[<>]' || :
}

expect_nothing_left() {
	nothing_left || fail "something was left: $(left_over)"
}

# expect_refused POINTER [VERB [ARGUMENT...]]: the bundle cannot be created, the one error record names POINTER ("" for none, - for any), and
# nothing is left.
expect_refused() {
	local pointer=$1 verb=${2:-create}

	remember
	rm -f "$HERE/errors"
	capture rt --log "$HERE/errors" --log-format json "$verb" --bundle "$BUNDLE" "${@:3}" "$ID"
	expect_failure
	expect_nothing_left
	expect_unknown
	expect_record "$pointer"
}

# The error log of the last call holds exactly one error, with this pointer and a message.
expect_record() {
	local record

	[ "$KIND" = mydocker ] || return 0
	record=$(jq -c 'select(.level == "error")' "$HERE/errors")
	expect_eq 1 "$(wc -l <<<"$record")" 'number of error records'
	expect_eq 1 "$(wc -l <"$HERE/errors")" 'number of log lines'
	expect_eq true "$(jq '(.msg | length > 10) and (.code | length > 2)
		and (.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.][0-9]+)?(Z|[+-][0-9:]{5})$"))' <<<"$record" 2>&1)" \
		"completeness of $record"
	[ "$1" = - ] || expect_eq "$1" "$(jq -r '.pointer // ""' <<<"$record")" "pointer in $record"
	expect_match . "$ERR" stderr
}

# ---- running the file ----

# Until whatever was killed is gone: a test that begins must not count the last one's processes as its own.
await_silence() {
	local try processes

	for try in {1..500}; do
		processes=(/proc/[0-9]*)
		((${#processes[@]} > 1)) || return 0
		sleep 0.01
	done
}

run_test() {
	local number=$1 function=$2 title=$3 status

	HERE=$WORK/$number
	ID=$NAME$number-$SUFFIX
	mkdir -p "$HERE"
	(
		set -eE -o pipefail
		trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR
		"$function"
	) >"$HERE/output" 2>&1 </dev/null
	status=$?
	# The containers of the test, and whatever it left running. This is pid 1 of the namespace: it is not hit itself.
	"$RUNTIME" --root "$ROOT" list -q 2>/dev/null | while read -r id; do
		rt delete --force "$id"
	done >/dev/null 2>&1
	kill -KILL -1 2>/dev/null
	wait 2>/dev/null
	await_silence
	if compgen -G "$WORK/sanitizer*" >/dev/null; then
		cat "$WORK"/sanitizer* >>"$HERE/output"
		rm -f "$WORK"/sanitizer*
		status=1
	fi
	case $status in
	0) echo "ok $number - $title" ;;
	"$SKIPPED") echo "ok $number - $title # SKIP $(<"$HERE/skip")" ;;
	*)
		echo "not ok $number - $title"
		((status < 128)) || echo "# ended by signal $((status - 128))"
		sed 's/^/# /' "$HERE/output"
		;;
	esac
	((status == 0 || status == SKIPPED)) || FAILED=1
}

run_tests() {
	local tests number=0 function title cgroup

	tests=$(awk '/^test_[a-z0-9_]+\(\)/ { sub(/\(\).*/, ""); print $0 "\t" title }
		/^# / { title = substr($0, 3) }' "$0" | grep -E -- "${T-}")
	# The parent of all cgroups of the file is not the runtime's to make: then it is not the runtime's to remove.
	while read -r cgroup; do
		mkdir "$cgroup$CGROUP"
	done < <(awk '$9 ~ /^cgroup2?$/ || $8 ~ /^cgroup2?$/ { print $5 }' /proc/self/mountinfo)
	cp -a "$TOOLS/rootfs" "$WORK/rootfs"
	cp "$TOOLS/probe" "$WORK/rootfs/bin/probe"
	FAILED=0
	while IFS=$'\t' read -r function title; do
		[ -n "$function" ] && run_test $((++number)) "$function" "$title"
	done <<<"$tests"
	echo "1..$number"
	exit $FAILED
}
