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

# containerd, dockerd, podman: "does not exist" for every verb of an unknown container
test_unknown_container() {
	local verb

	for verb in start state kill delete ps 'exec x' pause resume; do
		[ "$KIND" != mydocker ] || "$RUNTIME" --help | grep -q "^  ${verb%% *} " || continue
		if [ "$verb" = 'exec x' ]; then
			says_of 'does not exist' exec nosuch x
		else
			says_of 'does not exist' "$verb" nosuch
		fi
		expect_match 'container does not exist' "$ERR"
	done
}

# containerd, CRI-O: "container not running" for a signal to a stopped container
test_not_running() {
	start_ok '.' true
	wait_for is_status stopped
	says_of 'container not running' kill "$ID" KILL
	says_of 'container not running' kill "$ID" 15
}

# the id is taken
test_id_taken() {
	bundle '.'
	create
	says_of 'container with given ID already exists' create --bundle "$BUNDLE" "$ID"
}

# dockerd, podman: a program that is not in the PATH: 127
test_not_found() {
	bundle '.process.args = ["nosuch"]'
	says_of 'exec: "nosuch": executable file not found in \$PATH' create --bundle "$BUNDLE" "$ID"
}

# dockerd, podman: a path that does not exist: 127
test_no_such_file() {
	bundle '.process.args = ["/no/such"]'
	says_of '"/no/such".* no such file or directory' create --bundle "$BUNDLE" "$ID"
}

# dockerd, podman: what cannot be executed: 126, in lower case; a directory too
test_permission_denied() {
	bundle '.process.args = ["/etc/passwd"]'
	says_of 'exec: "/etc/passwd": permission denied' create --bundle "$BUNDLE" "$ID"
	bundle '.process.args = ["/etc"]'
	says_of 'exec: "/etc": (permission denied|is a directory)' create --bundle "$BUNDLE" "$ID"
}

# the same texts from exec, whose own failure is 255
test_exec_failures() {
	start_ok '.' 'sleep 100'
	says_of 'exec: "nosuch": executable file not found in \$PATH' exec "$ID" nosuch
	expect_status 255
	says_of '"/no/such".* no such file or directory' exec "$ID" /no/such
	expect_status 255
	says_of 'exec: "/etc/passwd": permission denied' exec "$ID" /etc/passwd
	expect_status 255
}

# exec -d, as engines call it, fails in the same words and with one log line
test_exec_detached_failure() {
	start_ok '.' 'sleep 100'
	echo '{"args": ["nosuch"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}' >"$HERE/process"
	says_of 'executable file not found in \$PATH' exec --process "$HERE/process" --detach --pid-file "$HERE/pidfile" "$ID"
	[ ! -e "$HERE/pidfile" ] || [ "$KIND" = runc ] || fail 'a pid file of nothing'
}

# dockerd: a file mounted over a directory says "not a directory", for its advice
test_not_a_directory() {
	bundle '.mounts += [{destination: "/tmp", type: "bind", source: "/etc/passwd", options: ["bind"]}]'
	says_of 'not a directory' create --bundle "$BUNDLE" "$ID"
	bundle '.mounts += [{destination: "/etc/passwd", type: "bind", source: "/tmp", options: ["bind"]}]'
	says_of 'not a directory' create --bundle "$BUNDLE" "$ID"
}

# the working directory that cannot be entered
test_cwd() {
	bundle '.process.cwd = "/etc/passwd"'
	says_of 'chdir to cwd \("/etc/passwd"\) set in config.json failed: not a directory|not a directory' create --bundle "$BUNDLE" "$ID"
}

# start: a running and a stopped container
test_start_twice() {
	start_ok '.' 'sleep 100'
	says_of 'cannot start an already running container' start "$ID"
	rt kill "$ID" KILL
	wait_for is_status stopped
	says_of 'cannot start a container that has (run and )?stopped' start "$ID"
}

