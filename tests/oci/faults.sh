# The driver of the fault suites: a verb meets one fault at each system call of each of its processes, and what it leaves is
# judged.
#
# A scene is three functions: prepare_SCENE makes what the verb finds, call_SCENE has the verb's arguments in CALL, and
# judge_SCENE says whether a call that returned 0 told the truth. Whatever happens: the call ends, without a crash, with a
# message if it fails; `state` and `list` answer, and never call a dead process alive; what failed to be made is gone;
# `delete --force` succeeds and leaves nothing; the id can be used again.
#
#   FULL=1      every system call
#   FAULTS=N    every Nth system call only (default 1 with FULL=1, otherwise 61)
#   T=WORDS     as ever

. "${0%/*}/lib.sh"

STRIDE=${FAULTS:-$([ -n "${FULL-}" ] && echo 1 || echo 61)}
LONG=25 # seconds; nothing may take that long

# What the C library of a static program does first cannot fail, and the end of a process cannot either.
NEVER_FAILS=' 158 218 231 ' # arch_prctl, set_tid_address, exit_group
WAITING=7                   # poll: what a created container waits in; create is over

# One line for each bad outcome; the sweep goes on.
bad() {
	BAD=1
	echo "$SCENE, process $WHO, $FAULT at $(<"$HERE/fault"): $*"
}

alive() {
	local stat=''

	[ -z "$PID" ] || read -r stat 2>/dev/null </proc/"$PID"/stat || :
	[[ ${stat##*)} == ' '[^ZX]* ]]
}

# Whether it is gone, or about to be.
dies() {
	local try

	for try in {1..100}; do
		alive || return 0
		sleep 0.02
	done
	return 1
}

# Whether the container's first process is its program, not the gate any more.
program_runs() {
	alive && [[ $(readlink "/proc/$PID/exe") == */busybox* ]]
}

# What the call left when it failed by itself: words, and no half-made container.
judge_failure() {
	# its process was killed, as a program may be, and not by us
	[ "$WHO $FAULT $STATUS" != "1 KILL 137" ] || return 0
	((STATUS < 126)) || ((STATUS == 255)) || bad "exit status $STATUS: $ERR"
	[ -n "$ERR" ] || bad "failed without a word, exit status $STATUS"
	case $SCENE in
	create* | run*) nothing_left || bad "a failed call left $(left_over)" ;;
	esac
	case $SCENE in
	create | exec_detached) [ ! -e "${CALL[*]:3:1}" ] || bad 'a failed call left its pid file' ;;
	esac
}

# Asks for the status; the first answer tells the process as well, if nobody knows it yet.
status_asked() {
	capture rt state "$ID"
	SAID=$(sed -n 's/^  "status": "\(.*\)",/\1/p' <<<"$OUT")
	[ -n "$PID" ] || PID=$(sed -n 's/^  "pid": \([1-9].*\),/\1/p' <<<"$OUT")
}

# state and list answer the truth. What dies just then is asked about once more.
expect_truth() {
	status_asked
	case $SAID in
	running | created | paused)
		if ! alive; then
			status_asked
			[[ $SAID == stopped || -z $SAID ]] || bad "a dead process is called $SAID"
		fi
		;;
	stopped) dies || bad 'a live process is called stopped' ;;
	'') [ "$STATUS" = 1 ] || bad "state: $STATUS $ERR" ;;
	*) bad "it is called $SAID" ;;
	esac
	capture rt list
	[ "$STATUS" = 0 ] || bad "list: $STATUS $ERR"
}

# delete --force leaves nothing; otherwise it is cleaned up by hand, so that the next calls are judged for themselves.
judge_end() {
	[ -z "$PARENT" ] || kill -KILL "$PARENT" 2>/dev/null || :
	capture rt delete --force "$ID"
	[ "$STATUS" = 0 ] || bad "delete --force: $STATUS $ERR"
	! nothing_left || return 0
	bad "delete --force left $(left_over)"
	[ -z "$PID" ] || kill -KILL "$PID" 2>/dev/null || :
	find /sys/fs/cgroup -depth -type d -path "*$ID*" -exec rmdir {} + || :
	rm -rf "${ROOT:?}/$ID"
}

