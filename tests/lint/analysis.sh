#!/bin/bash
# What gcc -fanalyzer said of the files that `make lint` names in FINDINGS.

. "${0%/*}/rules.sh"

findings() {
	# shellcheck disable=SC2086
	grep -shE '(warning|error): ' ${FINDINGS:?}
}

rule 'gcc -fanalyzer has nothing to say' findings

plan
