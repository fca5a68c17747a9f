/* What is JSON for us and what is not, and how that is said. */
#include <time.h>

#include "spec/json.h"
#include "tests/unit/document.h"
#include "tests/unit/tap.h"

struct trace {
	char text[4096];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void trace_add(
	struct trace *trace, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (trace->used < sizeof(trace->text) - 300)
		trace->used += (size_t)vsnprintf(trace->text + trace->used,
			sizeof(trace->text) - trace->used, format, arguments);
	va_end(arguments);
}

static int trace_value(struct json_reader *reader, const struct json_value *value)
{
	static const char *const openings[] = {"null ", "", "", "", "{ ", "[ "};
	char path[256];

	json_path(reader, path, sizeof(path));
	trace_add(reader->context, "%s=", path);
	if (value->type == JSON_STRING || value->type == JSON_NUMBER)
		trace_add(reader->context, "%.*s ", (int)value->length, value->text);
	else if (value->type == JSON_BOOLEAN)
		trace_add(reader->context, "%s ", value->boolean ? "true" : "false");
	else
		trace_add(reader->context, "%s", openings[value->type]);
	return 0;
}

static int trace_key(struct json_reader *reader, const char *text, size_t length)
{
	return 0;
}

static int trace_end(struct json_reader *reader)
{
	trace_add(reader->context, "end ");
	return 0;
}

static const struct json_handler tracer = {trace_value, trace_key, trace_end};

static int read_text(const char *text, size_t length, struct trace *trace, struct error *err)
{
	static struct trace unused;

	error_clear(err);
	if (trace == NULL)
		trace = &unused;
	*trace = (struct trace){0};
	return json_read(text, length, &tracer, trace, err);
}

static void test_events(void)
{
	static const char text[] =
		"{\"a\":[1,-2.5e3,{\"b/c~\":null}],\"s\":\"x\\n\\u00e9\\ud83d\\ude00\",\"t\":true}";
	struct error err = {0};
	struct trace trace;

	ok(read_text(text, strlen(text), &trace, &err) == 0, "a document is read");
	is_string(trace.text,
		"={ /a=[ /a/0=1 /a/1=-2.5e3 /a/2={ /a/2/b~1c~0=null end end "
		"/s=x\n\xc3\xa9\xf0\x9f\x98\x80 /t=true end ",
		"every value comes with its pointer, numbers as they were written");
}

/* A pointer has room for the names of the specification; what a user may call his things is longer.
 */
static void test_long_names(void)
{
	char pointer[12] = "";
	size_t used = 0;

	json_path_add(pointer, sizeof(pointer), &used, "a/b", 3);
	json_path_add(pointer, sizeof(pointer), &used, "12345", 5);
	is_string(pointer, "/a~1b/12345", "a name may fill a pointer to its last byte");
	json_path_back(pointer, sizeof(pointer), &used, 5);
	json_path_add(pointer, sizeof(pointer), &used, "12345~", 6);
	json_path_add(pointer, sizeof(pointer), &used, "c", 1);
	is_string(pointer, "/a~1b", "one that does not fit is not cut, and nothing follows it");
	json_path_back(pointer, sizeof(pointer), &used, used);
	json_path_back(pointer, sizeof(pointer), &used, 5);
	json_path_add(pointer, sizeof(pointer), &used, "c", 1);
	is_string(pointer, "/a~1b/c", "but for one in its place");
}

static const struct refused {
	const char *text;
	const char *message; /* part of it */
	const char *pointer;
} refusals[] = {
	{"", "empty", ""},
	{"  ", "ends too early", ""},
	{"{\"a\":1,}", "line 1, column 8: expected a member name in double quotes, found }", "/a"},
	{"{\"a\":1,,\"b\":2}", "column 8: expected a member name in double quotes, found ,", "/a"},
	{"{\n \"a\": 1\n \"b\": 2\n}", "line 3, column 2: expected \",\" or \"}\", found \"b\"",
		"/a"},
	{"{\"a\" 1}", "column 6: expected \":\" after the name, found 1", "/a"},
	{"[1,2", "ends too early", "/1"},
	{"[1,]", "column 4: expected a value, found ]", "/0"},
	{"[,1]", "column 2: expected a value or \"]\", found ,", ""},
	{"{,}", "column 2: expected a member name in double quotes or \"}\", found ,", ""},
	{"{\"a\"::1}", "column 6: expected a value, found :", "/a"},
	{"{\"a\":,}", "column 6: expected a value, found ,", "/a"},
	{"{\"a\":1", "the document ends too early, expected \",\" or \"}\"", "/a"},
	{"[1 2]", "column 4: expected \",\" or \"]\", found 2", "/0"},
	{"{\"a\":[1}", "column 8: expected \",\" or \"]\", found }", "/a/0"},
	{"{a:1}", "column 2: expected a member name in double quotes or \"}\", found a", ""},
	{"{\"a\":tru}", "column 6: expected a value, found tru", "/a"},
	{"{\"a\":nan}", "expected", "/a"},
	{"{\"a\":01}", "column 7: expected \",\" or \"}\", found 1", "/a"},
	{"{\"a\":1.}", "digit is missing after the decimal point", "/a"},
	{"{\"a\":1e}", "digit is missing in the exponent", "/a"},
	{"{\"a\":-}", "digit is missing after the minus sign", "/a"},
	{"{\"a\":+1}", "expected a value", "/a"},
	{"{\"a\":'b'}", "expected a value", "/a"},
	{"{\"a\":\"b\nc\"}", "not closed on its line", "/a"},
	{"{\"a\":\"b\tc\"}", "holds a control character", "/a"},
	{"{\"a\":\"\\x\"}", "cannot be escaped", "/a"},
	{"{\"a\":\"\\u12g4\"}", "four hexadecimal digits", "/a"},
	{"{\"a\":\"\\u0000\"}", "column 7: a string cannot hold a NUL character", ""},
	{"{\"\\u0000\":1}", "cannot hold a NUL character", ""},
	{"{\"a\":\"\\ud800\"}", "half a surrogate pair", ""},
	{"{\"a\":\"\\ud800\\u0041\"}", "half a surrogate pair", ""},
	{"{\"a\":\"\\udc00\"}", "half a surrogate pair", ""},
	{"{\"a\":\"\\ud800\\u", "half a surrogate pair", ""}, /* CVE-2017-16516 */
	{"{\"a\":\"\xff\"}", "column 7: found bytes that are not UTF-8", ""},
	{"{\"a\":\"\xc0\x80\"}", "not UTF-8", ""},
	{"{\"a\":\"\xed\xa0\x80\"}", "not UTF-8", ""},
	{"{\"a\":\"\xf4\x90\x80\x80\"}", "not UTF-8", ""},
	{"{\"a\":\"\xe2\x82\"}", "not UTF-8", ""},
	{"\xef\xbb\xbf{}", "byte order mark", ""},
	{"{} {}", "column 4: expected the end of the document, found {", ""},
	{"{}x", "expected", ""},
	{"{} // c", "column 4: expected the end of the document, found /", ""},
	{"{\"a\":\"b", "line 1, column 8: the document ends too early", "/a"},
	{"{/* c */}", "no comments", ""},
	{"]", "expected a value, found ]", ""},
	{"{\"a\":1,\"b\":2,\"a\":3}", "the member \"a\" is given twice", "/a"},
	{"{\"o\":{\"a\":1,\"\\u0061\":2}}", "the member \"a\" is given twice", "/o/a"},
	{"{\"o\":[{\"a\":{},\"b\":{\"a\":1,\"a\":1}}]}", "\"a\" is given twice", "/o/0/b/a"},
};

static void test_refusals(void)
{
	struct error err = {0};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refused *refused = &refusals[i];
		int status = read_text(refused->text, strlen(refused->text), NULL, &err);

		if (!ok(status < 0 && err.code == ERROR_CONFIG_SYNTAX &&
				    strstr(err.message, refused->message) != NULL,
			    "refused: %s", refused->text))
			printf("#  got: %s\n# want: %s\n", err.message, refused->message);
		is_string(err.pointer, refused->pointer, "with its pointer");
	}
	ok(read_text("{\"a\":\"b\0c\"}", 11, NULL, &err) < 0 && strstr(err.message, "NUL byte"),
		"refused: a NUL byte");
}

