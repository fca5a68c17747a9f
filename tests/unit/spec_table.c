/*
 * The table engine, tried on the tables themselves: a document that has every property is made from
 * the rows of config.def, and then once more for each property and each wrong type, to see the
 * error point there.
 */
#include <errno.h>

#include "spec/config.h"
#include "spec/json.h"
#include "spec/names.h"
#include "tests/unit/document.h"
#include "tests/unit/tap.h"

/* What stands in the place of one value of the document; NULL leaves its member out. */
static const struct wrong {
	enum json_type type;
	const char *text;
} wrongs[] = {
	{JSON_NULL, "null"},
	{JSON_BOOLEAN, "true"},
	{JSON_NUMBER, "7"},
	{JSON_NUMBER, "1.5"},
	{JSON_STRING, "\"64m\""},
	{JSON_OBJECT, "{\"x\":[]}"},
	{JSON_ARRAY, "[{}]"},
};

/* The document being made, and the value (counted) that is replaced in it. */
static struct document {
	char text[65536];
	size_t used;
	int target; /* number of the value, -1: none */
	const char *replacement;
	int count;
	char pointer[256]; /* of the target */
	const struct field *field;
	bool entry; /* the target is an entry of the field's list or map */
} doc;

static void put(const char *text)
{
	size_t length = strlen(text);

	memcpy(doc.text + doc.used, text, length + 1);
	doc.used += length;
}

static void put_number(const struct field *field)
{
	char digits[32];
	bool is_signed = field->kind == FIELD_INTEGER;

	if (is_signed)
		snprintf(digits, sizeof(digits), "%" PRId64, field->high);
	else
		snprintf(digits, sizeof(digits), "%" PRIu64, field->uhigh);
	put(digits);
}

static void put_object(const struct table *table, const char *pointer);

/* True when this is the value that is replaced: then it stands there already. */
static bool replaced(const struct field *field, bool entry, const char *pointer)
{
	if (doc.count++ != doc.target)
		return false;
	put(doc.replacement);
	snprintf(doc.pointer, sizeof(doc.pointer), "%s", pointer);
	doc.field = field;
	doc.entry = entry;
	return true;
}

static void entry_pointer(char *buffer, size_t size, const char *pointer, const char *name)
{
	if ((size_t)snprintf(buffer, size, "%s/%s", pointer, name) >= size)
		abort();
}

static void put_entry(const struct field *field, const char *pointer)
{
	if (replaced(field, true, pointer))
		return;
	if (field->child != NULL) {
		put_object(field->child, pointer);
	} else if (field->words != NULL) {
		put("\"");
		put(field->words->names[0].word);
		put("\"");
	} else if (field->kind == FIELD_UNSIGNEDS) {
		put_number(field);
	} else {
		put("\"/some \\\" thing\"");
	}
}

static void put_member(const struct field *field, const char *pointer)
{
	char entry[256];

	if (replaced(field, false, pointer))
		return;
	entry_pointer(entry, sizeof(entry), pointer, "0");
	switch (field->kind) {
	case FIELD_BOOLEAN:
		put("true");
		break;
	case FIELD_INTEGER:
	case FIELD_UNSIGNED:
		put_number(field);
		break;
	case FIELD_STRING:
		put("\"/a string\"");
		break;
	case FIELD_WORD:
		put("\"");
		put(field->words->names[field->words->count - 1].word);
		put("\"");
		break;
	case FIELD_CHILD:
		put_object(field->child, pointer);
		break;
	case FIELD_STRINGMAP:
	case FIELD_CHILDMAP:
		entry_pointer(entry, sizeof(entry), pointer, "a~1b");
		put("{\"a/b\":");
		put_entry(field, entry);
		put("}");
		break;
	default:
		put("[");
		put_entry(field, entry);
		put("]");
	}
}

static void put_object(const struct table *table, const char *pointer)
{
	char member[256];

	put("{");
	for (uint32_t i = 0; i < table->count; i++) {
		entry_pointer(member, sizeof(member), pointer, table->fields[i].key);
		put(i > 0 ? ",\"" : "\"");
		put(table->fields[i].key);
		put("\":");
		put_member(&table->fields[i], member);
	}
	put("}");
}

