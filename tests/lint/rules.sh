# A lint program sources this and calls rule TITLE FUNCTION: the function prints one line for each offence, nothing when all
# is well. `plan` ends the program.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export LC_ALL=C
RULES=0
ROOMS='spec nsexec state runtime'

# The C files of the given folders (default: the rooms).
sources() {
	# shellcheck disable=SC2086
	find ${*:-$ROOMS} -name '*.[ch]' | sort
}

rule() {
	local offences

	RULES=$((RULES + 1))
	offences=$("$2" 2>&1)
	if [ -z "$offences" ]; then
		echo "ok $RULES - $1"
	else
		echo "not ok $RULES - $1"
		sed 's/^/# /' <<<"$offences"
	fi
}

plan() {
	echo "1..$RULES"
}
