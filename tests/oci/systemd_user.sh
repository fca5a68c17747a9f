#!/bin/bash
# Containers of a user who is not root: with a manager of systemd's for this user, and without any cgroup that is the user's.

. "${0%/*}/lib.sh"

NAME_OF_USER=tester
SESSION=/run/user/1000
ROOT=$WORK/state-of-user
AS=(setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all env "HOME=/home/$NAME_OF_USER"
	"XDG_RUNTIME_DIR=$SESSION" "DBUS_SESSION_BUS_ADDRESS=unix:path=$SESSION/bus" SYSTEMCTL_FORCE_BUS=1)
RUNTIME_PLAIN=$RUNTIME

# owned [FILTER [SCRIPT]]: a bundle of the user's, who is root inside; the runtime is called as this user from here on
owned() {
	[ "$(id -u "$NAME_OF_USER" 2>/dev/null)" = 1000 ] || skip "there is no user $NAME_OF_USER with the id 1000"
	mydocker_only
	bundle "del(.linux.resources, .linux.cgroupsPath) | .linux.namespaces |= map(select(.type != \"network\")) + [{\"type\": \"user\"}]
		| .linux.uidMappings = [{\"containerID\": 0, \"hostID\": 1000, \"size\": 1}] | .linux.gidMappings = .linux.uidMappings
		| .mounts |= map(.options |= map(select(test(\"^[ug]id=\") | not))?) | ${1:-.}" "${2-sleep 1000}"
	chmod 711 "$WORK" "$HERE" "$BUNDLE"
	mkdir -p "$ROOT"
	chown -R 1000:1000 "$ROOT" "$HERE"
}

# The same for a user whom systemd serves; the runtime is called from a cgroup of this user's.
served() {
	[ -S "$SESSION/bus" ] || skip 'systemd does not run for the user'
	owned "$@"
	OWN=/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/tests-$SUFFIX
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		mkdir -p "$OWN"
		chown 1000:1000 "$OWN" "$OWN/cgroup.procs"
		echo "$BASHPID" >"$OWN/cgroup.procs"
	fi
	UNIT=t-$ID.scope
	edit --arg path ":t:$ID" '.linux.cgroupsPath = $path'
	chown 1000:1000 "$CONFIG"
}

rt() {
	timeout --foreground -k 2 30 "${AS[@]}" "$RUNTIME_PLAIN" --root "$ROOT" "$@"
}

property() {
	"${AS[@]}" systemctl --user show --value -p "$1" "$UNIT"
}

user_start() {
	rt "$@" create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" >"$HERE/log" 2>&1 </dev/null || fail "create failed: $(<"$HERE/log")"
	PID=$(<"$HERE/pid")
	rt start "$ID"
	WHERE=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$PID/cgroup")
}

# refused POINTER OPTION...: not created, for the reason at POINTER; nothing is left
refused() {
	remember
	rm -f "$HERE/errors"
	capture rt --log "$HERE/errors" --log-format json "${@:2}" create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_nothing_left
	expect_record "$1"
}

LIMITS='.linux.resources = {"memory": {"limit": 33554432, "swap": 33554432}, "pids": {"limit": 6}, "cpu": {"quota": 20000, "cpus": "0"}}'

# the user's own manager makes the scope; limits are properties and in force
test_scope() {
	served "$LIMITS"
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'cgroup v1 is not handed down to users'
	user_start --systemd-cgroup
	expect_match "/user@1000.service/user.slice/$UNIT\$" "$WHERE" cgroup
	expect_eq '33554432 6 20000 100000 0' "$(cd "$WHERE" && cat memory.max pids.max cpu.max cpuset.cpus | xargs)" files
	expect_eq '33554432 6 200ms 0' "$(property MemoryMax) $(property TasksMax) $(property CPUQuotaPerSecUSec) $(property AllowedCPUs)" properties
	rt update --memory 40m --memory-swap 40m --pids-limit 7 "$ID"
	expect_eq '41943040 7 41943040 7' "$(cd "$WHERE" && cat memory.max pids.max | xargs) $(property MemoryMax) $(property TasksMax)" 'after update'
	rt delete --force "$ID"
	expect_eq not-found "$(property LoadState)" unit
	[ ! -e "$WHERE" ]
}

# they are enforced
test_enforced() {
	served "$LIMITS" 'probe eat 80; echo "status $?"; for i in 1 2 3 4 5 6 7 8; do sleep 0.3 & done; wait'
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'cgroup v1 is not handed down to users'
	capture rt --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	expect_no_match 'ate 80' "$OUT"
	expect_match "can't fork|Resource temporarily" "$ERR" stderr
}

# from a session that is none of the manager's, systemd moves the process into the scope, and those of exec
test_outside() {
	local runtime words

	served
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'cgroup v1 is not handed down to users'
	runtime=$(printf '%q ' "${AS[@]}" "$RUNTIME_PLAIN" --root "$ROOT")
	cat >"$HERE/script" <<-END
		cat /proc/self/cgroup
		$runtime --systemd-cgroup run -d --bundle $BUNDLE $ID
		$runtime exec -d $ID sleep 1000
		cat /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/user.slice/$UNIT/cgroup.procs | wc -l
		$runtime delete --force $ID
		echo deleted
	END
	# a service has the host's namespaces, and a cgroup of the system's
	words=(ExecStart 'a(sasb)' 1 /bin/sh 3 sh -c "sh $HERE/script >$HERE/said 2>&1; touch $HERE/done" false)
	busctl -q -- call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartTransientUnit \
		'ssa(sv)a(sa(sv))' "t-$ID.service" replace 1 "${words[@]}" 0
	wait_for test -e "$HERE/done"
	expect_eq $'0::/system.slice/t-'"$ID.service"$'\n'"$ID"$'\n2\ndeleted' "$(<"$HERE/said")" 'what was said'
}

members() {
	[ "$(wc -l <"$WHERE/cgroup.procs")" = "$1" ]
}

# the verbs
test_verbs() {
	served
	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'cgroup v1 is not handed down to users'
	user_start --systemd-cgroup
	rt exec "$ID" sleep 1000 &
	wait_for members 2
	rt pause "$ID"
	expect_state paused
	rt resume "$ID"
	rt kill "$ID" KILL
	wait_for is_status stopped
	rt delete "$ID"
}

# a limit that cannot be enforced is refused, with its pointer and the file
test_not_delegated() {
	served '.linux.resources.unified = {"misc.max": "res 1"}'
	grep -qw misc /sys/fs/cgroup/cgroup.controllers 2>/dev/null || skip 'needs a controller that systemd does not hand down'
	refused /linux/resources/unified/misc.max --systemd-cgroup
	expect_match 'cgroup.subtree_control' "$ERR" file
	expect_match 'administrator' "$ERR" hint
}

# with no cgroup at all a container without limits starts, and --debug says what is not in force
test_without() {
	owned . 'echo runs'
	capture rt --debug run --bundle "$BUNDLE" "$ID"
	expect_out runs
	expect_match 'no limit of .*memory.* can be in force.*administrator' "$ERR" stderr
	expect_match 'no rule about devices can be in force' "$ERR" stderr
	capture rt run --bundle "$BUNDLE" "$ID"
	expect_eq '' "$ERR" 'stderr without --debug'
}

# and one with limits does not
test_without_limits() {
	owned "$LIMITS"
	refused /linux/resources/cpu/cpus
	expect_match 'cpuset.cpus' "$ERR" file
	owned '.linux.resources.pids.limit = 6'
	refused /linux/resources/pids/limit
	expect_match 'pids.max' "$ERR" file
}

# an engine that names a cgroup, and says that it is rootless, gets a container without it
test_rootless() {
	owned '.linux.cgroupsPath = "/no-such/cgroup" | .linux.resources = {}' 'echo runs'
	capture rt run --bundle "$BUNDLE" "$ID"
	expect_failure
	capture rt --rootless true run --bundle "$BUNDLE" "$ID"
	expect_out runs
}

run_tests