static void document_make(int target, const char *replacement)
{
	doc.used = 0;
	doc.count = 0;
	doc.target = target;
	doc.replacement = replacement;
	put_object(&spec_config_table, "");
}

static int decode(const char *text, struct arena *arena, struct spec_config *config,
	struct warnings *warnings, struct error *err)
{
	error_clear(err);
	return table_decode(&spec_config_table, config, text, strlen(text), arena, warnings, err);
}

/* Whether the target's row takes this type there. */
static bool takes(const struct wrong *wrong)
{
	static const enum json_type whole[] = {JSON_BOOLEAN, JSON_NUMBER, JSON_NUMBER, JSON_STRING,
		JSON_STRING, JSON_OBJECT, JSON_ARRAY, JSON_ARRAY, JSON_ARRAY, JSON_ARRAY,
		JSON_OBJECT, JSON_OBJECT};
	static const enum json_type entry[] = {0, 0, 0, 0, 0, 0, JSON_STRING, JSON_NUMBER,
		JSON_STRING, JSON_OBJECT, JSON_STRING, JSON_OBJECT};

	return wrong->type == (doc.entry ? entry : whole)[doc.field->kind] &&
		strcmp(wrong->text, "1.5") != 0;
}

static void test_types(void)
{
	unsigned int tried = 0, failed = 0;
	int values;

	document_make(-1, NULL);
	values = doc.count;
	ok(values > 250, "the tables have %d values", values);
	for (int target = 0; target < values; target++) {
		for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
			struct spec_config config;
			struct arena arena = {0};
			struct error err;
			int status;

			document_make(target, wrongs[i].text);
			if (takes(&wrongs[i]) || (wrongs[i].type == JSON_NULL && !doc.entry))
				continue;
			status = decode(doc.text, &arena, &config, NULL, &err);
			tried++;
			if (status != -EINVAL || err.code != ERROR_CONFIG_TYPE ||
				strcmp(err.pointer, doc.pointer) != 0 ||
				strncmp(err.message, "expected ", 9) != 0) {
				printf("# %s = %s: %d %s %s: %s\n", doc.pointer, wrongs[i].text,
					status, error_code_name(err.code), err.pointer,
					err.message);
				failed++;
			}
			arena_free(&arena);
		}
	}
	ok(failed == 0, "%u wrong types, each refused with its pointer", tried);
}

/* What a whole document is refused with in the end, when something of it is still LATER. */
static enum error_code later(const struct table *table)
{
	for (uint32_t i = 0; i < table->count; i++)
		if ((table->fields[i].need & LATER) ||
			(table->fields[i].child != NULL &&
				later(table->fields[i].child) != ERROR_NONE))
			return ERROR_UNSUPPORTED;
	return ERROR_NONE;
}

/* null is as good as nothing: what is required is missing then. */
static void test_null(void)
{
	unsigned int failed = 0;
	int values;

	document_make(-1, NULL);
	values = doc.count;
	for (int target = 0; target < values; target++) {
		struct spec_config config;
		struct arena arena = {0};
		struct error err;
		enum error_code want;

		document_make(target, "null");
		if (!doc.entry) {
			want = doc.field->need & REQUIRED            ? ERROR_CONFIG_MISSING
				: strcmp(doc.pointer, "/linux") == 0 ? ERROR_NONE
								     : later(&spec_config_table);
			decode(doc.text, &arena, &config, NULL, &err);
			if (err.code != want ||
				(want == ERROR_CONFIG_MISSING &&
					strcmp(err.pointer, doc.pointer) != 0)) {
				printf("# %s: %s %s\n", doc.pointer, err.pointer, err.message);
				failed++;
			}
		}
		arena_free(&arena);
	}
	ok(failed == 0, "null counts as absent: %d values", values);
}