# The call itself, with the fault.
faulted() {
	STATUS=0
	# shellcheck disable=SC2086
	timeout --foreground -k 2 $LONG "$TOOLS/faultat" $ATTACH "$HERE/fault" "$WHO" "$FAULT" "$1" "$RUNTIME" --root "$ROOT" "${CALL[@]}" \
		>"$HERE/stdout" 2>"$HERE/stderr" </dev/null || STATUS=$?
	OUT=$(<"$HERE/stdout")
	ERR=$(<"$HERE/stderr")
}

# Whether there is something to judge: not where the fault is none of our program's.
counts() {
	local number

	read -r _ _ _ number _ <"$HERE/fault"
	[ "$SCENE $number" != "create $WAITING" ] && { [ "$FAULT" = KILL ] || [[ $NEVER_FAILS != *" $number "* ]]; }
}

judge() {
	if ((STATUS == 124 || STATUS == 137 && LONG_AGO + LONG < SECONDS)); then
		bad 'it hangs'
	elif ((STATUS == 99)); then
		fail "$ERR"
	elif ((STATUS == EXPECTED)); then
		"judge_$SCENE"
	elif [[ $FAULT != KILL || "$SCENE $WHO" != *\ 0 && "$SCENE $WHO" != 'run_detached 1' ]]; then
		judge_failure
	fi
	expect_truth
}

# sweep SCENE WHO FAULT: one process of the scene's call meets the fault at each of its system calls
sweep() {
	local call=1

	SCENE=$1 WHO=$2 FAULT=$3
	# Each sweep begins elsewhere, so that all together see more.
	((STRIDE == 1)) || call=$((1 + (OFFSET += 7) % STRIDE))
	for (( ; ; call += STRIDE)); do
		PID='' PARENT='' ATTACH='' EXPECTED=0 LONG_AGO=$SECONDS
		remember
		"prepare_$SCENE"
		faulted "$call"
		if grep -q '^made' "$HERE/fault"; then
			[ "$STATUS" = "$EXPECTED" ] || bad "without a fault: $STATUS $ERR"
			judge_end
			break
		fi
		! counts || judge
		judge_end
	done
	echo "# $SCENE, process $WHO, $FAULT: $call calls"
}