# exec: a stopped and a paused container
test_exec_status() {
	start_ok '.' 'sleep 100'
	if [ "$KIND" != mydocker ] || "$RUNTIME" --help | grep -q '^  pause '; then
		rt pause "$ID"
		says_of 'cannot exec in a paused container' exec "$ID" true
		expect_status 255
		rt resume "$ID"
		says_of 'container not paused' resume "$ID"
	fi
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
	rt resume "$ID"
	wait $!
	expect_eq thawed "$(<"$HERE/out")" stdout
}

# delete of a running container
test_delete_running() {
	start_ok '.' 'sleep 100'
	says_of 'cannot delete container .* that is not stopped: running' delete "$ID"
}

# containerd: delete, then always delete --force again, which succeeds and says nothing
test_delete_again() {
	start_ok '.' true
	wait_for is_status stopped
	rt delete "$ID"
	capture rt --log "$HERE/errors" --log-format json delete --force "$ID"
	expect_status 0
	expect_eq '' "$OUT$ERR" output
	[ ! -s "$HERE/errors" ] || fail "$(<"$HERE/errors")"
}

# an unknown option: exit status 1, in Go's words
test_unknown_option() {
	capture rt create --no-such-option x
	expect_status 1
	expect_match 'flag provided but not defined: -+no-such-option' "$OUT$ERR"
}

# podman: the log of a failure with warnings is one JSON object, with message, level and time
test_one_object() {
	bundle '.process.capabilities[] += ["CAP_FOO"] | .process.args = ["nosuch"]'
	rm -f "$HERE/errors"
	capture rt --debug --log "$HERE/errors" --log-format=json create --bundle "$BUNDLE" "$ID"
	expect_failure
	runtime_differs runc 'it writes a line for each warning, which podman then cannot decode'
	expect_eq 1 "$(wc -l <"$HERE/errors")" lines
	expect_record /process/args
}

# containerd: each line of the log is decoded; times are RFC 3339
test_log_lines() {
	capture rt --log "$HERE/errors" --log-format json state nosuch
	capture rt --log "$HERE/errors" --log-format json state nosuch
	expect_eq 2 "$(wc -l <"$HERE/errors")" lines
	expect_eq 'error error' "$(jq -r .level "$HERE/errors" | xargs)" levels
	expect_match '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$' \
		"$(jq -r .time "$HERE/errors" | head -n 1)" time
}

# conmon, CRI-O: the text log, and a bare line on stderr besides
test_text_log() {
	capture rt --log "$HERE/errors" state nosuch
	expect_match '^time="[0-9T:.Z+-]+" level=error msg="?.*does not exist' "$(<"$HERE/errors")"
	expect_match 'does not exist' "$ERR"
}

# state and ps print nothing on stderr when they succeed: callers read both together
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

# buildah: state after the program is running or stopped, nothing else; its members
test_state_members() {
	start_ok '.annotations = {"a": "b"}' 'sleep 100'
	expect_eq 'string string number string string string string string object' \
		"$(rt state "$ID" | jq -r '[.ociVersion, .id, .pid, .status, .bundle, .rootfs, .created, .owner, .annotations] | map(type) | join(" ")')" types
	expect_eq running "$(state status)" status
	rt kill "$ID" KILL
	wait_for is_status stopped
	expect_eq 0 "$(state pid)" pid
}

# go-runc: list --format json is an array of the same; ps --format json an array of pids
test_list_json() {
	start_ok '.' 'sleep 100'
	expect_eq "$ID $PID running root" "$(rt list --format=json | jq -r '.[0] | "\(.id) \(.pid) \(.status) \(.owner)"')" list
	expect_eq "[$PID]" "$(rt ps --format json "$ID" | jq -c .)" ps
}

