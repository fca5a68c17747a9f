/* The record of what went wrong, and the memory that goes all at once. */
#include <errno.h>

#include "spec/arena.h"
#include "spec/error.h"
#include "tests/unit/tap.h"

static void test_first_wins(void)
{
	struct error err = {0};

	is_number(error_set(&err, ERROR_CGROUP, EBUSY, "cannot write %s", "memory.max"), -EBUSY,
		"the errno comes back");
	is_number(
		error_set(&err, ERROR_SYSTEM, ENOMEM, "later"), -ENOMEM, "of a later failure too");
	is_string(err.message, "cannot write memory.max", "but the first message stays");
	is_number(err.code, ERROR_CGROUP, "and the first code");
	is_number(err.number, EBUSY, "and the first errno");
	error_pointer(&err, "/mounts/%d", 3);
	error_pointer(&err, "/other");
	is_string(err.pointer, "/mounts/3", "what is empty is filled, once");
	error_step(&err, "mount");
	error_value(&err, "%d", 5);
	error_hint(&err, "try harder");
	ok(strcmp(err.step, "mount") == 0 && strcmp(err.value, "5") == 0 &&
			strcmp(err.hint, "try harder") == 0,
		"so are step, value and hint");
	error_clear(&err);
	is_number(error_set(&err, ERROR_USAGE, 0, "x"), -EINVAL, "without an errno it is EINVAL");
}

static void test_one_line(void)
{
	struct error err = {0};
	char wide[2000];

	error_set(&err, ERROR_USAGE, 0,
		"a\nb\tc\x7f"
		"d \xc3\xa9 \xff \xc0\x80 end");
	is_string(err.message, "a?b?c?d \xc3\xa9 ? ?? end",
		"whatever is quoted, it is one line of UTF-8");
	error_clear(&err);
	memset(wide, 'x', sizeof(wide));
	memcpy(wide + sizeof(err.message) - 2, "\xe2\x82\xac", 3);
	wide[sizeof(wide) - 1] = '\0';
	error_set(&err, ERROR_USAGE, 0, "%s", wide);
	is_number(strlen(err.message), sizeof(err.message) - 2, "a character is not cut in two");
}

static void test_codes(void)
{
	is_string(error_code_name(ERROR_CONFIG_TYPE), "CONFIG_TYPE", "a code has a name");
	is_string(error_code_meaning(ERROR_NONE), "no error", "and a meaning");
	is_number(error_code_status(ERROR_NONE), 0, "and an exit status");
	for (int code = 1; code < ERROR_CODES; code++)
		if (error_code_status(code) == 0)
			ok(false, "%s fails", error_code_name(code));
}

static void test_arena(void)
{
	struct arena arena = {0};
	char *small, *text;
	unsigned int bad = 0;

	for (size_t size = 0; size < 5000; size++) {
		small = arena_alloc(&arena, size);
		bad += small == NULL || (uintptr_t)small % 16 != 0;
		for (size_t i = 0; small != NULL && i < size; i++)
			bad += small[i] != 0;
		if (small != NULL)
			memset(small, 0xff, size);
	}
	is_number(bad, 0, "memory is there, aligned and zeroed");
	small = arena_alloc(&arena, 3 << 20);
	ok(small != NULL && small[0] == 0 && small[(3 << 20) - 1] == 0, "in large pieces too");
	ok(arena_alloc(&arena, SIZE_MAX) == NULL && arena_alloc(&arena, SIZE_MAX / 2) == NULL,
		"but not beyond reason");
	text = arena_copy(&arena, "abc", 2);
	is_string(text, "ab", "a copy is terminated");
	is_string(arena_format(&arena, "%s-%d", "x", 7), "x-7", "a text can be made");
	arena_free(&arena);
	ok(arena.blocks == NULL && arena.used == 0, "and everything is given back");
	ok(arena_alloc(&arena, 1) != NULL, "after which it can begin again");
	arena_free(&arena);
}

int main(void)
{
	test_first_wins();
	test_one_line();
	test_codes();
	test_arena();
	return tap_end();
}
