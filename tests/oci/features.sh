#!/bin/bash
# What `features` promises, and whether the configuration takes it.

. "${0%/*}/lib.sh"

# What features prints; jq takes a filter from the arguments.
features() {
	"$RUNTIME" features | jq -r "$@"
}

# taken FILTER [JQ-ARGUMENT...]: a configuration with this is compiled to a plan
taken() {
	bundle "$1" '' "${@:2}"
	capture rt create --dry-run --format json --bundle "$BUNDLE" "$ID"
	[ "$STATUS" = 0 ] || fail "refused: ${*:2}: $ERR"
}

# created FILTER [JQ-ARGUMENT...]: a container with this is made
created() {
	bundle "$1" '' "${@:2}"
	capture rt create --bundle "$BUNDLE" "$ID"
	[ "$STATUS" = 0 ] || fail "refused: ${*:2}: $ERR"
	rt delete --force "$ID"
}

# [features-01] one JSON object, without a state root, and from nobody the same as from root
test_anybody() {
	mydocker_only
	chmod 711 "$OCI_WORK" "$HERE"
	cp "$RUNTIME" "$HERE/runtime"
	[ ! -e "${RUNTIME%/*}/mydocker-systemd" ] || cp "${RUNTIME%/*}/mydocker-systemd" "$HERE/"
	capture setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$HERE/runtime" features
	expect_status 0
	expect_eq '' "$ERR" stderr
	expect_eq 1 "$(jq -s length <"$HERE/stdout")" documents
	expect_eq "$("$RUNTIME" features)" "$OUT" "nobody's features"
	[ ! -e "$ROOT" ]
}

# [features-02] what the host mounts makes no difference
test_any_host() {
	mydocker_only
	expect_eq "$("$RUNTIME" features)" "$(unshare --mount sh -c 'umount -l /sys/fs/cgroup; umount -l /sys; exec "$@"' - "$RUNTIME" features)" \
		'features without cgroups'
}

# [features-03] [features-06] [features-07] [features-10] [features-16] [features-17] the document has the form of the specification
test_form() {
	mydocker_only
	expect_eq true "$(features '
		def words: type == "array" and length > 0 and all(type == "string") and (unique | length) == length;
		def flag: type == "boolean";
		(keys - ["ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
			"potentiallyUnsafeConfigAnnotations"] == [])
		and (.ociVersionMin | test("^1\\.[0-9]+\\.[0-9]+$")) and (.ociVersionMax | test("^1\\.[0-9]+\\.[0-9]+$"))
		and ((.ociVersionMin | split(".") | map(tonumber)) <= (.ociVersionMax | split(".") | map(tonumber)))
		and (.hooks | words) and (.mountOptions | words and all(test("^[a-z-]+$")))
		and (.mountOptions - ["size", "mode", "uid", "gid", "acl", "noacl"] == .mountOptions)
		and (.linux | keys - ["namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux", "intelRdt",
			"memoryPolicy", "mountExtensions", "netDevices"] == [])
		and (.linux.namespaces | words) and (.linux.capabilities | words and all(test("^CAP_[A-Z_]+$")))
		and ([.linux.cgroup | .v1, .v2, .systemd, .systemdUser, .rdma] | all(flag))
		and (.linux.seccomp | (.enabled | flag) and ([.actions, .operators, .archs, .knownFlags, .supportedFlags] | all(words)))
		and (.linux.seccomp | .supportedFlags - .knownFlags == [])
		and ([.linux | .apparmor, .selinux, .netDevices, .mountExtensions.idmap | .enabled] | all(flag))
		and ([.linux.intelRdt | .enabled, .schemata, .monitoring] | all(flag))
		and (.linux.memoryPolicy | (.modes | words) and (.flags | words))
		and .linux.mountExtensions.idmap.enabled
		and (.annotations | type == "object" and all(.[]; type == "string") and (keys | all(length > 0)))
		and (.potentiallyUnsafeConfigAnnotations | all(type == "string"))
		and ([.. | select(. == null)] == [])' 2>&1)" 'form of the document'
}

# [features-04] [features-05] bundles of the oldest and of the newest version are taken
test_versions() {
	local version

	mydocker_only
	for version in $(features '.ociVersionMin, .ociVersionMax'); do
		created '.ociVersion = $version' --arg version "$version"
	done
}

# [features-08] each hook
test_hooks() {
	local list

	mydocker_only
	for list in $(features '.hooks[]'); do
		taken '.hooks[$list] = [{"path": "/no/such"}]' --arg list "$list"
		bundle '.hooks[$list] = [{"path": "relative"}]' '' --arg list "$list"
		expect_refused "/hooks/$list/0/path"
	done
}

