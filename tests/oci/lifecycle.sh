#!/bin/bash
# create and start: what happens when, who wins, and that failures leave nothing.

. "${0%/*}/lib.sh"

# [runtime-19] [runtime-44] [runtime-46] [runtime-54] create runs nothing of the program, start does
test_create_runs_nothing() {
	bundle '.' 'touch /ran'
	create
	[ ! -e "$BUNDLE/rootfs/ran" ]
	rt start "$ID"
	wait_for test -e "$BUNDLE/rootfs/ran"
}

# [runtime-02] [runtime-43] a taken id is refused and its container untouched
test_taken_id() {
	start_ok '.' 'sleep 100'
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'exists' "$ERR" stderr
	expect_state running
	expect_eq "$PID" "$(state pid)" pid
}

# of many creates with one id exactly one wins, and the others leave nothing
test_race_for_id() {
	local i winners=0 jobs=()

	bundle '.' 'sleep 100'
	for i in 1 2 3 4 5 6; do
		rt create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i" && winners=$((winners + 1))
	done
	runtime_differs runc 'sometimes two win'
	expect_eq 1 "$winners" winners
	expect_state created
	rt delete --force "$ID"
	expect_unknown
}

# [runtime-65] a deleted id can be used again, many times
test_reuse_id() {
	local i

	bundle '.' 'true'
	remember
	for i in {1..20}; do
		run
		expect_status 0
	done
	expect_nothing_left
}

# [runtime-20] edits of config.json after create change nothing
test_edit_after_create() {
	bundle '.hooks.poststop = [{"path": "/bin/touch", "args": ["touch", $here + "/old"]}]' 'touch /old'
	create
	edit '.process.args = ["touch", "/new"] | .hooks.poststop[0].args[1] += ".new"'
	rt start "$ID"
	wait_for is_status stopped
	rt delete "$ID"
	[ -e "$BUNDLE/rootfs/old" ] && [ ! -e "$BUNDLE/rootfs/new" ]
	[ -e "$HERE/old" ] && [ ! -e "$HERE/old.new" ]
}

# [runtime-52] [runtime-53] starting twice is refused, and the program runs once
test_start_twice() {
	start_ok '.' 'echo once; sleep 100'
	wait_for logged once
	capture rt start "$ID"
	expect_failure
	expect_state running
	expect_log once
}

# of many starts exactly one wins
test_race_for_start() {
	local i winners=0 jobs=()

	bundle '.' 'echo once; sleep 100'
	create
	runtime_differs runc 'some of the losers hang'
	for i in 1 2 3 4 5; do
		rt start "$ID" 2>/dev/null &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i" && winners=$((winners + 1))
	done
	expect_eq 1 "$winners" winners
	wait_for logged once
	expect_log once
}

# [runtime-53] starting what has ended is refused
test_start_stopped() {
	start_ok '.' 'true'
	wait_for is_status stopped
	capture rt start "$ID"
	expect_failure
}

# [runtime-53] [runtime-51] starting an unknown container, or none, is refused
test_start_unknown() {
	capture rt start nosuch
	expect_failure
	expect_match 'does not exist' "$ERR" stderr
	capture rt start
	expect_failure
}

# starting a container whose first process has died before start is refused at once
test_start_dead() {
	bundle '.' 'true'
	create
	kill -KILL "$PID"
	wait_for is_status stopped
	capture rt start "$ID"
	expect_failure
}

# [runtime-55] [config-process-01] a configuration without process can be created but not started
test_no_process() {
	bundle 'del(.process)'
	runtime_differs runc 'it refuses at create'
	create
	expect_state created
	capture rt start "$ID"
	expect_failure
	expect_state created
	rt delete --force "$ID"
	expect_unknown
}

# [runtime-42] create without id, or where there is no config.json, is an error
test_create_usage() {
	bundle
	capture rt create --bundle "$BUNDLE"
	expect_failure
	remember
	capture rt create --bundle "$HERE" "$ID"
	expect_failure
	expect_match 'config.json' "$ERR" stderr
	expect_nothing_left
}

