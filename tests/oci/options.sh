#!/bin/bash
# Options that no other file tests: what each of them changes, or why it is refused.

. "${0%/*}/lib.sh"

# --log-level error: no warnings; an unknown level is refused
test_log_level() {
	mydocker_only
	bundle '.process.capabilities[] += ["CAP_FOO"]' 'echo ran'
	for level in warning error; do
		capture rt --log "$HERE/$level" --log-level $level run --bundle "$BUNDLE" "$ID"
		expect_status 0
	done
	expect_match 'level=warning.*CAP_FOO' "$(<"$HERE/warning")"
	[ ! -s "$HERE/error" ] || fail "$(<"$HERE/error")"
	capture rt --log-level loud list
	expect_status 1
	expect_match 'unknown log level "loud"' "$ERR"
}

# --debug changes nothing for the container
test_debug() {
	bundle '.' 'echo ran'
	capture rt --debug --log "$HERE/debug" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_out ran
}

# --debug tells the steps, to the log or else to stderr, in the log's form, and never to the container's own log
test_debug_steps() {
	local moment

	mydocker_only
	bundle '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"]}' 'echo ran; sleep 100'
	capture rt --debug --log "$HERE/debug" run -d --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_eq '' "$ERR" stderr
	for moment in 'nsexec container setup: [0-9]* steps' 'nsexec: mount: proc on /proc' 'seccomp filter flags: 2' \
		"child process in init(): $(state pid)" 'init: closing the pipe to signal completion'; do
		grep -q "^time=\"[^\"]*\" level=debug msg=\"$moment\"\$" "$HERE/debug" || fail "$moment: $(<"$HERE/debug")"
	done
	edit '.process.execCPUAffinity.initial = "0"'
	rt delete --force "$ID"
	capture rt --debug run -d --bundle "$BUNDLE" "$ID"
	expect_match 'level=debug msg="nsexec: mount: proc' "$ERR" stderr
	wait_for eval '[ "$(rt logs "$ID")" = ran ]'
	capture rt --debug exec "$ID" true
	expect_match 'level=debug msg="nsexec: affinity: 0x1"' "$ERR" stderr
	expect_match 'level=debug msg="setns_init: about to exec"' "$ERR" stderr
	rt delete --force "$ID"
	capture rt --debug --log "$HERE/json" --log-format json run -d --bundle "$BUNDLE" "$ID"
	expect_eq true "$(jq -s 'any(.msg == "nsexec: mount: proc on /proc")' "$HERE/json")" 'debug records of run -d'
	rm "$HERE/json"
	capture rt --debug --log "$HERE/json" --log-format json exec "$ID" true
	expect_eq true "$(jq -s 'all(.level == "debug") and any(.msg == "setns_init: about to exec")' "$HERE/json")" 'debug records'
}

# --systemd-cgroup is refused in words where there is no systemd, and nothing is left
test_systemd_cgroup() {
	local option

	mydocker_only
	[ ! -d /run/systemd/system ] || skip 'systemd runs here'
	bundle '.linux.cgroupsPath = "system.slice:mydocker:x"'
	for option in --systemd-cgroup --cgroup-manager=systemd; do
		remember
		capture "$RUNTIME" --root "$ROOT" $option create --bundle "$BUNDLE" "$ID"
		expect_failure
		expect_match 'systemd' "$ERR"
		expect_nothing_left
	done
	capture rt --systemd-cgroup list
	expect_status 0
}

# --cgroup-manager disabled: the process stays in the caller's cgroups
test_cgroup_disabled() {
	runtime_differs runc 'it does not have the option'
	bundle '.linux.cgroupsPath = "/never-made" | del(.linux.resources)' 'cat /proc/self/cgroup'
	capture rt --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_no_match never-made "$OUT" cgroup
	capture rt --cgroup-manager=cgroupfs run --bundle "$BUNDLE" "$ID"
	expect_match never-made "$OUT" cgroup
	edit '.linux.resources = {devices: [{allow: false}], memory: {limit: 67108864}}'
	remember
	capture rt --log "$HERE/errors" --log-format json --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_nothing_left
	expect_record /linux/resources/memory/limit
}

