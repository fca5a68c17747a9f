#!/bin/bash
# What passes between a caller and the process that it asked for: streams, descriptors, the pid file, and whose child it is.

. "${0%/*}/lib.sh"

USERS='.linux.namespaces += [{"type": "user"}]
	| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
	| .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]'

# /dev/null as a stream is never given to the program's user: not that of the caller, not that of the container
test_null_owner() {
	local filter

	mknod -m 666 "$HERE/null" c 1 3 # if it comes to the worst, not the machine's own
	for filter in . "$USERS"; do
		bundle "$filter"' | .process.user = {"uid": 1000, "gid": 1000}' \
			'stat -L -c %u /dev/null /proc/self/fd/0 /proc/self/fd/2 >/tmp/owners; touch /tmp/done; exec sleep 100'
		chmod -R a+rX "$HERE" "$WORK"
		mkdir -p -m 777 "$BUNDLE/rootfs/tmp"
		rm -f "$BUNDLE"/rootfs/tmp/*
		rt create --bundle "$BUNDLE" "$ID" <>"$HERE/null" >&0 2>&0
		rt start "$ID"
		wait_for test -e "$BUNDLE/rootfs/tmp/done"
		expect_no_match 1000 "$(<"$BUNDLE/rootfs/tmp/owners")" 'owners inside'
		rt exec "$ID" true <>"$HERE/null" >&0 2>&0
		rt exec -d "$ID" true <>"$HERE/null" >&0 2>&0
		expect_eq 0:0 "$(stat -c %u:%g "$HERE/null")" 'owner of the null device'
		rt delete --force "$ID"
	done
}

# a pipe as a stream belongs to the program's user, who may open it again by its name
test_pipe_owner() {
	bundle '.process.user = {"uid": 1000, "gid": 1000}' 'echo once >/dev/stdout; echo again >/proc/self/fd/2'
	expect_eq $'again\nonce' "$(rt run --bundle "$BUNDLE" "$ID" </dev/null 2>&1 | sort)" output
}

# what a caller leaks, as shims and builders do, reaches no program, by whatever verb, and nobody of ours keeps it open
test_leaks() {
	bundle '.' 'probe fds; exec sleep 100'
	echo '{"args": ["probe", "fds"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}}' >"$HERE/process"
	mkfifo "$HERE/leak"
	timeout 20 cat "$HERE/leak" >"$HERE/leaked" &
	(
		exec 3>"$HERE/leak" 4</etc/passwd 177>&3
		create
		rt start "$ID"
		rt exec --process "$HERE/process" "$ID" >"$HERE/exec" </dev/null
		rt exec -d "$ID" sleep 100 </dev/null >/dev/null 2>&1
		edit 'del(.linux.cgroupsPath)'
		[ "$KIND" = runc ] || rt run -d --bundle "$BUNDLE" "$ID-detached" </dev/null >/dev/null
	)
	wait $!
	wait_for logged 0
	expect_log '0 1 2 '
	expect_eq '0 1 2 ' "$(<"$HERE/exec")" 'descriptors of exec'
	rt state "$ID" >/dev/null
}

# exec --preserve-fds: as many as were asked for, with what is in them
test_exec_preserved() {
	start_ok '.' 'sleep 100'
	echo kept >"$HERE/kept"
	expect_eq $'0 1 2 3 \nkept' "$(rt exec --preserve-fds 1 "$ID" sh -c 'probe fds; cat <&3' 3<"$HERE/kept" 4</etc/passwd </dev/null)" output
}

# sockets of LISTEN_FDS and preserved descriptors together, from create to start, with a user namespace, too
test_listen_and_preserve() {
	local filter

	echo first >"$HERE/first"
	echo second >"$HERE/second"
	for filter in . "$USERS"; do
		bundle "$filter" 'echo $LISTEN_FDS $LISTEN_PID; probe fds; cat <&3; cat <&4'
		chmod -R a+rX "$HERE" "$WORK"
		bash -c 'exec 3<"$1/first" 4<"$1/second" 5</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "${@:2}"' - "$HERE" \
			"$RUNTIME" --root "$ROOT" create --preserve-fds 1 --bundle "$BUNDLE" "$ID" </dev/null >"$HERE/log" 2>&1
		rt start "$ID"
		wait_for logged second
		expect_log $'1 1\n0 1 2 3 4 \nfirst\nsecond'
		rt delete --force "$ID"
	done
}

# adopted NAME ARGUMENT...: the verb under a parent that adopts what it leaves; that parent's pid is PARENT
adopted() {
	rm -f "$HERE/$1"
	"$TOOLS/unreaping" "$RUNTIME" --root "$ROOT" "${@:2}" --pid-file "$HERE/$1" "$ID" ${COMMAND-} </dev/null >"$HERE/log" 2>&1 &
	PARENT=$!
	wait_for test -s "$HERE/$1"
}

expect_child() {
	wait_for eval "[ \"\$(ps -o ppid= $(<"$HERE/$1") | tr -d ' ')\" = $PARENT ]"
}

# the process becomes a child of the caller's subreaper, with every way of being born
test_subreaper() {
	local filter

	for filter in . "$USERS" '.linux.namespaces |= map(select(.type != "pid"))' '.linux.namespaces += [{"type": "time"}]'; do
		[[ $KIND != runc || $filter != *time* ]] || continue # it does not know them
		bundle "$filter" 'sleep 100'
		chmod -R a+rX "$HERE" "$WORK"
		adopted init create --bundle "$BUNDLE"
		expect_child init
		rt start "$ID"
		COMMAND='sleep 100' adopted added exec --detach
		expect_child added
		kill -KILL $PARENT # it would collect nobody
		rt delete --force "$ID"
	done
}

# refused_after_all VERB ARGUMENT...: it fails when the pid file is there already; then that goes, and a link in its place was replaced
refused_after_all() {
	echo precious >"$HERE/precious"
	ln -sf "$HERE/precious" "$HERE/pidfile"
	capture rt "$1" --pid-file "$HERE/pidfile" "${@:2}"
	expect_failure
	[ ! -L "$HERE/pidfile" ] || fail 'the file was not written'
	[ ! -e "$HERE/pidfile" ] || fail "the pid file of a failed $1 holds $(<"$HERE/pidfile")"
	expect_eq precious "$(<"$HERE/precious")" 'the file behind the link'
}

# the pid file of a process that fails after all goes with it
test_pid_file_of_failure() {
	local how

	runtime_differs runc 'it stays'
	start_ok '.' 'sleep 100'
	printf '#!/no/such/interpreter\n' >"$BUNDLE/rootfs/bin/broken"
	chmod +x "$BUNDLE/rootfs/bin/broken"
	refused_after_all exec "$ID" broken
	refused_after_all exec -d "$ID" broken
	edit '.process.args = ["broken"]'
	edit 'del(.linux.cgroupsPath)'
	for how in --detach --detach=false; do
		refused_after_all run $how --bundle "$BUNDLE" "$ID-failing"
	done
	edit '.process.args = ["true"] | .hooks.poststart = [{"path": "/bin/false"}]'
	refused_after_all run --bundle "$BUNDLE" "$ID-failing"
}

# a pid file that cannot be written fails the verb, and nothing is left
test_pid_file_refused() {
	bundle
	expect_refused '' create --pid-file "$HERE/nosuch/pid"
	mkdir "$HERE/directory"
	expect_refused '' create --pid-file "$HERE/directory"
	expect_eq directory "$(cd "$HERE" && echo direct*)" 'what is there'
}

run_tests
