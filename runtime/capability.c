/*
 * Capabilities as sets of bits, which is how the plan carries them and the gate sets them. What
 * this process can grant is what it is permitted: its bounding set cannot be smaller, since the
 * exec that started us computed one from the other. It is asked for by the one function of libcap
 * that is a system call and nothing else: what has a cap_t brings a constructor, which makes six
 * calls when any verb begins, and a heap.
 */
#include "runtime/capability.h"

#include <sys/capability.h>

#include "spec/names.h"

uint64_t capability_available(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3];

	if (capget(&header, half) < 0)
		return 0;
	return (uint64_t)half[1].permitted << 32 | half[0].permitted;
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
