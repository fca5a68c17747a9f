#!/bin/bash
# Broken bundles: each is refused in one record with the right pointer, in words that help, and leaves nothing. What is odd but
# legal runs. The first twenty-five are those that the peers were measured with.

. "${0%/*}/lib.sh"

# says PATTERN: the message on stderr helps (the words are mydocker's own)
says() {
	[ "$KIND" != mydocker ] || expect_match "$1" "$ERR" stderr
}

# 1: the command is missing
test_command_missing() {
	bundle '.process.args = ["/bin/nonexist"]'
	expect_refused /process/args
	says '/bin/nonexist'
	says 'no such file or directory'
}

# 1: the command is not in the PATH
test_command_not_in_path() {
	bundle '.process.args = ["nonexist"]'
	expect_refused /process/args
	says 'executable file not found in \$PATH'
}

# 2: the interpreter of the command's first line is missing
test_shebang() {
	bundle '.process.args = ["/bin/badsheb"]'
	printf '#!/no/interpreter\n' >"$BUNDLE/rootfs/bin/badsheb"
	chmod 755 "$BUNDLE/rootfs/bin/badsheb"
	runtime_differs runc 'run succeeds with a failing program'
	remember
	capture rt --log "$HERE/errors" --log-format json run --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_nothing_left
	expect_record /process/args
	says 'exec /bin/badsheb: no such file or directory; .*interpreter'
}

# 3: unknown keys are ignored, as the specification demands
test_unknown_keys() {
	run_ok '.rootPropagation = "x" | .hostnam = 5 | .process.zzz = {"a": [1]} | .linux.zzz = null | .root.zzz = [[]]
		| .mounts[0].zzz = 1 | .linux.resources.zzz = "x" | .linux.namespaces[0].zzz = {}' 'echo ran'
	expect_out ran
}

# 4: a limit that is a string
test_limit_string() {
	bundle '.linux.resources.memory = {"limit": "64m"}'
	expect_refused /linux/resources/memory/limit
	says 'number|integer'
	bundle '.linux.resources.memory = {"limit": "67108864"}'
	expect_refused /linux/resources/memory/limit
}

# 5: a comma too many, with its line
test_double_comma() {
	bundle
	sed -i '2s/,$/,,/' "$CONFIG"
	expect_refused -
	says 'line 2|:2:'
}

# 6: a memory limit of 4096 bytes
test_tiny_limit() {
	bundle '.linux.resources.memory = {"limit": 4096}'
	expect_refused /linux/resources/memory/limit
	says 'memory limit'
}

# 7: a bind source that is missing
test_bind_source() {
	bundle '.mounts += [{"destination": "/data", "source": "/no/such/source", "options": ["rbind"]}]'
	expect_refused /mounts/6
	says '/no/such/source'
}

# 8: options that the filesystem does not know
test_tmpfs_options() {
	bundle '.mounts += [{"destination": "/data", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "size=banana"]}]'
	expect_refused /mounts/6
	says 'size=banana'
}

# 9: the root filesystem is missing
test_rootfs() {
	bundle '.root.path = "rootfss"'
	expect_refused /root/path
	says 'rootfss'
}

# 10: [runtime-37] an unknown capability is a warning, with its pointer
test_capability() {
	bundle '.process.capabilities.bounding += ["CAP_NETADMIN"]' 'echo ran'
	capture rt --log "$HERE/warnings" --log-format json run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_out ran
	[ "$KIND" != mydocker ] || expect_match '/process/capabilities/bounding/6' "$(<"$HERE/warnings")" log
}

# 11: a failing hook, with what it said
test_hook() {
	bundle '.hooks.createRuntime = [{"path": "/bin/sh", "args": ["sh", "-c", "echo the reason >&2; exit 3"]}]'
	expect_refused /hooks/createRuntime/0
	says 'the reason'
	says '/bin/sh'
	says '3'
}

# 12: a hook that takes too long
test_hook_timeout() {
	bundle '.hooks.createRuntime = [{"path": "/bin/sleep", "args": ["sleep", "1001"], "timeout": 1}]'
	expect_refused /hooks/createRuntime/0
	says '1 s|second|time'
}

# 13: a system call that nobody knows is skipped, with a warning or without
test_syscall() {
	run_ok '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["nosuch"], "action": "SCMP_ACT_ERRNO"}]}' 'echo ran'
	expect_out ran
}