# [features-09] each mount option is known, and is not data for the filesystem
test_mount_options() {
	local option maps='{"uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]}'

	mydocker_only
	for option in $(features '.mountOptions[]'); do
		case $option in
		idmap | ridmap) taken '.mounts += [{"destination": "/x", "source": "/", "options": ["bind", $option]} + '"$maps"']' --arg option "$option" ;;
		bind | rbind | copy-symlink | *nofollow | remount)
			taken '.mounts += [{"destination": "/proc", "source": "/", "options": ["bind", $option]}]' --arg option "$option" ;;
		*) taken '.mounts += [{"destination": "/x", "type": "tmpfs", "source": "tmpfs", "options": [$option]}]' --arg option "$option" ;;
		esac
		expect_eq null "$(jq -r '[.steps[] | select(.kind == "mount")][-1].data' <<<"$OUT")" "data made of $option"
	done
}

# [features-11] each namespace
test_namespaces() {
	local type

	mydocker_only
	for type in $(features '.linux.namespaces[]'); do
		taken '.linux.namespaces = ([{"type": "mount"}, {"type": "uts"}, {"type": $type}] | unique)
			| if $type == "user" then .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 1}]
				| .linux.gidMappings = .linux.uidMappings else . end' --arg type "$type"
	done
}

# [features-12] each capability
test_capabilities() {
	mydocker_only
	expect_eq "$(wc -w <<<"$(features '.linux.capabilities[]')")" 41 capabilities
	taken '.process.capabilities = {"bounding": $all}' --argjson all "$(features -c .linux.capabilities)"
	expect_no_match unknown "$ERR" stderr
}

# [features-13] each action, operator, architecture and flag of seccomp
test_seccomp() {
	local word

	mydocker_only
	for word in $(features '.linux.seccomp.actions[]'); do
		taken '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/a", "syscalls": [{"names": ["acct"], "action": $word}]}' \
			--arg word "$word"
		[ "$word" = SCMP_ACT_NOTIFY ] || created '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
			"syscalls": [{"names": ["acct"], "action": $word}]}' --arg word "$word"
	done
	for word in $(features '.linux.seccomp.operators[]'); do
		created '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["acct"], "action": "SCMP_ACT_ERRNO",
			"args": [{"index": 0, "value": 1, "valueTwo": 1, "op": $word}]}]}' --arg word "$word"
	done
	for word in $(features '.linux.seccomp.archs[]'); do
		created '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": [$word],
			"syscalls": [{"names": ["acct"], "action": "SCMP_ACT_ERRNO"}]}' --arg word "$word"
	done
	for word in $(features '.linux.seccomp.knownFlags[]'); do
		taken '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "flags": [$word]}' --arg word "$word"
	done
}

# [features-14] [config-linux-sec-05] each flag that is supported works, one that is none is refused
test_seccomp_flags() {
	local flag

	mydocker_only
	for flag in $(features '.linux.seccomp.supportedFlags[]'); do
		run_ok '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "flags": [$flag],
			"syscalls": [{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}' 'hostname x 2>&1 || :' --arg flag "$flag"
		expect_match 'not implemented' "$OUT" "what the filter did with $flag"
	done
	bundle '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_FOO"]}'
	expect_refused /linux/seccomp/flags/0
}

# [features-15] each mode and flag of memory policies
test_memory_policies() {
	local word

	mydocker_only
	for word in $(features '.linux.memoryPolicy.modes[]'); do
		taken '.linux.memoryPolicy = ({"mode": $word} + if $word | IN("MPOL_DEFAULT", "MPOL_LOCAL") then {} else {"nodes": "0"} end)' \
			--arg word "$word"
	done
	for word in $(features '.linux.memoryPolicy.flags[]'); do
		taken '.linux.memoryPolicy = {"mode": "MPOL_BIND", "nodes": "0", "flags": [$word]}' --arg word "$word"
	done
}

# the document says that checkpoints can be made, as engines ask before they try
test_checkpoint() {
	mydocker_only
	expect_eq true "$(features '.annotations["mydocker.checkpoint.enabled"]')" annotation
}

# [features-18] annotations that change what is done are all listed: the others change nothing
test_unsafe_annotations() {
	mydocker_only
	expect_eq '["org.criu.config","org.opencontainers.image.stopSignal","org.systemd.property."]' \
		"$("$RUNTIME" features | jq -c .potentiallyUnsafeConfigAnnotations)" 'annotations that are read'
	taken '.'
	echo "$OUT" >"$HERE/without"
	taken '.annotations = {"org.criu.config": "/x", "run.oci.keep_original_groups": "1", "org.systemd.property.X": "1", "bundle": "x"}'
	expect_eq "$(<"$HERE/without")" "$OUT" plan
}

run_tests
