#!/bin/bash
# Who may include whom: runtime -> state -> spec, runtime -> nsexec; nsexec nobody; no circles; one door per library.

. "${0%/*}/rules.sh"

# "file included" for each include of one of our own files.
includes() {
	# shellcheck disable=SC2046
	awk -F'"' '/^#[ \t]*include "/ { print FILENAME, $2 }' $(sources)
}

# Outside nsexec, only these of its headers are libc-level: raw system calls, cleanup attributes, formats.
LENT='nsexec/(cleanup|syscalls|plan|wire|steps|steps_undef|policy|nsexec|number|resolve)[.](h|def)'

arrows() {
	includes | awk -v lent="^$LENT\$" '
		BEGIN {
			allowed["nsexec"] = "nsexec"
			allowed["spec"] = "spec"
			allowed["state"] = "state spec"
			allowed["runtime"] = "runtime state spec nsexec"
		}
		{
			split($1, from, "/"); split($2, to, "/")
			if (index(" " allowed[from[1]] " ", " " to[1] " ")) next
			if (from[1] != "nsexec" && $2 ~ lent) next
			print $1 " includes " $2
		}'
}

unknown_files() {
	includes | while read -r file included; do
		[ -e "$included" ] || echo "$file includes $included, which is not there (paths are given from the top)"
	done
}

# What stands at the top, dot-files aside.
strangers() {
	git ls-files | cut -d/ -f1 | sort -u | grep -vxE '[.].*|GNUmakefile|README[.]md|bundles|nsexec|runtime|spec|state|tests'
}

# tsort complains about circles; a header and its .c are one file here.
circles() {
	includes | sed -e 's/\.[ch] / /' -e 's/\.h$//' | awk '$1 != $2' | tsort 2>&1 >/dev/null | sed 's/^tsort: -: //; s/^tsort: //'
}

# door FILE HEADER...: the headers are included in FILE, or the files of that folder, only
door() {
	local file=$1 header

	shift
	for header; do
		grep -rlE --include='*.[ch]' "#[ 	]*include <$header" . | grep -vxE "./$file(/[^/]*)?" |
			sed "s|\$| includes <$header>: its door is $file|"
	done
}

doors() {
	door spec/json.c yajl/
	door runtime/seccomp/compile.c seccomp.h
	door runtime/capability.c sys/capability.h
	door runtime/systemd systemd/
}

# The gate knows libc and the kernel, and no environment variable.
gate_alone() {
	# shellcheck disable=SC2046
	grep -nE '\b(getenv|secure_getenv|setenv)\(' $(sources nsexec)
}

rule 'includes follow the arrows between the rooms' arrows
rule 'included files are named from the top and exist' unknown_files
rule 'the top level is the eight names of the house' strangers
rule 'no two files include each other, over any number of steps' circles
rule 'each library has one door' doors
rule 'the gate reads no environment variable' gate_alone
plan
