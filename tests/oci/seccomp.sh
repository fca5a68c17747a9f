#!/bin/bash
# Seccomp: actions, arguments, architectures, and what is refused.

. "${0%/*}/lib.sh"

# A profile that allows all but what its second argument lists.
profile() {
	printf '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [%s]} %s' "$1" "${2-}"
}

# [config-linux-sec-01] [config-linux-sec-13] an errno for one call, everything else allowed
test_errno() {
	run_ok "$(profile '{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}')" 'mkdir /x || echo refused; touch /y && echo fine'
	expect_out $'refused\nfine'
	expect_match 'not permitted' "$ERR" stderr
}

# [config-linux-sec-03] errnoRet is the errno
test_errno_ret() {
	run_ok "$(profile '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}')" 'probe call 140'
	expect_out 38
}

# [config-linux-sec-02] defaultErrnoRet is the errno of what no rule names
test_default_errno_ret() {
	run_ok '.linux.seccomp = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 77, "syscalls": [
		{"names": ["execve","brk","arch_prctl","mmap","munmap","mprotect","set_tid_address","set_robust_list","ioctl",
			"writev","write","read","exit_group","exit","rt_sigaction","rt_sigprocmask","fstat","open","openat","close",
			"rseq","prlimit64","getrandom","readlinkat","readlink","getuid","futex","fcntl","poll","newfstatat","prctl",
			"sigaltstack","capget","capset","stat","getdents64","epoll_ctl","epoll_pwait","nanosleep","tgkill","clone",
			"madvise","gettid","getpid","sched_yield","setgroups","setgid","setuid","chdir","getppid","fchdir","access",
			"execveat","close_range","sendmsg","recvmsg","faccessat","statx","fstatfs"],
		"action": "SCMP_ACT_ALLOW"}]} | .process.args = ["probe", "call", "140"]'
	expect_out 77
}

# denying ACTION NUMBER: what a call of this number gets from a profile that denies all but what "true" needs, and names no newer call than statx
denying() {
	bundle '.linux.seccomp = {"defaultAction": $action, "architectures": [$arch], "syscalls": [{"names": ["execve", "brk", "arch_prctl", "mmap",
			"munmap", "mprotect", "set_tid_address", "set_robust_list", "ioctl", "writev", "write", "exit_group", "rt_sigprocmask",
			"futex", "fcntl", "close", "openat", "read", "capset", "prctl", "sendmsg", "getpid", "getdents64", "epoll_pwait", "nanosleep",
			"rt_sigreturn", "rt_sigaction", "tgkill", "gettid", "sigaltstack", "newfstatat", "fstatfs", "statx"],
		"action": "SCMP_ACT_ALLOW"}]} | .process.args = ["probe", "call", $number]' '' --arg action "$1" --arg number "$2" --arg arch SCMP_ARCH_X86_64
	run
	echo "$OUT"
}

# [config-linux-sec-01] a call that is newer than all that a denying profile names is not there: programs fall back to an older one
test_newer() {
	local action

	[ "$(uname -m)" = x86_64 ] || skip 'needs x86_64'
	for action in SCMP_ACT_ERRNO SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_TRAP; do
		expect_eq 38 "$(denying $action 450)" "answer of $action to a newer call"
	done
	expect_eq 1 "$(denying SCMP_ACT_ERRNO 140)" 'answer to an older one'
	expect_eq '' "$(denying SCMP_ACT_KILL_PROCESS 140)" 'answer to an older one that kills'
}

# a call that kills the process
test_kill() {
	bundle "$(profile '{"names": ["getpriority"], "action": "SCMP_ACT_KILL_PROCESS"}')" 'probe call 140; echo $?'
	run
	expect_out 159
}

# [config-linux-sec-14] a rule for some arguments only
test_arguments() {
	run_ok "$(profile '{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5,
		"args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}')" 'probe call 135 8; probe call 135 0'
	expect_out $'5\n0'
}

# [config-linux-sec-14] a masked comparison
test_masked() {
	run_ok "$(profile '{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5,
		"args": [{"index": 0, "value": 8, "valueTwo": 8, "op": "SCMP_CMP_MASKED_EQ"}]}')" 'probe call 135 24; probe call 135 16'
	expect_eq 5 "$(head -n 1 <<<"$OUT")" errno
	[ "$(tail -n 1 <<<"$OUT")" != 5 ]
}

# [config-linux-sec-12] unknown call names are skipped
test_unknown_names() {
	run_ok "$(profile '{"names": ["nosuchcall", "getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}')" 'probe call 140'
	expect_out 5
}

