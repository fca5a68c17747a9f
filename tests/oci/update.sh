#!/bin/bash
# update: other limits for a container that exists, in force at once.

. "${0%/*}/lib.sh"

directory() {
	if [ -d "/sys/fs/cgroup/$1" ]; then
		echo "/sys/fs/cgroup/$1$CGROUP/$ID"
	else
		echo "/sys/fs/cgroup$CGROUP/$ID"
	fi
}

# value CONTROLLER V1-FILE V2-FILE
value() {
	cat "$(directory "$1")/$2" 2>/dev/null || cat "$(directory "$1")/$3"
}

has_swap_limit() {
	[ -e "$(directory memory)/memory.memsw.limit_in_bytes" ] || [ -e "$(directory memory)/memory.swap.max" ]
}

memory_limit() {
	value memory memory.limit_in_bytes memory.max
}

# The limit of memory and swap together; on v2 that of swap and the one of memory.
swap_limit() {
	if [ -e "$(directory memory)/memory.swap.max" ]; then
		echo $(($(<"$(directory memory)/memory.swap.max") + $(memory_limit)))
	else
		cat "$(directory memory)/memory.memsw.limit_in_bytes"
	fi
}

limits() {
	local controller

	for controller in memory cpu pids; do
		grep . "$(directory $controller)"/{memory.limit_in_bytes,memory.max,cpu.shares,cpu.weight,cpu.max,cpu.cfs_*,pids.max} \
			2>/dev/null || :
	done
}

# update ID with a document, captured
update_captured() {
	echo "$1" >"$HERE/resources"
	capture rt update --resources "$HERE/resources" "$ID"
}

running() {
	start_ok "$1" "${2-sleep 1001}"
}

# each option is in force at once
test_options() {
	running '.linux.resources = {}'
	rt update --memory 64m --pids-limit 20 "$ID"
	expect_eq 67108864 "$(memory_limit)" 'memory limit'
	if keeps_reservation; then
		rt update --memory-reservation 32m "$ID"
		expect_eq 33554432 "$(value memory memory.soft_limit_in_bytes memory.low)" reservation
	fi
	expect_eq 20 "$(value pids pids.max pids.max)" 'pids limit'
	rt update --cpu-period 50000 --cpu-quota 25000 --cpu-share 512 --cpuset-cpus 0 --cpuset-mems 0 "$ID"
	expect_match '^25000( 50000)?$' "$(value cpu cpu.cfs_quota_us cpu.max)" quota
	expect_match '50000$' "$(value cpu cpu.cfs_period_us cpu.max)" period
	expect_match '^512$|^20$|^59$' "$(value cpu cpu.shares cpu.weight)" shares
	expect_eq 0 "$(value cpuset cpuset.cpus cpuset.cpus)" cpus
	expect_eq 0 "$(rt exec "$ID" sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)" 'cpus seen inside'
	rt update --pids-limit -1 --memory=-1 "$ID"
	expect_eq max "$(value pids pids.max pids.max)" 'pids limit'
	expect_match '^max$|^9223372036854771712$' "$(memory_limit)" 'memory limit'
}

some_limits() {
	grep -s . "$(directory "$1")"/{*weight,*rt_*_us,*tcp.limit*} || :
}

# what only some kernels and hosts can limit is in force, refused, or ignored with a warning: never none of them
test_options_of_some() {
	local option controller before

	runtime_differs runc 'it takes what it cannot do'
	running '.linux.resources = {}'
	while read -r controller option; do
		before=$(some_limits "$controller")
		# shellcheck disable=SC2086
		capture rt update $option "$ID"
		if [ "$STATUS" = 0 ]; then
			[ "$before" != "$(some_limits "$controller")" ] ||
				expect_match '/linux/resources.*: ignored: ' "$ERR" "warning about $option, which changes nothing,"
		else
			expect_match '/linux/resources|intelRdt' "$ERR"
		fi
	done <<-END
		blkio --blkio-weight=300
		cpu --cpu-rt-period=900000
		cpu --cpu-rt-runtime=1000
		memory --kernel-memory-tcp=64m
		memory --l3-cache-schema=L3:0=f
		memory --mem-bw-schema=MB:0=10
	END
}

# a document on the standard input or in a file
test_document() {
	running '.linux.resources = {}'
	rt update --resources - "$ID" <<<'{"memory": {"limit": 67108864}, "pids": {"limit": 21}}'
	expect_eq "67108864 21" "$(memory_limit) $(value pids pids.max pids.max)"
	rt update --resources=- "$ID" <<<'{"pids": {"limit": 22}}'
	expect_eq "67108864 22" "$(memory_limit) $(value pids pids.max pids.max)"
	echo '{"pids": {"limit": 23}}' >"$HERE/resources"
	rt update -r "$HERE/resources" "$ID"
	expect_eq "67108864 23" "$(memory_limit) $(value pids pids.max pids.max)"
}

