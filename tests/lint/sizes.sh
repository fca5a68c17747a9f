#!/bin/bash
# Files answer one question in at most 400 lines, functions in at most 60.

. "${0%/*}/rules.sh"

long_files() {
	# shellcheck disable=SC2046
	wc -l $(sources $ROOMS tests) | awk '$1 > 400 && $2 != "total" { print $2 ": " $1 " lines" }'
}

# A body begins with { and ends with } in the first column: clang-format sees to that.
long_functions() {
	# shellcheck disable=SC2046
	awk '
		FNR == 1 { begin = 0 }
		/^\{/ { begin = FNR }
		/^\}/ && begin {
			if (FNR - begin + 1 > 60) print FILENAME ":" begin ": " FNR - begin + 1 " lines"
			begin = 0
		}' $(sources $ROOMS tests)
}

rule 'no file is longer than 400 lines' long_files
rule 'no function is longer than 60 lines' long_functions
plan
