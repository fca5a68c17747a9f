/*
 * Capabilities as sets of bits, which is how the plan carries them and the gate sets them. What
 * this process can grant is what it is permitted: its bounding set cannot be smaller, since the
 * exec that started us computed one from the other.
 */
#include "runtime/capability.h"

#include <sys/capability.h>

#include "spec/names.h"

uint64_t capability_available(void)
{
	cap_t state = cap_get_proc();
	uint64_t bits = 0;

	if (state == NULL)
		return 0;
	for (size_t i = 0; i < names_capability.count; i++) {
		cap_flag_value_t value = CAP_CLEAR;
		int64_t number = names_capability.names[i].value;

		if (cap_get_flag(state, (cap_value_t)number, CAP_PERMITTED, &value) == 0 &&
			value == CAP_SET)
			bits |= 1ULL << number;
	}
	cap_free(state);
	return bits;
}

uint64_t capability_bits(const struct spec *spec, const struct string_list *names,
	struct warnings *warnings, struct arena *arena)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < names->count; i++) {
		const struct name *name = names_find(&names_capability, names->items[i]);
		char pointer[256];

		if (name != NULL) {
			bits |= 1ULL << name->value;
			continue;
		}
		if (spec == NULL ||
			spec_pointer(spec, &names->items[i], pointer, sizeof(pointer)) < 0)
			pointer[0] = '\0';
		warning_add(warnings, arena, pointer, "unknown capability \"%s\" is left out",
			names->items[i]);
	}
	return bits;
}