# [runtime-43] ids that are not acceptable
test_bad_ids() {
	local id

	bundle
	remember
	for id in '' . .. a/b ../x 'a b' $'a\nb' "$(printf '%04096d' 0)" 'a*' /abs; do
		capture rt create --bundle "$BUNDLE" -- "$id"
		expect_failure
	done
	expect_nothing_left
}

# acceptable ids: letters, digits and _ + - .
test_good_ids() {
	bundle
	for ID in "A_b+c-d.e.$SUFFIX" "0.$SUFFIX"; do
		create
		expect_state created
		rt delete --force "$ID"
	done
}

# [bundle-01] config.json is looked for under that very name, at the bundle's root
test_config_name() {
	bundle
	mv "$CONFIG" "$BUNDLE/Config.json"
	expect_refused -
}

# [bundle-02] [config-04] root.path is relative to the bundle, wherever the caller is
test_root_relative() {
	local path

	bundle '.' 'true'
	for path in rootfs ./rootfs ../bundle/rootfs "$BUNDLE/rootfs"; do
		edit --arg path "$path" '.root.path = $path'
		(cd / && run && expect_status 0)
	done
}

# the bundle is the current directory unless --bundle says otherwise
test_bundle_default() {
	bundle '.' 'echo here'
	cd "$BUNDLE"
	capture rt run "$ID"
	expect_status 0
	expect_out here
}

# start returns only when the program runs: its image is what /proc/PID/exe names
test_start_is_true() {
	bundle '.process.args = ["/bin/sleep", "100"]'
	create
	rt start "$ID"
	runtime_differs runc 'start returns before the exec'
	expect_match '/bin/busybox' "$(readlink "/proc/$PID/exe")" 'running program'
}

# [runtime-48] [runtime-49] a program that is not there fails create, and leaves nothing
test_missing_program() {
	bundle '.process.args = ["/bin/nonexistent"]'
	expect_refused /process/args
	expect_match 'no such file or directory|not found' "$ERR" stderr
}

# a program whose interpreter is missing fails at start, which says so
test_missing_interpreter() {
	bundle '.process.args = ["/bin/script"]'
	printf '#!/no/such/interpreter\n' >"$BUNDLE/rootfs/bin/script"
	chmod 755 "$BUNDLE/rootfs/bin/script"
	create
	runtime_differs runc 'start succeeds'
	capture rt start "$ID"
	expect_failure
	expect_match 'script' "$ERR" stderr
	expect_match 'no such file or directory' "$ERR" stderr
	expect_unknown
}

# [runtime-36] the first process of a created container dies with a killed create
test_init_dies_with_creator() {
	bundle '.hooks.createRuntime = [{"path": "/bin/sleep", "args": ["sleep", "100"]}]'
	"$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null &
	wait_for pgrep -f '^sleep 100$'
	kill -KILL $!
	runtime_differs runc 'delete does not find what a killed create left'
	capture rt delete --force "$ID"
	expect_status 0
	expect_unknown
	expect_eq '' "$(find /sys/fs/cgroup -path "*$CGROUP/$ID*")" cgroups
}

# [runtime-45] after create the environment is there: host name, mounts, namespaces
test_environment_at_create() {
	bundle '.hostname = "early"'
	create
	expect_eq early "$(nsenter -u -t "$PID" hostname)" hostname
	expect_match ' /dev/shm ' "$(<"/proc/$PID/mountinfo")" mountinfo
	[ "$(readlink "/proc/$PID/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# the pid file holds the first process's pid when create returns
test_pid_file() {
	bundle
	create
	expect_eq "$PID" "$(state pid)" pid
	expect_match '^[0-9]+$' "$(od -An -c "$HERE/pid" | tr -d ' \n')" 'pid file'
}

# a waiting container keeps nothing of the runtime alive but its first process
test_one_process() {
	remember
	bundle
	create
	snapshot
	expect_eq "/proc/$PID" "$(comm -13 <(head -n 1 <<<"$BEFORE" | tr ' ' '\n' | sort) \
		<(head -n 1 <<<"$SNAPSHOT" | tr ' ' '\n' | sort))" 'new processes'
}

run_tests