# 14: [config-01] [config-02] a version that is none, or that we cannot know
test_version() {
	local version

	runtime_differs runc 'it does not look'
	for version in '"invalid"' '"1"' '"1.0"' '"v1.0.0"' '1.0' '"2.0.0"' '""' '"1.0.0 "' '"01.0.0"'; do
		bundle ".ociVersion = $version"
		expect_refused /ociVersion
	done
	bundle 'del(.ociVersion)'
	expect_refused /ociVersion
}

# [config-01] [config-02] versions that are fine
test_good_versions() {
	local version

	for version in 1.0.0 1.0.2-dev 1.0.0-rc5 1.1.0 1.2.1 1.3.0 1.3.0+dev; do
		run_ok ".ociVersion = \"$version\"" true
	done
}

# 15: a working directory that is missing is made
test_cwd() {
	run_ok '.process.cwd = "/no/such/directory"' 'pwd'
	expect_out /no/such/directory
}

# 16: a cpu that is not there
test_cpuset() {
	bundle '.linux.resources.cpu = {"cpus": "999"}'
	expect_refused /linux/resources/cpu/cpus
	says '999'
}

# 17: unified files on cgroup v1
test_unified() {
	[ -d /sys/fs/cgroup/memory ] || skip 'needs cgroup v1'
	bundle '.linux.resources.unified = {"memory.high": "10000000"}'
	expect_refused /linux/resources/unified/memory.high
	says 'v2'
}

# 18: a namespace twice
test_namespace_twice() {
	bundle '.linux.namespaces += [{"type": "uts"}]'
	expect_refused /linux/namespaces/5/type
	says 'uts'
}

# 19: no arguments
test_empty_args() {
	bundle '.process.args = []'
	expect_refused /process/args
}

# 20: a namespace that does not exist, with the nearest that does
test_namespace_type() {
	bundle '.linux.namespaces += [{"type": "users"}]'
	expect_refused /linux/namespaces/5/type
	says 'user'
}

# 21: a resource limit that does not exist, with the nearest that does
test_rlimit() {
	bundle '.process.rlimits = [{"type": "RLIMIT_NOFILES", "soft": 1, "hard": 1}]'
	expect_refused /process/rlimits/0/type
	says 'RLIMIT_NOFILE[^S]'
}

# 22: a seccomp action that does not exist
test_seccomp_action() {
	bundle '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALOW"}'
	expect_refused /linux/seccomp/defaultAction
	says 'SCMP_ACT_ALLOW'
}

# 23: a kernel parameter that is not the container's
test_sysctl() {
	bundle '.linux.sysctl = {"vm.swappiness": "10"}'
	expect_refused /linux/sysctl/vm.swappiness
}

# 24: a host name without its namespace
test_hostname() {
	bundle '.linux.namespaces |= map(select(.type != "uts"))'
	expect_refused /hostname
	says 'uts'
}

# 25: a terminal without console socket
test_terminal() {
	bundle '.process.terminal = true'
	expect_refused /process/terminal
	says 'console-socket'
}

# [glossary-01] text that is not UTF-8
test_utf8() {
	bundle '.hostname = "XXX"'
	sed -i 's/XXX/a\xffb/' "$CONFIG"
	runtime_differs runc 'it replaces the byte'
	expect_refused -
}

# [glossary-02] a member twice
test_duplicate_member() {
	bundle
	sed -i '0,/"hostname": "box"/s//"hostname": "a", "hostname": "b"/' "$CONFIG"
	runtime_differs runc 'it takes the last'
	expect_refused /hostname
}

# [glossary-03] the order of members does not matter
test_member_order() {
	bundle '.' 'echo ran'
	edit 'def back: if type == "object" then to_entries | reverse | map(.value |= back) | from_entries
		elif type == "array" then map(back) else . end; back'
	run
	expect_out ran
}

# an embedded NUL is refused wherever a string goes to the kernel
test_nul() {
	bundle '.process.args = ["true", "XXX"]'
	sed -i 's/XXX/a\\u0000b/' "$CONFIG"
	runtime_differs runc 'it cuts the string'
	expect_refused -
	says 'NUL'
}

# config.json that is empty, null, a list, cut off, or too deep
test_not_an_object() {
	local text

	bundle
	for text in '' 'null' '[]' '"x"' '{' '{"ociVersion": "1.0.2"' '{} {}' "$(printf '[%.0s' {1..5000})"; do
		printf '%s' "$text" >"$CONFIG"
		[ "$KIND" = runc ] && [[ $text = '' || $text = null || $text = *'} {'* ]] && continue
		expect_refused -
	done
}