# an unknown cgroup manager, or two of them, are refused
test_cgroup_manager_words() {
	mydocker_only
	bundle '.'
	capture rt --cgroup-manager other create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_match 'unknown value "other".*cgroupfs, systemd or disabled' "$ERR"
	capture rt --systemd-cgroup --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_match 'contradicts' "$ERR"
}

# --rootless: true, false and auto; root has the right to make its cgroups in each case
test_rootless() {
	local word

	for word in true false auto; do
		bundle '.' 'cat /proc/self/cgroup'
		capture rt --rootless "$word" run --bundle "$BUNDLE" "$ID"
		expect_status 0
		expect_match "$ID" "$OUT" cgroup
	done
	bundle '.'
	capture rt --rootless perhaps create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'perhaps|rootless' "$ERR"
}

# --pidfd-socket: a descriptor of the container's process, and of an exec's
test_pidfd_socket() {
	runtime_differs runc 'this version does not have it'
	bundle '.' 'sleep 100'
	"$TOOLS/pidfd" "$HERE/socket" >"$HERE/received" &
	wait_for test -S "$HERE/socket"
	create --pidfd-socket "$HERE/socket"
	wait $!
	expect_eq "$PID" "$(<"$HERE/received")" pid
	rt start "$ID"
	"$TOOLS/pidfd" "$HERE/second" >"$HERE/received" &
	wait_for test -S "$HERE/second"
	rt exec -d --pidfd-socket "$HERE/second" --pid-file "$HERE/execpid" "$ID" sleep 100 </dev/null >/dev/null 2>&1
	wait $!
	expect_eq "$(<"$HERE/execpid")" "$(<"$HERE/received")" pid
}

# --pidfd-socket: TERM by the descriptor ends a container that waits for start
test_pidfd_socket_term() {
	local end

	runtime_differs runc 'this version does not have it'
	bundle '.' 'sleep 100'
	mkfifo "$HERE/end"
	"$TOOLS/pidfd" "$HERE/socket" 15 <"$HERE/end" >/dev/null &
	exec {end}>"$HERE/end"
	wait_for test -S "$HERE/socket"
	create --pidfd-socket "$HERE/socket"
	is_status created
	exec {end}>&-
	wait $!
	wait_for is_status stopped
}

# --pidfd-socket that nobody listens on: nothing is left
test_pidfd_socket_missing() {
	runtime_differs runc 'this version does not have it'
	bundle '.' 'sleep 100'
	expect_refused '' create --pidfd-socket "$HERE/nobody"
}

# --no-new-keyring: the session keyring of the caller
test_no_new_keyring() {
	run_ok '.' 'probe session-keyring'
	expect_no_match "^$("$TOOLS/probe" session-keyring)$" "$OUT" keyring
	run_ok '.' 'probe session-keyring' # the image has no keyctl
	run --no-new-keyring
	expect_out "$("$TOOLS/probe" session-keyring)"
}

# run reaps what the container's processes leave behind; with --no-subreaper it does not
test_subreaper() {
	mydocker_only
	bundle '.linux.namespaces |= map(select(.type != "pid"))' \
		'(sh -c "sleep 0.2; grep PPid /proc/\$\$/status >&2" &); sleep 0.6'
	"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$HERE/out" 2>"$HERE/reaper" </dev/null &
	wait $!
	expect_eq "$!" "$(cut -f2 "$HERE/reaper")" 'the parent of an orphan'
	"$RUNTIME" --root "$ROOT" run --no-subreaper --bundle "$BUNDLE" "$ID" >"$HERE/out" 2>"$HERE/reaper" </dev/null &
	wait $!
	expect_eq 1 "$(cut -f2 "$HERE/reaper")" 'the parent of an orphan'
}

# [engines-32] -no-subreaper with one dash, as containerd writes it, is taken by create and run
test_single_dash() {
	bundle '.' 'true'
	capture rt run -no-subreaper --bundle "$BUNDLE" "$ID"
	expect_status 0
}

# exec --no-new-privs
test_no_new_privs() {
	start_ok '.process.noNewPrivileges = false' 'sleep 100'
	expect_match $'NoNewPrivs:\t0' "$(rt exec "$ID" cat /proc/self/status </dev/null)"
	expect_match $'NoNewPrivs:\t1' "$(rt exec --no-new-privs "$ID" cat /proc/self/status </dev/null)"
}