# sweep_all SCENE PROCESSES FAULT...
sweep_all() {
	local who fault turn=0

	runtime_differs runc 'it leaves cgroups'
	BAD=0 OFFSET=0
	for ((who = 0; who < $2; who++)); do
		for fault in "${@:3}"; do
			# a sample takes one kind for each process, another one for the next
			((STRIDE == 1 || turn++ % ($# - 2) == (who + ${#1}) % ($# - 2))) || continue
			sweep "$1" $who "$fault"
		done
	done
	return $BAD
}

# ---- bundles ----

# rich SCRIPT: with hooks, limits, a seccomp program and a default cgroup
rich() {
	bundle 'del(.linux.cgroupsPath) | .hooks.createRuntime = [{"path": "/bin/true"}] | .hooks.createContainer = [{"path": "/bin/true"}]
		| .linux.resources.memory = {"limit": 100000000} | .linux.resources.pids = {"limit": 10}
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}' "$1"
}

# with_users SCRIPT: with a user namespace of its own
with_users() {
	bundle '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]' "$1"
	chmod -R a+rX "$HERE" "$WORK"
}

# ---- the scenes ----

pid_known() {
	PID=$(<"$HERE/pid")
}

container_made() {
	rt create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" >"$HERE/log" 2>&1 </dev/null || fail "create: $(<"$HERE/log")"
	pid_known
}

container_running() {
	container_made
	rt start "$ID"
}

prepare_create() {
	rm -f "$HERE/pid"
	CALL=(create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID")
}

judge_create() {
	pid_known
	capture rt start "$ID"
	[ "$STATUS" = 0 ] && program_runs || bad "created, it says, but start: $STATUS $ERR"
}

# Whoever reaps the container's process before start has looked at it takes the truth away: here nobody does.
prepare_start() {
	rm -f "$HERE/pid"
	"$TOOLS/unreaping" "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" >"$HERE/log" 2>&1 </dev/null &
	PARENT=$!
	wait_for is_status created
	pid_known
	ATTACH="-p $PID"
	CALL=(start "$ID")
}

judge_start() {
	program_runs || bad 'started, it says'
}

prepare_exec() {
	container_running
	CALL=(exec "$ID" sh -c 'echo ran; exit 7')
	EXPECTED=7
}

judge_exec() {
	[ "$OUT" = ran ] || bad "the command wrote: $OUT"
}

prepare_exec_detached() {
	container_running
	rm -f "$HERE/exec" "$BUNDLE/rootfs/ran"
	CALL=(exec -d --pid-file "$HERE/exec" "$ID" sh -c 'touch /ran; exec sleep 100')
}

judge_exec_detached() {
	# whoever collects it learns that it was killed
	[ "$WHO $FAULT" != '1 KILL' ] || return 0
	[[ $(readlink "/proc/$(<"$HERE/exec")/exe") == */busybox* ]] || bad 'the command runs, it says'
}

prepare_kill() {
	container_running
	CALL=(kill "$ID" KILL)
}

judge_kill() {
	dies || bad 'the signal was sent, it says'
}

prepare_kill_all() {
	prepare_kill
	CALL=(kill --all "$ID" KILL)
}

judge_kill_all() {
	judge_kill
}

prepare_delete() {
	container_running
	kill -KILL "$PID"
	dies
	CALL=(delete "$ID")
}

judge_delete() {
	nothing_left || bad "deleted, it says, but for $(left_over)"
}

prepare_delete_force() {
	container_running
	CALL=(delete --force "$ID")
}

judge_delete_force() {
	judge_delete
}

prepare_run() {
	CALL=(run --bundle "$BUNDLE" "$ID")
	EXPECTED=7
}

judge_run() {
	[ "$OUT" = ran ] || bad "the program wrote: $OUT"
	nothing_left || bad "run left $(left_over)"
}

prepare_run_detached() {
	ATTACH=-a
	CALL=(run -d --bundle "$BUNDLE" "$ID")
}

# Its monitor may have been hit, too: then nobody may know how it ended, but it is said.
judge_run_detached() {
	[ "$OUT" = "$ID" ] || bad "run -d printed: $OUT"
	capture rt wait --timeout 10s "$ID"
	[[ $OUT == 7 || $OUT == unknown && $STATUS != 0 ]] || [ "$WHO" != 0 ] || bad "wait: $OUT $ERR"
}

# A container whose monitor was killed; its program ends when it has another.
prepare_monitor() {
	local old

	rm -f "$BUNDLE/rootfs/go"
	rt run -d --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" >/dev/null
	pid_known
	old=$(jq .monitor "$ROOT/$ID/config.json")
	kill -KILL "$old"
	wait_for eval "! grep -q '^State:.[^ZX]' /proc/$old/status"
	until grep -qs '"interrupted":true' "$ROOT/$ID/config.json"; do sleep 0.02; done && touch "$BUNDLE/rootfs/go" &
	PARENT=$!
	ATTACH=-a
	CALL=(monitor "$ID")
}

judge_monitor() {
	capture rt wait --timeout 10s "$ID"
	[ "$OUT" = 7 ] || [ "$WHO" != 0 ] || bad "wait: $OUT $ERR"
}

prepare_update() {
	container_running
	CALL=(update --pids-limit 77 "$ID")
}

judge_update() {
	expect_eq 77 "$(cat /sys/fs/cgroup/{,*/}"$CGROUP/$ID/pids.max" 2>/dev/null)" >/dev/null || bad 'updated, it says'
}

frozen() {
	grep -qsE '^(FROZEN|frozen 1)' /sys/fs/cgroup/{,*/}"$CGROUP/$ID"/{freezer.state,cgroup.events}
}

prepare_pause() {
	container_running
	CALL=(pause "$ID")
}

judge_pause() {
	frozen || bad 'paused, it says'
}

prepare_resume() {
	container_running
	rt pause "$ID"
	CALL=(resume "$ID")
}

judge_resume() {
	! frozen || bad 'resumed, it says'
}

# What only reads.

prepare_state() {
	container_running
	CALL=(state "$ID")
}

judge_state() {
	[ "$(jq -r '"\(.id) \(.pid) \(.status)"' <<<"$OUT")" = "$ID $PID running" ] || bad "state: $OUT"
}

prepare_list() {
	container_running
	CALL=(list --format json)
}

judge_list() {
	case $(jq -r '.[0] | "\(.id) \(.pid) \(.status)"' <<<"$OUT") in
	"$ID $PID running" | "$ID 0 unknown") ;;
	*) bad "list: $OUT" ;;
	esac
}

prepare_ps() {
	container_running
	CALL=(ps --format json "$ID")
}

judge_ps() {
	[ "$(jq -c . <<<"$OUT")" = "[$PID]" ] || bad "ps: $OUT"
}
