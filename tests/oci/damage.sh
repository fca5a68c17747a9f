#!/bin/bash
# State that is damaged, and configurations that are too much: no verb hangs or crashes, other containers are not concerned, and
# delete --force finds what is left.

. "${0%/*}/lib.sh"

# Each kind of damage: a command that does it to the file $1.
KINDS='empty cut garbage null list types huge missing fifo directory link foreign'

damage() {
	case $1 in
	empty) : >"$2" ;;
	cut) truncate -s $(($(stat -c %s "$2") / 2)) "$2" ;;
	garbage) head -c 3000 /dev/urandom >"$2" ;;
	null) echo null >"$2" ;;
	list) echo '[1, 2, 3]' >"$2" ;;
	types) jq 'map_values(if type == "string" then 7 else "7" end)' "$2" >"$2.new" && mv "$2.new" "$2" ;;
	huge) truncate -s 3G "$2" ;;
	missing) rm "$2" ;;
	fifo) rm "$2" && mkfifo "$2" ;;
	directory) rm "$2" && mkdir "$2" ;;
	link) mv "$2" "$HERE/elsewhere" && ln -s "$HERE/elsewhere" "$2" ;;
	# Of somebody else's process, as after a reboot: the pid and the start time do not belong together.
	foreign) jq --argjson pid "$BYSTANDER" '.pid = ($pid | tostring) | .init = $pid' "$2" >"$2.new" && mv "$2.new" "$2" ;;
	esac
}

# No verb hangs (rt gives up after 30 s, which nothing may come near to) or dies.
verbs_answer() {
	local verb

	for verb in "state $ID" "list" "list --format json" ps "ps $ID" "kill $ID 0" "exec $ID true" "start $ID" "pause $ID" "resume $ID" \
		"events --stats $ID" "update --pids-limit 99 $ID" "delete $ID" "logs $ID" "wait --timeout 50ms $ID" 'stats --no-stream --interval 20ms'; do
		# shellcheck disable=SC2086
		capture timeout -k 1 8 "$RUNTIME" --root "$ROOT" $verb
		((STATUS < 124)) || ((STATUS == 255)) || fail "$1: $verb: $STATUS $ERR"
	done
}

# the record of a running container, damaged in twelve ways
test_record() {
	local kind

	runtime_differs runc 'the container stays for ever'
	bundle 'del(.linux.cgroupsPath)' 'sleep 100'
	sleep 100 &
	BYSTANDER=$!
	rt create --bundle "$BUNDLE" "$ID-other" </dev/null >"$HERE/other" 2>&1
	remember
	for kind in $KINDS; do
		start
		damage "$kind" "$ROOT/$ID/config.json"
		verbs_answer "$kind"
		expect_match "^$ID-other\$" "$(rt list -q 2>/dev/null)" ids
		expect_eq created "$(rt state "$ID-other" | jq -r .status)" "status of another container, $kind"
		capture rt delete --force "$ID"
		expect_status 0
		nothing_left || fail "$kind: left $(left_over)"
		kill -0 $BYSTANDER
		rm -rf "$HERE/elsewhere"
	done
}

# the kept configuration, damaged: what needs it says so, and the container is deleted
test_kept_configuration() {
	local kind

	runtime_differs runc 'it keeps none'
	bundle '.' 'sleep 100'
	remember
	for kind in empty cut garbage null list huge missing fifo directory; do
		start
		damage "$kind" "$ROOT/$ID/bundle.json"
		capture timeout -k 1 8 "$RUNTIME" --root "$ROOT" exec "$ID" true
		expect_status 255
		expect_match . "$ERR"
		verbs_answer "$kind"
		capture rt delete --force "$ID"
		expect_status 0
		nothing_left || fail "$kind: left $(left_over)"
	done
}

# the other files of the state, damaged
test_other_files() {
	local file kind

	mydocker_only
	bundle '.' 'echo said; exit 3'
	remember
	for file in exit.json container.log container.log.idx; do
		for kind in empty garbage huge missing fifo directory; do
			rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
			wait_for test -e "$ROOT/$ID/exit.json"
			wait_for eval '! rt delete "$ID-x" 2>/dev/null && [ "$(jq -r .status "$ROOT/$ID/config.json")" = exited ]'
			damage "$kind" "$ROOT/$ID/$file"
			verbs_answer "$file $kind"
			rt delete --force "$ID" 2>/dev/null
			nothing_left || fail "$file, $kind: left $(left_over)"
		done
	done
}

# a state root with things in it that are no containers
test_strange_root() {
	start_ok '.' 'sleep 100'
	mydocker_only
	touch "$ROOT/file" "$ROOT/.hidden"
	mkfifo "$ROOT/fifo"
	ln -s "$ROOT/$ID" "$ROOT/link"
	ln -s / "$ROOT/root"
	mkdir "$ROOT/"$'odd\nname' "$ROOT/with space"
	capture timeout 8 "$RUNTIME" --root "$ROOT" list -q
	expect_match "^$ID\$" "$OUT"
	expect_no_match 'hidden|odd|space' "$OUT"
	for id in file fifo link root; do
		capture timeout 8 "$RUNTIME" --root "$ROOT" delete --force "$id"
		expect_failure
	done
	[ -d /etc ] && [ -e "$ROOT/file" ]
	expect_state running
}

# a hundred thousand variables, mounts that do not end: an answer within six seconds
test_much() {
	local begin=$SECONDS

	runtime_differs runc 'it takes longer'
	run_ok '.process.env += [range(100000) | "V\(.)=1"]' 'echo ran $V99999'
	expect_out 'ran 1'
	((SECONDS - begin < 20)) || fail 'too long'
	bundle '.process.args += [range(100000) | "a\(.)"] | .annotations = ([range(20000) | {key: "k\(.)", value: "v"}] | from_entries)'
	begin=$SECONDS
	run
	((SECONDS - begin < 6)) || fail "$((SECONDS - begin)) s"
	bundle '.process.rlimits = [range(20000) | {type: "RLIMIT_CORE", soft: 1, hard: 1}]'
	begin=$SECONDS
	expect_refused -
	((SECONDS - begin < 6)) || fail "$((SECONDS - begin)) s"
}

run_tests