# [config-linux-sec-04] a listed 32-bit architecture is filtered as well
test_foreign_architecture() {
	[ "$(uname -m)" = x86_64 ] || skip 'needs x86_64'
	(($("$TOOLS/probe" int80 96) >= 0)) || skip 'the kernel takes no 32-bit calls'
	run_ok "$(profile '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}' \
		'| .linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]')" 'probe int80 96'
	expect_out -5
}

# an architecture that is not listed is not a way around the filter
test_unlisted_architecture() {
	[ "$(uname -m)" = x86_64 ] || skip 'needs x86_64'
	bundle "$(profile '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}')" 'probe int80 96; echo $?'
	run
	expect_no_match '^(0|-?[0-4])$' "$(head -n 1 <<<"$OUT")"
}

# the filter is in force in exec'd processes too
test_exec() {
	start_ok "$(profile '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}')" 'sleep 100'
	expect_eq 5 "$(rt exec "$ID" probe call 140 </dev/null)" errno
}

# the filter is loaded without no_new_privs as well
test_without_no_new_privs() {
	run_ok "$(profile '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}' \
		'| .process.noNewPrivileges = false')" 'probe call 140; grep -E "^(Seccomp|NoNew)" /proc/self/status'
	expect_match $'^5\nNoNewPrivs:\t0\nSeccomp:\t2' "$OUT"
	# Older kernels do not count them; this test may be under some already.
	expect_eq "$(awk '/^Seccomp_filters/ { print $2 + 1 }' /proc/self/status)" "$(sed -n 's/^Seccomp_filters:.//p' <<<"$OUT")" filters
}

# a second container with the same profile is filtered the same
test_cache() {
	local try

	for try in 1 2 3; do
		run_ok "$(profile '{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": '$((10 + try % 2))'}')" 'probe call 140'
		expect_out $((10 + try % 2))
	done
}

# [config-linux-sec-01] [config-linux-sec-13] [config-linux-sec-14] unknown words are refused, with their pointers
test_unknown_words() {
	bundle "$(profile '' '| .linux.seccomp.defaultAction = "SCMP_ACT_FOO"')"
	expect_refused /linux/seccomp/defaultAction
	bundle "$(profile '{"names": ["mkdir"], "action": "SCMP_ACT_FOO"}')"
	expect_refused /linux/seccomp/syscalls/0/action
	bundle "$(profile '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_FOO"}]}')"
	expect_refused /linux/seccomp/syscalls/0/args/0/op
	bundle "$(profile '' '| .linux.seccomp.architectures = ["SCMP_ARCH_FOO"]')"
	expect_refused /linux/seccomp/architectures/0
	bundle "$(profile '' '| .linux.seccomp.flags = ["X"]')"
	expect_refused /linux/seccomp/flags/0
}

# [config-linux-sec-01] [config-linux-sec-12] [config-linux-sec-14] what is missing or out of range is refused
test_ranges() {
	bundle '.linux.seccomp = {"syscalls": []}'
	runtime_differs runc 'it takes that for no filter'
	expect_refused /linux/seccomp/defaultAction
	bundle "$(profile '{"names": [], "action": "SCMP_ACT_ERRNO"}')"
	expect_refused /linux/seccomp/syscalls/0/names
	bundle "$(profile '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}')"
	expect_refused /linux/seccomp/syscalls/0/args/0/index
}

# [config-linux-sec-02] [config-linux-sec-03] [config-linux-sec-11] contradictions are refused
test_contradictions() {
	runtime_differs runc 'it ignores them'
	bundle "$(profile '' '| .linux.seccomp.defaultErrnoRet = 5')"
	expect_refused /linux/seccomp/defaultErrnoRet
	bundle "$(profile '{"names": ["mkdir"], "action": "SCMP_ACT_KILL", "errnoRet": 5}')"
	expect_refused /linux/seccomp/syscalls/0/errnoRet
	bundle "$(profile '' '| .linux.seccomp.listenerMetadata = "x"')"
	expect_refused /linux/seccomp/listenerMetadata
}

# [config-linux-sec-10] without a NOTIFY action the listener does not matter
test_listener_ignored() {
	run_ok "$(profile '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}' '| .linux.seccomp.listenerPath = "/no/such/socket"')" true
}

# [config-linux-sec-09] with a NOTIFY action, a listener that is not there is an error
test_listener_missing() {
	bundle "$(profile '{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}' '| .linux.seccomp.listenerPath = "/no/such/socket"')" 'true'
	runtime_differs runc 'this is asked of run only'
	remember
	run
	expect_failure
	expect_nothing_left
}

# Starts an agent that answers system call $1 with errno $2, and lets all others go on.
agent() {
	"$TOOLS/agent" "$HERE/agent.sock" "$1" "$2" >"$HERE/agent" &
	wait_for test -S "$HERE/agent.sock"
}

