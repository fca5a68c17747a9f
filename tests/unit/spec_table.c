/* The table engine, value by value: ranges, numbers, words, names, pointers. */
#include <errno.h>

#include "spec/arena.h"
#include "spec/config.h"
#include "tests/unit/tap.h"

/* Whether a number is refused as out of range in the place of a member. */
static bool is_refused(const struct table *table, const struct field *field, const char *number)
{
	bool list = field->kind == FIELD_UNSIGNEDS;
	struct arena arena = {0};
	struct error err = {0};
	void *structure = arena_alloc(&arena, table->size);
	char document[256];
	bool refused;

	snprintf(document, sizeof(document), list ? "{\"%s\":[%s]}" : "{\"%s\":%s}", field->key,
		number);
	table_decode(table, structure, document, strlen(document), &arena, NULL, &err);
	refused = err.code == ERROR_CONFIG_RANGE && strstr(err.message, "out of range") != NULL;
	arena_free(&arena);
	return refused;
}

/* One row: the edges of its range, and one step beyond each. */
static bool range_holds(const struct table *table, const struct field *field)
{
	bool is_signed = field->kind == FIELD_INTEGER;
	bool open_low = is_signed ? field->low == INT64_MIN : field->ulow == 0;
	bool open_high = is_signed ? field->high == INT64_MAX : field->uhigh == UINT64_MAX;
	char low[32], high[32], below[32], above[32];

	if (is_signed) {
		snprintf(low, 32, "%" PRId64, field->low);
		snprintf(high, 32, "%" PRId64, field->high);
		snprintf(below, 32, "%" PRId64, field->low - !open_low);
		snprintf(above, 32, "%" PRId64, field->high + !open_high);
	} else {
		snprintf(low, 32, "%" PRIu64, field->ulow);
		snprintf(high, 32, "%" PRIu64, field->uhigh);
		snprintf(below, 32, "%" PRIu64, field->ulow - !open_low);
		snprintf(above, 32, "%" PRIu64, field->uhigh + !open_high);
	}
	if (open_low)
		strcpy(below, is_signed ? "-9223372036854775809" : "-1");
	if (open_high)
		strcpy(above, is_signed ? "9223372036854775808" : "18446744073709551616");
	return !is_refused(table, field, low) && !is_refused(table, field, high) &&
		is_refused(table, field, below) && is_refused(table, field, above);
}

static void check_ranges(int *failed, const struct table *table)
{
	for (uint32_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];
		bool number = field->kind == FIELD_INTEGER || field->kind == FIELD_UNSIGNED ||
			field->kind == FIELD_UNSIGNEDS;

		if (field->child != NULL)
			check_ranges(failed, field->child);
		if (number && !range_holds(table, field)) {
			printf("# %s of %s\n", field->key, table->name);
			++*failed;
		}
	}
}

static void test_ranges(void)
{
	int failed = 0;

	check_ranges(&failed, &spec_config_table);
	ok(failed == 0, "the edges of every range: inside taken, outside refused");
}

static const struct number {
	const char *text;
	const char *message; /* NULL: taken */
} numbers[] = {
	{"0", NULL},
	{"-0", NULL},
	{"18446744073709551615", NULL},
	{"18446744073709551616", "out of range: expected 0 to 18446744073709551615"},
	{"-1", "-1 is out of range"},
	{"99999999999999999999999999999999999999999", "out of range"},
	{"1.0", "expected an integer, got the number 1.0"},
	{"1e3", "expected an integer, got the number 1e3"},
	{"1E0", "expected an integer"},
	{"\"64m\"", "expected an integer, got the string \"64m\""},
	{"true", "expected an integer, got true"},
};

