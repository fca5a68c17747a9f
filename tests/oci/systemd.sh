#!/bin/bash
# Cgroups that systemd makes: the scope, its properties, and that both stay what they are. Where systemd is process 1.

. "${0%/*}/lib.sh"

SLICE=mydocker-tests.slice
export SYSTEMCTL_FORCE_BUS=1 # systemd's own socket is not for other pid namespaces

# Tests end here where there is no systemd; else $UNIT is the container's.
needs_systemd() {
	[ -d /run/systemd/system ] || skip 'systemd does not run here'
	[ -x "${RUNTIME%/*}/mydocker-systemd" ] || [ "$KIND" != mydocker ] || skip 'built without libsystemd'
	UNIT=t-$ID.scope
}

# scope [FILTER [SCRIPT [JQ-ARGUMENT...]]]: bundle, in systemd's words
scope() {
	needs_systemd
	bundle "${1:-.} | .linux.cgroupsPath = \"$SLICE:t:$ID\"" "${2-sleep 1000}" "${@:3}"
}

# The runtime with systemd's cgroups.
sd() {
	rt --systemd-cgroup "$@"
}

sd_create() {
	sd create --bundle "$BUNDLE" --pid-file "$HERE/pid" "$@" "$ID" >"$HERE/log" 2>&1 </dev/null ||
		fail "create failed: $(<"$HERE/log")"
	PID=$(<"$HERE/pid")
}

sd_start() {
	sd_create
	rt start "$ID"
}

property() {
	systemctl show --value -p "$1" "$UNIT"
}

# The container's directory for a controller, on v1, hybrid or v2.
directory() {
	local path

	path=$(awk -F: -v word="$1" '$2 == "" || index("," $2 ",", "," word ",") { print ($2 == "") $3 }' "/proc/$PID/cgroup" | sort | head -n 1)
	if [ "${path:0:1}" = 0 ]; then
		echo "/sys/fs/cgroup/$1${path:1}"
	else
		echo "/sys/fs/cgroup${path:1}"
	fi
}

# value CONTROLLER FILE...: what the first of the files says
value() {
	local where file

	where=$(directory "$1")
	for file in "${@:2}"; do
		[ ! -e "$where/$file" ] || { cat "$where/$file" && return; }
	done
	fail "no file $* in $where"
}

# expect_refused for create with systemd's cgroups
sd_refused() {
	local pointer=$1

	remember
	rm -f "$HERE/errors"
	capture rt --systemd-cgroup --log "$HERE/errors" --log-format json create --bundle "$BUNDLE" "$ID"
	expect_failure
	expect_nothing_left
	expect_unknown
	expect_record "$pointer"
}

is_loaded() {
	[ "$(property LoadState)" = loaded ]
}

is_gone() {
	! is_loaded
}

# [config-linux-cg-03] the scope is in its slice, the container in the scope, and nobody else
test_scope() {
	scope
	sd_create
	expect_eq "$SLICE active yes" "$(property Slice) $(property ActiveState) $(property Delegate)" unit
	expect_match "/mydocker.slice/$SLICE/$UNIT\$" "$(<"/proc/$PID/cgroup")" cgroup
	expect_eq "$PID" "$(<"$(directory memory)/cgroup.procs")" members
	expect_eq systemd "$(jq -r .cgroupDriver "$ROOT/$ID/config.json")" driver
	rt delete "$ID"
	is_gone || fail "$UNIT is there"
}

# without a path the scope is called after the container, in system.slice
test_default() {
	scope 'del(.linux.cgroupsPath)'
	edit 'del(.linux.cgroupsPath)'
	UNIT=mydocker-$ID.scope
	sd_create
	expect_match "/system.slice/$UNIT\$" "$(<"/proc/$PID/cgroup")" cgroup
	expect_eq system.slice "$(property Slice)" slice
	rt delete "$ID"
	scope
	edit --arg path ":p:$ID" '.linux.cgroupsPath = $path'
	sd_create
	expect_match "/system.slice/p-$ID.scope\$" "$(<"/proc/$PID/cgroup")" cgroup
}