static void test_accepted(void)
{
	static const char *const texts[] = {"{}", "[]", "null", "1", " \"a\" ", "\r\n\t {}\n",
		"{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}",
		"{\"a\":\"\\\\u0000\",\"b\":\"\\ud83d\\ude00\",\"c\":\"\\/\\b\\f\\n\\r\\t\\\"\"}",
		"{\"\":1}", "{\"a\":-0,\"b\":0.5,\"c\":1E+2}",
		"{\"a\":\"\xf0\x9f\x98\x80\xc3\xa9\xef\xbf\xbd\"}"};
	struct error err = {0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!ok(read_text(texts[i], strlen(texts[i]), NULL, &err) == 0, "accepted: %s",
			    texts[i]))
			printf("# %s\n", err.message);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_limits(void)
{
	struct error err = {0};
	char *text, *inner;

	inner = text_repeat("", "[", "", 128);
	text = text_repeat(inner, "]", "", 128);
	ok(read_text(text, strlen(text), NULL, &err) == 0, "a depth of 128 is read");
	free(text);
	free(inner);
	inner = text_repeat("", "[", "", 129);
	text = text_repeat(inner, "]", "", 129);
	ok(read_text(text, strlen(text), NULL, &err) < 0 && strstr(err.message, "128 deep"),
		"a depth of 129 is refused");
	free(text);
	free(inner);
	text = text_repeat("", "{\"a\":", "1", 1000000);
	ok(read_text(text, strlen(text), NULL, &err) < 0 && strstr(err.message, "128 deep"),
		"so is one of a million");
	free(text);
	text = text_repeat("\"", "aaaaaaaaaaaaaaaa", "\"", JSON_SIZE_MAX / 16);
	ok(read_text(text, strlen(text), NULL, &err) < 0 && strstr(err.message, "16 MiB"),
		"a document over 16 MiB is refused");
	ok(read_text(text + 1, 0, NULL, &err) < 0, "an empty one too");
	text[JSON_SIZE_MAX - 1] = '"';
	ok(read_text(text, JSON_SIZE_MAX, NULL, &err) == 0, "one of 16 MiB is read");
	free(text);
}

static void test_many_names(void)
{
	size_t size = 3 * 1024 * 1024, used = 1, count = 100000;
	char *text = malloc(size);
	struct error err = {0};
	double begin;

	text[0] = '{';
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, size - used, "\"name%06zu\":%zu,", i, i);
	text[used - 1] = '}';
	begin = seconds();
	ok(read_text(text, used, NULL, &err) == 0, "an object of 100000 members is read");
	ok(seconds() - begin < 2, "in less than two seconds (%.3f)", seconds() - begin);
	text[used - 1] = ',';
	used += (size_t)snprintf(text + used, size - used, "\"name050000\":1}");
	ok(read_text(text, used, NULL, &err) < 0, "the one given twice among them is found");
	is_string(err.pointer, "/name050000", "with its pointer");
	free(text);
}

int main(void)
{
	test_events();
	test_long_names();
	test_refusals();
	test_accepted();
	test_limits();
	test_many_names();
	return tap_end();
}