# exec --additional-gids, repeated; what is no number is refused
test_additional_gids() {
	start_ok '.process.user = {"uid": 0, "gid": 0, "additionalGids": [7]}' 'sleep 100'
	expect_match '\b8 9\b' "$(rt exec --additional-gids 8 --additional-gids 9 "$ID" probe groups </dev/null)" groups
	capture rt exec --additional-gids -1 "$ID" true
	expect_failure
	capture rt exec --additional-gids wheel "$ID" true
	expect_failure
}

# exec --apparmor and --process-label are refused where the security module is absent, never ignored
test_labels() {
	mydocker_only
	start_ok '.' 'sleep 100'
	[ -e /sys/kernel/security/apparmor ] || {
		capture rt exec --apparmor profile "$ID" true
		expect_status 255
		expect_match 'AppArmor' "$ERR"
	}
	[ -e /sys/fs/selinux/enforce ] || {
		capture rt exec --process-label a:b:c:d "$ID" true
		expect_status 255
		expect_match 'SELinux' "$ERR"
	}
}

# exec --cgroup: a cgroup below the container's own
test_exec_cgroup() {
	local own directories

	start_ok '.' 'sleep 100'
	own=$(awk '/ - cgroup2? / { print $5 }' /proc/self/mountinfo)
	for directories in $own; do
		[ ! -d "$directories$CGROUP/$ID" ] || mkdir "$directories$CGROUP/$ID/below"
	done
	[ ! -e /sys/fs/cgroup/cpuset$CGROUP/$ID/below ] || for file in cpus mems; do
		cat "/sys/fs/cgroup/cpuset$CGROUP/$ID/cpuset.$file" >"/sys/fs/cgroup/cpuset$CGROUP/$ID/below/cpuset.$file"
	done
	expect_match "$ID/below" "$(rt exec --cgroup below "$ID" cat /proc/self/cgroup </dev/null)" cgroup
	expect_match "$ID\$" "$(rt exec --cgroup / "$ID" cat /proc/self/cgroup </dev/null)" cgroup
	if [ -d "/sys/fs/cgroup/pids$CGROUP" ]; then
		capture rt exec --cgroup pids:below "$ID" cat /proc/self/cgroup
		expect_match "pids:.*$ID/below" "$OUT"
		expect_match "memory:.*$ID\$" "$OUT"
	fi
	for path in ../x nosuch nosuch:below; do
		capture rt exec --cgroup "$path" "$ID" true
		expect_failure
	done
}

# delete --regex and kill --regex: all containers whose id matches, and no others
test_regex() {
	local id

	runtime_differs runc 'it does not have the option'
	bundle 'del(.linux.cgroupsPath)' 'sleep 100'
	for id in "$ID-a1" "$ID-a2" "$ID-b1"; do
		rt create --bundle "$BUNDLE" "$id" </dev/null >"$HERE/log" 2>&1
		rt start "$id"
	done
	rt kill --regex -- "-a[12]$" KILL
	wait_for eval '[ "$(rt list -f json | jq -c "[.[] | select(.status == \"stopped\").id | .[-2:]] | sort")" = "[\"a1\",\"a2\"]" ]'
	rt delete --regex -- '-a'
	expect_eq "$ID-b1" "$(rt list -q)" ids
	rt delete --regex --force "^$ID"
	expect_eq '' "$(rt list -q)" ids
	capture rt delete --regex '['
	expect_failure
}

# list --quiet, and ps --quiet
test_quiet() {
	start_ok '.' 'sleep 100'
	expect_eq "$ID" "$(rt list --quiet)" ids
	[ "$KIND" != mydocker ] || expect_eq "$ID" "$(rt ps -q)" ids
}

