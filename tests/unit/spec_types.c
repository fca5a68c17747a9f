/*
 * The table engine, tried on the tables themselves: a document that has every property is made from
 * the rows of config.def, and then once more for each property and each wrong type, to see the
 * error point there.
 */
#include <errno.h>

#include "spec/config.h"
#include "spec/json.h"
#include "spec/names.h"
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
			want = doc.field->need & REQUIRED ? ERROR_CONFIG_MISSING : ERROR_NONE;
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
	is_number(err.code, ERROR_NONE, "everything is taken");
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

int main(void)
{
	test_types();
	test_null();
	test_round_trip();
	return tap_end();
}