# [config-linux-cg-03] a path that is none of the manager's is refused, with its pointer and what to do
test_form() {
	local path

	for path in /a/b a:b:c 'a.slice:p:n o' ../a.slice:p:n a.slice:../..:n a.slice:p:../../../n; do
		scope
		edit --arg path "$path" '.linux.cgroupsPath = $path'
		sd_refused /linux/cgroupsPath
	done
	scope
	mydocker_only
	expect_refused /linux/cgroupsPath
	expect_match 'systemd-cgroup' "$ERR" hint
}

LIMITS='.linux.resources.memory = {"limit": 67108864, "swap": 100663296} | .linux.resources.pids.limit = 20
	| .linux.resources.cpu = {"shares": 512, "quota": 25000, "period": 50000, "cpus": "0", "mems": "0"}'

# Each limit as systemd knows it.
properties() {
	systemctl show -p MemoryMax,MemoryLimit,MemoryLow,MemorySwapMax,CPUWeight,CPUShares,CPUQuotaPerSecUSec,CPUQuotaPeriodUSec,TasksMax \
		-p AllowedCPUs,AllowedMemoryNodes,DeviceAllow,DevicePolicy "$UNIT" | sort
}

# Each limit as it is in force.
values() {
	value memory memory.limit_in_bytes memory.max
	value cpu cpu.shares cpu.weight
	value cpu cpu.cfs_quota_us cpu.max
	value pids pids.max
	value cpuset cpuset.cpus
	value devices devices.list cgroup.type
}

# limits are properties of the unit, and in force
test_limits() {
	scope "$LIMITS"
	sd_create
	expect_eq '500ms 50ms 20' "$(property CPUQuotaPerSecUSec) $(property CPUQuotaPeriodUSec) $(property TasksMax)" properties
	expect_match '^Memory(Max|Limit)=67108864$' "$(properties)"
	expect_match '^CPU(Weight=59|Shares=512)$' "$(properties)"
	expect_match '^AllowedCPUs=0$' "$(properties)"
	expect_match '^DevicePolicy=strict$' "$(properties)"
	expect_match '^DeviceAllow=/dev/char/1:3 rwm$' "$(properties)"
	expect_match '^67108864 (512|59) 25000( 50000)? 20 0 ' "$(values | xargs)" files
	[ -e "$(directory memory)/memory.max" ] || return 0
	expect_eq '33554432 33554432' "$(property MemorySwapMax) $(value memory memory.swap.max)" swap
	rt delete "$ID"
	# (kernels of today have no reservation on v1)
	scope '.linux.resources.memory.reservation = 33554432 | .linux.resources.unified = {"memory.high": "50000000", "memory.max": "64M", "cpu.weight": "77"}'
	sd_create
	expect_eq '33554432 33554432' "$(property MemoryLow) $(value memory memory.low)" reservation
	expect_eq '49999872 67108864 77' "$(value memory memory.high) $(value memory memory.max) $(value cpu cpu.weight)" 'files by their names'
	expect_eq '67108864 77' "$(property MemoryMax) $(property CPUWeight)" 'and the properties'
}

# a container without limits has none
test_no_limits() {
	scope 'del(.linux.resources)'
	sd_create
	expect_eq max "$(value pids pids.max)" pids.max
	expect_eq infinity "$(property TasksMax)" TasksMax
}

# Tells whether the container may open what it is allowed to, and may not what it is denied.
DEVICES='for d in allowed denied; do (: </dev/$d) 2>/dev/null && echo "$d opens" || echo "$d does not"; done'

# daemon-reload, and a change next to it, leave limits and device rules as they are
test_reload() {
	local before before_properties

	scope "$LIMITS"' | .linux.resources.cpu.quota = 25300
		| .linux.resources.devices = [{"allow": false}, {"allow": true, "type": "c", "major": 1, "minor": 11, "access": "r"}]
		| .linux.devices = [{"type": "c", "path": "/dev/allowed", "major": 1, "minor": 11}, {"type": "c", "path": "/dev/denied", "major": 10, "minor": 229}]' \
		"mkfifo /go; read x </go; $DEVICES"
	sd_start
	before=$(values) before_properties=$(properties)
	systemctl daemon-reload
	systemctl set-property --runtime "$SLICE" CPUWeight=50 MemoryHigh=900M
	systemctl set-property --runtime "$SLICE" CPUWeight=100 MemoryHigh=infinity
	expect_eq "$before_properties" "$(properties)" properties
	expect_eq "$before" "$(values)" files
	wait_for test -e "/proc/$PID/root/go"
	echo >"/proc/$PID/root/go"
	wait_for is_status stopped
	expect_eq $'allowed opens\ndenied does not' "$(grep -v warning: "$HERE/log")" output
}

