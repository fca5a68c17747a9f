#!/bin/bash
# A container as a service of systemd, by the unit that comes with mydocker.

# systemd answers those whom it can see: what is asked of it is asked by a shell that stays outside of the namespaces in
# which the tests run.
if [ -z "${OCI_WORK-}" ]; then
	OUTSIDE=$(mktemp -d "${TMPDIR:-/tmp}/outside.XXXXXX")
	export OUTSIDE
	mkfifo "$OUTSIDE/ask" "$OUTSIDE/answer"
	while read -r words <"$OUTSIDE/ask"; do
		eval "$words" >"$OUTSIDE/printed" 2>&1 </dev/null
		echo $? >"$OUTSIDE/answer"
	done &
	trap 'kill $!; rm -rf "$OUTSIDE"' EXIT
fi

. "${0%/*}/lib.sh"

UNITS=/run/systemd/system

outside() {
	local status

	{ printf '%q ' "$@"; echo; } >"$OUTSIDE/ask"
	read -r status <"$OUTSIDE/answer"
	cat "$OUTSIDE/printed"
	return "$status"
}

# The verbs have to see the container's processes, too.
mydocker() {
	outside "$RUNTIME" --root "$ROOT" "$@"
}

# The template, for this build and this state directory.
begin() {
	mydocker_only
	[ -d $UNITS ] || skip 'process 1 is not systemd: see make vm'
	bundle "$@"
	sed "s|/usr/local/bin/mydocker|$RUNTIME --root $ROOT|; s|/var/lib/mydocker/%i|$BUNDLE|; s|^RestartSec=1|RestartSec=100ms|" \
		"$TESTS/../../bundles/mydocker@.service" >"$UNITS/mydocker@.service"
	outside systemctl daemon-reload
}

end() {
	outside systemctl stop "mydocker@$ID"
	outside systemctl reset-failed "mydocker@$ID" || :
	rm "$UNITS/mydocker@.service"
	outside systemctl daemon-reload
}

is_known() {
	mydocker state "$ID" >/dev/null
}

is_running() {
	[ "$(mydocker state "$ID" | jq -r .status)" = running ]
}

unit() {
	outside systemctl show -P "$1" "mydocker@$ID"
}

# what fails is started again, what is stopped stays stopped, and nothing of it is left
test_restart() {
	begin '.' 'echo x >>/starts; [ "$(wc -l </starts)" = 3 ] || exit 1; trap "exit 0" TERM; while :; do sleep 0.05; done'
	remember
	outside systemctl start "mydocker@$ID"
	wait_for eval '[ "$(unit NRestarts)" = 2 ] && is_running'
	mydocker kill "$ID" KILL
	wait_for eval '[ "$(wc -l <"$BUNDLE/rootfs/starts")" -gt 3 ]'
	end
	! is_known || fail 'the container is still known'
	expect_nothing_left
}

# what ends well is not started again
test_ended() {
	begin '.' 'echo x >>/starts; exit 0'
	outside systemctl start "mydocker@$ID"
	wait_for eval '[ "$(unit ActiveState)" = inactive ]'
	expect_eq 1 "$(wc -l <"$BUNDLE/rootfs/starts")" starts
	expect_eq success "$(unit Result)" result
	! is_known || fail 'the container is still known'
	end
}

# a container that systemd's own kill of `run` has left behind is out of the way at the next start
test_left_behind() {
	begin '.' 'echo x >>/starts; sleep 1000'
	outside systemctl start "mydocker@$ID"
	wait_for is_running
	outside systemctl kill --kill-whom=main --signal=KILL "mydocker@$ID"
	wait_for eval '[ "$(wc -l <"$BUNDLE/rootfs/starts")" = 2 ] && is_running'
	end
	! is_known || fail 'the container is still known'
}

run_tests
