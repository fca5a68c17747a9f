#!/bin/bash
# The command line: forms of options, help, version, usage errors.

. "${0%/*}/lib.sh"

# --version: name, commit, specification, each on its line
test_version() {
	local option

	for option in --version -v -V; do
		[ "$KIND$option" != runc-V ] || continue # it is crun's
		capture "$RUNTIME" $option
		expect_status 0
		expect_match "^$KIND version [0-9]" "$(sed -n 1p <<<"$OUT")"
		expect_match '^commit: .' "$(sed -n 2p <<<"$OUT")"
		expect_match '^spec: 1\.' "$(sed -n 3p <<<"$OUT")"
	done
}

# [runtime-38] --help names every verb
test_help() {
	local verb

	capture "$RUNTIME" --help
	expect_status 0
	for verb in create start state kill delete run exec list ps spec; do
		expect_match "(^|[ ,])$verb\b" "$OUT"
	done
}

# help of a verb names its options
test_verb_help() {
	capture "$RUNTIME" create --help
	expect_status 0
	expect_match '--bundle' "$OUT"
	expect_match '--pid-file' "$OUT"
}

# --f v, --f=v, -f v and single-dash long names mean the same
test_forms() {
	local n=0

	bundle '.' 'true'
	for form in "--bundle $BUNDLE" "--bundle=$BUNDLE" "-b $BUNDLE" "-bundle $BUNDLE" "-bundle=$BUNDLE"; do
		# shellcheck disable=SC2086
		capture rt run $form "$ID"
		expect_status 0
	done
	capture "$RUNTIME" "--root=$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_status 0
	capture "$RUNTIME" -root "$ROOT" run --bundle "$BUNDLE" "$ID"
	expect_status 0
}

# --flag=true and --flag=false
test_booleans() {
	bundle '.' 'true'
	capture rt run --detach=false --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_unknown
	capture rt run --detach=true --bundle "$BUNDLE" "$ID"
	expect_status 0
	wait_for is_status stopped
}

# an unknown option is refused by name
test_unknown_option() {
	capture rt create --nosuch x
	expect_failure
	expect_match 'nosuch' "$ERR$OUT"
	capture "$RUNTIME" --nosuch list
	expect_failure
	[ "$KIND" = runc ] || expect_eq '' "$OUT" stdout
}

# an unknown verb is refused by name
test_unknown_verb() {
	capture rt nosuch
	[ "$KIND" = runc ] || expect_failure
	expect_match 'nosuch' "$ERR$OUT"
}

# what is misspelt is guessed, and what is missing is told
test_hints() {
	mydocker_only
	mkdir "$HERE/empty"
	cd "$HERE/empty"
	capture rt run --detahc "$ID"
	expect_failure
	expect_match 'not defined: -detahc; did you mean --detach[?]' "$ERR"
	capture rt run -x "$ID"
	expect_no_match 'mean' "$ERR"
	capture rt strat "$ID"
	expect_match 'unknown command "strat"; did you mean "start"[?]$' "$ERR"
	capture rt qqqqqq
	expect_match 'unknown command "qqqqqq"; see --help$' "$ERR"
	capture rt run "$ID"
	expect_match "cannot read config.json.*; $HERE/empty is no bundle; --bundle names another" "$ERR"
}

# an option without its value is refused
test_missing_value() {
	capture rt create --bundle
	expect_failure
}

# too many arguments are refused
test_too_many() {
	capture rt state a b
	expect_failure
	capture rt start a b
	expect_failure
}

# spec writes a configuration that runs
test_spec() {
	mkdir -p "$HERE/bundle"
	(cd "$HERE/bundle" && rt spec)
	BUNDLE=$HERE/bundle
	CONFIG=$BUNDLE/config.json
	cp -al "$WORK/rootfs" "$BUNDLE/rootfs"
	edit '.process.terminal = false | .process.args = ["echo", "ran"]'
	run
	expect_status 0
	expect_out ran
}

