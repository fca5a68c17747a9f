#!/bin/bash
# What run changes for a person at the shell, and exec for a second process.

. "${0%/*}/lib.sh"

# people: users in the container's files
people() {
	mkdir -p "$BUNDLE/rootfs/etc"
	printf '%s\n' 'root:x:0:0::/:/bin/sh' 'bird:x:1234:5678::/:/bin/sh' '9lives:x:99:98::/:/bin/sh' \
		'broken:x:12x:0::/:' 'zero:x::0::/:' >"$BUNDLE/rootfs/etc/passwd.new"
	printf '%s\n' 'root:x:0:' 'birds:x:5678:' 'nest:x:777:fish,bird' >"$BUNDLE/rootfs/etc/group.new"
	mv "$BUNDLE/rootfs/etc/passwd.new" "$BUNDLE/rootfs/etc/passwd"
	mv "$BUNDLE/rootfs/etc/group.new" "$BUNDLE/rootfs/etc/group"
}

# the words after the id, or after --, are the command
test_command() {
	mydocker_only
	bundle '.' 'echo config'
	capture rt run --bundle "$BUNDLE" "$ID" echo "two words" -x
	expect_out 'two words -x'
	capture rt run --bundle "$BUNDLE" "$ID" -- echo words
	expect_out words
	capture rt run --bundle "$BUNDLE" -- echo words
	expect_out words
	capture rt run --bundle "$BUNDLE" --name "$ID" sh -c 'exit 3'
	expect_status 3
	capture rt run --bundle "$BUNDLE" -name "$ID"
	expect_out config
}

# -e and --env-file set variables: a later one replaces an earlier one
test_environment() {
	mydocker_only
	bundle '.process.env += ["ONE=config", "TWO=config"]' 'echo $ONE $TWO $THREE $FOUR; env | grep -c ONE='
	printf '%s\n' '# comment' '' 'TWO=file' 'THREE=file' >"$HERE/env"
	FOUR=ours capture rt run --bundle "$BUNDLE" -e ONE=option --env-file "$HERE/env" -e THREE=option -e FOUR -e NONE "$ID"
	expect_out $'option file option ours\n1'
	capture rt run --bundle "$BUNDLE" -e =x "$ID"
	expect_failure
	capture rt run --bundle "$BUNDLE" --env-file /nonexistent "$ID"
	expect_failure
	expect_match '/nonexistent' "$ERR"
	printf '  SIX=6\r\n\t# comment\nSEVEN=a b=c' >"$HERE/env"
	expect_eq '6 a b=c' "$(rt run --bundle "$BUNDLE" --env-file "$HERE/env" --name "$ID" -- sh -c 'echo "$SIX $SEVEN"' </dev/null)" 'blanks'
}

# a file of variables that cannot be read, or has what is none, is refused with the place
test_environment_file() {
	local line

	mydocker_only
	bundle '.' 'true'
	capture rt run --bundle "$BUNDLE" --env-file "$HERE" "$ID"
	expect_status 1
	expect_match "cannot read $HERE: Is a directory" "$ERR"
	for line in 'export B=2' '=2' 'B=2\0C=3'; do
		printf "A=1\n$line\n" >"$HERE/env"
		capture rt run --bundle "$BUNDLE" --env-file "$HERE/env" "$ID"
		expect_status 1
		expect_match "^mydocker: run: $HERE/env, line 2: " "$ERR"
	done
}

# -v binds a directory of the host, with its options
test_volume() {
	mydocker_only
	mkdir "$HERE/data"
	echo text >"$HERE/data/file"
	bundle '.' 'cat /srv/file; touch /srv/new && echo written; grep " /srv " /proc/self/mountinfo | cut -d " " -f 6'
	capture rt run --bundle "$BUNDLE" -v "$HERE/data:/srv" "$ID"
	expect_match $'^text\nwritten' "$(head -n 2 <<<"$OUT")"
	capture rt run --bundle "$BUNDLE" -v "$HERE/data:/srv:ro,nosuid" "$ID"
	expect_match '^ro,nosuid' "$(tail -n 1 <<<"$OUT")"
	expect_no_match written "$OUT"
	capture rt run --bundle "$BUNDLE" -v "$HERE/nonexistent:/srv" "$ID"
	expect_failure
	capture rt run --bundle "$BUNDLE" -v justone "$ID"
	expect_failure
	expect_match 'SOURCE:/TARGET' "$ERR"
}

# limits are in the plan as if the configuration had them
test_limits() {
	mydocker_only
	bundle '.' 'true'
	capture rt run --dry-run --bundle "$BUNDLE" -m 64m --cpus 1.5 -cpushare 512 -cpuset 0 --pids-limit 50 "$ID"
	expect_status 0
	expect_match '67108864.*/linux/resources/memory/limit' "$OUT"
	expect_match '150000' "$OUT"
	expect_match '/linux/resources/cpu/cpus' "$OUT"
	expect_match 'value=(512|59) .*/linux/resources/cpu/shares' "$OUT"
	expect_match '50.*/linux/resources/pids/limit' "$OUT"
	capture rt run --dry-run --bundle "$BUNDLE" --cpus .5 "$ID"
	expect_match '50000' "$OUT"
	for bad in '-m 64q' '--cpus x' '--cpus 0' '--cpus .' '--cpus .x' '--cpus -1' '--pids-limit x'; do
		# shellcheck disable=SC2086
		capture rt run --dry-run --bundle "$BUNDLE" $bad "$ID"
		expect_failure
	done
}