# [engines-29] the zeros that engines write for "not set" change nothing
test_zeros() {
	local before

	running '.linux.resources = {"memory": {"limit": 67108864}, "cpu": {"shares": 512, "quota": 50000, "period": 100000},
		"pids": {"limit": 30}}'
	before=$(limits)
	runtime_differs runc 'it takes a pids limit of 0 for unlimited'
	rt update --resources - "$ID" <<<'{"memory":{"limit":0,"reservation":0,"kernel":0},
		"cpu":{"shares":0,"quota":0,"period":0},"blockIO":{"weight":0}}'
	expect_eq "$before" "$(limits)" limits
}

# memory and swap are raised and lowered together, whichever goes first
test_swap() {
	running '.linux.resources.memory = {"limit": 67108864}'
	has_swap_limit || skip 'no accounting of swap'
	rt update --memory-swap 128m "$ID"
	expect_eq 134217728 "$(swap_limit)" 'memory and swap'
	rt update --memory 256m --memory-swap 512m "$ID"
	expect_eq '268435456 536870912' "$(memory_limit) $(swap_limit)" 'raised'
	rt update --memory 32m --memory-swap 48m "$ID"
	expect_eq '33554432 50331648' "$(memory_limit) $(swap_limit)" 'lowered'
	rt update --memory 40m "$ID"
	expect_eq '41943040 50331648' "$(memory_limit) $(swap_limit)" 'memory alone'
	capture rt update --memory 64m "$ID"
	expect_failure
	expect_eq '41943040 50331648' "$(memory_limit) $(swap_limit)" 'after a contradiction'
	rt update --memory -1 "$ID"
	expect_match '^max$|^9223372036854771712$' "$(memory_limit)" 'memory limit'
}

# burst and quota go down and up in an order that the kernel takes
test_burst() {
	mydocker_only
	running '.linux.resources.cpu = {"quota": 50000, "period": 100000}'
	[ -e "$(directory cpu)/cpu.cfs_burst_us" ] || [ -e "$(directory cpu)/cpu.max.burst" ] || skip 'no bursts'
	rt update --cpu-burst 40000 "$ID"
	expect_eq 40000 "$(value cpu cpu.cfs_burst_us cpu.max.burst)" burst
	rt update --cpu-quota 20000 --cpu-burst 10000 "$ID"
	expect_eq 10000 "$(value cpu cpu.cfs_burst_us cpu.max.burst)" burst
	rt update --cpu-quota 90000 --cpu-burst 80000 "$ID"
	expect_eq 80000 "$(value cpu cpu.cfs_burst_us cpu.max.burst)" burst
	rt update --cpu-period 20000 --cpu-quota 10000 --cpu-burst 0 "$ID"
	expect_match '^10000( 20000)?$' "$(value cpu cpu.cfs_quota_us cpu.max)" quota
}

# idle and back, with the shares that it had
test_idle() {
	local shares

	mydocker_only
	running '.linux.resources.cpu = {"shares": 512}'
	[ -e "$(directory cpu)/cpu.idle" ] || skip 'the kernel has no idle cgroups'
	shares=$(value cpu cpu.shares cpu.weight)
	rt update --cpu-idle 1 "$ID"
	expect_eq 1 "$(<"$(directory cpu)/cpu.idle")" idle
	rt update --cpu-quota 50000 "$ID"
	rt update --cpu-idle 0 "$ID"
	expect_eq "0 $shares" "$(<"$(directory cpu)/cpu.idle") $(value cpu cpu.shares cpu.weight)" 'idle and shares'
}

# a new limit of processes is enforced
test_pids_enforced() {
	running . 'while ! [ -e /go ]; do sleep 0.05; done; for i in 1 2 3 4 5 6 7 8; do sleep 0.3 & done; wait; echo all'
	rt update --pids-limit 4 "$ID"
	rt exec "$ID" touch /go || touch "/proc/$PID/root/go"
	wait_for is_status stopped
	expect_match "can't fork|Resource temporarily" "$(<"$HERE/log")"
}

# a new limit of memory is enforced
test_memory_enforced() {
	running '.linux.resources.memory = {"limit": 268435456}' 'while ! [ -e /go ]; do sleep 0.05; done; probe eat 64; echo "status $?"'
	rt update --memory 16m "$ID"
	! has_swap_limit || rt update --memory-swap 16m "$ID"
	touch "/proc/$PID/root/go"
	wait_for is_status stopped
	expect_no_match 'ate 64' "$(<"$HERE/log")"
}

# Whether the cgroup lets the device be opened, which no driver has.
allowed() {
	capture rt exec "$ID" sh -c ': <>/device'
	expect_failure
	case $ERR in
	*'not permitted'*) echo no ;;
	*'No such device'*) echo yes ;;
	*) fail "unexpected: $ERR" ;;
	esac
}