# help begins with the name that we were called by
test_help_form() {
	mydocker_only
	ln -s "$RUNTIME" "$HERE/runc"
	capture "$HERE/runc" --help
	expect_match $'^NAME:\n   runc - Open Container Initiative runtime' "$OUT"
	capture "$HERE/runc" create -h
	expect_match $'^NAME:\n   runc create - ' "$OUT"
	capture "$HERE/runc" nosuch -h
	expect_status 1
	expect_match "No help topic for 'nosuch'" "$ERR"
}

# spec asks for a cgroup namespace where there is one tree of cgroups, as the peers do
test_spec_cgroup() {
	local expected=false

	[ ! -e /sys/fs/cgroup/cgroup.controllers ] || expected=true
	mkdir -p "$HERE/bundle"
	rt spec --bundle "$HERE/bundle"
	expect_eq $expected "$(jq '.linux.namespaces | any(.type == "cgroup")' "$HERE/bundle/config.json")" 'a cgroup namespace'
}

# spec does not overwrite
test_spec_twice() {
	mkdir -p "$HERE/bundle"
	rt spec --bundle "$HERE/bundle"
	capture rt spec --bundle "$HERE/bundle"
	expect_failure
}

# the default configuration: two processes of ours, at most 450 system calls
test_system_calls() {
	mydocker_only
	[ -z "${KERNEL-}" ] || skip 'an older kernel needs more of them'
	mkdir -p "$HERE/bundle"
	rt spec --bundle "$HERE/bundle"
	BUNDLE=$HERE/bundle
	CONFIG=$BUNDLE/config.json
	cp -al "$WORK/rootfs" "$BUNDLE/rootfs"
	edit '.process.terminal = false | .process.args = ["/bin/true"]'
	traced -- run --bundle "$BUNDLE" "$ID"
	expect_eq 2 "$(cut -d' ' -f1 "$HERE/trace" | sort -u | wc -l)" processes
	(($(grep -vc -e '+++' -e '--- SIG' -e 'resumed>' "$HERE/trace") <= 450)) || fail "$(wc -l <"$HERE/trace") system calls"
}

# features is JSON with both versions
test_features() {
	runtime_differs runc 'this version has an older form'
	capture rt features
	expect_status 0
	expect_eq '1.0.0 1.3.0' "$(jq -r '"\(.ociVersionMin) \(.ociVersionMax)"' <<<"$OUT")" versions
	expect_match '"rro"' "$OUT"
	expect_match '"time"' "$OUT"
}

# ps without id is the classic table
test_ps_table() {
	mydocker_only
	start_ok '.' 'sleep 100'
	capture rt ps
	expect_status 0
	expect_match '^ID +NAME +PID +STATUS +COMMAND +CREATED$' "$(head -n 1 <<<"$OUT")"
	expect_match "^$ID +$ID +$PID +running +sh -c sleep 100 +[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\$" "$(sed -n 2p <<<"$OUT")"
}

# ps shows stopped containers, too, with or without --all
test_ps_all() {
	mydocker_only
	start_ok '.' 'true'
	wait_for is_status stopped
	expect_match "^$ID .* stopped " "$(rt ps)"
	expect_match "^$ID .* stopped " "$(rt ps --all)"
}

# ten thousand containers are listed at once, with one file read of each, and a broken one among them is a row
test_ps_many() {
	mydocker_only
	start_ok '.' 'true'
	wait_for is_status stopped
	seq -f "$ROOT/many%05.0f" 10000 | xargs mkdir
	awk -v root="$ROOT" -v id="$ID" '{
		for (i = 1; i <= 10000; i++) {
			own = sprintf("many%05d", i)
			line = $0
			gsub("\"" id "\"", "\"" own "\"", line)
			file = root "/" own "/config.json"
			print line >file
			close(file)
		}
	}' "$ROOT/$ID/config.json"
	capture timeout 10 "$RUNTIME" --root "$ROOT" ps
	expect_status 0
	expect_eq 10002 "$(wc -l <<<"$OUT")" lines
	find "$ROOT" -name 'many0[^0]*' -exec rm -r {} + -o -name 'many00[^0]*' -exec rm -r {} +
	echo '{' >"$ROOT/many00050/config.json"
	traced -e trace=openat,openat2,open -- ps >"$HERE/table" 2>/dev/null
	expect_eq 1 "$(grep -c "^many00050 .* unknown" "$HERE/table")" 'row of the broken one'
	expect_eq 1 "$(grep -c many00049 "$HERE/trace")" 'files opened of one'
	capture rt ps --strict
	expect_status 1
	rm -r "$ROOT"/many*
}

