/*
 * Options are put into the same words that a document has, and both are decoded by the table of
 * the specification: ranges and names are written down once.
 */
#include "runtime/verb/update_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/cgroup/cgroup.h"
#include "spec/json.h"

#define RESOURCES_MAX ((size_t)1 << 20)

enum word_kind { WORD_TEXT, WORD_NUMBER, WORD_BYTES };

/* Options of one object stand together. */
static const struct update_word {
	enum option_id option;
	enum word_kind kind;
	uint32_t object; /* offset in struct spec_resources */
	uint32_t member; /* offset in the object */
} words[] = {
#define WORD(option, kind, object, member) \
	{ \
		OPTION_##option, WORD_##kind, offsetof(struct spec_resources, object), \
			offsetof(struct spec_##object, member) \
	}
	WORD(blkio_weight, NUMBER, block_io, weight),
	WORD(cpu_period, NUMBER, cpu, period),
	WORD(cpu_quota, NUMBER, cpu, quota),
	WORD(cpu_burst, NUMBER, cpu, burst),
	WORD(cpu_share, NUMBER, cpu, shares),
	WORD(cpu_rt_period, NUMBER, cpu, realtime_period),
	WORD(cpu_rt_runtime, NUMBER, cpu, realtime_runtime),
	WORD(cpu_idle, NUMBER, cpu, idle),
	WORD(cpuset_cpus, TEXT, cpu, cpus),
	WORD(cpuset_mems, TEXT, cpu, mems),
	WORD(memory, BYTES, memory, limit),
	WORD(memory_reservation, BYTES, memory, reservation),
	WORD(memory_swap, BYTES, memory, swap),
	WORD(kernel_memory, BYTES, memory, kernel),
	WORD(kernel_memory_tcp, BYTES, memory, kernel_tcp),
	WORD(pids_limit, NUMBER, pids, limit),
#undef WORD
};

/* The row of a member that exists. */
static const struct field *field_at(const struct table *table, uint32_t offset)
{
	const struct field *field = table->fields;

	while (field->offset != offset)
		field++;
	return field;
}

/* Bits of a unit: "k", "kb", "kib", in any case; -1 when it is none. */
static int unit_bits(const char *unit)
{
	static const char letters[] = "kmgt";
	const char *letter = *unit ? strchr(letters, *unit | 0x20) : NULL;

	if (*unit == '\0' || strcasecmp(unit, "b") == 0)
		return 0;
	if (!letter ||
		(unit[1] && strcasecmp(unit + 1, "b") != 0 && strcasecmp(unit + 1, "ib") != 0))
		return -1;
	return 10 * (int)(letter - letters + 1);
}

/* A decimal number, for bytes with a unit. */
static int number_read(
	const struct update_word *word, const char *text, int64_t *number, struct error *err)
{
	const char *digits = text + (text[0] == '-');
	char *unit = NULL;
	int bits = -1;

	errno = 0;
	if (*digits >= '0' && *digits <= '9') {
		*number = strtoll(text, &unit, 10);
		bits = word->kind == WORD_BYTES ? unit_bits(unit) : *unit ? -1 : 0;
	}
	if (bits >= 0 && errno == 0 && !__builtin_mul_overflow(*number, (int64_t)1 << bits, number))
		return 0;
	error_set(err, ERROR_USAGE, EINVAL, "invalid value \"%s\" for flag -%s: not a number%s",
		text, option_rows[word->option].name,
		word->kind == WORD_BYTES ? " of bytes, such as 64m" : "");
	error_value(err, "%s", text);
	return -EINVAL;
}

static int word_write(struct json_writer *writer, const struct update_word *word, const char *key,
	const char *text, struct error *err)
{
	int64_t number = 0;
	int result = word->kind == WORD_TEXT ? 0 : number_read(word, text, &number, err);

	if (word->kind == WORD_TEXT)
		json_member_string(writer, key, text);
	else if (result == 0)
		json_member_integer(writer, key, number);
	return result;
}

static int words_write(const struct command *command, struct json_writer *writer, struct error *err)
{
	const struct field *object = NULL;
	int result = 0;

	for (size_t i = 0; i < array_size(words) && result == 0; i++) {
		const struct field *next = field_at(&spec_resources_table, words[i].object);
		const char *text = command->value[words[i].option];

		if (!text)
			continue;
		if (object && object != next)
			json_object_end(writer);
		if (object != next) {
			json_key(writer, next->key);
			json_object(writer);
		}
		object = next;
		result = word_write(writer, &words[i],
			field_at(object->child, words[i].member)->key, text, err);
	}
	if (object)
		json_object_end(writer);
	return result;
}

/* The options as a document. */
static int options_decode(const struct command *command, struct spec *spec,
	struct spec_resources *options, struct error *err)
{
	struct json_writer writer;
	struct error ignored = {0};
	const char *text;
	size_t length;
	int result;

	json_begin(&writer, &spec->arena, 0);
	json_object(&writer);
	result = words_write(command, &writer, err);
	json_object_end(&writer);
	text = json_finish(&writer, &length, result < 0 ? &ignored : err);
	if (result < 0 || !text)
		return result < 0 ? result : -err->number;
	return table_decode(
		&spec_resources_table, options, text, length, &spec->arena, &spec->warnings, err);
}

/* Everything up to the end of a file, pipe or socket; -EFBIG. */
static ssize_t all_read(int fd, char *bytes, size_t size)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = read(fd, bytes + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : (ssize_t)used;
		used += (size_t)got;
		if (used == size)
			return -EFBIG;
	}
}

static int document_decode(
	const char *path, struct spec *spec, struct spec_resources *asked, struct error *err)
{
	bool input = strcmp(path, "-") == 0;
	auto_fd int file = input ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *bytes = arena_alloc(&spec->arena, RESOURCES_MAX);
	ssize_t length;

	if (!bytes)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	length = !input && file < 0 ? -errno
				    : all_read(input ? STDIN_FILENO : file, bytes, RESOURCES_MAX);
	if (length < 0)
		return error_set(err, ERROR_USAGE, (int)-length,
			"cannot read the resources from %s: %s",
			input ? "the standard input" : path, strerror((int)-length));
	return table_decode(&spec_resources_table, asked, bytes, (size_t)length, &spec->arena,
		&spec->warnings, err);
}

/* Cache and memory bandwidth are shares of a resource control group, which is not carried out. */
static int rdt_refuse(const struct command *command, struct error *err)
{
	enum option_id option = command->given[OPTION_l3_cache_schema] ? OPTION_l3_cache_schema
								       : OPTION_mem_bw_schema;

	if (!command->given[option])
		return 0;
	return error_set(err, ERROR_UNSUPPORTED, EOPNOTSUPP,
		"-%s is not carried out: a container has no resource control group (intelRdt)",
		option_rows[option].name);
}

int update_request(const struct command *command, struct spec *spec, struct spec_resources *asked,
	struct error *err)
{
	const char *path = command->value[OPTION_resources];
	struct spec_resources document = {0}, options;
	int result = rdt_refuse(command, err);

	if (result == 0)
		result = options_decode(command, spec, &options, err);
	if (result == 0 && path)
		result = document_decode(path, spec, &document, err);
	if (result == 0 && cgroup_merge(&document, &options, &spec->arena, asked) < 0)
		result = error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	return result;
}
