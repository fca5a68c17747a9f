#!/bin/bash
# What `state` and `list` say, in every status.

. "${0%/*}/lib.sh"

# [runtime-06] [runtime-10] between create and start the status is created, and the process lives
test_created() {
	bundle '.' 'sleep 100'
	create
	expect_state created
	kill -0 "$(state pid)"
	expect_eq "$PID" "$(state pid)" pid
}

# [runtime-07] [runtime-10] after start the status is running
test_running() {
	start_ok '.' 'sleep 100'
	expect_state running
	kill -0 "$(state pid)"
	expect_eq "$PID" "$(state pid)" pid
}

# [runtime-08] after the program has exited the status is stopped, with pid 0
test_stopped() {
	start_ok '.' 'true'
	wait_for is_status stopped
	expect_eq 0 "$(state 'pid // 0')" pid
}

# [runtime-08] a first process that nobody reaps reads as stopped
test_zombie() {
	bundle '.' 'exit 3'
	"$TOOLS/unreaping" "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" \
		>/dev/null 2>&1 </dev/null &
	wait_for test -s "$HERE/pid"
	wait_for rt start "$ID"
	wait_for grep -q '^State:.Z' "/proc/$(<"$HERE/pid")/status"
	expect_state stopped
}

# [runtime-32] a program that exits, crashes or is killed is stopped in each case
test_ends() {
	local how

	for how in 'exit 3' 'probe exit-by 11; kill -SEGV $$; exit 1' 'kill -KILL $$; exit 1'; do
		start_ok '.' "$how"
		wait_for is_status stopped
		rt delete "$ID"
	done
}

# [runtime-03] [runtime-13] the state has ociVersion, id, status and an absolute bundle
test_members() {
	local document

	bundle '.' 'sleep 100'
	cd "$BUNDLE"
	rt create --bundle . "$ID" >/dev/null 2>&1 </dev/null
	document=$(rt state "$ID")
	expect_eq "$ID" "$(jq -r .id <<<"$document")" id
	expect_eq "$BUNDLE" "$(jq -r .bundle <<<"$document")" bundle
	expect_eq created "$(jq -r .status <<<"$document")" status
	expect_match '^1\.[0-9]+\.[0-9]+' "$(jq -r .ociVersion <<<"$document")" ociVersion
}

# [runtime-04] ociVersion is that of the state, not that of the bundle
test_version() {
	bundle '.ociVersion = "1.0.0"'
	create
	[ "$(state ociVersion)" != 1.0.0 ]
	[ "$KIND" != mydocker ] || expect_eq 1.3.0 "$(state ociVersion)" ociVersion
}

