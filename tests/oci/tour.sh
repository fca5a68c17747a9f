#!/bin/bash
# The tour of the README, as it is printed there.

. "${0%/*}/lib.sh"

README=$TESTS/../../README.md

# What changes from one run to the next becomes one word; columns lose their width.
shape() {
	sed -E 's/[0-9]+([.][0-9]+)? [KM]iB/SIZE/g; s/[0-9]+/N/g; s/ +/ /g; s/ $//' | awk '{ $1 = $1; print }'
}

# The tour's lines without their indent.
tour() {
	sed -n '/^### A tour/,/^[^ #]/s/^    //p' "$README"
}

mydocker() {
	rt "$@"
}

prints() {
	eval "$1" >"$HERE/printed" 2>&1 </dev/null || return
	[ "$(shape <"$HERE/printed")" = "$2" ]
}

# One command and what the README says that it prints. What only looks may have to look again.
step() {
	local command=$1 expected

	expected=$(shape <<<"$2")
	case $command in
	*' logs '* | *' ps '* | *' exec '* | *' stats '*) wait_for prints "$command" "$expected" ;;
	*) prints "$command" "$expected" || fail "$command: expected $2"$'\n'"found: $(<"$HERE/printed")" ;;
	esac
}

# every command of the README's tour prints what the README shows
test_tour() {
	local line command='' expected='' steps=0

	mydocker_only
	remember
	mkdir -p "$HERE/bundles"
	cp -a "$TESTS/../../bundles/busybox" "$HERE/bundles/"
	rm -rf "$HERE/bundles/busybox/rootfs"
	cp -al "$WORK/rootfs" "$HERE/bundles/busybox/rootfs"
	cd "$HERE"
	while IFS= read -r line; do
		case $line in
		'$ '*)
			[ -z "$command" ] || step "$command" "$expected"
			command=${line#??} expected='' steps=$((steps + 1))
			;;
		*) expected+=${expected:+$'\n'}$line ;;
		esac
	done < <(tour)
	step "$command" "$expected"
	expect_eq 9 "$steps" 'steps of the tour'
	expect_nothing_left
}

run_tests
