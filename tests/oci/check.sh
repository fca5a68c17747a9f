#!/bin/bash
# What can be told about a bundle without running it.

. "${0%/*}/lib.sh"

found() {
	rt check --format json --bundle "$BUNDLE" | jq -r '.findings[] | "\(.severity) \(.place)"'
}

# a good bundle has nothing wrong with it, and nothing is made by looking
test_good() {
	mydocker_only
	bundle '.' 'true'
	remember
	capture rt check --strict --bundle "$BUNDLE"
	expect_status 0
	expect_match '^ok +nothing is wrong with it$' "$OUT"
	expect_eq mydocker.check/1 "$(rt check --format json --bundle "$BUNDLE" | jq -r .schema)" schema
	expect_nothing_left
}

# what create would refuse is an error: status 2, with the place
test_refused() {
	mydocker_only
	bundle '.linux.resources.memory.limit = "64m"'
	capture rt check --bundle "$BUNDLE"
	expect_status 2
	expect_match '^error +/linux/resources/memory/limit +expected an integer, got the string "64m"; write' "$OUT"
	bundle '.linux.namespaces += [{type: "ipcc"}]'
	expect_eq "error /linux/namespaces/$(jq '.linux.namespaces | length - 1' "$CONFIG")/type" "$(found)" findings
	capture rt check --bundle "$HERE/nosuch"
	expect_status 2
}

# what would fail later is found, too: sources of mounts, hooks, namespaces, the program
test_host() {
	mydocker_only
	bundle '.mounts += [{destination: "/data", source: "/no/such", type: "bind", options: ["rbind", "ro"]}]
		| .hooks.poststop = [{path: "/no/hook"}] | .hooks.startContainer = [{path: "/in/the/container"}]
		| .linux.namespaces |= map(if .type == "ipc" then .path = "/no/namespace" else . end)
		| .process.args = ["no-such-program"]'
	expect_eq "error /mounts/$(jq '.mounts | length - 1' "$CONFIG")/source
error /hooks/poststop/0/path
error /linux/namespaces/$(jq '.linux.namespaces | map(.type) | index("ipc")' "$CONFIG")/path
warning /process/args/0" "$(found)" findings
	create_fails
}

create_fails() {
	capture rt create --bundle "$BUNDLE" "$ID"
	expect_failure
}

# unknown properties are warnings, which count with --strict; those of other systems are not ours
test_unknown() {
	mydocker_only
	bundle '.hostnam = "x" | .windows = {} | .process.zzzzzzzz = 1' 'true'
	capture rt check --bundle "$BUNDLE"
	expect_status 0
	expect_match '^warning +/hostnam +unknown, and ignored; did you mean "hostname"[?]$' "$OUT"
	expect_match '^warning +/process/zzzzzzzz +unknown, and ignored$' "$OUT"
	expect_no_match windows "$OUT"
	capture rt check --strict --bundle "$BUNDLE"
	expect_status 1
	run
	expect_status 0
	expect_no_match unknown "$ERR" 'warnings of run'
}

# a name with a letter too many is guessed, wherever it stands
test_misspelt() {
	local path name total=0 right=0

	mydocker_only
	bundle '.' 'true'
	cp "$CONFIG" "$HERE/config"
	while read -r path; do
		name=$(jq -r 'last' <<<"$path")
		case $name in ociVersion | root | path | type | destination) continue ;; esac
		jq --argjson p "$path" 'getpath($p) as $value | delpaths([$p])
			| setpath($p[:-1] + [$p[-1][:2] + $p[-1][1:]]; $value)' "$HERE/config" >"$CONFIG"
		total=$((total + 1))
		capture rt check --bundle "$BUNDLE"
		[[ $OUT != *"did you mean \"$name\""* ]] || right=$((right + 1))
	done < <(jq -c '[paths | select(last | type == "string")] | unique_by(last) | .[]' "$CONFIG")
	((total > 25 && right * 100 >= total * 95)) || fail "$right of $total were guessed"
}

run_tests
