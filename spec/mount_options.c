/* The mount options as a table: what each word means is data, so that decoding, `features` and the
 * plan cannot differ. */
#include <string.h>

#include "nsexec/cleanup.h"
#include "nsexec/plan.h"
#include "nsexec/syscalls.h"
#include "spec/names.h"

const struct mount_option mount_options[] = {
#define OPTION(word, kind, set, clear, ms, listed) \
	{word, MOUNT_OPTION_##kind, set, clear, ms, listed, sizeof(word) - 1},
#include "spec/mount_options.def"
#undef OPTION
};

const size_t mount_option_count = array_size(mount_options);

/* Mappings may follow the words for them: "idmap=uids=...;gids=...". */
const struct mount_option *mount_option_find(const char *word)
{
	size_t length = 0;

	while (word[length] != '\0' && word[length] != '=')
		length++;
	for (size_t i = 0; i < mount_option_count; i++) {
		const struct mount_option *option = &mount_options[i];

		if (option->length == length && option->word[0] == word[0] &&
			memcmp(option->word, word, length) == 0 &&
			(word[length] == '\0' || option->kind == MOUNT_OPTION_IDMAP))
			return option;
	}
	return NULL;
}
