#!/bin/bash
# Hooks: their moments, namespaces, input, environment, and what their failures do.

. "${0%/*}/lib.sh"

LISTS='["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]'

# hook LIST SCRIPT: adds a host-side shell hook
hook() {
	edit --arg list "$1" --arg script "$2" '.hooks[$list] += [{"path": "/bin/sh", "args": ["sh", "-c", $script]}]'
}

# Every list appends its name to a file that host and container both see.
with_order() {
	mkdir "$HERE/shared"
	bundle '.mounts += [{"destination": "/shared", "source": ($here + "/shared"), "options": ["bind"]}]' 'echo program >>/shared/order; sleep 100'
	for list in prestart createRuntime poststart poststop; do
		hook $list "echo $list >>$HERE/shared/order"
	done
	hook createContainer "echo createContainer >>$HERE/shared/order"
	hook startContainer "echo startContainer >>/shared/order"
}

# [runtime-21] [runtime-23] [runtime-25] [runtime-27] [runtime-30] [runtime-34] [config-hooks-08] [config-hooks-14] the six lists run at their moments, in order
test_order() {
	with_order
	runtime_differs runc 'poststart runs in create'
	create
	expect_eq 'prestart createRuntime createContainer' "$(xargs <"$HERE/shared/order")" 'after create'
	rt start "$ID"
	wait_for grep -q program "$HERE/shared/order"
	expect_eq 'poststart program startContainer' "$(tail -n +4 "$HERE/shared/order" | sort | xargs)" 'after start'
	expect_eq startContainer "$(sed -n 4p "$HERE/shared/order")" 'before the program'
	rt kill "$ID" KILL
	wait_for is_status stopped
	rt delete "$ID"
	expect_eq poststop "$(tail -n 1 "$HERE/shared/order")" 'after delete'
}

# [config-hooks-05] hooks of one list run one after the other
test_listed_order() {
	bundle
	hook createRuntime "sleep 0.2; echo 1 >>$HERE/order"
	hook createRuntime "sleep 0.1; echo 2 >>$HERE/order"
	hook createRuntime "echo 3 >>$HERE/order"
	create
	expect_eq '1 2 3' "$(xargs <"$HERE/order")" order
}

# [config-hooks-06] [runtime-05] [runtime-11] the state on stdin of the hooks in the runtime's namespaces
test_state_runtime() {
	local list

	bundle '.annotations = {"org.example.a": "1"}' 'sleep 100'
	for list in prestart createRuntime poststart poststop; do
		hook $list "cat >$HERE/$list"
	done
	start
	for list in prestart createRuntime; do
		expect_eq "$ID $PID creating $BUNDLE 1" "$(jq -r '"\(.id) \(.pid) \(.status) \(.bundle) \(.annotations["org.example.a"])"' "$HERE/$list")" $list
	done
	expect_eq "$PID" "$(jq .pid "$HERE/poststart")" 'pid for poststart'
	[ "$KIND" = runc ] || expect_eq running "$(jq -r .status "$HERE/poststart")" 'status for poststart'
	rt delete --force "$ID"
	expect_eq "$ID stopped 0" "$(jq -r '"\(.id) \(.status) \(.pid // 0)"' "$HERE/poststop")" poststop
}

# a startContainer hook without an environment of its own has the program's
test_environment_program() {
	bundle '.process.env = ["PATH=/bin", "ONE=two"] | .hooks.startContainer = [{"path": "/bin/sh", "args": ["sh", "-c", "echo $ONE $HOME >&2; false"]}]' true
	capture rt run --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'two /root' "$ERR" environment
}

# [runtime-12] the state on stdin of the hooks in the container: pid 1
test_state_container() {
	mkdir "$HERE/shared"
	bundle '.mounts += [{"destination": "/shared", "source": ($here + "/shared"), "options": ["bind"]}]' 'sleep 100'
	hook createContainer "cat >$HERE/shared/createContainer"
	hook startContainer 'cat >/shared/startContainer'
	start
	expect_eq "$ID creating 1" "$(jq -r '"\(.id) \(.status) \(.pid)"' "$HERE/shared/createContainer")" createContainer
	expect_eq "$ID created 1" "$(jq -r '"\(.id) \(.status) \(.pid)"' "$HERE/shared/startContainer")" startContainer
}

# [config-hooks-06] a hook need not read its input, however large
test_unread_input() {
	bundle '.annotations = ([range(2000)] | map({key: "org.example.a\(.)", value: ("x" * 100)}) | from_entries)'
	edit '.hooks.createRuntime = [{"path": "/bin/true"}]'
	create
}

# [config-hooks-02] args are the whole argument vector, path is what is executed
test_args() {
	bundle
	edit --arg out "$HERE/out" '.hooks.createRuntime = [{"path": "/bin/sh", "args": ["name", "-c", "echo $0 $1 >" + $out, "a", "b"]}]'
	create
	expect_eq 'a b' "$(<"$HERE/out")" 'seen arguments'
}

# [config-hooks-03] env is the hook's whole environment
test_env() {
	bundle
	edit --arg out "$HERE/out" '.hooks.createRuntime = [{"path": "/usr/bin/env", "env": ["A=1"]}, {"path": "/bin/sh",
		"args": ["sh", "-c", "/usr/bin/env >" + $out], "env": ["B=2"]}]'
	create
	expect_match '^B=2$' "$(<"$HERE/out")"
	expect_no_match '^(PATH|HOME|USER)=' "$(grep -v '^PWD' "$HERE/out")"
}

