/* Texts in an arena: of any length, since short ones and long ones are made in different ways. */
#include "spec/arena.h"
#include "tests/unit/tap.h"

static struct arena arena;

static void test_format(void)
{
	char letters[600], want[700];

	memset(letters, 'a', sizeof(letters));
	for (int length = 0; length <= 600; length += length < 100 || length > 150 ? 50 : 1) {
		const char *text = arena_format(&arena, "<%.*s> %d", length, letters, length);

		snprintf(want, sizeof(want), "<%.*s> %d", length, letters, length);
		is_string(text, want, "%d letters and a number behind them", length);
	}
}

int main(void)
{
	test_format();
	is_string(arena_join(&arena, "/sys", "", "/fs", "/a", NULL), "/sys/fs/a",
		"parts one behind the other, some empty");
	is_string(arena_join(&arena, NULL), "", "no parts");
	arena_free(&arena);
	return tap_end();
}
