#!/bin/bash
# What engines read: the strings that they look for, the exit statuses that they tell apart, the log that they decode, and the JSON.

. "${0%/*}/lib.sh"

# says_of PATTERN ARGUMENT...: the call fails, and its message on stderr and the one in the log have the pattern
says_of() {
	local pattern=$1

	rm -f "$HERE/errors"
	capture rt --log "$HERE/errors" --log-format json "${@:2}"
	expect_failure
	expect_match "$pattern" "$ERR" stderr
	expect_match "$pattern" "$(jq -r .msg "$HERE/errors")" message
	expect_eq 1 "$(wc -l <"$HERE/errors")" 'log lines'
	expect_eq object "$(jq -r type "$HERE/errors")" 'the whole file'
}

# create_says PATTERN FILTER [SCRIPT]: the same of a bundle that cannot be created
create_says() {
	bundle "${@:2}"
	says_of "$1" create --bundle "$BUNDLE" "$ID"
}

# ---- of containers ----

# [engines-07] [engines-14] containerd, dockerd, podman: every verb of an unknown container
test_unknown_container() {
	local verb

	for verb in start state kill delete ps pause resume; do
		says_of 'container does not exist' "$verb" nosuch
		expect_status 1
	done
	says_of 'container does not exist' exec nosuch true
}

# [engines-06] containerd, CRI-O: a signal to a stopped container
test_not_running() {
	start_ok '.' true
	wait_for is_status stopped
	says_of 'container not running' kill "$ID" KILL
	says_of 'container not running' pause "$ID"
}

# [engines-15] the id is taken
test_id_taken() {
	bundle '.'
	create
	says_of 'container with given ID already exists' create --bundle "$BUNDLE" "$ID"
}

# [engines-20] start: a running and a stopped container
test_start_twice() {
	start_ok '.' 'sleep 100'
	says_of 'cannot start an already running container' start "$ID"
	rt kill "$ID" KILL
	wait_for is_status stopped
	says_of 'cannot start a container that has (run and )?stopped' start "$ID"
}

# [engines-19] [engines-21] exec: a stopped and a paused container; resume: one that is not
test_exec_status() {
	start_ok '.' 'sleep 100'
	says_of 'container not paused' resume "$ID"
	rt pause "$ID"
	says_of 'cannot exec in a paused container \(use --ignore-paused to override\)' exec "$ID" true
	expect_status 255
	rt resume "$ID"
	rt kill "$ID" KILL
	wait_for is_status stopped
	says_of 'cannot exec in a stopped container' exec "$ID" true
	expect_status 255
}

# exec --ignore-paused runs when the container is resumed
test_ignore_paused() {
	runtime_differs runc 'this version ends it with an error'
	start_ok '.' 'sleep 100'
	rt pause "$ID"
	rt exec --ignore-paused "$ID" echo thawed >"$HERE/out" </dev/null &
	wait_for eval '[ "$(rt ps -q "$ID" | wc -l)" = 2 ]'
	expect_state paused
	rt resume "$ID"
	wait $!
	expect_eq thawed "$(<"$HERE/out")" stdout
}

# [engines-18] delete of a running container
test_delete_running() {
	start_ok '.' 'sleep 100'
	says_of "cannot delete container $ID that is not stopped: running" delete "$ID"
}

# [engines-31] containerd: delete, then always delete --force again, which succeeds and says nothing
test_delete_again() {
	start_ok '.' true
	wait_for is_status stopped
	rt delete "$ID"
	capture rt --log "$HERE/errors" --log-format json delete --force "$ID"
	expect_status 0
	expect_eq '' "$OUT$ERR" output
	[ ! -s "$HERE/errors" ] || fail "$(<"$HERE/errors")"
}

# [engines-04] [engines-23] what verbs that change a container refuse is one line on stderr, with status 1, and one in the log
test_line_on_stderr() {
	mydocker_only
	start_ok '.' 'sleep 100'
	for words in start delete resume 'update --memory nonsense' 'kill --all nosuch' 'pause nosuch'; do
		if [[ $words == *nosuch ]]; then
			# shellcheck disable=SC2086
			says_of . $words
		else
			# shellcheck disable=SC2086
			says_of . $words "$ID"
		fi
		expect_status 1
		expect_eq 1 "$(wc -l <"$HERE/stderr")" "lines on stderr of $words"
		expect_match "^$KIND: ${words%% *}: " "$ERR" stderr
	done
}

# ---- of programs ----

# [engines-08] [engines-23] dockerd, podman: a program that is not in the PATH: 127
test_not_found() {
	create_says 'exec: "nosuch": executable file not found in \$PATH' '.process.args = ["nosuch"]'
	expect_status 1
}

# [engines-09] dockerd, podman: a path that does not exist: 127
test_no_such_file() {
	create_says '"/no/such".* no such file or directory' '.process.args = ["/no/such"]'
}

