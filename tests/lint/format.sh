#!/bin/bash
# The look of the files, and what does not belong into them.

. "${0%/*}/rules.sh"

layout() {
	# shellcheck disable=SC2046
	clang-format --dry-run -Werror $(sources $ROOMS tests) 2>&1 | grep 'error:' | cut -d: -f1-2 | sort -u |
		cut -d: -f1 | uniq -c | awk '{ print $2 ": " $1 " places" }'
}

# Everything that people read but the rules themselves, which name what they look for.
texts() {
	find . -path ./.git -prune -o -path ./build -prune -o -path '*/rootfs' -prune -o -path '*/corpus' -prune -o \
		-path ./tests/lint -prune -o -type f -print | grep -E '\.([ch]|def|sh|md)$|GNUmakefile|/(recipe|run|demo|install)$'
}

leftovers() {
	# shellcheck disable=SC2046
	grep -nE '(^|[^#] *)\b(TODO|FIXME|HACK)\b' $(texts) | grep -v '# \*[(T]'
}

opening() {
	local file

	for file in $(sources $ROOMS); do
		head -n 1 "$file" | grep -q '^/\*' || echo "$file does not open with what it is for"
	done
}

once() {
	local file

	for file in $(sources $ROOMS | grep '\.h$'); do
		grep -q '^#pragma once' "$file" || [[ $file == *_undef.h || $file == *table_*.h ]] || echo "$file: no #pragma once"
	done
}

shells() {
	local file

	for file in tests/run tests/install bundles/*/recipe bundles/demo .ci/run tests/*/*.sh; do
		bash -n "$file"
	done
}

rule 'clang-format would change nothing' layout
rule 'nothing was left for later' leftovers
rule 'every file says what it is for' opening
rule 'headers are read once' once
rule 'shell scripts parse' shells
plan
