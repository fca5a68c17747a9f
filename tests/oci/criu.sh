# What the tests of checkpoint and restore share: a CRIU, this machine's if it works here, or the one of `make criu`; and containers
# that are written down and made again.

. "${0%/*}/lib.sh"

for directory in '' "$BUILD/criu" "$BUILD/../criu"; do
	PATH=$directory${directory:+:}$PATH
	criu check >/dev/null 2>&1 && break
	PATH=${PATH#"$directory"}
	PATH=${PATH#:}
	directory=none
done
STANDARD=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
IMAGES=()

# Every test begins with a working CRIU, or is skipped.
criu_needed() {
	[ "$directory" != none ] || skip 'there is no criu that works here; make criu'
	[ -z "${KERNEL-}" ] || skip 'CRIU cannot work under a filter, as which the older kernel is played'
	IMAGES=(--image-path "$HERE/images")
}

# Shows what a container prints in a file. Its output has to be a pipe: a file of the host is none that CRIU could open again.
shown_in() {
	exec cat >>"$HERE/$1"
}

# begin FILTER SCRIPT [JQ-ARGUMENT...]: a running container; what it prints is in $HERE/log
begin() {
	criu_needed
	bundle "$@"
	rt create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" </dev/null > >(shown_in log) 2>&1
	PID=$(<"$HERE/pid")
	rt start "$ID"
}

checkpoint() {
	rt checkpoint "${IMAGES[@]}" "$@" "$ID" </dev/null || fail "checkpoint failed: $(grep Error "$HERE/images/dump.log")"
}

# What it prints from now on is in $HERE/log2, its pid in PID.
restore() {
	rt restore --detach "${IMAGES[@]}" --bundle "$BUNDLE" --pid-file "$HERE/pid2" "$@" "$ID" </dev/null > >(shown_in log2) 2>&1 ||
		fail "restore failed: $(cat "$HERE/log2"; grep Error "$HERE/images/restore.log")"
	PID=$(<"$HERE/pid2")
}

# A number that only its memory knows, again and again.
COUNTING='i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done'

has_lines() {
	(($(wc -l <"$HERE/${2:-log}") >= $1))
}

# It waits until somebody says how it is to go on.
WAITING='echo ready; while [ ! -e /tmp/go ]; do sleep 0.02; done; . /tmp/go'

go_on() {
	echo "$1" >"$BUNDLE/rootfs/tmp/go.new"
	mv "$BUNDLE/rootfs/tmp/go.new" "$BUNDLE/rootfs/tmp/go"
}

# Whether $HERE/log, or another, has a line.
printed() {
	grep -q -- "$1" "$HERE/${2:-log}"
}