# limits hold
test_limits_hold() {
	local directory

	mydocker_only
	bundle '.' 'sleep 100'
	rt run -d --bundle "$BUNDLE" -m 64m --pids-limit 50 "$ID" >/dev/null
	for directory in $(jq -r '.cgroups[].path' "$ROOT/$ID/config.json"); do
		cat "$directory"/memory.limit_in_bytes "$directory"/memory.max "$directory"/pids.max 2>/dev/null || :
	done >"$HERE/limits"
	expect_match '^67108864$' "$(<"$HERE/limits")"
	expect_match '^50$' "$(<"$HERE/limits")"
}

# -w, --read-only and --net
test_places() {
	mydocker_only
	bundle '.root.readonly = false' 'pwd; touch /x 2>/dev/null || echo read-only; ls /sys/class/net | grep -v sit0'
	capture rt run --bundle "$BUNDLE" -w /bin --read-only --net none "$ID"
	expect_out $'/bin\nread-only\nlo'
	capture rt run --bundle "$BUNDLE" --net host "$ID" readlink /proc/self/ns/net
	expect_out "$(readlink /proc/self/ns/net)"
	capture rt run --bundle "$BUNDLE" --net bridge "$ID"
	expect_failure
	expect_match 'host or none' "$ERR"
}

# -u takes numbers and the container's names
test_user() {
	local user

	mydocker_only
	bundle '.' 'echo $(id -u):$(id -g):$(id -G)'
	people
	while read -r user expected; do
		capture rt run --bundle "$BUNDLE" -u "$user" "$ID"
		expect_out "$expected"
	done <<-'END'
		1000 1000:0:0
		1000:1001 1000:1001:1001
		bird 1234:5678:5678 777
		bird:nest 1234:777:777
		1000:nest 1000:777:777
		9lives 99:98:98
	END
	for user in nosuch 12x zero broken bird:nosuch : bird: :nest 4294967295; do
		capture rt run --bundle "$BUNDLE" -u "$user" "$ID"
		expect_failure
		expect_match "user|group" "$ERR"
	done
}

# the container's passwd cannot lead out of it, nor stop us
test_user_traps() {
	mydocker_only
	bundle '.' 'id -u'
	people
	mkdir "$HERE/outside"
	echo 'spy:x:4242:0::/:' >"$HERE/outside/passwd"
	rm "$BUNDLE/rootfs/etc/passwd"
	ln -s "$HERE/outside/passwd" "$BUNDLE/rootfs/etc/passwd"
	capture rt run --bundle "$BUNDLE" -u spy "$ID"
	expect_failure
	rm "$BUNDLE/rootfs/etc/passwd"
	mkfifo "$BUNDLE/rootfs/etc/passwd"
	capture timeout 5 "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" -u spy "$ID"
	expect_status 1
}

# --rootfs runs a directory without a bundle
test_rootfs() {
	mydocker_only
	remember
	mkdir "$HERE/empty"
	cd "$HERE/empty"
	capture rt run --rootfs "$WORK/rootfs" --name "$ID" -- sh -c 'echo $$ in $(pwd); hostname'
	expect_status 0
	expect_out $'1 in /\nmydocker'
	expect_nothing_left
	capture rt run --rootfs /nonexistent "$ID"
	expect_failure
	expect_match /nonexistent "$ERR"
}

# -ti gives the program a terminal; -i and -d do not go together
test_terminal() {
	mydocker_only
	bundle '.' 'tty >/dev/null && echo terminal; cat'
	echo typed | script -qec "$RUNTIME --root $ROOT run -ti --bundle $BUNDLE $ID sh -c 'tty'" /dev/null >"$HERE/tty" || :
	expect_match '/dev/(pts/0|console)' "$(<"$HERE/tty")"
	capture rt run -i -d --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_match 'do not go together' "$ERR"
}

# what was changed is what the container keeps: exec inherits it
test_kept() {
	mydocker_only
	bundle '.' 'sleep 100'
	people
	rt run -d --bundle "$BUNDLE" -e KEPT=yes -w /bin "$ID" >/dev/null
	capture rt exec "$ID" sh -c 'echo $KEPT $(pwd)'
	expect_out 'yes /bin'
	expect_eq 'yes' "$(jq -r '.process.env[] | select(startswith("KEPT=")) | .[5:]' "$ROOT/$ID/bundle.json")" bundle.json
}

# exec: -u by name, -e replacing, --env-file, -w
test_exec() {
	mydocker_only
	bundle '.process.env += ["ONE=config"]' 'sleep 100'
	people
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	echo TWO=file >"$HERE/env"
	capture rt exec -u bird -e ONE=option --env-file "$HERE/env" -w /bin "$ID" sh -c \
		'echo $(id -u):$(id -g):$(id -G) $ONE $TWO $(pwd)'
	expect_out '1234:5678:5678 777 option file /bin'
	capture rt exec -u nosuch "$ID" true
	expect_status 255
	expect_match 'no user "nosuch"' "$ERR"
	expect_eq root "$(echo whoami | rt exec -i -u 0 "$ID" sh)" 'interactive exec'
}

# exec --timeout kills the command and what it has started
test_exec_timeout() {
	mydocker_only
	bundle '.' 'sleep 100'
	rt run -d --bundle "$BUNDLE" "$ID" >/dev/null
	capture rt exec --timeout 200ms "$ID" sh -c 'sleep 4444 & (sleep 4444; true) & wait'
	expect_status 137
	expect_match 'its time was over' "$ERR"
	expect_eq '' "$(pgrep -f 'sleep 4444' || :)" 'processes left'
	expect_state running
	capture rt exec --timeout 20s "$ID" sh -c 'exit 6'
	expect_status 6
	expect_eq '' "$ERR" stderr
	rt exec -d --timeout 200ms "$ID" sleep 5555
	wait_for eval '! pgrep -f "sleep 5555"'
	capture rt exec --timeout 0 "$ID" true
	expect_status 255
}

run_tests