# [engines-10] dockerd, podman: what cannot be executed: 126, in lower case; a directory too
test_permission_denied() {
	create_says 'exec: "/etc/passwd": permission denied' '.process.args = ["/etc/passwd"]'
	create_says 'exec: "/etc": (permission denied|is a directory)' '.process.args = ["/etc"]'
}

# [engines-16] [engines-23] the same texts from exec, whose own failure is 255
test_exec_failures() {
	local program

	start_ok '.' 'sleep 100'
	while read -r program pattern; do
		says_of "$pattern" exec "$ID" "$program"
		expect_status 255
	done <<-'END'
		nosuch exec: "nosuch": executable file not found in \$PATH
		/no/such "/no/such".* no such file or directory
		/etc/passwd exec: "/etc/passwd": permission denied
	END
}

# [engines-02] [engines-16] exec -d, as engines call it, fails in the same words and with one log line, warnings or not
test_exec_detached_failure() {
	start_ok '.' 'sleep 100'
	echo '{"args": ["nosuch"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0},
		"capabilities": {"effective": ["CAP_FOO"]}}' >"$HERE/process"
	[ "$KIND" != runc ] || sed -i 's/"CAP_FOO"//' "$HERE/process" # it writes a line for each warning
	says_of 'executable file not found in \$PATH' exec --process "$HERE/process" --detach --pid-file "$HERE/pidfile" "$ID"
}

# [engines-11] dockerd: a file mounted over a directory says "not a directory", for its advice
test_not_a_directory() {
	create_says 'not a directory' '.mounts += [{destination: "/tmp", type: "bind", source: "/etc/passwd", options: ["bind"]}]'
	create_says 'not a directory' '.mounts += [{destination: "/etc/passwd", type: "bind", source: "/tmp", options: ["bind"]}]'
}

# [engines-17] the working directory that cannot be entered
test_cwd() {
	create_says '(chdir to cwd \("/etc/passwd"\) set in config.json failed|mkdir /etc/passwd): not a directory' '.process.cwd = "/etc/passwd"'
}

# ---- the command line ----

# [engines-22] an unknown option: exit status 1, in Go's words
test_unknown_option() {
	capture rt create --no-such-option x
	expect_status 1
	expect_match 'flag provided but not defined: -+no-such-option' "$OUT$ERR"
}

# options in every form that Go accepts, globals first, and everything after the id is the command's
test_forms() {
	start_ok '.' 'sleep 100'
	capture "$RUNTIME" -root="$ROOT" --debug=false exec -cwd /tmp --env=A=1 "$ID" sh -c 'echo $A --detach -x' --root y
	expect_status 0
	expect_out '1 --detach -x'
}

# [engines-27] dockerd: the version in three lines, its first with the word version; the name is the caller's
test_version() {
	mkdir "$HERE/bin"
	ln -s "$(command -v "$RUNTIME")" "$HERE/bin/runc"
	capture "$HERE/bin/runc" --version
	expect_status 0
	expect_match '^runc version [0-9]+[.]' "$(sed -n 1p <<<"$OUT")"
	expect_match '^commit: ' "$(sed -n 2p <<<"$OUT")"
	expect_match '^spec: ' "$(sed -n 3p <<<"$OUT")"
	expect_eq '' "$ERR" stderr
}

# ---- the log ----

# [engines-02] podman: the log of a failure with warnings is one JSON object, with message, level and time
test_one_object() {
	bundle '.process.capabilities[] += ["CAP_FOO"] | .process.args = ["nosuch"]'
	rm -f "$HERE/errors"
	capture rt --debug --log "$HERE/errors" --log-format=json create --bundle "$BUNDLE" "$ID"
	expect_failure
	runtime_differs runc 'it writes a line for each warning, which podman then cannot decode'
	expect_eq 1 "$(wc -l <"$HERE/errors")" lines
	expect_record /process/args
}

# [engines-01] containerd: each line of the log is decoded; times are RFC 3339
test_log_lines() {
	capture rt --log "$HERE/errors" --log-format json state nosuch
	capture rt --log "$HERE/errors" --log-format json state nosuch
	expect_eq 2 "$(wc -l <"$HERE/errors")" lines
	expect_eq 'error error' "$(jq -r .level "$HERE/errors" | xargs)" levels
	expect_match '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$' \
		"$(jq -r .time "$HERE/errors" | head -n 1)" time
}

# [engines-03] conmon, CRI-O: the text log, and a bare line on stderr besides
test_text_log() {
	capture rt --log "$HERE/errors" state nosuch
	expect_match '^time="[0-9T:.Z+-]+" level=error msg="?.*does not exist' "$(<"$HERE/errors")"
	expect_match 'does not exist' "$ERR"
}

# ---- JSON ----

