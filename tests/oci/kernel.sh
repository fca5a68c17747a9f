#!/bin/bash
# What is around the runtime: a kernel without what is newest, or another container whose profile refuses system calls.

. "${0%/*}/lib.sh"

# The runtime of this test runs under a filter.
under() {
	mydocker_only
	printf '#!/bin/sh\nexec "%s/older" "%s" "%s" "$@"\n' "$TOOLS" "$1" "$BUILD/mydocker" >"$HERE/mydocker"
	chmod +x "$HERE/mydocker"
	RUNTIME=$HERE/mydocker
}

# refused NUMBER NAME: a container runs whole, or there is one error and nothing left, whatever is answered
refused() {
	local error

	remember
	for error in 1 38; do
		under "$1=$error"
		run
		((STATUS != 124)) || fail "hangs without $2"
		if [ "$STATUS" = 0 ]; then
			expect_eq "inside 0 1 2" "$(tr -s ' \n' '  ' <<<"$OUT" | sed 's/ $//')" "what is seen without $2"
		else
			expect_eq 1 "$(wc -l <<<"$ERR")" "lines said without $2: $ERR"
			expect_eq '' "$OUT" "stdout without $2"
		fi
		expect_nothing_left
	done
}

# a profile that refuses a call, with either error: nothing is done by halves
test_refused_calls() {
	local call

	bundle '.' '[ -e /here ] && echo inside; probe fds'
	touch "$BUNDLE/rootfs/here"
	for call in 424:pidfd_send_signal 428:open_tree 429:move_mount 430:fsopen 431:fsconfig 432:fsmount \
		434:pidfd_open 435:clone3 436:close_range 437:openat2 442:mount_setattr; do
		refused "${call%:*}" "${call#*:}"
	done
}

# CVE-2024-21626: where close_range is refused, no program runs with what the caller left open
test_open_descriptors() {
	bundle '.' 'ls /proc/self/fd/9/'
	under 436=1
	capture rt run --bundle "$BUNDLE" "$ID" 9</
	expect_failure
	expect_no_match '^(boot|sbin)$' "$OUT" stdout
	bundle '.hooks.createRuntime = [{"path": "/bin/ls", "args": ["ls", "/proc/self/fd/9/"]}]' 'true'
	capture rt run --bundle "$BUNDLE" "$ID" 9</
	expect_failure
}

run_tests
