#!/bin/bash
# Network devices that the host lends: moved with what is theirs, and given back when nothing comes of the container.

# The file has a network namespace of its own: no device of the machine is touched.
if [ "$(id -u)" = 0 ] && [ -z "${OCI_NETWORK-}" ] && command -v ip >/dev/null; then
	OCI_NETWORK=1 exec unshare --net "$0" "$@"
fi
. "${0%/*}/lib.sh"

# device NAME: a device, up; what is sent to it arrives at NAME-far
device() {
	command -v ip >/dev/null || skip 'needs ip'
	ip link add "$1" type veth peer name "$1-far" || skip 'the kernel has no veth devices'
	ip link set "$1" up
	ip link set "$1-far" up
}

inside() {
	nsenter -t "$PID" -n ip "$@"
}

# A member of what ip tells about a device.
link() {
	ip -j link show "$1" | jq -r ".[0].$2"
}

# [config-linux-net-01] [config-linux-net-07] a listed device moves into the container, and is up there
test_move() {
	runtime_differs runc 'this version does not know it'
	device one
	bundle '.linux.netDevices = {"one": {}}' 'sleep 100'
	create
	expect_match '<.*[<,]UP[,>]' "$(inside link show one)"
	! ip link show one 2>/dev/null || fail 'it is still on the host'
}

# [config-linux-net-02] the device gets the name that is asked for, even one that would be in the way of another
test_rename() {
	runtime_differs runc 'this version does not know it'
	device two
	device three
	bundle '.linux.netDevices = {"two": {"name": "three"}, "three": {"name": "two"}}' 'sleep 100'
	start
	expect_eq 'three two' "$(inside -j link show type veth | jq -r '.[].ifname' | sort | xargs)" names
	expect_match '@two-far|link-netnsid' "$(inside link show three)"
}

# [config-linux-net-05] in a name with %d the kernel puts the next number
test_template() {
	runtime_differs runc 'this version does not know it'
	device four
	device five
	bundle '.linux.netDevices = {"four": {"name": "net%d"}, "five": {"name": "net%d"}}' 'sleep 100'
	start
	expect_eq 'net0 net1' "$(inside -j link show type veth | jq -r '.[].ifname' | sort | xargs)" names
}

# [config-linux-net-06] MTU, hardware address and permanent global addresses survive; others do not
test_attributes() {
	runtime_differs runc 'this version does not know it'
	device six
	ip link set six mtu 1400 address 02:00:00:00:00:42
	ip addr add 10.1.2.3/24 brd 10.1.2.255 dev six
	ip addr add 10.9.9.9 peer 10.9.9.10 dev six
	ip addr add 10.1.2.4/24 dev six valid_lft 1000 preferred_lft 1000
	ip addr add 169.254.1.1/16 scope link dev six
	ip addr add fd00::1/64 dev six nodad
	bundle '.linux.netDevices = {"six": {"name": "inner"}}' 'sleep 100'
	start
	expect_eq '1400 02:00:00:00:00:42' "$(inside -j link show inner | jq -r '.[0] | "\(.mtu) \(.address)"')" attributes
	expect_eq '10.1.2.3/24 10.9.9.9/32 fd00::1/64' "$(inside -j addr show inner | jq -r '.[0].addr_info[] |
		select(.scope == "global") | "\(.local)/\(.prefixlen)"' | sort | xargs)" addresses
	expect_eq '10.1.2.255 10.9.9.10' "$(inside -j addr show inner | jq -r '.[0].addr_info[] | .broadcast // .address // empty' |
		sort | xargs)" 'broadcast and peer'
	expect_no_match '169.254' "$(inside addr show inner)"
}

# [config-linux-net-03] a device that is not there is refused, by its pointer, and those before it come back
test_missing() {
	runtime_differs runc 'this version does not know it'
	device seven
	ip addr add 10.7.7.7/24 dev seven
	bundle '.linux.netDevices = {"seven": {}, "no-such": {}}'
	expect_refused /linux/netDevices/no-such
	expect_match 'no network device no-such' "$ERR" stderr
	expect_match '10\.7\.7\.7/24' "$(ip addr show seven)"
	expect_match '<.*[<,]UP[,>]' "$(ip link show seven)"
}

# [config-linux-net-04] a name that is taken in the container is refused, and the device stays on the host
test_taken() {
	runtime_differs runc 'this version does not know it'
	device eight
	bundle '.linux.netDevices = {"eight": {"name": "lo"}}'
	expect_refused /linux/netDevices/eight
	expect_match 'lo already' "$ERR" stderr
	expect_match '<.*[<,]UP[,>]' "$(ip link show eight)"
}