# Whether a state document keeps the rules of the specification's schema, in a status.
expect_schema() {
	expect_eq true "$(jq --arg status "$1" '(.ociVersion | test("^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$"))
		and (.id | type == "string" and length > 0) and .status == $status
		and (.status | IN("creating", "created", "running", "stopped"))
		and (if .status == "stopped" then (.pid // 0) == 0 else (.pid | type == "number" and . == floor and . > 0) end)
		and (.bundle | startswith("/"))
		and ((.annotations // {}) | type == "object" and all(.[]; type == "string"))' 2>&1)" "form of the state $1"
}

# [runtime-16] the state has the form of the specification in every status, and on the input of hooks
test_schema() {
	local list

	bundle '.annotations = {"a.b": "c"}' 'sleep 100'
	for list in createRuntime createContainer poststart poststop; do
		edit --arg list $list --arg file "$HERE/$list" '.hooks[$list] = [{"path": "/bin/sh", "args": ["sh", "-c", "cat >" + $file]}]'
	done
	runtime_differs runc 'poststart runs in create'
	create
	rt state "$ID" | expect_schema created
	rt start "$ID"
	rt state "$ID" | expect_schema running
	rt kill "$ID" KILL
	wait_for is_status stopped
	rt state "$ID" | expect_schema stopped
	rt delete "$ID"
	expect_schema creating <"$HERE/createRuntime"
	expect_schema creating <"$HERE/createContainer"
	expect_schema running <"$HERE/poststart"
	expect_schema stopped <"$HERE/poststop"
}

# [runtime-14] [config-annot-04] [config-annot-07] annotations are repeated, an empty value too
test_annotations() {
	bundle '.annotations = {"org.example.a": "1", "org.example.empty": ""}'
	create
	expect_eq '{"org.example.a":"1","org.example.empty":""}' \
		"$(rt state "$ID" | jq -cS '.annotations | with_entries(select(.key | startswith("org.example")))')" annotations
}

# [runtime-14] without annotations there is no null
test_no_annotations() {
	bundle
	create
	expect_eq true "$(rt state "$ID" | jq 'if has("annotations") then .annotations == {} else true end')"
}

# [runtime-15] the members that engines read beside the specification's are there
test_extra_members() {
	bundle
	create
	expect_eq "$BUNDLE/rootfs" "$(state rootfs)" rootfs
	expect_match '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z$' "$(state created)" created
	expect_eq string "$(rt state "$ID" | jq -r '.owner | type')" 'type of owner'
}

# [runtime-41] state prints one JSON document, a newline, and nothing else
test_one_document() {
	bundle
	create
	capture rt state "$ID"
	expect_status 0
	expect_eq '' "$ERR" stderr
	expect_eq 1 "$(jq -s length <"$HERE/stdout")" documents
	runtime_differs runc 'it ends without a newline'
	expect_eq '' "$(tail -c 1 "$HERE/stdout" | tr -d '\n')" 'last byte'
}

# [runtime-39] state without an id is an error
test_without_id() {
	capture rt state
	expect_failure
}

# [runtime-40] state of an unknown id is an error, with nothing on stdout
test_unknown() {
	capture rt state nosuch
	expect_failure
	expect_out ''
	expect_match 'does not exist' "$ERR" stderr
}

# [runtime-08] an old pid that belongs to another process now does not count as alive
test_pid_reused() {
	local last

	start_ok '.' 'true'
	wait_for is_status stopped
	# The same number again, for another process (this pid namespace is ours alone).
	echo $((PID - 1)) >/proc/sys/kernel/ns_last_pid
	sleep 100 &
	expect_eq "$PID" "$!" 'pid of the newcomer'
	expect_state stopped
	capture rt kill "$ID" KILL
	expect_failure
	kill -0 "$PID"
}

# list shows each container with its status, pid and bundle
test_list() {
	start_ok '.' 'sleep 100'
	capture rt list
	expect_status 0
	expect_match "^ID +PID +STATUS +BUNDLE +CREATED" "$OUT"
	expect_match "^$ID +$PID +running +$BUNDLE " "$OUT"
}

# list --format json and list -q
test_list_formats() {
	start_ok '.' 'sleep 100'
	expect_eq "$ID running $PID $BUNDLE" \
		"$(rt list --format json | jq -r '.[] | "\(.id) \(.status) \(.pid) \(.bundle)"')" list
	expect_eq "$ID" "$(rt list -q)" ids
}

# list of a state root that does not exist is empty and makes nothing
test_list_nothing() {
	expect_eq '' "$("$RUNTIME" --root "$HERE/none" list -q)"
	runtime_differs runc 'it makes the state root'
	[ ! -e "$HERE/none" ]
}

# [runtime-01] every verb works from another process, in another directory
test_other_process() {
	bundle '.' 'sleep 100'
	cd "$BUNDLE"
	create
	cd /
	(rt start "$ID")
	(expect_state running)
	(rt kill "$ID" KILL)
	wait_for is_status stopped
	(rt delete "$ID")
	expect_unknown
}

# list goes on when one container's record is damaged
test_list_damaged() {
	start_ok '.' 'sleep 100'
	runtime_differs runc 'one damaged record makes it fail'
	mkdir -m 700 "$ROOT/broken"
	echo '{"pid":' >"$ROOT/broken/config.json"
	capture rt list -q
	expect_match "^$ID\$" "$OUT"
	rt delete --force broken
	[ ! -e "$ROOT/broken" ]
}

run_tests
