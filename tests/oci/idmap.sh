#!/bin/bash
# Idmapped mounts: whose ids, from where, and how deep.

. "${0%/*}/lib.sh"

chmod 755 "$WORK"

# A source with a file of root's and one of 1000's, and a mount below it with another of root's.
source_tree() {
	runtime_differs runc 'this version knows no idmapped mounts'
	needs_linux 5.12
	mkdir -p "$HERE/source/sub"
	mount -t tmpfs tmpfs "$HERE/source"
	mkdir "$HERE/source/sub"
	mount -t tmpfs tmpfs "$HERE/source/sub"
	touch "$HERE/source/root" "$HERE/source/user" "$HERE/source/sub/root"
	chown 1000:1000 "$HERE/source/user"
}

# seen MOUNT [FILTER]: who owns the three files when the source is mounted so
seen() {
	bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\")} + $1] ${2-}" \
		'stat -c "%u:%g" /mnt/root /mnt/user /mnt/sub/root'
	mkdir "$BUNDLE/rootfs/mnt"
	run
	expect_status 0
}

OWN='"uidMappings": [{"containerID": 0, "hostID": 5000, "size": 10}, {"containerID": 1000, "hostID": 6000, "size": 1}],
	"gidMappings": [{"containerID": 0, "hostID": 7000, "size": 10}, {"containerID": 1000, "hostID": 8000, "size": 1}]'
MAPPED='| .linux.namespaces += [{"type": "user"}]
	| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
	| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'

# [config-18] [config-20] [config-24] idmap with mappings of the mount: they are the ones used, on the mount itself alone
test_own_mappings() {
	source_tree
	seen "{\"options\": [\"rbind\", \"idmap\"], $OWN}"
	expect_out $'5000:7000\n6000:8000\n0:0'
}

# [config-23] ridmap reaches the mounts below
test_recursive() {
	source_tree
	seen "{\"options\": [\"rbind\", \"ridmap\"], $OWN}"
	expect_out $'5000:7000\n6000:8000\n5000:7000'
}

# [config-25] mappings without the option count as idmap
test_without_option() {
	source_tree
	seen "{\"options\": [\"rbind\"], $OWN}"
	expect_out $'5000:7000\n6000:8000\n0:0'
}

# [config-21] without mappings of its own a mount gets those of the container's user namespace
test_container() {
	source_tree
	seen '{"options": ["rbind", "ridmap"]}' "$MAPPED"
	expect_out $'0:0\n1000:1000\n0:0'
	seen '{"options": ["rbind"]}' "$MAPPED"
	expect_out $'65534:65534\n65534:65534\n65534:65534'
}

# [config-20] in a user namespace too, the mappings of the mount win
test_own_in_container() {
	source_tree
	seen '{"options": ["rbind", "idmap"], "uidMappings": [{"containerID": 0, "hostID": 100007, "size": 1}],
		"gidMappings": [{"containerID": 0, "hostID": 200008, "size": 1}]}' "$MAPPED"
	expect_out $'7:8\n65534:65534\n65534:65534'
}

# [config-21] a user namespace that is joined gives its mappings as well
test_joined() {
	local first

	source_tree
	start_ok ".${MAPPED#|*.}" 'sleep 100'
	first=$PID
	ID=$ID-b
	seen '{"options": ["rbind", "idmap"]}' "| .linux.namespaces += [{\"type\": \"user\", \"path\": \"/proc/$first/ns/user\"}]"
	expect_out $'0:0\n1000:1000\n65534:65534'
}

# mappings spelt out in the option, as podman writes them
test_option() {
	source_tree
	seen '{"options": ["rbind", "idmap=uids=0-5000-10#1000-6000-1;gids=0-7000-1001"]}'
	expect_out $'5000:7000\n6000:8000\n0:0'
	seen '{"options": ["rbind", "ridmap=gids=0-7000-1;uids=0-5000-10"]}'
	expect_out $'5000:7000\n65534:65534\n5000:7000'
}

# behind "@" ids are those inside the container's user namespace
test_option_relative() {
	source_tree
	seen '{"options": ["rbind", "idmap=uids=@0-3-10;gids=@0-4-10"]}' "$MAPPED"
	expect_out $'3:4\n65534:65534\n65534:65534'
}

