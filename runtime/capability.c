/*
 * Capabilities as sets of bits, which is how the plan carries them and the gate sets them. What
 * this process can grant is what it is permitted: its bounding set cannot be smaller, since the
 * exec that started us computed one from the other. The kernel is asked itself: libcap would ask it
 * for more when any verb begins, whether that verb needs capabilities or not.
 */
#include "runtime/capability.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spec/names.h"

uint64_t capability_available(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct half[2];

	if (syscall(SYS_capget, &header, half) < 0)
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