# [config-hooks-09] [config-hooks-11] [config-hooks-17] [config-hooks-19] namespaces of the runtime's hooks
test_namespaces_runtime() {
	local list

	bundle '.' 'sleep 100'
	for list in prestart createRuntime poststart poststop; do
		hook $list "readlink /proc/self/ns/mnt /proc/self/ns/net /proc/self/ns/pid >$HERE/$list"
	done
	start
	rt delete --force "$ID"
	for list in prestart createRuntime poststart poststop; do
		expect_eq "$(readlink /proc/self/ns/mnt /proc/self/ns/net /proc/self/ns/pid)" "$(<"$HERE/$list")" "$list"
	done
}

# [config-hooks-12] [config-hooks-13] [config-hooks-15] namespaces and files of the container's hooks
test_namespaces_container() {
	local names='/proc/self/ns/net /proc/self/ns/uts /proc/self/ns/ipc'

	mkdir "$HERE/shared"
	bundle '.mounts += [{"destination": "/shared", "source": ($here + "/shared"), "options": ["bind"]}]' 'sleep 100'
	hook createContainer "readlink $names >$HERE/shared/createContainer; ls -d $TESTS >>$HERE/shared/createContainer"
	edit '.hooks.startContainer = [{"path": "/bin/only-inside"}]'
	printf '#!/bin/sh\nfor n in %s; do readlink $n; done >/shared/startContainer\n' "$names" >"$BUNDLE/rootfs/bin/only-inside"
	chmod 755 "$BUNDLE/rootfs/bin/only-inside"
	start
	expect_eq "$(cd "/proc/$PID/ns" && readlink net uts ipc)"$'\n'"$TESTS" "$(<"$HERE/shared/createContainer")" createContainer
	expect_eq "$(cd "/proc/$PID/ns" && readlink net uts ipc)" "$(<"$HERE/shared/startContainer")" startContainer
}

# [config-hooks-07] [config-hooks-10] [config-hooks-12] the hooks of create find the mounts made and the root not yet changed
test_create_moment() {
	local list here

	mkdir "$HERE/shared"
	here="stat -c %d:%i /proc/\$pid/root/; grep -c ' $HERE/bundle/rootfs/proc ' /proc/\$pid/mountinfo; readlink /proc/\$pid/ns/net"
	bundle '.mounts += [{"destination": "/shared", "source": ($here + "/shared"), "options": ["bind"]}]' 'sleep 100'
	for list in prestart createRuntime; do
		hook $list "pid=\$(sed 's/.*\"pid\": *//; s/[^0-9].*//'); { $here; } >$HERE/shared/$list"
	done
	hook createContainer "stat -c %d:%i / >$HERE/shared/createContainer"
	create
	for list in prestart createRuntime; do
		expect_eq "$(stat -c %d:%i /)"$'\n1\n'"$(readlink "/proc/$PID/ns/net")" "$(<"$HERE/shared/$list")" "$list: root, mounts, namespace"
	done
	expect_eq "$(stat -c %d:%i /)" "$(<"$HERE/shared/createContainer")" 'root in createContainer'
	expect_eq "$(stat -c %d:%i "$BUNDLE/rootfs")" "$(stat -c %d:%i "/proc/$PID/root/")" 'root after create'
}