# ps --filter chooses, --format takes a template, --stats adds columns
test_ps_forms() {
	mydocker_only
	start_ok '.annotations.kind = "bird"' 'sleep 100'
	expect_eq "$ID" "$(rt ps -q --filter status=running --filter annotation=kind=bird)" chosen
	expect_eq '' "$(rt ps -q --filter status=stopped)" 'none chosen'
	expect_eq '' "$(rt ps -q --filter annotation=kind=fish)" 'none chosen'
	expect_eq '' "$(rt ps -q --filter name=nosuch)" 'none chosen'
	expect_eq mydocker.ps/1 "$(rt ps --format json | jq -r .schema)" schema
	capture rt ps --filter colour=red
	expect_failure
	capture rt ps --filter status=runing
	expect_failure
	expect_match 'unknown status "runing"' "$ERR"
	expect_eq "$ID is running"$'\t'"$PID" "$(rt ps --format '{{.ID}} is {{ .Status }}\t{{.Pid}}')" template
	capture rt ps --format '{{.Colour}}'
	expect_failure
	expect_match Colour "$ERR"
	expect_match ' CPU +MEMORY +PIDS$' "$(rt ps --stats | head -n 1)"
	expect_match ' [0-9:.]+ +[0-9.]+ [KM]iB +[0-9]+$' "$(rt ps --stats | tail -n 1)"
	expect_eq true "$(rt ps --stats --format json | jq '.containers[0] | .memory > 0 and .pids >= 1')" json
}

# ps ID -o chooses columns
test_ps_columns() {
	mydocker_only
	start_ok '.' 'exec sleep 1234'
	expect_eq "CPID PID COMMAND 1 $PID sleep 1234" "$(rt ps "$ID" -o cpid,pid,args | xargs)" columns
	expect_match '^MEMORY$' "$(rt ps "$ID" -omem | head -n 1)"
	expect_match '^[0-9.]+ [KM]iB$' "$(rt ps "$ID" -omem | tail -n 1)"
	expect_match "^$PID +root +[0-9.]+\$" "$(rt ps "$ID" -o pid,user,cpu | tail -n 1)"
	expect_eq "[$PID]" "$(rt ps "$ID" --format json)" 'json, asked for behind the id'
	expect_eq "[$PID]" "$(rt ps "$ID" -f json)" 'json, asked for behind the id'
	if [ "$KIND" = mydocker ]; then
		capture rt ps "$ID" nonsense
		expect_failure
		expect_match 'unknown word "nonsense"' "$ERR"
	fi
	capture rt ps "$ID" --colour
	expect_failure
	expect_match 'unknown option "--colour" after the id' "$ERR"
	capture rt ps "$ID" -o ''
	expect_failure
	capture rt ps "$ID" -o pid,colour
	expect_failure
	expect_match 'unknown column "colour"' "$ERR"
}

# ps ID with options of ps(1), or when called runc, prints what ps(1) does
test_ps_as_ps() {
	local parent

	mydocker_only
	start_ok '.' 'exec sleep 1234'
	parent=$(awk '{print $4}' "/proc/$PID/stat")
	expect_eq 'UID PID PPID C STIME TTY TIME CMD' "$(rt ps "$ID" -ef | head -n 1 | xargs)"
	expect_match "^root +$PID +$parent +[0-9]+ +[0-9]{2}:[0-9]{2} +[?] +00:00:0[0-9] +sleep 1234\$" "$(rt ps "$ID" -ef | tail -n 1)"
	expect_match '^ +PID +TTY +STAT +TIME +COMMAND$' "$(rt ps "$ID" -e -x | head -n 1)"
	expect_match "^ +$PID +[?] +S[sN<+]* +00:00:0[0-9] +sleep 1234\$" "$(rt ps "$ID" ax | tail -n 1)"
	ln -s "$RUNTIME" "$HERE/runc"
	expect_eq "$(rt ps "$ID" -ef)" "$("$HERE/runc" --root "$ROOT" ps "$ID")" runc
	expect_eq "WHO $PID" "$(rt ps "$ID" -o pid=WHO | xargs)" 'a heading'
}