# the device comes back, as it was, when creating fails after it was moved
test_returned() {
	local list

	runtime_differs runc 'this version does not know it'
	device nine
	ip addr add 10.8.8.8/24 dev nine
	ip addr add fd00::9/64 dev nine nodad
	for list in createRuntime createContainer; do
		bundle '.linux.netDevices = {"nine": {"name": "inner"}} | .hooks["'$list'"] = [{"path": "/bin/false"}]'
		expect_refused "/hooks/$list/0"
		expect_eq '10.8.8.8 fd00::9' "$(ip -j addr show nine | jq -r '.[0].addr_info[] | select(.scope == "global").local' |
			xargs)" addresses
		expect_match '<.*[<,]UP[,>]' "$(ip link show nine)"
	done
	bundle '.linux.netDevices = {"nine": {}} | .process.args = ["/no/such"]'
	expect_refused /process/args
	expect_match '10\.8\.8\.8/24' "$(ip addr show nine)"
}

# the device comes back when the program cannot be run at the very end
test_returned_from_start() {
	runtime_differs runc 'this version does not know it'
	device last
	ip addr add 10.3.3.3/24 dev last
	bundle '.linux.netDevices = {"last": {"name": "inner"}} | .process.args = ["/bin/broken"]'
	printf '#!/no/such/interpreter\n' >"$BUNDLE/rootfs/bin/broken"
	chmod 755 "$BUNDLE/rootfs/bin/broken"
	run
	expect_failure
	expect_unknown
	expect_match '10\.3\.3\.3/24' "$(ip addr show last)"
}

# [config-linux-net-08] what the program does to the device is not undone
test_unmanaged() {
	runtime_differs runc 'this version does not know it'
	device ten
	bundle '.linux.netDevices = {"ten": {}} | .process.capabilities[] += ["CAP_NET_ADMIN"]' 'ip link set ten down; echo >/down; sleep 100'
	start
	wait_for [ -e "$BUNDLE/rootfs/down" ]
	rt exec "$ID" true </dev/null
	expect_no_match '<.*[<,]UP[,>]' "$(inside link show ten)"
}

# [config-linux-net-09] [runtime-64] deleting leaves the device in a network namespace that was joined
test_joined() {
	runtime_differs runc 'this version does not know it'
	device eleven
	touch "$HERE/net"
	unshare --net="$HERE/net" true
	bundle '(.linux.namespaces[] | select(.type == "network")).path = ($here + "/net") | .linux.netDevices = {"eleven": {}}' 'sleep 100'
	start
	rt delete --force "$ID"
	nsenter --net="$HERE/net" ip link show eleven >/dev/null || fail 'the device is gone'
	! ip link show eleven 2>/dev/null || fail 'it is on the host again'
	bundle '(.linux.namespaces[] | select(.type == "network")).path = ($here + "/net") | .linux.netDevices = {"eleven-far": {"name": "eleven"}}'
	expect_refused /linux/netDevices/eleven-far
	expect_match '<.*[<,]UP[,>]' "$(ip link show eleven-far)"
}

# a device moves into a network namespace that a new user namespace owns
test_user_namespace() {
	runtime_differs runc 'this version does not know it'
	device twelve
	ip addr add 10.12.12.12/24 dev twelve
	bundle '.linux.namespaces += [{"type": "user"}] | .linux.netDevices = {"twelve": {}}
		| .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 65536}] | .linux.gidMappings = .linux.uidMappings' 'sleep 100'
	start
	expect_match '10\.12\.12\.12/24' "$(inside addr show twelve)"
}

# names that no device can have, and devices without a namespace to go to, are refused
test_bad_values() {
	local name

	runtime_differs runc 'this version does not know it'
	bundle '.linux.netDevices = {"lo": {}} | .linux.namespaces |= map(select(.type != "network"))'
	expect_refused /linux/netDevices
	for name in 'a/b' '..' 'sixteen-letters-' 'x%dy%d' 'x%s' 'a b' 'a:b'; do
		bundle '.linux.netDevices = {"lo": {"name": $name}}' '' --arg name "$name"
		expect_refused /linux/netDevices/lo/name
	done
	bundle '.linux.netDevices = {"eth%d": {}}'
	expect_refused '/linux/netDevices/eth%d'
	bundle '.linux.netDevices = {"a": {"name": "x"}, "b": {"name": "x"}}'
	expect_refused /linux/netDevices/b/name
}

run_tests