# update changes files and properties alike
test_update() {
	scope "$LIMITS"
	sd_start
	rt update --memory 100m --memory-swap 120m --pids-limit 30 --cpu-share 1024 "$ID"
	expect_match '^Memory(Max|Limit)=104857600$' "$(properties)"
	expect_match '^CPU(Weight=100|Shares=1024)$' "$(properties)"
	expect_match '^104857600 (1024|100) 25000( 50000)? 30 0 ' "$(values | xargs)" files
	expect_eq '30 500ms' "$(property TasksMax) $(property CPUQuotaPerSecUSec)" properties
	rt update --cpu-quota 60000 --cpu-period 100000 "$ID"
	expect_eq '600ms 100ms' "$(property CPUQuotaPerSecUSec) $(property CPUQuotaPeriodUSec)" properties
	systemctl daemon-reload
	expect_match '^104857600 (1024|100) 60000( 100000)? 30 0 ' "$(values | xargs)" 'files afterwards'
	capture rt update --cpu-quota 10 "$ID"
	expect_failure
	expect_eq 600ms "$(property CPUQuotaPerSecUSec)" 'after a refused update'
}

# What the files of CPU time say, "QUOTA PERIOD".
cpu_time() {
	local text

	text=$(value cpu cpu.max cpu.cfs_quota_us)
	[ "$text" != "${text% *}" ] || text="${text/#-1/max} $(value cpu cpu.cfs_period_us)"
	echo "$text"
}

# a period without a quota is kept for the quota to come, whatever else changes
test_period() {
	scope '.linux.resources.cpu.period = 900000'
	sd_start
	expect_eq 'max 900000' "$(cpu_time)" 'CPU time'
	rt update --pids-limit 30 "$ID"
	expect_eq 'max 900000 900ms' "$(cpu_time) $(property CPUQuotaPeriodUSec)" 'after an update of something else'
	rt update --cpu-quota 450000 "$ID"
	expect_eq '450000 900000 500ms' "$(cpu_time) $(property CPUQuotaPerSecUSec)" 'with a quota'
	rt update --cpu-quota -1 "$ID"
	expect_eq 'max 900000 infinity' "$(cpu_time) $(property CPUQuotaPerSecUSec)" 'without it'
	rt update --cpu-period 50000 "$ID"
	expect_eq 'max 50000 50ms' "$(cpu_time) $(property CPUQuotaPeriodUSec)" 'another period'
	rt update --cpu-quota 25000 "$ID"
	expect_eq '25000 50000 500ms' "$(cpu_time) $(property CPUQuotaPerSecUSec)" 'with a quota again'
}

# [config-linux-cg-41] a limit of no processes lets in the first, as one of one does; nobody counts who has made the place for it
test_least_processes() {
	local limit

	for limit in 0 1; do
		scope ".linux.resources.pids.limit = $limit" 'sleep 1 & wait'
		sd_create
		expect_eq '1 1' "$(value pids pids.max) $(property TasksMax)" limit
		rt start "$ID"
		wait_for is_status stopped
		expect_match "can't fork|Resource temporarily" "$(<"$HERE/log")" output
		rt delete "$ID"
	done
	scope '.linux.resources.pids.limit = 2 | .linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
	chmod 711 "$OCI_WORK" "$HERE" "$BUNDLE"
	sd_create
	expect_eq 2 "$(value pids pids.max)" 'two, for those who are two for a moment'
	rt delete --force "$ID"
	sd run -d --bundle "$BUNDLE" --pid-file "$HERE/pid" "$ID" >/dev/null
	PID=$(<"$HERE/pid")
	expect_eq 2 "$(value pids pids.max)" 'two, in the background'
}

# The weights of disks under the BFQ scheduler: "WEIGHT", and that of a device, as "MAJOR:MINOR WEIGHT".
bfq() {
	echo "$(value blkio io.bfq.weight blkio.bfq.weight | sed 's/^default //; q') $(value blkio io.bfq.weight blkio.bfq.weight_device | grep "^$1 ")"
}

