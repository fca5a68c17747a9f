/* Engines keep whole ids, and must never hit a container that they did not name: only the verbs
 * that people type complete them. */
#include "runtime/short_id.h"

#include <errno.h>
#include <string.h>

#define SHORTEST 2 /* digits */

struct match {
	const char *beginning;
	size_t length;
	int count;
	char id[ID_DIGITS + 1];
};

static bool is_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

static int id_visit(const char *id, int root_fd, void *context)
{
	struct match *match = context;

	if (strlen(id) != ID_DIGITS || !is_digits(id) ||
		strncmp(id, match->beginning, match->length) != 0)
		return 0;
	match->count++;
	strcpy(match->id, id);
	return 0;
}

int existing_find(
	struct existing *existing, const char *root, const char *id, int lock, struct error *err)
{
	struct match match = {.beginning = id, .length = strlen(id)};
	char directory[PATH_MAX];
	struct error unseen = {0};
	int result = existing_enter(existing, root, id, lock, err);

	if (result == 0 || err->code != ERROR_NOT_FOUND || !is_digits(id) ||
		match.length < SHORTEST || match.length >= ID_DIGITS ||
		store_root(root, directory, sizeof(directory), &unseen) < 0 ||
		store_each(directory, id_visit, &match, &unseen) < 0 || match.count == 0)
		return result;
	error_clear(err);
	if (match.count > 1)
		return error_set(err, ERROR_USAGE, EINVAL,
			"%s is the beginning of %d containers' ids", id, match.count);
	existing_free(existing);
	*existing = EXISTING_NONE;
	return existing_enter(existing, root, match.id, lock, err);
}
