/* What is read along the rows is what the general decoder reads, or nothing. */
#include "spec/arena.h"
#include "state/record.h"
#include "tests/unit/tap.h"

static const char *encode(const void *record, struct arena *arena)
{
	struct error err = {0};
	size_t length;

	return table_encode(&spec_record_table, record, 0, arena, &length, &err);
}

/* Whether the fast way declines, or both ways agree without a word of warning. */
static bool ways_agree(const char *bytes, size_t length, bool *taken)
{
	struct spec_record fast, slow;
	struct arena arena = {0};
	struct warnings warnings = {0};
	struct error err = {0};
	const char *a, *b;
	bool agree = true;

	*taken = table_recall(&spec_record_table, &fast, bytes, length, &arena);
	if (*taken) {
		agree = table_decode(&spec_record_table, &slow, bytes, length, &arena, &warnings,
				&err) == 0 &&
			warnings.count == 0;
		a = encode(&fast, &arena);
		b = encode(&slow, &arena);
		agree = agree && a != NULL && b != NULL && strcmp(a, b) == 0;
	}
	arena_free(&arena);
	return agree;
}

static const struct row {
	const char *text;
	bool taken;
	const char *title;
} rows[] = {
	{"{\"id\":\"a\",\"schema\":\"s\"}", true, "what is required"},
	{"{\"id\":\"a\",\"schema\":\"s\"}\n", true, "a newline behind"},
	{"{\"id\":\"a\",\"schema\":\"s\"}\n\n", false, "two"},
	{"{\"id\": \"a\",\"schema\":\"s\"}", false, "a space"},
	{"{\"schema\":\"s\",\"id\":\"a\"}", false, "another order"},
	{"{\"id\":\"a\",\"id\":\"a\",\"schema\":\"s\"}", false, "a member twice"},
	{"{\"id\":\"a\",\"new\":1,\"schema\":\"s\"}", false, "a member of another version"},
	{"{\"id\":\"a\"}", false, "one that is missing"},
	{"{\"id\":\"\",\"schema\":\"s\"}", false, "an empty id"},
	{"{\"id\":\"\\u0061\",\"schema\":\"s\"}", false, "an escape"},
	{"{\"id\":\"\xc3\xbc\",\"schema\":\"s\"}", false, "a letter that is not ASCII"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"init\":2147483647}", true, "the largest pid"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"init\":2147483648}", false, "one more"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"init\":-1}", false, "a negative one"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"init\":01}", false, "a zero in front"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"init\":1.0}", false, "a fraction"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"init\":}", false, "no number"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"initStart\":18446744073709551615}", true, "2^64-1"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"initStart\":18446744073709551616}", false, "2^64"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"cgroups\":[{\"path\":\"x\"}]}", false,
		"a path that is not absolute"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"cgroups\":[{\"path\":\"/x\"},]}", false, "a last comma"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"annotations\":{\"k\":\"1\",\"k\":\"2\"}}", false,
		"a key twice"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"annotations\":{}}", true, "an empty map"},
	{"{\"id\":\"a\",\"schema\":\"s\",\"log\":null}", false, "null"},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool taken;
		bool agree = ways_agree(rows[i].text, strlen(rows[i].text), &taken);

		ok(agree && taken == rows[i].taken, "%s: %s", rows[i].title,
			rows[i].taken ? "read" : "left to the decoder");
	}
}

/* A record with every kind of member, each byte of it changed to each other one, taken away, and
 * doubled. */
static void test_changes(void)
{
	static const char text[] =
		"{\"pid\":\"10\",\"id\":\"a\",\"portmapping\":[\"1\",\"2\"],\"schema\":\"s\","
		"\"init\":10,\"initStart\":97,\"cgroups\":[{\"path\":\"/a\",\"made\":true},"
		"{\"path\":\"/a/long/way/"
		"down\",\"parents\":2}],\"log\":false,\"annotations\":{\"k\":\"\"}}\n";
	char changed[sizeof(text) + 1];
	size_t length = sizeof(text) - 1, wrong = 0, both = 0;
	bool taken;

	ok(ways_agree(text, length, &taken) && taken, "a record with all kinds of members");
	for (size_t at = 0; at < length; at++) {
		for (int byte = 0; byte < 256; byte++) {
			memcpy(changed, text, length);
			changed[at] = (char)byte;
			wrong += !ways_agree(changed, length, &taken);
			both += taken;
		}
		memmove(changed + at, changed + at + 1, length - at - 1);
		wrong += !ways_agree(changed, length - 1, &taken);
		memcpy(changed, text, at + 1);
		memcpy(changed + at + 1, text + at, length - at);
		wrong += !ways_agree(changed, length + 1, &taken);
		wrong += !ways_agree(text, at, &taken);
	}
	is_number((long)wrong, 0, "whatever is changed in it, both ways agree");
	ok(both > 500, "and not because one declines: %zu records", both);
}

int main(void)
{
	test_rows();
	test_changes();
	return tap_end();
}