# weights of disks stay what was asked for, though systemd has others
test_weights() {
	local device number

	scope
	truncate -s 1M "$HERE/disk"
	device=$(losetup -f --show "$HERE/disk" 2>/dev/null) || skip 'no loop device'
	trap 'losetup -d '"$device" EXIT
	echo bfq >"/sys/block/${device##*/}/queue/scheduler" 2>/dev/null || skip 'the kernel has no BFQ'
	number=$(<"/sys/block/${device##*/}/dev")
	edit ".linux.resources.blockIO = {weight: 150, weightDevice: [{major: ${number%:*}, minor: ${number#*:}, weight: 180}]}"
	sd_start
	expect_eq "150 $number 180" "$(bfq "$number")" weights
	expect_match '^(IO|BlockIO)Weight=650$' "$(systemctl show -p IOWeight,BlockIOWeight "$UNIT")"
	rt update -r - "$ID" <<<"{\"blockIO\": {\"weight\": 111, \"weightDevice\": [{\"major\": ${number%:*}, \"minor\": ${number#*:}, \"weight\": 122}]}}"
	expect_eq "111 $number 122" "$(bfq "$number")" 'weights after an update'
	expect_match '^(IO|BlockIO)Weight=221$' "$(systemctl show -p IOWeight,BlockIOWeight "$UNIT")"
	systemctl daemon-reload
	# on v1 systemd has none for a device, and the kernel forgets them when it writes the other
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		expect_eq "111 $number 122" "$(bfq "$number")" 'weights after daemon-reload'
	else
		expect_eq 111 "$(value blkio blkio.bfq.weight)" 'weight after daemon-reload'
	fi
}

# annotations are properties, times in seconds, too
test_annotations() {
	scope '.annotations = {"org.systemd.property.TimeoutStopSec": "7", "org.systemd.property.CollectMode": "'"'inactive'"'",
		"org.systemd.property.After": "['"'a.service', 'b.service'"']", "org.systemd.property.Description": "\"a \\\"b\\\" c\"",
		"org.systemd.property.RuntimeMaxUSec": "uint64 600000000"}'
	sd_create
	expect_eq '7s inactive a "b" c 10min' "$(property TimeoutStopUSec) $(property CollectMode) $(property Description) $(property RuntimeMaxUSec)" properties
	expect_match 'a.service' "$(property After)" After
	expect_match 'b.service' "$(property After)" After
}

# an annotation that is no value, or no property, is refused
test_annotations_refused() {
	local value

	for value in 'infinity' 'uint64 -1'; do
		scope
		edit --arg value "$value" '.annotations."org.systemd.property.TimeoutStopUSec" = $value'
		sd_refused /annotations/org.systemd.property.TimeoutStopUSec
	done
	scope '.annotations."org.systemd.property.x-y" = "5"'
	sd_refused /annotations/org.systemd.property.x-y
	scope '.annotations."org.systemd.property.NoSuchThing" = "5"'
	sd_refused -
	expect_match 'NoSuchThing' "$ERR"
	is_gone || fail "$UNIT is there"
}

# a name that is taken is refused, and who has it is left alone
test_taken() {
	scope
	rt --root "$ROOT-other" --systemd-cgroup run -d --bundle "$BUNDLE" other >/dev/null
	sd_refused /linux/cgroupsPath
	expect_match "$UNIT" "$ERR"
	expect_eq active "$(property ActiveState)" 'state of the other'
	rt --root "$ROOT-other" delete --force other
	is_gone || fail "$UNIT is there"
}

# a frozen cgroup under the name is refused at once, and left as it was
test_frozen() {
	local where file=cgroup.freeze word=1

	scope
	where=/sys/fs/cgroup/mydocker.slice/$SLICE/$UNIT
	if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
		where=/sys/fs/cgroup/freezer/mydocker.slice/$SLICE/$UNIT file=freezer.state word=FROZEN
	fi
	mkdir -p "$where"
	echo "$word" >"$where/$file"
	sd_refused /linux/cgroupsPath
	expect_match 'unexpectedly frozen' "$ERR"
	expect_eq "$word" "$(<"$where/$file")" 'what was there'
	is_gone || fail "$UNIT is there"
	rmdir "$where"
}

