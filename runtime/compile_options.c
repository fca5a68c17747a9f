/*
 * Mount options. Words that we know are bits of three kinds, which the kernel sets in three places
 * (the filesystem, this mount, the whole subtree), or ask for something that is not a bit; the rows
 * of mount_options.def say which. Of words that contradict each other the last one wins. All others
 * are data, and belong to the filesystem: a bind mount has none, so there they are an error, as an
 * option that silently does nothing is worse than one that is refused.
 */
#include <errno.h>
#include <linux/mount.h>
#include <string.h>

#include "nsexec/syscalls.h"
#include "runtime/compile_parts.h"
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
static const char *words_data(struct compile *c, const struct string_list *options)
{
	size_t length = 0;
	char *data, *end;

	for (uint32_t i = 0; i < options->count; i++)
		if (mount_option_find(options->items[i]) == NULL)
			length += strlen(options->items[i]) + 1;
	if (length == 0)
		return NULL;
	end = data = compile_alloc(c, length);
	for (uint32_t i = 0; data != NULL && i < options->count; i++) {
		if (mount_option_find(options->items[i]) != NULL)
			continue;
		if (end != data)
			*end++ = ',';
		end = stpcpy(end, options->items[i]);
	}
	return data;
}

/* What a bind mount cannot have: data, and flags of the filesystem, which is mounted already. */
static void check_bind(struct compile *c, const struct spec_mount *mount)
{
	for (uint32_t i = 0; i < mount->options.count; i++) {
		const char *const *word = &mount->options.items[i];
		const struct mount_option *option = mount_option_find(*word);

		if (option == NULL) {
			plan_refuse(&c->builder, word, ERROR_CONFIG_RULE, EINVAL,
				"a bind mount takes no filesystem option such as \"%s\"", *word);
			error_value(c->builder.err, "%s", *word);
			return;
		}
		if (option->kind == MOUNT_OPTION_SUPERBLOCK)
			compile_warn(c, word,
				"\"%s\" belongs to the filesystem and does nothing on a bind mount",
				*word);
	}
	if (mount->type != NULL && strcmp(mount->type, "tmpfs") == 0)
		compile_warn(c, &mount->type, "a bind mount ignores its type");
}

/* What only some mounts can have. */
static void check_extras(
	struct compile *c, const struct spec_mount *mount, const struct mount_words *words)
{
	bool bind = words->extras & PLAN_MOUNT_BIND;

	if ((words->extras & PLAN_MOUNT_TMPCOPYUP) &&
		(bind || mount->type == NULL || strcmp(mount->type, "tmpfs") != 0))
		plan_refuse(&c->builder, &mount->options, ERROR_CONFIG_RULE, EINVAL,
			"tmpcopyup is for mounts of type tmpfs");
	if ((words->extras & (PLAN_MOUNT_SOURCE_NOFOLLOW | PLAN_MOUNT_COPY_SYMLINK)) && !bind)
		plan_refuse(&c->builder, &mount->options, ERROR_CONFIG_RULE, EINVAL,
			"src-nofollow and copy-symlink are for bind mounts");
	if (bind || (words->extras & PLAN_MOUNT_REMOUNT))
		return;
	if (mount->type == NULL || mount->type[0] == '\0')
		plan_refuse(&c->builder, mount, ERROR_CONFIG_MISSING, EINVAL,
			"a mount needs a type, or one of the options bind and rbind");
	else if (strcmp(mount->type, "bind") == 0 || strcmp(mount->type, "rbind") == 0)
		plan_refuse(&c->builder, &mount->type, ERROR_CONFIG_RULE, EINVAL,
			"a bind mount is asked for by the option bind or rbind, not by its type");
}

void compile_options(struct compile *c, const struct spec_mount *mount, struct mount_words *words)
{
	const struct string_list *options = &mount->options;

	*words = (struct mount_words){0};
	if (options->count > 0) {
		words->propagation.items = compile_alloc(c, options->count * sizeof(char *));
		if (words->propagation.items == NULL)
			return;
	}
	for (uint32_t i = 0; i < options->count; i++) {
		const struct mount_option *option = mount_option_find(options->items[i]);

		if (option != NULL)
			words_add(c, words, option);
	}
	check_extras(c, mount, words);
	if (words->extras & PLAN_MOUNT_BIND) {
		words->flags = 0;
		check_bind(c, mount);
		return;
	}
	words->data = words_data(c, options);
}
