#!/bin/bash
# Kernel parameters of the container's namespaces.

. "${0%/*}/lib.sh"

# [config-linux-sysctl-01] values arrive, with dots and with slashes
test_values() {
	run_ok '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "9000", "net/ipv4/ip_default_ttl": "42",
			"fs.mqueue.msg_max": "17"}' \
		'cd /proc/sys; cat net/ipv4/ip_forward kernel/msgmax net/ipv4/ip_default_ttl fs/mqueue/msg_max'
	expect_out $'1\n9000\n42\n17'
}

# they do not reach the host
test_host() {
	local before

	before=$(</proc/sys/kernel/msgmax)
	run_ok '.linux.sysctl = {"kernel.msgmax": "9001"}' true
	expect_eq "$before" "$(</proc/sys/kernel/msgmax)" msgmax
}

# [config-linux-sysctl-02] an unknown key, or a refused value, is an error with the pointer
test_refused() {
	bundle '.linux.sysctl = {"net.nosuch": "1"}'
	expect_refused /linux/sysctl/net.nosuch
	bundle '.linux.sysctl = {"net.ipv4.ip_forward": "frog"}'
	expect_refused /linux/sysctl/net.ipv4.ip_forward
}

# a key that no namespace keeps apart is refused
test_not_namespaced() {
	local key

	for key in vm.swappiness kernel.panic fs.file-max kernel.core_pattern; do
		bundle ".linux.sysctl = {\"$key\": \"1\"}"
		expect_refused "/linux/sysctl/$key"
	done
}

# a key whose namespace is the host's is refused
test_shared_namespace() {
	bundle '.linux.namespaces |= map(select(.type != "network")) | .mounts |= map(select(.type != "sysfs"))
		| .linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	expect_refused /linux/sysctl/net.ipv4.ip_forward
	bundle '.linux.namespaces |= map(select(.type != "ipc")) | .mounts |= map(select(.type != "mqueue"))
		| .linux.sysctl = {"kernel.msgmax": "9000"}'
	expect_refused /linux/sysctl/kernel.msgmax
}

# [glossary-03] a parameter that is spelt in two ways has no two values
test_two_spellings() {
	runtime_differs runc 'it takes one of them'
	bundle '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net/ipv4/ip_forward": "0"}'
	expect_refused /linux/sysctl/net~1ipv4~1ip_forward
	run_ok '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net/ipv4/ip_forward": "1"}' 'cat /proc/sys/net/ipv4/ip_forward'
	expect_out 1
}

# a key that is longer than a pointer can be is blamed by the pointer of what holds it, never by half a name
test_long() {
	local length

	for length in 230 240 252; do
		bundle '.linux.sysctl = {("net." + "a" * ($length | tonumber)): "1"}' '' --arg length $length
		if ((length == 230)); then
			expect_refused "/linux/sysctl/net.$(printf 'a%.0s' {1..230})"
		else
			expect_refused /linux/sysctl
		fi
	done
}

# a key that climbs out of /proc/sys is refused
test_climbing() {
	local key

	for key in 'net/../vm/swappiness' '../sysrq-trigger' 'net..ipv4' '/net/ipv4/ip_forward'; do
		bundle ".linux.sysctl = {\"$key\": \"1\"}"
		remember
		capture rt create --bundle "$BUNDLE" "$ID"
		[ "$KIND" = runc ] && [ "$key" = /net/ipv4/ip_forward ] || expect_failure
		rt delete --force "$ID" 2>/dev/null
		expect_nothing_left
	done
}

run_tests
