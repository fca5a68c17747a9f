/*
 * Sets are short and are looked into a few times per container, so a plain walk is all that they
 * need.
 */
#include "spec/names.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/elf-em.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/mount.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"

#ifndef AUDIT_ARCH_LOONGARCH64
#define AUDIT_ARCH_LOONGARCH64 (258 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif

#define SET(set, title) static const struct name words_##set[] = {
#define NAME(set, word, value) {word, (int64_t)(value)},
#define END_SET(set) \
	} \
	;
#include "spec/names.def"
#undef SET
#undef NAME
#undef END_SET

#define SET(set, title) \
	const struct name_set names_##set = {title, array_size(words_##set), words_##set};
#define NAME(set, word, value)
#define END_SET(set)
#include "spec/names.def"
#undef SET
#undef NAME
#undef END_SET

/* As docker, podman and systemd number them: the C library keeps the kernel's first two for itself.
 */
#define FIRST_REALTIME 34
#define LAST_REALTIME 64

const struct name *names_find(const struct name_set *set, const char *word)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->names[i].word, word) == 0)
			return &set->names[i];
	return NULL;
}

const char *names_word(const struct name_set *set, int64_t value)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->names[i].value == value)
			return set->names[i].word;
	return NULL;
}

#define LONGEST 64

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions and changes between two words, case ignored; LONGEST when one is too long
 * to be meant. */
static size_t word_distance(const char *a, const char *b)
{
	size_t row[LONGEST + 1], width = strlen(b);

	if (strlen(a) >= LONGEST || width >= LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			bool same = strncasecmp(&a[i - 1], &b[j - 1], 1) == 0;
			size_t change = diagonal + !same;

			diagonal = row[j];
			row[j] = smaller(change, smaller(row[j], row[j - 1]) + 1);
		}
	}
	return row[width];
}

const char *names_nearest(const struct name_set *set, const char *word)
{
	size_t best = strlen(word) / 3 + 1; /* farther away it is another word */
	const char *nearest = NULL;

	for (size_t i = 0; i < set->count; i++) {
		size_t distance = word_distance(word, set->names[i].word);

		if (distance < best || (distance == best && nearest == NULL)) {
			best = distance;
			nearest = set->names[i].word;
		}
	}
	return nearest;
}

/* A whole decimal number from low to high, without sign or blank. */
static int number_parse(const char *text, int low, int high, int *number)
{
	int value = 0;

	if (*text == '\0')
		return -EINVAL;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		value = value * 10 + (*text - '0');
		if (value > high)
			return -EINVAL;
	}
	*number = value;
	return value < low ? -EINVAL : 0;
}

int signal_parse(const char *word, int *number)
{
	int offset = 0;

	if (number_parse(word, 0, LAST_REALTIME, number) == 0)
		return 0;
	if (strncasecmp(word, "SIG", 3) == 0)
		word += 3;
	for (size_t i = 0; i < names_signal.count; i++) {
		if (strcasecmp(names_signal.names[i].word, word) != 0)
			continue;
		*number = (int)names_signal.names[i].value;
		return 0;
	}
	if (strncasecmp(word, "RTMIN", 5) != 0 && strncasecmp(word, "RTMAX", 5) != 0)
		return -EINVAL;
	bool from_last = strncasecmp(word, "RTMAX", 5) == 0;

	word += 5;
	if (*word != '\0' &&
		(*word != (from_last ? '-' : '+') ||
			number_parse(word + 1, 0, LAST_REALTIME - FIRST_REALTIME, &offset) < 0))
		return -EINVAL;
	*number = from_last ? LAST_REALTIME - offset : FIRST_REALTIME + offset;
	return 0;
}
