/* The mount options as a table: what each word means is data, so that decoding, `features` and the
 * plan cannot differ. */
#include <string.h>

#include "nsexec/cleanup.h"
#include "nsexec/plan.h"
#include "nsexec/syscalls.h"
#include "spec/names.h"

const struct mount_option mount_options[] = {
#define OPTION(word, kind, set, clear, ms, listed) \
	{word, MOUNT_OPTION_##kind, set, clear, ms, listed},
#include "spec/mount_options.def"
#undef OPTION
};

const size_t mount_option_count = array_size(mount_options);

/* Mappings may follow the words for them: "idmap=uids=...;gids=...". */
static bool is_word(const struct mount_option *option, const char *word)
{
	size_t length = strlen(option->word);

	return strncmp(option->word, word, length) == 0 &&
		(word[length] == '\0' ||
			(word[length] == '=' && option->kind == MOUNT_OPTION_IDMAP));
}

const struct mount_option *mount_option_find(const char *word)
{
	for (size_t i = 0; i < mount_option_count; i++)
		if (mount_options[i].word[0] == word[0] && is_word(&mount_options[i], word))
			return &mount_options[i];
	return NULL;
}