# [engines-05] state, ps and list print nothing on stderr when they succeed: callers read both together
test_silent_stderr() {
	start_ok '.process.capabilities[] += ["CAP_FOO"]' 'sleep 100'
	for verb in state 'ps --format json' 'list --format json'; do
		# shellcheck disable=SC2086
		capture rt $verb $([[ $verb = list* ]] || echo "$ID")
		expect_status 0
		expect_eq '' "$ERR" stderr
		jq . <<<"$OUT" >/dev/null
	done
}

# [engines-24] buildah, podman: state's members, and its four words
test_state_members() {
	bundle '.annotations = {"a": "b"}' 'sleep 100'
	create
	expect_state created
	rt start "$ID"
	expect_eq 'string string number string string string string string object' \
		"$(rt state "$ID" | jq -r '[.ociVersion, .id, .pid, .status, .bundle, .rootfs, .created, .owner, .annotations] | map(type) | join(" ")')" types
	expect_state running
	rt pause "$ID"
	expect_state paused
	rt resume "$ID"
	rt kill "$ID" KILL
	wait_for is_status stopped
	expect_eq 0 "$(state pid)" pid
}

# [engines-25] go-runc: list --format json is an array of the same; ps --format json an array of pids
test_list_json() {
	start_ok '.' 'sleep 100'
	expect_eq "$ID $PID running root" "$(rt list --format=json | jq -r '.[0] | "\(.id) \(.pid) \(.status) \(.owner)"')" list
	expect_eq "[$PID]" "$(rt ps --format json "$ID" | jq -c .)" ps
}

# [engines-28] CRI-O: features is JSON, with rro and idmap
test_features() {
	runtime_differs runc 'this version has an older form'
	capture rt features
	expect_eq '' "$ERR" stderr
	expect_eq 'true true' "$(jq -r '"\(.mountOptions | contains(["rro"])) \(.linux.mountExtensions.idmap.enabled)"' <<<"$OUT")" features
}

# ---- what engines ask for ----

# [engines-29] dockerd writes zeros for what is not set: they are no limits
test_zeros() {
	run_ok '.linux.resources += {"cpu": {"shares": 0, "quota": 0, "period": 0, "cpus": "", "mems": ""},
		"memory": {"disableOOMKiller": false}, "blockIO": {"weight": 0}}' 'echo ran'
	expect_out ran
}

# [engines-30] a capability that the host cannot grant is left out, as docker's privileged containers need it
test_all_capabilities() {
	local all

	all=$(jq -nc '["CHOWN","SYS_ADMIN","SYS_RESOURCE","NET_ADMIN","KILL","BPF","PERFMON","CHECKPOINT_RESTORE"] | map("CAP_" + .)')
	runtime_differs runc 'it fails with EPERM'
	run_ok '.process.capabilities |= map_values($all)' 'echo ran' --argjson all "$all"
	expect_out ran
}

# ---- what scripts that were written for runc look for in errors ----

# hooks, seccomp agents, memory policies and ambient capabilities, as runc words them
test_runc_words() {
	mydocker_only
	create_says 'error running createRuntime hook #1: /bin/false exited with status 1' \
		'.hooks.createRuntime = [{"path": "/bin/true"}, {"path": "/bin/false"}]'
	create_says 'error running createContainer hook #0: /bin/false exited with status 1' '.hooks.createContainer = [{"path": "/bin/false"}]'
	create_says 'failed to connect with seccomp agent /no/such/agent' \
		'.linux.seccomp = {"defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": "/no/such/agent"}'
	create_says '/linux/memoryPolicy/mode: invalid memory policy mode: the required property "mode" is missing' '.linux.memoryPolicy = {"flags": []}'
	create_says 'invalid memory policy mode "INTERLEAVE"' '.linux.memoryPolicy = {"mode": "INTERLEAVE"}'
	bundle '.process.capabilities |= (.inheritable = ["CAP_KILL"] | .permitted += ["CAP_CHOWN"] | .ambient = ["CAP_KILL", "CAP_CHOWN"])' \
		'grep CapAmb /proc/self/status'
	run
	expect_out $'CapAmb:\t0000000000000020'
	expect_match "warning: /process/capabilities/ambient/1: can't raise ambient capability CAP_CHOWN: " "$ERR"
}

# exec --cgroup, as runc words what is wrong with it
test_cgroup_words() {
	local said

	mydocker_only
	start_ok '.' 'sleep 100'
	for said in '.. bad sub cgroup path' 'none error adding pid to the cgroup .*/none: No such file' 'what:/ unknown controller in "what:/"'; do
		says_of "${said#* }" exec --cgroup "${said%% *}" "$ID" true
	done
}

# proc and sysfs go to ordinary directories
test_literal_words() {
	mydocker_only
	bundle
	rm -rf "$BUNDLE/rootfs/proc"
	ln -s /elsewhere "$BUNDLE/rootfs/proc"
	says_of 'must be mounted on ordinary directory' create --bundle "$BUNDLE" "$ID"
}

run_tests