# [config-hooks-16] poststart runs when the program runs
test_poststart_moment() {
	bundle '.process.args = ["/bin/sleep", "100"]'
	hook poststart "readlink /proc/\$(sed 's/.*\"pid\": *//; s/[^0-9].*//')/exe >$HERE/exe"
	runtime_differs runc 'it may run before'
	start
	expect_match busybox "$(<"$HERE/exe")" 'running program'
}

# [config-hooks-18] poststop runs when the container is gone
test_poststop_moment() {
	bundle '.' 'true'
	hook poststop "$RUNTIME --root $ROOT state $ID >$HERE/state 2>&1; echo \$? >>$HERE/state; ls -d /sys/fs/cgroup/*$CGROUP/$ID >$HERE/cgroups"
	start
	wait_for is_status stopped
	rt delete "$ID"
	expect_no_match '^0$' "$(tail -n 1 "$HERE/state")" 'status of state'
	expect_eq '' "$(<"$HERE/cgroups")" cgroups
}

# [runtime-22] [runtime-24] a failing hook of create: error with the hook's pointer and words, destroyed, poststop runs
test_failing_create() {
	local list

	for list in prestart createRuntime; do
		bundle
		hook $list "true"
		hook $list "echo the reason >&2; exit 3"
		hook $list "touch $HERE/never"
		hook poststop "touch $HERE/poststop"
		expect_refused "/hooks/$list/1"
		expect_match 'the reason' "$ERR" stderr
		[ -e "$HERE/poststop" ] && [ ! -e "$HERE/never" ]
		rm "$HERE/poststop"
	done
}

# [runtime-26] a failing createContainer hook
test_failing_create_container() {
	bundle
	hook createContainer "echo the reason >&2; exit 3"
	hook poststop "touch $HERE/poststop"
	expect_refused /hooks/createContainer/0
	[ "$KIND" = runc ] || expect_match 'the reason' "$ERR" stderr
	[ -e "$HERE/poststop" ]
}

# [runtime-28] a failing startContainer hook: start reports it, the program does not run, all is destroyed, poststop runs
test_failing_start_container() {
	bundle '.' 'touch /ran'
	hook startContainer 'echo the reason >&2; exit 3'
	hook poststop "touch $HERE/poststop"
	remember
	create
	runtime_differs runc 'start succeeds'
	capture rt --log "$HERE/errors" --log-format json start "$ID"
	expect_failure
	expect_record /hooks/startContainer/0
	expect_match 'the reason' "$ERR" stderr
	expect_nothing_left
	[ ! -e "$BUNDLE/rootfs/ran" ] && [ -e "$HERE/poststop" ]
}

# [runtime-31] a failing poststart hook: start reports it, the container is destroyed, the rest of the list is skipped
test_failing_poststart() {
	bundle '.' 'sleep 100'
	hook poststart 'exit 3'
	hook poststart "touch $HERE/never"
	hook poststop "touch $HERE/poststop"
	runtime_differs runc 'poststart runs in create'
	remember
	create
	capture rt start "$ID"
	expect_failure
	expect_nothing_left
	[ ! -e "$HERE/never" ] && [ -e "$HERE/poststop" ]
}

# [runtime-35] a failing poststop hook is a warning, and the next one runs
test_failing_poststop() {
	bundle
	hook poststop 'exit 3'
	hook poststop "touch $HERE/next"
	create
	runtime_differs runc 'delete fails'
	capture rt delete --force "$ID"
	expect_status 0
	[ -e "$HERE/next" ]
	expect_unknown
}

# a hook that is not there is a failed hook
test_missing() {
	bundle '.hooks.createRuntime = [{"path": "/no/such/hook"}]'
	expect_refused /hooks/createRuntime/0
	expect_match '/no/such/hook' "$ERR" stderr
}

# [config-hooks-04] a hook that takes too long is killed, with its children
test_timeout() {
	bundle '.hooks.createRuntime = [{"path": "/bin/sh", "args": ["sh", "-c", "sleep 1001; true"], "timeout": 1}]'
	runtime_differs runc 'the children of the hook live on'
	SECONDS=0
	expect_refused /hooks/createRuntime/0
	((SECONDS < 5)) || fail "took $SECONDS s"
}

