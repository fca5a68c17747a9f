#!/bin/bash
# The requirements of the specification, and what engines read (level ENGINE), by the ids that stand in brackets in the titles of
# tests. tests/oci/requirements.tsv has a row for each; its last column says why one cannot be checked by a test here.
#
#   tests/lint/requirements.sh           the rules, as TAP
#   tests/lint/requirements.sh --print   which are tested and where, which are not and why

. "${0%/*}/rules.sh"

TABLE=tests/oci/requirements.tsv

# "id file" for each id in a title: a comment line of a shell test, a string of a C test.
titled() {
	find tests -name '*.sh' -o -name '*.c' | sort | xargs awk '
		/^# .*\[/ || /".*\[/ {
			rest = $0
			while (match(rest, /\[[a-z]+(-[a-z]+)*-[0-9]+\]/)) {
				print substr(rest, RSTART + 1, RLENGTH - 2), FILENAME
				rest = substr(rest, RSTART + RLENGTH)
			}
		}' | sort -u
}

# The table with the files that test each row as a fifth column.
joined() {
	awk -F'\t' -v OFS='\t' '
		NR == FNR { split($0, pair, " "); files[pair[1]] = files[pair[1]] " " pair[2]; next }
		FNR > 1 { print $1, $2, $3, $4, substr(files[$1], 2) }' <(titled) "$TABLE"
}

unknown() {
	titled | awk '
		NR == FNR { known[$1]; next }
		!($1 in known) { print $2 ": there is no requirement " $1 }' "$TABLE" -
}

open() {
	joined | awk -F'\t' '$2 ~ /^(MUST|ENGINE)/ && $4 == "" && $5 == "" { print $1 ": " $3 }'
}

print() {
	joined | awk -F'\t' '
		{
			state = $5 != "" ? "tested" : $4 != "" ? "explained" : "open"
			printf "%-20s %-10s %-9s %s\n", $1, $2, state, $5 != "" ? $5 : $4 != "" ? $4 : $3
			count[$2, state]++
			levels[$2]
		}
		END {
			for (level in levels)
				printf "%s: %d tested, %d explained, %d open\n", level,
					count[level, "tested"], count[level, "explained"], count[level, "open"] | "sort"
		}'
}

if [ "${1-}" = --print ]; then
	print
	exit
fi
rule 'every requirement that a title names is in the table' unknown
rule 'every MUST, and every word that engines read, is tested, or the table says why not' open
plan
