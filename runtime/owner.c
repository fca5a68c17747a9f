/* fgetpwent reads this one file: the name services of a static program would load libraries. */
#include "runtime/owner.h"

#include <pwd.h>
#include <stdio.h>

const char *owner_name(uid_t uid, struct arena *arena)
{
	const char *name = NULL;
	FILE *users;

	if (uid == 0)
		return "root";
	users = fopen("/etc/passwd", "re");
	for (struct passwd *user;
		users != NULL && name == NULL && (user = fgetpwent(users)) != NULL;)
		if (user->pw_uid == uid)
			name = arena_format(arena, "%s", user->pw_name);
	if (users != NULL)
		fclose(users);
	return name != NULL ? name : arena_format(arena, "#%u", uid);
}