# --config: another file than config.json; spec --file writes it
test_config() {
	runtime_differs runc 'it does not have the option'
	bundle '.' 'echo from another'
	mv "$BUNDLE/config.json" "$BUNDLE/other.json"
	run --config other.json
	expect_status 0
	expect_out 'from another'
	run -f "$BUNDLE/other.json"
	expect_status 0
	expect_refused ''
	rt spec --bundle "$BUNDLE" --file third.json
	expect_eq 1 "$(jq '.ociVersion | length > 0 | if . then 1 else 0 end' "$BUNDLE/third.json")" written
	rt spec --rootless --bundle "$BUNDLE" -f fourth.json
	expect_eq user "$(jq -r '.linux.namespaces[].type | select(. == "user")' "$BUNDLE/fourth.json")" namespace
}

# LISTEN_FDS: sockets for this process go through, and the container's first process finds them; preserved ones follow
test_listen_fds() {
	bundle '.' 'echo $LISTEN_FDS $LISTEN_PID; probe fds; cat <&3; cat <&4'
	echo first >"$HERE/first"
	echo second >"$HERE/second"
	cat >"$HERE/call" <<-END
	exec 3<"$HERE/first" 4<"$HERE/second" 5</dev/null
	LISTEN_FDS=1 LISTEN_PID=\$\$ exec "$RUNTIME" --root "$ROOT" run --preserve-fds 1 --bundle "$BUNDLE" "$ID"
	END
	capture bash "$HERE/call"
	expect_status 0
	expect_match $'^1 1\n0 1 2 3 4 ?\nfirst\nsecond$' "$OUT"
}

# LISTEN_FDS for another process is not for the container
test_listen_fds_foreign() {
	bundle '.' 'echo "$LISTEN_FDS-$LISTEN_PID"; probe fds'
	LISTEN_FDS=1 LISTEN_PID=1 capture rt run --bundle "$BUNDLE" "$ID" 3</dev/null
	expect_status 0
	expect_match $'^-\n0 1 2 ?$' "$OUT"
}

# NOTIFY_SOCKET: run -d and start wait until the program is ready, and say so to who waits; nothing else of it is passed on
test_notify_socket() {
	local how

	runtime_differs runc 'it says more after it, and waits until that is taken'
	for how in run start; do
		bundle '.' 'probe notify; sleep 100'
		rm -f "$HERE/manager"
		"$TOOLS/probe" notified "$HERE/manager" >"$HERE/told" &
		wait_for test -S "$HERE/manager"
		export NOTIFY_SOCKET=$HERE/manager
		if [ $how = run ]; then
			rt run -d --bundle "$BUNDLE" "$ID" </dev/null >"$HERE/log" 2>&1
		else
			start
		fi
		unset NOTIFY_SOCKET
		wait $!
		expect_match '^READY=1' "$(<"$HERE/told")" message
		[ "$KIND" = runc ] || expect_match "^MAINPID=$(state pid)\$" "$(<"$HERE/told")" message
		expect_no_match STATUS "$(<"$HERE/told")" message
		rt delete --force "$ID"
	done
}

# NOTIFY_SOCKET with a user namespace, for a program that is nobody special there
test_notify_users() {
	mydocker_only
	bundle '.linux.namespaces += [{"type": "user"}] | .process.user = {"uid": 1000, "gid": 1000}
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings' 'probe notify; sleep 100'
	chmod -R a+rX "$HERE" "$WORK"
	mkdir -p "$BUNDLE/rootfs/run"
	chown 100000:100000 "$BUNDLE/rootfs/run" # its root makes the place there
	timeout 20 "$TOOLS/probe" notified "$HERE/manager" >"$HERE/told" &
	wait_for test -S "$HERE/manager"
	NOTIFY_SOCKET=$HERE/manager start
	wait $!
	expect_match "^MAINPID=$(state pid)\$" "$(<"$HERE/told")" message
}

# NOTIFY_SOCKET and a program that ends without a word: nobody waits for ever
test_notify_never() {
	bundle '.' 'true'
	NOTIFY_SOCKET=$HERE/nobody capture rt run -d --bundle "$BUNDLE" "$ID"
	expect_status 0
}

# NOTIFY_SOCKET and a foreground run
test_notify_foreground() {
	runtime_differs runc 'it says more after it, and waits until that is taken'
	bundle '.' 'probe notify; exit 3'
	"$TOOLS/probe" notified "$HERE/manager" >"$HERE/told" &
	wait_for test -S "$HERE/manager"
	NOTIFY_SOCKET=$HERE/manager capture rt run --bundle "$BUNDLE" "$ID"
	expect_status 3
	wait $!
	expect_match '^READY=1' "$(<"$HERE/told")" message
}