# [config-hooks-04] every list has its timeouts: the error quotes what was said, and nobody of the group lives on
test_timeout_everywhere() {
	local list slow='echo waiting; sleep 1001 & sleep 1002'

	runtime_differs runc 'the children of the hook live on'
	for list in prestart createContainer startContainer poststart; do
		bundle '.hooks[$list] = [{"path": "/bin/sh", "args": ["sh", "-c", $slow], "timeout": 1}]' 'sleep 100' \
			--arg list $list --arg slow "$slow"
		remember
		rm -f "$HERE/errors"
		if [[ $list = startContainer || $list = poststart ]]; then
			create
			capture rt --log "$HERE/errors" --log-format json start "$ID"
			expect_failure
			expect_nothing_left
			expect_record "/hooks/$list/0"
		else
			expect_refused "/hooks/$list/0"
		fi
		expect_match 'not done after 1 ?s.*waiting' "$ERR" "stderr of $list"
	done
}

# what a hook leaves behind may write without end: nobody waits for it
test_endless_output() {
	local list

	mydocker_only
	needs_tracing
	for list in createRuntime createContainer; do
		bundle
		hook $list 'yes & yes & sleep 0.2'
		# Each read takes longer than it takes to fill its place.
		capture timeout -s KILL 20 strace -f --seccomp-bpf -o /dev/null -e trace=read -e inject=read:delay_exit=2000 \
			"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
		expect_status 0
	done
}

# [runtime-35] a poststop hook that takes too long is killed, and a warning that names it
test_timeout_poststop() {
	runtime_differs runc 'delete fails'
	bundle
	edit '.hooks.poststop = [{"path": "/bin/sh", "args": ["sh", "-c", "sleep 1001 & sleep 1002"], "timeout": 1}]'
	remember
	create
	capture rt --log "$HERE/warnings" --log-format json delete --force "$ID"
	expect_status 0
	expect_nothing_left
	expect_match '"level":"warning".*/hooks/poststop/0.*not done after 1 s' "$(<"$HERE/warnings")" 'log record'
}

# a failing createContainer or startContainer hook by signal, or that is not there, is told as such
test_failing_inside() {
	local list

	runtime_differs runc 'it words this differently'
	for list in createRuntime createContainer; do
		bundle
		hook $list 'echo last words; kill -SEGV $$'
		expect_refused "/hooks/$list/0"
		expect_match 'signal 11.*last words' "$ERR" stderr
		bundle '.hooks[$list] = [{"path": "/no/such/hook"}]' '' --arg list $list
		expect_refused "/hooks/$list/0"
		expect_match '/no/such/hook.*[Nn]o such file' "$ERR" stderr
	done
}

# [config-hooks-01] [config-hooks-04] a relative path, and a timeout that is none, are refused
test_bad_values() {
	local list

	for list in createRuntime startContainer poststop; do
		bundle ".hooks.$list = [{\"path\": \"true\"}]"
		[ "$KIND" = runc ] || expect_refused "/hooks/$list/0/path"
	done
	bundle '.hooks.createRuntime = [{"path": "/bin/true", "timeout": 0}]'
	expect_refused /hooks/createRuntime/0/timeout
	bundle '.hooks.createRuntime = [{"path": "/bin/true", "timeout": -1}]'
	expect_refused /hooks/createRuntime/0/timeout
}

# no descriptor of the runtime reaches a hook
test_descriptors() {
	mkdir "$HERE/shared"
	cp "$TOOLS/probe" "$HERE/probe"
	runtime_differs runc 'some leak'
	bundle '.mounts += [{"destination": "/shared", "source": ($here + "/shared"), "options": ["bind"]}]' 'sleep 100'
	for list in prestart createRuntime poststart poststop createContainer; do
		hook $list "exec $HERE/probe fds >$HERE/shared/$list"
	done
	hook startContainer 'exec probe fds >/shared/startContainer'
	start
	rt delete --force "$ID"
	expect_eq '0 1 2 ' "$(cat "$HERE"/shared/* | sort -u)" descriptors
	expect_eq 6 "$(cat "$HERE"/shared/* | wc -l)" hooks
}

# a prestart hook can set up the network of the container before the program runs
test_network_hook() {
	bundle '.' 'ip addr show lo'
	hook prestart "nsenter -t \$(sed 's/.*\"pid\": *//; s/[^0-9].*//') -n ip addr add 10.11.12.13/32 dev lo"
	run
	expect_match '10.11.12.13' "$OUT"
}

run_tests