/* One row: just inside and just outside of its range. */
static const char *range_failure(const struct table *table, const struct field *field)
{
	static char failure[2048];
	char text[3][64];
	bool is_signed = field->kind == FIELD_INTEGER;
	bool open_low = is_signed ? field->low == INT64_MIN : field->ulow == 0;
	bool open_high = is_signed ? field->high == INT64_MAX : field->uhigh == UINT64_MAX;

	if (is_signed) {
		snprintf(text[0], 64, "%" PRId64, field->low);
		snprintf(text[1], 64, open_low ? "-9223372036854775809" : "%" PRId64,
			field->low - !open_low);
		snprintf(text[2], 64, open_high ? "9223372036854775808" : "%" PRId64,
			field->high + !open_high);
	} else {
		snprintf(text[0], 64, "%" PRIu64, field->ulow);
		snprintf(text[1], 64, open_low ? "-1" : "%" PRIu64, field->ulow - !open_low);
		snprintf(text[2], 64, open_high ? "18446744073709551616" : "%" PRIu64,
			field->uhigh + !open_high);
	}
	for (int i = 0; i < 3; i++) {
		char document[256];
		struct arena arena = {0};
		struct error err = {0};
		void *structure = arena_alloc(&arena, table->size);
		bool list = field->kind == FIELD_UNSIGNEDS;
		bool refused;

		snprintf(document, sizeof(document), "{\"%s\":%s%s%s}", field->key, list ? "[" : "",
			text[i], list ? "]" : "");
		table_decode(table, structure, document, strlen(document), &arena, NULL, &err);
		refused = err.code == ERROR_CONFIG_RANGE && strstr(err.message, "out of range");
		arena_free(&arena);
		if (refused != (i > 0)) {
			snprintf(failure, sizeof(failure), "%s: %s", document, err.message);
			return failure;
		}
	}
	return NULL;
}

static int visit_ranges(void *context, const struct table *table)
{
	for (uint32_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];
		const char *failure = NULL;

		if (field->child != NULL)
			visit_ranges(context, field->child);
		else if (field->kind == FIELD_INTEGER || field->kind == FIELD_UNSIGNED ||
			field->kind == FIELD_UNSIGNEDS)
			failure = range_failure(table, field);
		if (failure != NULL) {
			printf("# %s\n", failure);
			++*(int *)context;
		}
	}
	return 0;
}

static void test_ranges(void)
{
	int failed = 0;

	visit_ranges(&failed, &spec_config_table);
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
	{"{\"type\":\"netwrok\"}", ERROR_CONFIG_WORD, "/type", "unknown namespace type \"netwrok\"",
		"did you mean \"network\"?"},
	{"{\"type\":\"Pid\"}", ERROR_CONFIG_WORD, "/type", "unknown namespace type \"Pid\"",
		"did you mean \"pid\"?"},
	{"{\"type\":\"xyzzy\"}", ERROR_CONFIG_WORD, "/type", "unknown namespace type \"xyzzy\"",
		""},
	{"{\"type\":\"\"}", ERROR_CONFIG_WORD, "/type", "unknown namespace type \"\"", ""},
	{"{\"path\":\"/x\"}", ERROR_CONFIG_MISSING, "/type",
		"the required property \"type\" is missing", ""},
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
	struct error err;
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

	if (!ok(decode(text, &arena, &config, NULL, &err) == 0, "a document for pointers"))
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

/* What was decoded and encoded decodes to the same again: the whole specification at once. */
static void test_round_trip(void)
{
	struct spec_config config, again;
	struct arena arena = {0};
	struct error err;
	const char *first, *second, *indented;
	size_t length = 0;

	document_make(-1, NULL);
	decode(doc.text, &arena, &config, NULL, &err);
	is_number(err.code, later(&spec_config_table), "what is not carried out yet is refused");
	error_clear(&err);
	first = table_encode(&spec_config_table, &config, 0, &arena, &length, &err);
	ok(first != NULL && strlen(first) == length, "it is written");
	is_string(first, doc.text, "as it was read");
	decode(first, &arena, &again, NULL, &err);
	error_clear(&err);
	second = table_encode(&spec_config_table, &again, 0, &arena, NULL, &err);
	is_string(second, first, "and once more");
	indented = table_encode(&spec_config_table, &config, 4, &arena, &length, &err);
	ok(strstr(indented, "\n    \"process\": {\n") != NULL, "or indented");
	ok(length > 0 && indented[length - 1] == '\n', "with a newline at the end");
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
	test_types();
	test_null();
	test_ranges();
	test_numbers();
	test_words();
	test_letter_case();
	test_pointers();
	test_round_trip();
	test_unknown();
	return tap_end();
}