# on a terminal: the command yields where the line is too long, colours come and are left out when unwanted
test_ps_terminal() {
	local line

	mydocker_only
	start_ok '.' ': a command that is far too long for a terminal of a hundred places and more; sleep 100'
	terminal() {
		script -qec "stty cols 110; $1 '$RUNTIME' --root '$ROOT' ${*:2}" /dev/null </dev/null | tr -d '\r'
	}
	line=$(terminal 'NO_COLOR=1' ps | tail -n 1)
	expect_match "^$ID +$ID +$PID +running +sh -c : a.*…   [0-9-]{10} [0-9:]{8}\$" "$line"
	expect_no_match $'\e' "$line"
	line=${line/…/.}
	expect_eq 110 "${#line}" places
	expect_match $'\e\\[32mrunning\e' "$(terminal TERM=xterm ps)"
	expect_no_match $'\e' "$(terminal TERM=dumb ps)"
	expect_no_match $'\e|…' "$(rt ps)" 'what goes into a pipe'
}

# a limit that is none is not printed, and shares have their fractions
test_stats_limits() {
	mydocker_only
	start_ok '.linux.resources.memory.limit = 67108864' 'while [ ! -e /end ]; do :; done'
	expect_eq 67108864 "$(rt stats --no-stream --format json | jq '.containers[0].memoryLimit')" limit
	expect_match '^[0-9]+\.[0-9]+$' "$(rt stats --no-stream --format json | grep -o '"cpuPercent":[0-9.]*' | cut -d: -f2)"
	rt delete --force "$ID"
	start_ok 'del(.linux.resources.memory)' 'sleep 100'
	expect_eq null "$(rt stats --no-stream --format json | jq '.containers[0].memoryLimit')" limit
}

# stats shows what is used, once or until nothing runs
test_stats() {
	mydocker_only
	start_ok '.' 'while [ ! -e /end ]; do :; done'
	capture rt stats --no-stream
	expect_status 0
	expect_match '^ID +NAME +CPU % +MEMORY +LIMIT +MEM % +PIDS$' "$(head -n 1 <<<"$OUT")"
	expect_match "^$ID +$ID +[1-9][0-9]*\.[0-9]{2} +[0-9.]+ [KM]iB" "$(sed -n 2p <<<"$OUT")"
	expect_eq "mydocker.stats/1 $ID true" "$(rt stats --no-stream --format json "$ID" |
		jq -r '"\(.schema) \(.containers[0].id) \(.containers[0].cpuPercent > 5)"')" json
	capture rt stats --no-stream nosuch
	expect_failure
	"$RUNTIME" --root "$ROOT" stats --interval 20ms "$ID" >"$HERE/stream" &
	wait_for eval '[ "$(grep -c "^ID" "$HERE/stream")" -ge 3 ]'
	touch "$BUNDLE/rootfs/end"
	wait $!
}

# nothing is printed on success by the verbs that have nothing to say
test_silence() {
	bundle '.' 'sleep 100'
	for verb in "create --bundle $BUNDLE" start kill; do
		# shellcheck disable=SC2086
		capture rt $verb "$ID"
		expect_status 0
		expect_eq '' "$OUT$ERR" "output of $verb"
	done
	rt kill "$ID" KILL
	wait_for is_status stopped
	capture rt delete "$ID"
	expect_eq '' "$OUT$ERR" 'output of delete'
}

run_tests