static void test_numbers(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct spec_rlimit rlimit;
		struct arena arena = {0};
		struct error err = {0};
		char text[256];
		int status;

		snprintf(text, sizeof(text),
			"{\"type\":\"RLIMIT_CORE\",\"hard\":18446744073709551615,\"soft\":%s}",
			numbers[i].text);
		status = table_decode(
			&spec_rlimit_table, &rlimit, text, strlen(text), &arena, NULL, &err);
		if (numbers[i].message == NULL)
			ok(status == 0, "the number %s is taken", numbers[i].text);
		else if (!ok(status < 0 && strstr(err.message, numbers[i].message) &&
					 strcmp(err.pointer, "/soft") == 0,
				 "the number %s is refused", numbers[i].text))
			printf("# %s: %s\n", err.pointer, err.message);
		arena_free(&arena);
	}
}

static const struct words {
	const char *text;
	enum error_code code;
	const char *pointer, *message, *hint;
} words[] = {
	{"{\"type\":\"netwrok\"}", ERROR_CONFIG_WORD, "/type", "invalid namespace type \"netwrok\"",
		"did you mean \"network\"?"},
	{"{\"type\":\"Pid\"}", ERROR_CONFIG_WORD, "/type", "invalid namespace type \"Pid\"",
		"did you mean \"pid\"?"},
	{"{\"type\":\"xyzzy\"}", ERROR_CONFIG_WORD, "/type", "invalid namespace type \"xyzzy\"",
		""},
	{"{\"type\":\"\"}", ERROR_CONFIG_WORD, "/type", "invalid namespace type \"\"", ""},
	{"{\"path\":\"/x\"}", ERROR_CONFIG_MISSING, "/type",
		"invalid namespace type: the required property \"type\" is missing", ""},
	{"{\"type\":\"pid\",\"path\":\"x\"}", ERROR_CONFIG_RANGE, "/path",
		"expected an absolute path, got \"x\"", ""},
	{"{\"type\":\"pid\",\"path\":\"\"}", ERROR_NONE, "", "", ""},
	{"null", ERROR_CONFIG_TYPE, "", "expected an object, got null", ""},
	{"[]", ERROR_CONFIG_TYPE, "", "expected an object, got an array", ""},
	{"\"x\"", ERROR_CONFIG_TYPE, "", "expected an object, got the string \"x\"", ""},
};

static void test_words(void)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct spec_namespace namespace;
		struct arena arena = {0};
		struct error err = {0};

		table_decode(&spec_namespace_table, &namespace, words[i].text,
			strlen(words[i].text), &arena, NULL, &err);
		ok(err.code == words[i].code, "%s: %s", words[i].text,
			error_code_name(words[i].code));
		is_string(err.pointer, words[i].pointer, "its pointer");
		is_string(err.message, words[i].message, "its message");
		is_string(err.hint, words[i].hint, "its hint");
		arena_free(&arena);
	}
}

static void test_letter_case(void)
{
	struct arena arena = {0};
	struct warnings warnings = {0};
	struct spec_root root;
	struct error err = {0};
	static const char one[] = "{\"PATH\":\"rootfs\",\"pat\":1}";
	static const char both[] = "{\"path\":\"a\",\"Path\":\"b\"}";

	ok(table_decode(&spec_root_table, &root, one, strlen(one), &arena, &warnings, &err) == 0,
		"a name in another letter case is taken");
	is_string(root.path, "rootfs", "as what it is like");
	is_number(warnings.count, 1, "with one warning");
	is_string(warnings.items[0].pointer, "/PATH", "that points there");
	is_string(warnings.items[0].text, "taken as \"path\", which differs in letter case",
		"and says so");
	ok(table_decode(&spec_root_table, &root, both, strlen(both), &arena, &warnings, &err) < 0,
		"both spellings are one name given twice");
	is_string(err.pointer, "/Path", "and the second is pointed at");
	arena_free(&arena);
}