# NOTIFY_SOCKET: a program that ends right after its word is heard all the same
test_notify_last_word() {
	mydocker_only
	needs_tracing
	bundle '.' 'until [ -e /go ]; do sleep 0.1; done; exec probe notify'
	timeout 20 "$TOOLS/probe" notified "$HERE/manager" >"$HERE/told" &
	wait_for test -S "$HERE/manager"
	NOTIFY_SOCKET=$HERE/manager traced -e trace=recvfrom,prctl -e inject=recvfrom:delay_enter=500000 -- run --bundle "$BUNDLE" "$ID" &
	wait_for is_status running
	wait_for eval "awk '/PDEATHSIG, SIGKILL/ { print \$1 }' '$HERE/trace' | sort -u | wc -l | grep -q 2"
	touch "$BUNDLE/rootfs/go"
	wait
	expect_match '^READY=1' "$(<"$HERE/told")" message
}

# every verb refuses the options of others
test_scopes() {
	local verb

	mydocker_only
	for verb in start state kill delete list ps exec; do
		capture rt $verb --bundle x
		expect_status 1
		expect_match 'flag provided but not defined: -bundle' "$ERR"
	done
}

# what would mean nothing without another option, or beside it, is refused and not ignored
test_pairs() {
	local words

	mydocker_only
	for words in "run --log-max-size 1m $ID" "run --log-mode drop $ID" "run -d --log-max-files 5 $ID" "run --format json $ID" \
		"create --format json $ID" 'events --stats' 'events --interval 1s'; do
		# shellcheck disable=SC2086
		capture rt $words
		expect_status 1
		expect_match 'means nothing without (--|an ID)' "$ERR"
	done
	for words in 'run --rm --keep' "run --rootfs / --bundle $HERE" 'run --rootfs / --config x' 'run -d -i' 'exec --leaf --cgroup /' \
		'events --since 1h' 'events --no-stream' 'ps --filter id=a' 'ps --stats' 'ps --strict' \
		'exec --process x -u 1' 'exec --process x --cwd /' 'exec --process x -e A=1' 'exec --process x --env-file x' 'exec --process x --cap x' \
		'exec --process x --no-new-privs' 'exec --process x -g 1' 'exec --process x --apparmor x' 'exec --process x --process-label x'; do
		# shellcheck disable=SC2086
		capture rt $words "$ID"
		expect_status 1
		expect_match 'do not go together' "$ERR"
	done
	capture rt exec --process x "$ID" true
	expect_match '--process and a COMMAND do not go together' "$ERR"
}

# exec --cap with a word that is none
test_cap_unknown() {
	mydocker_only
	start_ok '.' 'sleep 100'
	capture rt exec --cap CAP_SYS_ADMN "$ID" true
	expect_status 255
	expect_match 'unknown capability "CAP_SYS_ADMN"; did you mean CAP_SYS_ADMIN\?' "$ERR"
}

# run -d --rm and a log's limits, where who takes the terminal is all that there is
test_detached_terminal() {
	local option

	mydocker_only
	bundle '.process.terminal = true' 'true'
	for option in --rm --log-max-size=1m --log-mode=block; do
		"$TOOLS/console" "$HERE/socket" </dev/null >/dev/null &
		wait_for test -S "$HERE/socket"
		capture rt run -d $option --console-socket "$HERE/socket" --bundle "$BUNDLE" "$ID"
		expect_status 1
		expect_match "^mydocker: run: ${option%=*} is not for a detached container with a terminal" "$ERR"
		expect_unknown
		kill $!
		rm -f "$HERE/socket"
	done
}

# options may stand behind the id, too; behind -- nothing is one
test_options_behind() {
	runtime_differs runc 'it takes options in front of the id only'
	start_ok . 'sleep 100'
	rt kill "$ID" --all KILL
	wait_for test ! -e "/proc/$PID/exe"
	capture rt delete -- "$ID" --force
	expect_failure
	expect_match 'force' "$ERR"
	rt delete nosuch --force
}

run_tests
