#!/bin/bash
# Many calls at once, and calls that cross: whoever wins, nobody hangs, nothing lies, nothing is left.

. "${0%/*}/lib.sh"

# background ARGUMENT...: a call of the runtime beside others; its status is for `wait`
background() {
	rt "$@" </dev/null >/dev/null 2>&1 &
}

# The life of a container, N times.
lives() {
	local id=$1 turn

	for ((turn = 0; turn < $2; turn++)); do
		rt create --bundle "$HERE/$id" "$id"
		rt start "$id"
		[ "$(rt state "$id" | jq -r .status)" = running ]
		rt exec "$id" true
		rt kill "$id" KILL
		rt delete --force "$id"
	done </dev/null >"$HERE/$id.log" 2>&1
}

# containers of different ids live beside each other
test_many_ids() {
	local i jobs=() id

	bundle '.' 'sleep 100'
	remember
	for i in 1 2 3 4 5 6; do
		id=$ID-$i
		cp -al "$BUNDLE" "$HERE/$id"
		jq --arg path "$CGROUP/$id" '.linux.cgroupsPath = $path' "$CONFIG" >"$HERE/$id/config.new"
		mv "$HERE/$id/config.new" "$HERE/$id/config.json"
		lives "$id" 4 &
		jobs+=($!)
	done
	for i in "${!jobs[@]}"; do
		wait "${jobs[i]}" || fail "worker $i: $(<"$HERE/$ID-$((i + 1)).log")"
	done
	expect_nothing_left
}

# a delete or a signal that comes while the container is being made
test_during_create() {
	local turn verb creating

	bundle '.' 'sleep 100'
	remember
	for turn in 1 2 3 4 5 6 7 8; do
		for verb in "delete --force $ID" "kill $ID KILL" "delete $ID"; do
			background create --bundle "$BUNDLE" "$ID"
			creating=$!
			wait_for test -d "$ROOT/$ID" -o ! -e "/proc/$creating"
			# shellcheck disable=SC2086
			rt $verb >/dev/null 2>&1 || :
			wait $creating || :
			runtime_differs runc 'it leaves cgroups now and then'
			rt delete --force "$ID"
			expect_nothing_left
		done
	done
}

# a delete that comes while the container is being started
test_during_start() {
	local turn

	bundle '.' 'sleep 100'
	remember
	for turn in {1..10}; do
		create
		background start "$ID"
		rt delete --force "$ID" 2>/dev/null || rt delete --force "$ID"
		wait $! || :
		expect_nothing_left
	done
}

# of four deletes at once each succeeds or says that there is nothing, and it is gone
test_deletes() {
	local turn i jobs

	bundle '.' 'sleep 100'
	remember
	for turn in 1 2 3 4 5; do
		start
		jobs=()
		for i in 1 2 3 4; do
			background delete --force "$ID"
			jobs+=($!)
		done
		for i in "${jobs[@]}"; do
			wait "$i" || [ "$KIND" = runc ] || fail "one of four failed"
		done
		expect_nothing_left
	done
}

# exec while the container's first process dies: it runs or says why not, and nobody is left
test_exec_dying() {
	local turn

	bundle '.' 'sleep 100'
	remember
	for turn in {1..10}; do
		start
		background exec "$ID" sleep 100
		[ $((turn % 2)) = 0 ] || wait_for eval '(($(rt ps --format json "$ID" | jq length) > 1))'
		kill -KILL "$PID"
		wait $! || :
		rt delete --force "$ID"
		expect_nothing_left
	done
}

# whoever asks all the time for state and list during lives and deaths never gets nonsense
test_polled() {
	local living said wrong=0 asked=0

	runtime_differs runc 'list fails now and then'
	bundle '.' 'sleep 100'
	mkdir -p "$HERE/$ID"
	cp -al "$BUNDLE/." "$HERE/$ID/"
	lives "$ID" 12 &
	living=$!
	while [ -e "/proc/$living" ]; do
		capture rt state "$ID"
		asked=$((asked + 1))
		[[ $STATUS == 0 && -z $ERR ]] && jq -e .status <<<"$OUT" >/dev/null || [[ $ERR == *'does not exist'* && -z $OUT ]] || {
			echo "state: $STATUS $OUT $ERR"
			wrong=1
		}
		capture rt list --format json
		[[ $STATUS == 0 && -z $ERR ]] && jq -e 'type == "array" or . == null' <<<"$OUT" >/dev/null || {
			echo "list: $STATUS $OUT $ERR"
			wrong=1
		}
	done
	wait $living || fail "$(<"$HERE/$ID.log")"
	((wrong == 0 && asked > 3)) || fail "of $asked"
}

# a pid that is used again, for real: the process that has it now is not the container's
test_pid_again() {
	local other started

	start_ok '.linux.namespaces |= map(select(.type != "pid"))' 'sleep 100'
	# The kernel tells beginnings in hundredths of a second: within the same one nobody could tell two processes apart.
	started=$(cut -d' ' -f22 "/proc/$PID/stat")
	wait_for eval '[ "$(cut -d" " -f22 /proc/self/stat)" -gt "$started" ]'
	kill -KILL "$PID"
	wait_for test ! -e "/proc/$PID"
	[ -w /proc/sys/kernel/ns_last_pid ] || skip 'pids cannot be chosen'
	# The shell may need a few processes of its own: the next one after this number is the one that counts.
	for ((other = 0; other != PID; )); do
		echo $((PID - 1)) >/proc/sys/kernel/ns_last_pid
		sleep 100 &
		other=$!
		[ "$other" = "$PID" ] || kill -KILL "$other"
	done
	expect_state stopped
	capture rt kill "$ID" KILL
	expect_failure
	capture rt exec "$ID" true
	expect_failure
	rt delete "$ID"
	kill -0 "$PID"
}

run_tests
