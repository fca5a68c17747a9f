/* JSON that we write: documents by hand, and the list of features. */
#include "spec/config.h"
#include "spec/features.h"
#include "spec/json.h"
#include "spec/names.h"
#include "tests/unit/tap.h"

static void test_writer(void)
{
	struct arena arena = {0};
	struct json_writer writer;
	struct error err = {0};
	size_t length = 0;

	json_begin(&writer, &arena, 0);
	json_object(&writer);
	json_member_string(&writer, "s", "a\"\\\n\x01/\xc3\xa9");
	json_member_string(&writer, "absent", NULL);
	json_member_integer(&writer, "i", INT64_MIN);
	json_member_unsigned(&writer, "u", UINT64_MAX);
	json_member_boolean(&writer, "b", true);
	json_key(&writer, "a");
	json_array(&writer);
	json_string(&writer, NULL);
	json_string(&writer, "");
	json_array_end(&writer);
	json_key(&writer, "bad\xff");
	json_string(&writer, "\xc3(");
	json_object_end(&writer);
	is_string(json_finish(&writer, &length, &err),
		"{\"s\":\"a\\\"\\\\\\n\\u0001/\xc3\xa9\",\"i\":-9223372036854775808,"
		"\"u\":18446744073709551615,\"b\":true,\"a\":[null,\"\"],"
		"\"bad\xef\xbf\xbd\":\"\xef\xbf\xbd(\"}",
		"every kind of value");
	json_begin(&writer, &arena, 2);
	json_object(&writer);
	json_member_boolean(&writer, "x", false);
	json_object_end(&writer);
	is_string(json_finish(&writer, NULL, &err), "{\n  \"x\": false\n}\n", "indented");
	json_begin(&writer, &arena, 0);
	json_object(&writer);
	json_integer(&writer, 1); /* where a key belongs */
	json_object_end(&writer);
	ok(json_finish(&writer, NULL, &err) == NULL && err.code == ERROR_SYSTEM,
		"nonsense is told at the end");
	arena_free(&arena);
}

static bool arch_known(const char *word)
{
	return strcmp(word, "SCMP_ARCH_M68K") != 0;
}

static int nothing_value(struct json_reader *reader, const struct json_value *value)
{
	return 0;
}

static int nothing_key(struct json_reader *reader, const char *text, size_t length)
{
	return 0;
}

static int nothing_end(struct json_reader *reader)
{
	return 0;
}

static void test_features(void)
{
	static const struct json_handler nothing = {nothing_value, nothing_key, nothing_end};
	static const char *const unsafe[] = {"org.criu.", NULL};
	struct features_build build = {.version = "0.1.0",
		.commit = "abc",
		.libseccomp = "2.5.4",
		.seccomp_arch_known = arch_known,
		.seccomp_flags = 2,
		.cgroup_v1 = true,
		.unsafe = unsafe};
	struct arena arena = {0};
	struct error err = {0};
	const char *text = spec_features(&arena, &build, &err);

	ok(text != NULL && json_read(text, strlen(text), &nothing, NULL, &err) == 0,
		"the features are JSON");
	for (size_t i = 0; i < names_namespace.count; i++)
		ok(strstr(text, names_namespace.names[i].word) != NULL, "with the namespace %s",
			names_namespace.names[i].word);
	for (uint32_t i = 0; i < spec_hooks_table.count; i++)
		ok(strstr(text, spec_hooks_table.fields[i].key) != NULL, "with the hooks %s",
			spec_hooks_table.fields[i].key);
	ok(strstr(text, "\"rro\"") && strstr(text, "\"tmpcopyup\"") && !strstr(text, "\"rsync\""),
		"with the mount options that are listed");
	ok(strstr(text, "CAP_CHECKPOINT_RESTORE") && strstr(text, "SCMP_ARCH_RISCV64"),
		"with capabilities and architectures");
	ok(!strstr(text, "SCMP_ARCH_M68K"), "but not those that libseccomp does not know");
	ok(strstr(text, "\"ociVersionMin\": \"1.0.0\"") &&
			strstr(text, "\"ociVersionMax\": \"1.3.0\""),
		"with the versions");
	arena_free(&arena);
}

int main(void)
{
	test_writer();
	test_features();
	return tap_end();
}
