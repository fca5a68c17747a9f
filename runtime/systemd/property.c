/*
 * Values by their signature, which is the grammar of the words that follow: one function per kind
 * of type, arrays and structures by recursion.
 */
#include "runtime/systemd/property.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_MAX 256 /* bytes of a signature, as D-Bus has it */

/* From which version on a manager knows a property, or a value of it. */
static const struct {
	const char *name, *value; /* value NULL: any */
	int version;
} ages[] = {
	{"AllowedCPUs", NULL, 244},
	{"AllowedMemoryNodes", NULL, 244},
	{"CollectMode", NULL, 236},
	{"CPUQuotaPeriodUSec", NULL, 242},
	{"CPUWeight", "0", 252},
	{"MemoryMin", NULL, 240},
	{"MemoryZSwapMax", NULL, 253},
};

static bool is_too_new(const char *name, const char *value, int version)
{
	for (size_t i = 0; version > 0 && i < sizeof(ages) / sizeof(*ages); i++)
		if (ages[i].version > version && strcmp(ages[i].name, name) == 0 &&
			(!ages[i].value || (value && strcmp(ages[i].value, value) == 0)))
			return true;
	return false;
}

/* Length of the first complete type of a signature; 0 when there is none. */
static size_t type_length(const char *type)
{
	size_t length = 1, part;

	if (type[0] == '\0' || type[0] == ')')
		return 0;
	if (type[0] == 'a') {
		part = type_length(type + 1);
		return part > 0 ? part + 1 : 0;
	}
	if (type[0] != '(')
		return 1;
	while ((part = type_length(type + length)) > 0)
		length += part;
	return type[length] == ')' ? length + 1 : 0;
}

static int number_append(sd_bus_message *message, char type, const char *word)
{
	uint64_t number =
		word[0] == '-' ? (uint64_t)strtoll(word, NULL, 10) : strtoull(word, NULL, 10);
	int truth = strcmp(word, "true") == 0;
	double real = strtod(word, NULL);

	switch (type) {
	case 'b':
		return sd_bus_message_append_basic(message, type, &truth);
	case 'd':
		return sd_bus_message_append_basic(message, type, &real);
	case 'y':
		return sd_bus_message_append_basic(message, type, &(uint8_t){(uint8_t)number});
	case 'n':
	case 'q':
		return sd_bus_message_append_basic(message, type, &(uint16_t){(uint16_t)number});
	case 'i':
	case 'u':
		return sd_bus_message_append_basic(message, type, &(uint32_t){(uint32_t)number});
	case 'x':
	case 't':
		return sd_bus_message_append_basic(message, type, &number);
	default:
		return -EBADMSG;
	}
}

static int value_append(
	sd_bus_message *message, const char *type, size_t length, struct words *words);

static int array_append(
	sd_bus_message *message, const char *type, size_t length, struct words *words)
{
	const char *word = word_next(words);
	unsigned long count = word ? strtoul(word, NULL, 10) : 0;
	char contents[TYPE_MAX];
	int r;

	if (!word)
		return -EBADMSG;
	memcpy(contents, type, length);
	contents[length] = '\0';
	r = sd_bus_message_open_container(message, 'a', contents);
	for (unsigned long i = 0; r >= 0 && i < count; i++)
		r = value_append(message, type, length, words);
	return r < 0 ? r : sd_bus_message_close_container(message);
}

static int structure_append(
	sd_bus_message *message, const char *type, size_t length, struct words *words)
{
	char contents[TYPE_MAX];
	int r;

	memcpy(contents, type, length);
	contents[length] = '\0';
	r = sd_bus_message_open_container(message, 'r', contents);
	for (size_t at = 0, part; r >= 0 && at < length; at += part) {
		part = type_length(contents + at);
		r = value_append(message, contents + at, part, words);
	}
	return r < 0 ? r : sd_bus_message_close_container(message);
}

/* One value of the complete type. */
static int value_append(
	sd_bus_message *message, const char *type, size_t length, struct words *words)
{
	const char *word;

	if (type[0] == 'a')
		return array_append(message, type + 1, length - 1, words);
	if (type[0] == '(')
		return structure_append(message, type + 1, length - 2, words);
	word = word_next(words);
	if (!word)
		return -EBADMSG;
	if (strchr("sog", type[0]))
		return sd_bus_message_append_basic(message, type[0], word);
	return number_append(message, type[0], word);
}

/* Passes over a value. */
static int value_skip(const char *type, size_t length, struct words *words)
{
	const char *word = type[0] == '(' ? "" : word_next(words);
	int r = word ? 0 : -EBADMSG;

	if (r == 0 && type[0] == 'a')
		for (unsigned long i = strtoul(word, NULL, 10); r == 0 && i > 0; i--)
			r = value_skip(type + 1, length - 1, words);
	for (size_t at = 1, part; r == 0 && type[0] == '(' && at + 1 < length; at += part) {
		part = type_length(type + at);
		r = value_skip(type + at, part, words);
	}
	return r;
}

static int property_append(sd_bus_message *message, const char *name, const char *type,
	size_t length, struct words *words)
{
	int r = sd_bus_message_open_container(message, 'r', "sv");

	if (r >= 0)
		r = sd_bus_message_append(message, "s", name);
	if (r >= 0)
		r = sd_bus_message_open_container(message, 'v', type);
	if (r >= 0)
		r = value_append(message, type, length, words);
	if (r >= 0)
		r = sd_bus_message_close_container(message);
	return r < 0 ? r : sd_bus_message_close_container(message);
}

int properties_append(sd_bus_message *message, int version, struct words *words)
{
	const char *name;
	int r = 0;

	while (r >= 0 && (name = word_next(words))) {
		const char *type = word_next(words);
		size_t length = type ? type_length(type) : 0;

		if (length == 0 || type[length] != '\0' || length >= TYPE_MAX)
			return -EBADMSG;
		if (is_too_new(name, words->next != words->end ? words->next : NULL, version))
			r = value_skip(type, length, words);
		else
			r = property_append(message, name, type, length, words);
	}
	return r < 0 ? r : 0;
}