# mappings in an option that are malformed, empty, out of range or half are refused
test_option_malformed() {
	local maps

	source_tree
	for maps in '' 'x' 'uids=0-1-1' 'uids=0-1-1;gids=0-1' 'uids=0-1-1;gids=0-1-1;' 'uids=0-1-1;gids=0-1-0' \
		'uids=0-1-1;uids=0-1-1' 'uids=0-1-1;gids=0-1-4294967296' 'uids=-0-1-1;gids=0-1-1' 'uids=@0-1-1;gids=0-1-1'; do
		bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"), \"options\": [\"bind\", \"idmap=$maps\"]}]"
		expect_refused /mounts/6/options/1
	done
}

# [config-22] [config-19] idmap without mappings and without a user namespace is refused
test_nobody() {
	source_tree
	bundle '.mounts += [{"destination": "/mnt", "source": ($here + "/source"), "options": ["bind", "idmap"]}]'
	expect_refused /mounts/6/options/1
}

# [config-26] the mappings of uids and gids come together
test_half() {
	source_tree
	bundle '.mounts += [{"destination": "/mnt", "source": ($here + "/source"), "options": ["bind"],
		"uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]}]'
	expect_refused /mounts/6/uidMappings
}

# mounts that are mapped alike share a user namespace: as many as one likes
test_many() {
	source_tree
	bundle ".mounts += [range(80) | {\"destination\": \"/many/\(.)\", \"source\": (\$here + \"/source\"), \"options\": [\"bind\", \"idmap\"], $OWN}]" \
		'stat -c "%u:%g" /many/*/root | sort | uniq -c'
	run
	expect_status 0
	expect_out '     80 5000:7000'
	seen '{"options": ["rbind", "idmap"]}' "$MAPPED | .mounts += [range(80) | {\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"),
		\"options\": [\"rbind\", \"idmap\"]}]"
	expect_out $'0:0\n1000:1000\n65534:65534'
}

# [config-18] what is mounted already is not mapped by a remount, and that is said
test_remount() {
	source_tree
	bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"), \"options\": [\"bind\"]},
		{\"destination\": \"/mnt\", \"options\": [\"bind\", \"remount\", \"idmap\"], $OWN}]"
	expect_refused /mounts/7/uidMappings
	bundle '.mounts += [{"destination": "/mnt", "source": ($here + "/source"), "options": ["bind"]},
		{"destination": "/mnt", "options": ["bind", "remount", "ridmap"]}] '"$MAPPED"
	expect_refused /mounts/7/options/2
}

# [config-18] a new filesystem can be mapped too
test_new_filesystem() {
	runtime_differs runc 'only bind mounts'
	needs_linux 5.12
	run_ok ".mounts += [{\"destination\": \"/mnt\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"idmap\"], $OWN}]" \
		'stat -c "%u:%g" /mnt'
	expect_out 5000:7000
}

# where the kernel cannot map the ids of a mount, it is refused with that reason
test_older_kernel() {
	mydocker_only
	mkdir "$HERE/source"
	printf '#!/bin/sh\nexec "%s/older" 5.10 "%s" "$@"\n' "$TOOLS" "$RUNTIME" >"$HERE/mydocker"
	chmod +x "$HERE/mydocker"
	RUNTIME=$HERE/mydocker
	bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"), \"options\": [\"bind\", \"idmap\"], $OWN}]"
	expect_refused /mounts/6
	expect_match 'need Linux 5.12' "$ERR" stderr
	edit ". $MAPPED"
	expect_refused /mounts/6
	expect_match 'need Linux 5.12' "$ERR" stderr
}

# one that is killed while it makes the mappings leaves nobody behind
test_killed() {
	local at

	mydocker_only
	source_tree
	bundle ".mounts += [{\"destination\": \"/mnt\", \"source\": (\$here + \"/source\"), \"options\": [\"rbind\", \"idmap\"], $OWN}]"
	mkdir "$BUNDLE/rootfs/mnt"
	remember
	# The namespace's holder is the second child, and is signalled when the mappings are there.
	for at in clone3:signal=KILL:when=2 pidfd_send_signal:signal=KILL:when=1; do
		traced -e "trace=${at%%:*}" -e "inject=$at" -- run --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 &
		# It ends when the last process does that it has traced.
		wait_for eval "! kill -0 $!"
		rt delete --force "$ID" 2>/dev/null || :
		expect_nothing_left
	done
}

run_tests
