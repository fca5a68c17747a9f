#!/bin/bash
# One fact, one row: a property of config.json is named in spec/config.def, an enumerated word in spec/names.def or
# spec/mount_options, and nowhere else.

. "${0%/*}/rules.sh"

# Files that may spell words of the tables, and why.
allowed() {
	sed 's|[ \t]*#.*||; /^$/d' <<-'END'
	spec/default.c	# is a document of its own: what `mydocker spec` writes
	runtime/plan/compile_agent.c	# is a document of its own: what a seccomp agent reads
	runtime/terminal.c	# speaks of another TERM: what kind of terminal it is
	spec/features.c	# is a document of its own, whose members have names of the configuration's
	END
}

# Words of a table that are literals elsewhere; $1: the words, one a line, $2: their home. A plain lower-case word
# ("path", "mode") belongs to everybody; one with a capital or an underscore is this vocabulary's. Other tables (*.def) have
# vocabularies of their own.
repeated() {
	# shellcheck disable=SC2046
	awk -v home="$2" '
		NR == FNR { words[$0] = 1; next }
		FILENAME == home { next }
		/^[ \t]*(\/?\*|\/\/)/ { next }
		{
			rest = $0
			while (match(rest, /"[A-Za-z0-9_\/-]+"/)) {
				word = substr(rest, RSTART + 1, RLENGTH - 2)
				if (word ~ /[A-Z_]/ && word in words) print word, FILENAME, FNR
				rest = substr(rest, RSTART + RLENGTH)
			}
		}' "$1" $(sources) | sort |
		while read -r word file line; do
			allowed | grep -qx "$file" || echo "$file:$line: \"$word\" is named in $2"
		done
}

properties() {
	repeated <(sed -n 's/^[A-Z]*([a-z_]*, [a-z_0-9]*, "\([^"]*\)".*/\1/p' spec/config.def | sort -u) spec/config.def
}

words() {
	repeated <(sed -n 's/^NAME([a-z_]*, "\([^"]*\)".*/\1/p' spec/names.def | sort -u) spec/names.def
}

# Where a value came from is known by its address; pointers that are spelt out go stale.
pointers() {
	# shellcheck disable=SC2046
	grep -nE '^[^*]*"/(process|linux|hooks|mounts|root|hostname|annotations)(/[a-zA-Z%]|")' $(sources)
}

twice() {
	sed -n 's/^NAME(\([a-z_]*\), "\([^"]*\)".*/\1 \2/p' spec/names.def | sort | uniq -d
}

rule 'each property is named once' properties
rule 'each enumerated word is named once' words
rule 'no JSON pointer is spelt out' pointers
rule 'no word stands twice in its set' twice
plan