# nesting a million deep is an error like others
test_deep_nesting() {
	bundle
	awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "{\"a\":" }' >"$CONFIG"
	expect_refused -
}

# config.json that is a FIFO, a directory or missing does not hang
test_config_kind() {
	bundle
	rm "$CONFIG"
	expect_refused -
	mkdir "$CONFIG"
	expect_refused -
	rmdir "$CONFIG"
	mkfifo "$CONFIG"
	runtime_differs runc 'it hangs'
	expect_refused -
}

# [config-annot-09] a wrong type is refused by name, wherever it is
test_wrong_types() {
	local row path value

	runtime_differs runc 'it names Go types, not pointers'
	while read -r path value; do
		bundle "setpath(\$path / \"/\" | .[1:] | map(if test(\"^[0-9]+\$\") then tonumber else . end); $value)" '' --arg path "$path"
		echo "$path: $value"
		expect_refused "$path"
	done <<-'END'
	/hostname 5
	/process "x"
	/process/args "sh"
	/process/args/0 1
	/process/cwd null
	/process/env {}
	/process/env/0 true
	/process/terminal "yes"
	/process/terminal 0
	/process/user []
	/process/user/uid "0"
	/process/user/uid -1
	/process/user/uid 4294967296
	/process/user/uid 1.5
	/process/rlimits {}
	/process/rlimits/0 "x"
	/process/rlimits/0/soft "1024"
	/process/rlimits/0/soft -1
	/process/oomScoreAdj "0"
	/process/noNewPrivileges 1
	/process/capabilities []
	/process/capabilities/bounding "CAP_KILL"
	/root "rootfs"
	/root/path 5
	/root/readonly "true"
	/mounts {}
	/mounts/0 "proc"
	/mounts/0/destination 1
	/mounts/0/options "ro"
	/mounts/0/options/0 7
	/annotations []
	/annotations/a 5
	/hooks []
	/hooks/prestart {}
	/hooks/prestart/0 "x"
	/linux []
	/linux/namespaces {}
	/linux/namespaces/0 "pid"
	/linux/namespaces/0/type 1
	/linux/cgroupsPath 5
	/linux/sysctl []
	/linux/sysctl/kernel.msgmax 5
	/linux/maskedPaths "x"
	/linux/resources []
	/linux/resources/pids 5
	/linux/resources/pids/limit "7"
	/linux/resources/memory/limit true
	/linux/resources/cpu/shares -1
	/linux/resources/cpu/cpus 0
	/linux/resources/devices {}
	/linux/seccomp []
	/linux/seccomp/syscalls {}
	END
}

# [config-annot-01] annotations that are no object of strings
test_annotations() {
	bundle '.annotations = ["a"]'
	expect_refused /annotations
	bundle '.annotations = {"a.b": 1}'
	expect_refused /annotations/a.b
}

# [config-annot-02] an empty annotation key
test_annotation_key() {
	bundle '.annotations = {"": "x"}'
	runtime_differs runc 'it takes it'
	expect_refused /annotations/
}

# [config-annot-08] unknown members at every level, of every type
test_unknown_everywhere() {
	run_ok 'walk(if type == "object" and (has("path") or has("type") or has("destination") or has("uid") or has("ociVersion"))
		then .zzz = {"a": [1, {"b": null}], "c": 1e400, "d": "x"} else . end)' 'echo ran'
	expect_out ran
}

# the text log has the same message, once
test_text_log() {
	bundle '.hostname = 5'
	capture rt --log "$HERE/text" create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_eq 1 "$(wc -l <"$HERE/text")" lines
	[ "$KIND" != mydocker ] || expect_match '^time="[^"]+" level=error msg=".*/hostname' "$(<"$HERE/text")"
	[ "$KIND" != mydocker ] || expect_match '^mydocker: ?create: ?/hostname' "$ERR" stderr
	[ "$KIND" != mydocker ] || expect_eq 1 "$(wc -l <<<"$ERR")" 'lines on stderr'
}

# the log is appended to, never overwritten
test_log_appends() {
	bundle '.hostname = 5'
	echo before >"$HERE/text"
	capture rt --log "$HERE/text" create --bundle "$BUNDLE" "$ID"
	capture rt --log "$HERE/text" create --bundle "$BUNDLE" "$ID"
	expect_eq before "$(head -n 1 "$HERE/text")" 'first line'
	expect_eq 3 "$(wc -l <"$HERE/text")" lines
}

run_tests
