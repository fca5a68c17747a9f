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
	awk '/^### A tour/ { found = 1 }
		found && /^    / { print substr($0, 5); begun = 1 }
		begun && /^[^ ]/ { exit }' "$README"
}

# The words of the tour as programs, in a network of their own: the port is surely free there.
programs() {
	local program

	mkdir "$HERE/bin"
	touch "$HERE/net"
	unshare --net="$HERE/net" ip link set lo up
	for program in "mydocker $RUNTIME --root $ROOT" "curl $(command -v curl)"; do
		printf '#!/bin/sh\nexec nsenter --net=%s %s "$@"\n' "$HERE/net" "${program#* }" >"$HERE/bin/${program%% *}"
	done
	chmod +x "$HERE"/bin/*
	PATH=$HERE/bin:$PATH
}

prints() {
	eval "$1" >"$HERE/printed" 2>&1 </dev/null || [ $? = 124 ] || return # 124: what would go on for ever
	[ "$(shape <"$HERE/printed")" = "$2" ]
}

# One command and what the README says that it prints. What only looks may have to look again.
step() {
	local command=$1 expected

	expected=$(shape <<<"$2")
	case $command in
	curl* | *' logs '* | *' ps '* | *' exec '* | *' stats '*) wait_for prints "$command" "$expected" ;;
	*) prints "$command" "$expected" || fail "$command: expected $2"$'\n'"found: $(<"$HERE/printed")" ;;
	esac
}

# every command of the README's tour prints what the README shows
test_tour() {
	local line command='' expected='' steps=0

	mydocker_only
	[ -e "$TESTS/../../bundles/nginx/rootfs" ] || skip 'the bundle of nginx is not there: make bundles'
	programs
	remember
	cd "$TESTS/../.."
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
	expect_eq 10 "$steps" 'steps of the tour'
	expect_nothing_left
	umount "$HERE/net"
}

run_tests