# device rules are replaced while the container runs
test_devices() {
	mydocker_only
	running '.process.capabilities.bounding += ["CAP_MKNOD"] | .process.capabilities.permitted += ["CAP_MKNOD"]
		| .process.capabilities.effective += ["CAP_MKNOD"]
		| .linux.resources.devices = [{"allow": false}, {"allow": true, "type": "c", "major": 1, "minor": 10, "access": "rw"}]' \
		'mknod /device c 1 10; echo made; sleep 1001'
	wait_for logged made
	expect_eq yes "$(allowed)" 'allowed from the beginning'
	rt update --resources - "$ID" <<<'{"devices": [{"allow": false}]}'
	expect_eq no "$(allowed)" 'no longer listed'
	rt exec "$ID" sh -c ': >/dev/null'
	rt update --resources - "$ID" <<<'{"devices": [{"allow": false}, {"allow": true, "type": "c", "major": 1, "access": "rw"}]}'
	expect_eq yes "$(allowed)" 'listed again'
	rt update --resources - "$ID" <<<'{"devices": [{"allow": true}]}'
	expect_eq yes "$(allowed)" 'everything'
	rt update --resources - "$ID" <<<'{"devices": [{"allow": false}]}'
	expect_eq no "$(allowed)" 'nothing'
	rt exec "$ID" sh -c ': >/dev/null'
}

# what the kernel refuses leaves everything as it was
test_refused() {
	mydocker_only
	running '.linux.resources = {"pids": {"limit": 30}, "cpu": {"shares": 512}}'
	capture rt update --cpuset-cpus 999 --cpu-share 100 --pids-limit 10 "$ID"
	expect_failure
	expect_match '/linux/resources/cpu/cpus' "$ERR"
	expect_eq 30 "$(value pids pids.max pids.max)" 'pids limit'
	capture rt update --cpu-quota 10 --cpu-share 100 "$ID"
	expect_failure
	expect_match '^512$|^20$|^59$' "$(value cpu cpu.shares cpu.weight)" shares
}

# limits that were written before another one was refused get their former values back
test_refused_late() {
	mydocker_only
	running '.linux.resources.memory = {"limit": 268435456}'
	has_swap_limit || skip 'no accounting of swap'
	rt update --memory 32m --memory-swap 48m "$ID"
	update_captured '{"memory": {"limit": 67108864, "swap": 67108864},
		"blockIO": {"throttleReadBpsDevice": [{"major": 999, "minor": 1, "rate": 1}]}}'
	expect_failure
	expect_match '/linux/resources/blockIO/throttleReadBpsDevice/0' "$ERR"
	expect_eq '33554432 50331648' "$(memory_limit) $(swap_limit)" 'memory and swap'
}

# what cannot be understood is refused by name
test_words() {
	mydocker_only
	running .
	capture rt update --memory 64q "$ID"
	expect_failure
	expect_match 'invalid value "64q" for flag -memory' "$ERR"
	update_captured '{"memory": {"limit": "64m"}}'
	expect_failure
	expect_match '/memory/limit' "$ERR"
	capture rt update --l3-cache-schema 'L3:0=f' "$ID"
	expect_failure
	expect_match 'intelRdt' "$ERR"
	capture rt update --resources /nowhere "$ID"
	expect_failure
	expect_match 'No such file|no such file' "$ERR"
}

# [config-linux-cg-25] a limit of kernel memory is ignored, with a warning
test_kernel_memory() {
	mydocker_only
	running .
	capture rt update --kernel-memory 64m "$ID"
	expect_status 0
	expect_match ignored "$ERR"
}

uses_memory() {
	(($(value memory memory.usage_in_bytes memory.current) > $1))
}

# [config-linux-cg-29] a limit below what is used is refused where checkBeforeUpdate asks for that
test_check() {
	running '.linux.resources.memory = {"limit": 268435456, "checkBeforeUpdate": true}' 'head -c 50000000 /dev/zero >/dev/shm/much; sleep 1001'
	wait_for uses_memory 49000000
	update_captured '{"memory": {"limit": 1048576}}'
	expect_failure
	expect_match 'in use already|rejecting memory limit .* that the container uses|busy' "$ERR"
	expect_eq 268435456 "$(memory_limit)" 'memory limit'
	expect_state running
}

# a paused or created container can be updated, a stopped one cannot
test_states() {
	bundle
	create
	rt update --pids-limit 20 "$ID"
	expect_eq 20 "$(value pids pids.max pids.max)" 'pids limit'
	rt delete --force "$ID"
	running .
	rt pause "$ID"
	rt update --pids-limit 21 "$ID"
	expect_eq 21 "$(value pids pids.max pids.max)" 'pids limit'
	rt resume "$ID"
	rt kill "$ID" KILL
	wait_for is_status stopped
	capture rt update --pids-limit 22 "$ID"
	expect_failure
}

# the kept configuration says what is in force
test_kept() {
	mydocker_only
	running '.linux.resources = {"cpu": {"quota": 50000, "period": 100000}, "memory": {"limit": 268435456}}'
	rt update --memory 64m --resources - "$ID" <<<'{"unified": {}, "pids": {"limit": 9}}'
	expect_eq '67108864 9 50000' \
		"$(jq -r '.linux.resources | "\(.memory.limit) \(.pids.limit) \(.cpu.quota)"' "$ROOT/$ID/bundle.json")"
	rt update --cpu-period 200000 "$ID"
	expect_match '^50000( 200000)?$' "$(value cpu cpu.cfs_quota_us cpu.max)" quota
}

run_tests