# a slice that was there keeps its limits, and who else is in it, when a container comes and goes
test_slice_stays() {
	scope
	rt --root "$ROOT-other" --systemd-cgroup run -d --bundle "$BUNDLE" other >/dev/null
	systemctl set-property --runtime "$SLICE" TasksMax=77
	edit --arg path "$SLICE:t:$ID-next" '.linux.cgroupsPath = $path'
	sd_start
	rt delete --force "$ID"
	expect_eq 'active 77 77' "$(property ActiveState) $(systemctl show --value -p TasksMax "$SLICE") $(PID=$(jq .init "$ROOT-other/other/config.json") && where=$(directory pids) && cat "${where%/*}/pids.max")" \
		'neighbour, and the limit of both'
	systemctl set-property --runtime "$SLICE" TasksMax=infinity
	rt --root "$ROOT-other" delete --force other
}

# a limit that the kernel takes and does not obey is an error, and no unit is left
test_readback() {
	scope '.linux.resources.cpu.cpus = "0,4000"'
	sd_refused /linux/resources/cpu/cpus
	is_gone || fail "$UNIT is there"
}

# what has failed under the name is put away
test_failed() {
	scope '.annotations = {"org.systemd.property.TimeoutStopSec": "0.2", "org.systemd.property.CollectMode": "'"'inactive'"'"}' \
		'trap "" TERM; mkfifo /go; while :; do read x </go; done'
	sd_start
	wait_for test -e "/proc/$PID/root/go"
	systemctl stop "$UNIT" || :
	expect_eq failed "$(property ActiveState)" state
	rm -rf "${ROOT:?}/$ID"
	sd_create
	expect_eq active "$(property ActiveState)" state
}

# a container whose unit has failed is deleted like any other, and its name is free
test_failed_delete() {
	scope '.annotations = {"org.systemd.property.TimeoutStopSec": "0.2", "org.systemd.property.CollectMode": "'"'inactive'"'"}' \
		'trap "" TERM; mkfifo /go; while :; do read x </go; done'
	remember
	sd_start
	wait_for test -e "/proc/$PID/root/go"
	systemctl stop "$UNIT" || :
	expect_eq failed "$(property ActiveState)" state
	expect_state stopped
	rt delete "$ID"
	is_gone || fail "$UNIT is there: $(property ActiveState)"
	expect_nothing_left
	sd_create
	expect_eq active "$(property ActiveState)" state
}

# v2: exec goes where the first process has been moved when the scope went for lack of processes; and delete finds everything
test_moved() {
	local elsewhere=/sys/fs/cgroup$CGROUP/elsewhere

	[ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2'
	scope
	sd_start
	mkdir "$elsewhere"
	echo "$PID" >"$elsewhere/cgroup.procs"
	wait_for is_gone
	capture rt exec "$ID" cat /proc/self/cgroup
	expect_status 0
	expect_out "0::$CGROUP/elsewhere"
	rt delete --force "$ID"
	rmdir "$elsewhere"
}

# delete stops the unit, ended or running; its name is free at once, and it goes by itself as well
test_delete() {
	local try

	scope
	for try in 1 2 3; do
		sd_start
		rt delete --force "$ID"
		is_gone || fail "$UNIT is there"
		[ ! -e "/sys/fs/cgroup/mydocker.slice/$SLICE/$UNIT" ]
	done
	scope . true
	sd_start
	wait_for is_status stopped
	wait_for is_gone
	rt delete "$ID"
	run --no-subreaper
	sd run --bundle "$BUNDLE" "$ID"
	is_gone || fail "$UNIT is there"
}

# the verbs do in a scope what they do elsewhere
test_verbs() {
	scope . 'trap "exit 3" USR1; mkfifo /go; while :; do read x </go; done'
	sd_start
	wait_for test -e "/proc/$PID/root/go"
	expect_match "/$UNIT\$" "$(rt exec "$ID" cat /proc/self/cgroup)" 'cgroup of exec'
	expect_eq "$PID" "$(rt ps -q "$ID")" ps
	rt pause "$ID"
	expect_state paused
	rt resume "$ID"
	expect_state running
	expect_match '"pids":\{"current":1' "$(rt events --stats "$ID")" stats
	[ "$KIND" != mydocker ] || rt verify "$ID"
	rt kill "$ID" USR1
	wait_for is_status stopped
	rt delete "$ID"
	scope '.hooks.startContainer = [{"path": "/bin/false"}]'
	sd_create
	capture rt start "$ID"
	expect_failure
	expect_match '/hooks/startContainer/0' "$ERR" 'a failed start'
	wait_for is_gone
}

# detached, the monitor keeps the output and writes down the end
test_detached() {
	scope . 'echo out; exit 4'
	sd run -d --bundle "$BUNDLE" "$ID" >/dev/null
	expect_eq 4 "$(rt wait "$ID")" 'exit code'
	expect_eq out "$(rt logs "$ID")" log
	rt delete "$ID"
	is_gone || fail "$UNIT is there"
}

# limits are enforced: memory, processes, CPU time
test_enforced() {
	scope '.linux.resources.memory = {"limit": 33554432, "swap": 33554432}' 'probe eat 80; echo "status $?"'
	capture sd run --bundle "$BUNDLE" "$ID"
	expect_no_match 'ate 80' "$OUT"
	scope '.linux.resources.pids.limit = 5' 'for i in 1 2 3 4 5 6 7 8; do sleep 0.3 & done; wait'
	capture sd run --bundle "$BUNDLE" "$ID"
	expect_match "can't fork|Resource temporarily" "$ERR" stderr
	scope '.linux.resources.cpu = {"quota": 10000, "period": 100000}' 'while :; do :; done'
	sd_start
	wait_for throttled
}

throttled() {
	value cpu cpu.stat | grep -q '^nr_throttled [1-9]'
}

# killed_at CALL VERB...: the runtime, killed at that system call; false when it does not make so many
killed_at() {
	capture "$TOOLS/faultat" "$HERE/killed" 0 KILL "$1" "$RUNTIME" --root "$ROOT" "${@:2}"
	((STATUS != 99)) || fail "$ERR"
	! grep -q '^made' "$HERE/killed"
}

# Deleting by force what a killed verb has left leaves nothing.
expect_all_found() {
	capture rt delete --force "$ID"
	expect_status 0
	nothing_left || fail "$1, $(<"$HERE/killed"): $(left_over)"
	is_gone || fail "$1, $(<"$HERE/killed"): $UNIT is there"
}

# create and delete, killed anywhere, leave nothing that delete --force does not find
test_killed() {
	local call

	scope "$LIMITS"
	needs_tracing
	remember
	for ((call = 1;; call += ${FAULTS:-29})); do
		killed_at "$call" --systemd-cgroup create --bundle "$BUNDLE" "$ID" || break
		expect_all_found create
	done
	((call > 50)) || fail "create is over before call $call: $(<"$HERE/killed")"
	expect_status 0
	for ((call = 1;; call += ${FAULTS:-37})); do
		killed_at "$call" delete --force "$ID" || break
		expect_all_found delete
		sd_create
	done
	nothing_left || fail "after the last delete: $(left_over)"
}

# a hook that fails leaves no unit
test_hook() {
	scope '.hooks.createRuntime = [{"path": "/bin/false"}]'
	sd_refused /hooks/createRuntime/0
	is_gone || fail "$UNIT is there"
}

# without the program that speaks to systemd there is an error that says so
test_program() {
	scope
	mydocker_only
	mkdir -p "$HERE/bin"
	cp "$RUNTIME" "$HERE/bin/mydocker"
	RUNTIME=$HERE/bin/mydocker
	sd_refused ''
	expect_match 'mydocker-systemd.*not installed' "$ERR"
	mkdir -p "$HERE/libexec"
	cp "$BUILD/mydocker-systemd" "$HERE/libexec/"
	sd_create
	is_loaded
}

# several at once
test_many() {
	local i pids=()

	scope
	for i in 1 2 3 4 5 6; do
		sd run --bundle "$BUNDLE" "$ID-$i" true &
		pids+=($!)
		edit --arg path "$SLICE:t:$ID-$i-next" '.linux.cgroupsPath = $path'
	done 2>/dev/null
	wait "${pids[@]}"
	expect_eq '' "$(systemctl list-units --all --no-legend "t-$ID*")" units
}

run_tests
