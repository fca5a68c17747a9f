/* Values of systemd's properties, from the text of annotations to words. */
#include "runtime/unit/words.h"
#include "tests/unit/tap.h"

static struct arena arena;

/* The words joined with spaces; NULL when the text is refused. */
static const char *words_text(const char *name, const char *text)
{
	struct unit_words words = {.arena = &arena};
	struct error err = {0};
	const char *joined = "";

	if ((name ? unit_property(name, text, &words, &err) : unit_value(text, &words, &err)) < 0)
		return err.code != ERROR_NONE ? NULL : "no error";
	for (uint32_t i = 0; i < words.count; i++)
		joined = arena_format(&arena, "%s%s%s", joined, i > 0 ? " " : "", words.items[i]);
	return joined;
}

static const struct {
	const char *text, *words; /* words NULL: refused */
} values[] = {
	{"5", "i 5"},
	{" -5 ", "i -5"},
	{"0x10", "i 16"},
	{"010", "i 8"},
	{"1.5", "d 1.5"},
	{"uint64 18446744073709551615", "t 18446744073709551615"},
	{"uint64 -1", NULL},
	{"int64 -9223372036854775808", "x -9223372036854775808"},
	{"int64 -9223372036854775809", NULL},
	{"byte 255", "y 255"},
	{"byte 256", NULL},
	{"2147483647", "i 2147483647"},
	{"2147483648", NULL},
	{"uint32 7", "u 7"},
	{"@t 7", "t 7"},
	{"double 2", "d 2"},
	{"true", "b true"},
	{"boolean false", "b false"},
	{"'a b'", "s a b"},
	{"\"it's\"", "s it's"},
	{"'it\\'s'", "s it's"},
	{"'\\u00e4'", "s \xc3\xa4"},
	{"objectpath '/a'", "o /a"},
	{"['a', 'b']", "as 2 a b"},
	{"['a' 'b']", NULL},
	{"['a',]", NULL},
	{"@as []", "as 0"},
	{"[]", NULL},
	{"[1, 2]", "ai 2 1 2"},
	{"[uint64 1, 2]", "at 2 1 2"},
	{"[1, 2.5]", "ad 2 1 2.5"},
	{"@at [1, 2]", "at 2 1 2"},
	{"@ay [1, 256]", NULL},
	{"[1, 'a']", NULL},
	{"[['a'], ['b', 'c']]", "aas 2 1 a 2 b c"},
	{"b'ab'", "ay 3 97 98 0"},
	{"b'\\x01\\377'", "ay 3 1 255 0"},
	{"inactive", NULL},
	{"'inactive", NULL},
	{"", NULL},
	{"5 6", NULL},
	{"uint64", NULL},
	{"uint64 'a'", NULL},
	{"{'a': 1}", NULL},
	{"[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", NULL},
	{"'\\u0000'", NULL},
};

static const struct {
	const char *name, *text, *words;
} properties[] = {
	{"CollectMode", "'inactive'", "CollectMode s inactive"},
	{"TimeoutStopUSec", "uint64 5", "TimeoutStopUSec t 5"},
	{"TimeoutStopSec", "5", "TimeoutStopUSec t 5000000"},
	{"TimeoutStopSec", "uint64 5", "TimeoutStopUSec t 5000000"},
	{"TimeoutStopSec", "1.5", "TimeoutStopUSec t 1500000"},
	{"TimeoutStopSec", "byte 2", "TimeoutStopUSec t 2000000"},
	{"TimeoutStopSec", "-5", NULL},
	{"TimeoutStopSec", "'5'", NULL},
	{"TimeoutStopSec", "uint64 18446744073709551615", NULL},
	{"Sec", "uint64 5", "Sec t 5"},
	{"USec", "uint64 5", "USec t 5"},
	{"ab", "5", NULL},
	{"a-b-c", "5", NULL},
	{"", "5", NULL},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		is_string(words_text(NULL, values[i].text), values[i].words, "value %s",
			values[i].text);
	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++)
		is_string(words_text(properties[i].name, properties[i].text), properties[i].words,
			"%s of %s", properties[i].name, properties[i].text);
	arena_free(&arena);
	return tap_end();
}
