/*
 * Mount options. Words that we know are bits of three kinds, which the kernel sets in three places
 * (the filesystem, this mount, the whole subtree), or ask for something that is not a bit; the rows
 * of mount_options.def say which. Of words that contradict each other the last one wins. All others
 * are data, and belong to the filesystem; the rules of spec/ have refused them on bind mounts.
 */
#include <linux/mount.h>
#include <string.h>

#include "nsexec/syscalls.h"
#include "runtime/plan/compile_parts.h"
#include "spec/names.h"

static void words_set(uint64_t *set, uint64_t *clear, const struct mount_option *option)
{
	*set = (*set & ~option->clear) | option->set;
	*clear = (*clear & ~option->set) | option->clear;
	/* The access times are one choice of several: the kernel wants all of its bits cleared or
	 * none. */
	if (*set & MOUNT_ATTR__ATIME)
		*clear |= MOUNT_ATTR__ATIME;
}

static void words_add(
	struct compile *c, struct mount_words *words, const struct mount_option *option)
{
	switch (option->kind) {
	case MOUNT_OPTION_NOTHING:
		break;
	case MOUNT_OPTION_SUPERBLOCK:
		words->flags = (words->flags & ~option->clear) | option->set;
		words->flags_clear = (words->flags_clear & ~option->set) | option->clear;
		break;
	case MOUNT_OPTION_ATTRIBUTE:
		words_set(&words->set, &words->clear, option);
		break;
	case MOUNT_OPTION_RECURSIVE:
		words_set(&words->rset, &words->rclear, option);
		break;
	case MOUNT_OPTION_PROPAGATION:
		words->propagation.items[words->propagation.count++] = option->word;
		break;
	case MOUNT_OPTION_EXTRA:
		words->extras |= option->set;
		break;
	case MOUNT_OPTION_IDMAP:
		words->extras |= option->set;
		words->idmap = true;
		break;
	}
}

/* The words that are data, joined with commas; NULL when there are none. */
static const char *words_data(struct compile *c, const struct string_list *options,
	const struct mount_option *const *rows)
{
	size_t length = 0;
	char *data, *end;

	for (uint32_t i = 0; i < options->count; i++)
		if (rows[i] == NULL)
			length += strlen(options->items[i]) + 1;
	if (length == 0)
		return NULL;
	end = data = compile_alloc(c, length);
	for (uint32_t i = 0; data != NULL && i < options->count; i++) {
		if (rows[i] != NULL)
			continue;
		if (end != data)
			*end++ = ',';
		end = stpcpy(end, options->items[i]);
	}
	return data;
}

/* Options that say nothing about this kind of mount. */
static void warn_useless(struct compile *c, const struct spec_mount *mount,
	const struct mount_option *const *rows, uint64_t extras)
{
	const uint64_t of_sources = PLAN_MOUNT_SOURCE_NOFOLLOW | PLAN_MOUNT_COPY_SYMLINK;
	bool bind = extras & PLAN_MOUNT_BIND;

	for (uint32_t i = 0; i < mount->options.count; i++) {
		const char *const *word = &mount->options.items[i];
		const struct mount_option *option = rows[i];

		if (option == NULL)
			continue;
		if (bind && option->kind == MOUNT_OPTION_SUPERBLOCK)
			plan_warn(&c->builder, word,
				"\"%s\" belongs to the filesystem and does nothing on a bind mount",
				*word);
		if (!bind && option->kind == MOUNT_OPTION_EXTRA && (option->set & of_sources))
			plan_warn(&c->builder, word, "\"%s\" does nothing on what is no bind mount",
				*word);
	}
}

void compile_options(struct compile *c, const struct spec_mount *mount, struct mount_words *words)
{
	const struct string_list *options = &mount->options;
	const struct mount_option **rows; /* of the words; NULL: data */

	*words = (struct mount_words){0};
	if (options->count == 0)
		return;
	words->propagation.items = compile_alloc(c, options->count * sizeof(char *));
	rows = compile_alloc(c, options->count * sizeof(*rows));
	if (words->propagation.items == NULL || rows == NULL)
		return;
	for (uint32_t i = 0; i < options->count; i++) {
		rows[i] = mount_option_find(options->items[i]);
		if (rows[i] != NULL)
			words_add(c, words, rows[i]);
	}
	warn_useless(c, mount, rows, words->extras);
	if (words->extras & PLAN_MOUNT_BIND)
		words->flags = 0;
	else
		words->data = words_data(c, options, rows);
}