# dockerd: the version in three lines, its first with the word version; the name is the caller's
test_version() {
	mkdir "$HERE/bin"
	ln -s "$RUNTIME" "$HERE/bin/runc"
	capture "$HERE/bin/runc" --version
	expect_status 0
	expect_match '^runc version [0-9]+[.]' "$(sed -n 1p <<<"$OUT")"
	expect_match '^commit: ' "$(sed -n 2p <<<"$OUT")"
	expect_match '^spec: ' "$(sed -n 3p <<<"$OUT")"
	expect_eq '' "$ERR" stderr
}

# CRI-O: features is JSON, with rro and idmap
test_features() {
	runtime_differs runc 'this version has an older form'
	capture rt features
	expect_eq '' "$ERR" stderr
	expect_eq 'true true' "$(jq -r '"\(.mountOptions | contains(["rro"])) \(.linux.mountExtensions.idmap.enabled)"' <<<"$OUT")" features
}

# what scripts that were written for runc look for in errors
test_runc_words() {
	local said

	mydocker_only
	bundle '.hooks.createRuntime = [{"path": "/bin/true"}, {"path": "/bin/false"}]'
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_match 'error running createRuntime hook #1: /bin/false exited with status 1' "$ERR"
	bundle '.hooks.createContainer = [{"path": "/bin/false"}]'
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_match 'error running createContainer hook #0: /bin/false exited with status 1' "$ERR"
	bundle '.linux.seccomp = {"defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": "/no/such/agent"}'
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_match 'failed to connect with seccomp agent /no/such/agent' "$ERR"
	bundle '.linux.memoryPolicy = {"flags": []}'
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_match '/linux/memoryPolicy/mode: invalid memory policy mode: the required property "mode" is missing' "$ERR"
	bundle '.linux.memoryPolicy = {"mode": "INTERLEAVE"}'
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_match 'invalid memory policy mode "INTERLEAVE"' "$ERR"
	bundle '.process.capabilities |= (.inheritable = ["CAP_KILL"] | .permitted += ["CAP_CHOWN"] | .ambient = ["CAP_KILL", "CAP_CHOWN"])' \
		'grep CapAmb /proc/self/status'
	run
	expect_out $'CapAmb:\t0000000000000020'
	expect_match "warning: /process/capabilities/ambient/1: can't raise ambient capability CAP_CHOWN: " "$ERR"
	start_ok '.' 'sleep 100'
	for said in '.. bad sub cgroup path' 'none error adding pid to the cgroup .*/none: No such file' 'what:/ unknown controller in "what:/"'; do
		capture rt exec --cgroup "${said%% *}" "$ID" true
		expect_match "${said#* }" "$ERR"
	done
}

# proc and sysfs go to ordinary directories
test_literal_words() {
	mydocker_only
	bundle
	rm -rf "$BUNDLE/rootfs/proc"
	ln -s /elsewhere "$BUNDLE/rootfs/proc"
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_match 'must be mounted on ordinary directory' "$ERR"
}

# dockerd writes zeros for what is not set: they are no limits
test_zeros() {
	run_ok '.linux.resources += {"cpu": {"shares": 0, "quota": 0, "period": 0, "cpus": "", "mems": ""},
		"memory": {"disableOOMKiller": false}, "blockIO": {"weight": 0}}' 'echo ran'
	expect_out ran
}

# a capability that the host cannot grant is left out, as docker's privileged containers need it
test_all_capabilities() {
	local all

	all=$(jq -nc '["CHOWN","SYS_ADMIN","SYS_RESOURCE","NET_ADMIN","KILL","BPF","PERFMON","CHECKPOINT_RESTORE"] | map("CAP_" + .)')
	runtime_differs runc 'it fails with EPERM'
	run_ok '.process.capabilities |= map_values($all)' 'echo ran' --argjson all "$all"
	expect_out ran
}

# options in every form that Go accepts, globals first, and everything after the id is the command's
test_forms() {
	start_ok '.' 'sleep 100'
	capture "$RUNTIME" -root="$ROOT" --debug=false exec -cwd /tmp --env=A=1 "$ID" sh -c 'echo $A --detach -x' --root y
	expect_status 0
	expect_out '1 --detach -x'
}

run_tests