# What the agent read on its first connection, as jq sees it.
told() {
	head -n 1 "$HERE/agent" | jq -rc "$1"
}

# notifying NAMES [FILTER]: a profile in which the agent decides about some calls
notifying() {
	profile "{\"names\": [$1], \"action\": \"SCMP_ACT_NOTIFY\"}" \
		"| .linux.seccomp.listenerPath = \$here + \"/agent.sock\" | .linux.seccomp.listenerMetadata = \"who=me\" ${2-}"
}

# [config-linux-sec-06] [config-linux-sec-15] [config-linux-sec-17] [config-linux-sec-18] the agent gets the descriptor and the state, and decides
test_notify() {
	runtime_differs runc 'it tells the agent at create'
	agent 140 77
	bundle "$(notifying '"getpriority"' '| .annotations = {"a": "b"}')" 'probe call 140; sleep 100'
	create
	expect_eq '' "$(<"$HERE/agent")" 'what the agent was told at create'
	rt start "$ID"
	wait_for logged 77
	wait_for grep -q descriptors "$HERE/agent"
	expect_eq '["seccompFd"]' "$(told .fds)" fds
	expect_eq who=me "$(told .metadata)" metadata
	expect_eq "$PID $PID" "$(told '"\(.pid) \(.state.pid)"')" 'pids, as the runtime sees them'
	expect_eq "$ID creating $BUNDLE b" "$(told '.state | "\(.id) \(.status) \(.bundle) \(.annotations.a)"')" state
	expect_match '^1[.][0-9]+[.][0-9]+ 1[.]' "$(told '"\(.ociVersion) \(.state.ociVersion)"')"
}

# [config-linux-sec-07] [config-linux-sec-08] [config-linux-sec-16] one connection with one state and one descriptor, closed afterwards
test_notify_once() {
	agent 140 77
	bundle "$(notifying '"getpriority"')" 'probe call 140'
	run
	expect_status 0
	expect_out 77
	wait_for grep -q descriptors "$HERE/agent"
	expect_eq 'with 1 descriptors' "$(sed 1d "$HERE/agent")" 'connections'
}

# [config-linux-sec-07] exec has a connection of its own, with its own pid and the container's
test_notify_exec() {
	agent 140 77
	bundle "$(notifying '"getpriority"')" 'sleep 100'
	start
	rt exec --pid-file "$HERE/exec.pid" "$ID" true </dev/null
	wait_for eval '[ "$(grep -c descriptors "$HERE/agent")" = 2 ]'
	expect_eq "$(<"$HERE/exec.pid") $PID running" \
		"$(sed -n 3p "$HERE/agent" | jq -r '"\(.pid) \(.state.pid) \(.state.status)"')" 'pids of exec'
}

# [config-linux-sec-06] a filter that catches what it takes to send its own listener does not hang
test_notify_sendmsg() {
	runtime_differs runc 'it refuses to notify about write'
	agent 140 77
	bundle "$(notifying '"sendmsg", "sendto", "write", "close", "execve", "capset", "futex", "getpriority"')" 'probe call 140'
	run
	expect_out 77
}

# [config-linux-sec-01] the agent can decide about everything
test_notify_default() {
	runtime_differs runc 'it refuses that'
	agent 140 77
	bundle '.linux.seccomp = {"defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": ($here + "/agent.sock")}' 'probe call 140'
	run
	expect_out 77
}

# [config-linux-sec-06] a notifying filter with TSYNC, and without no_new_privs
test_notify_flags() {
	agent 140 77
	bundle "$(notifying '"getpriority"' '| .linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_TSYNC"] | .process.noNewPrivileges = false')" \
		'probe call 140; grep CapEff /proc/self/status'
	runtime_differs runc 'this version takes no such flag with a listener'
	run
	expect_out $'77\nCapEff:\t00000000080004e1'
}

# [config-linux-sec-09] an agent that goes away before start is an error
test_notify_gone() {
	bundle "$(notifying '"getpriority"')" 'true'
	runtime_differs runc 'it connects at start'
	"$TOOLS/agent" "$HERE/agent.sock" 140 77 >"$HERE/agent" &
	wait_for test -S "$HERE/agent.sock"
	create
	kill -KILL %1
	wait %1 || :
	capture rt start "$ID"
	expect_failure
	expect_match /linux/seccomp "$ERR"
}

# [config-linux-sec-06] NOTIFY without a listener is refused
test_notify_nowhere() {
	bundle "$(profile '{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}')"
	expect_refused /linux/seccomp/syscalls/0/action
	bundle '.linux.seccomp = {"defaultAction": "SCMP_ACT_NOTIFY"}'
	expect_refused /linux/seccomp/defaultAction
}

run_tests