/* Every address has a pointer, and two have never the same one. */
static void test_pointers(void)
{
	struct spec_config config;
	struct arena arena = {0};
	struct error err = {0};
	char pointer[256], small[8];
	static const char text[] =
		"{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\","
		"\"args\":[\"a\",\"b\"],\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"hard\":1,\"soft\":"
		"1},"
		"{\"type\":\"RLIMIT_CPU\",\"hard\":1,\"soft\":1}],\"user\":{\"additionalGids\":[1,"
		"2]}},"
		"\"annotations\":{\"x\":\"1\",\"a/b~c\":\"2\"},"
		"\"linux\":{\"timeOffsets\":{\"boottime\":{\"secs\":1}},"
		"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"time\"}]}}";

	if (!ok(table_decode(&spec_config_table, &config, text, strlen(text), &arena, NULL, &err) ==
			    0,
		    "a document for pointers"))
		printf("# %s\n", err.message);

	const struct {
		const void *address;
		const char *pointer;
	} rows[] = {
		{&config, ""},
		{&config.oci_version, "/ociVersion"},
		{config.root, "/root"},
		{&config.root, "/root"},
		{&config.root->path, "/root/path"},
		{&config.process->args, "/process/args"},
		{&config.process->args.items[1], "/process/args/1"},
		{&config.process->user->additional_gids.items[1], "/process/user/additionalGids/1"},
		{&config.process->rlimits.items[1], "/process/rlimits/1"},
		{&config.process->rlimits.items[1].type, "/process/rlimits/1/type"},
		{&config.process->rlimits.items[1].soft, "/process/rlimits/1/soft"},
		{&config.process->rlimits.items[0].soft.value, "/process/rlimits/0/soft"},
		{&config.annotations.items[1], "/annotations/a~1b~0c"},
		{&config.annotations.items[1].value, "/annotations/a~1b~0c"},
		{&config.linux->time_offsets.items[0], "/linux/timeOffsets/boottime"},
		{&config.linux->time_offsets.items[0].value, "/linux/timeOffsets/boottime"},
		{&config.linux->time_offsets.items[0].value.secs,
			"/linux/timeOffsets/boottime/secs"},
		{&config.linux->namespaces.items[1], "/linux/namespaces/1"},
		{&config.linux->namespaces.items[1].path, "/linux/namespaces/1/path"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		table_pointer(
			&spec_config_table, &config, rows[i].address, pointer, sizeof(pointer));
		is_string(pointer, rows[i].pointer, "the pointer %s", rows[i].pointer);
	}
	is_number(table_pointer(&spec_config_table, &config, &err, pointer, sizeof(pointer)),
		-ENOENT, "a strange address has none");
	is_string(pointer, "", "and the buffer is empty");
	is_number(table_pointer(&spec_config_table, &config, NULL, pointer, sizeof(pointer)),
		-ENOENT, "nor has NULL");
	table_pointer(&spec_config_table, &config, &config.process->args, small, sizeof(small));
	ok(strlen(small) < sizeof(small), "a short buffer is not overrun");
	arena_free(&arena);
}

static void test_unknown(void)
{
	struct arena arena = {0};
	struct warnings warnings = {0};
	struct spec_root root;
	struct error err = {0};
	static const char text[] = "{\"zzz\":{\"path\":1,\"a\":[{\"b\":[]},null,1.5e9]},\"path\":"
				   "\"rootfs\",\"yyy\":[[[{}]]],\"readonly\":null}";
	static const char twice[] = "{\"path\":\"r\",\"zzz\":{\"a\":{\"b\":1,\"b\":2}}}";

	ok(table_decode(&spec_root_table, &root, text, strlen(text), &arena, &warnings, &err) == 0,
		"unknown members are ignored");
	is_string(root.path, "rootfs", "and what is around them is read");
	ok(!root.readonly.given && warnings.count == 0, "without a word");
	ok(table_decode(&spec_root_table, &root, twice, strlen(twice), &arena, &warnings, &err) < 0,
		"but what is given twice in them is refused");
	is_string(err.pointer, "/zzz/a/b", "with its pointer");
	arena_free(&arena);
}

int main(void)
{
	test_ranges();
	test_numbers();
	test_words();
	test_letter_case();
	test_pointers();
	test_unknown();
	return tap_end();
}
