/* Pointers are found by address when something has failed, and are spelt out nowhere. */
#include "runtime/plan/blame.h"

#include "runtime/plan/compile.h"

void blame(struct error *err, const struct spec *spec, const struct spec_process *process,
	const void *address)
{
	char pointer[sizeof(err->pointer)];

	plan_pointer(spec, process, address, pointer, sizeof(pointer));
	if (pointer[0])
		error_pointer(err, "%s", pointer);
}
