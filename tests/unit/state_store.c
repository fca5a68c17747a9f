/* Names, reservations, locks and removal: with real processes that compete. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/unit/state_place.h"

static void test_ids(void)
{
	static const char *const good[] = {
		"a", "0", "_", "+x", "-x", "a.b", "A-b_c+d.e", "network"};
	static const char *const bad[] = {
		"", ".", "..", ".a", "a/b", "../a", "a b", "a\n", "\xc3\xa4", "a:b"};
	char longest[CONTAINER_ID_MAX + 2];
	struct error err = {0};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok(container_id_check(good[i], &err) == 0, "id \"%s\" is accepted", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		error_clear(&err);
		ok(container_id_check(bad[i], &err) == -EINVAL && err.code == ERROR_USAGE,
			"id \"%s\" is refused", bad[i]);
	}
	memset(longest, 'x', sizeof(longest));
	longest[CONTAINER_ID_MAX] = '\0';
	ok(container_id_check(longest, &err) == 0, "an id of 1024 characters is accepted");
	longest[CONTAINER_ID_MAX] = 'x';
	longest[CONTAINER_ID_MAX + 1] = '\0';
	ok(container_id_check(longest, &err) == -EINVAL, "one of 1025 is refused");
}

static void test_root(void)
{
	char root[PATH_MAX];
	struct error err = {0};

	setenv("XDG_RUNTIME_DIR", "", 1);
	store_root("/elsewhere", root, sizeof(root), &err);
	is_string(root, "/elsewhere", "a root that is given is taken");
	ok(store_root("", root, sizeof(root), &err) == -EINVAL, "an empty one is refused");
	if (geteuid() != 0) {
		skip("the default root", "needs root");
		return;
	}
	error_clear(&err);
	store_root(NULL, root, sizeof(root), &err);
	is_string(root, STORE_ROOT, "root's default, with XDG_RUNTIME_DIR empty");
	setenv("XDG_RUNTIME_DIR", "/run/user/0", 1);
	store_root(NULL, root, sizeof(root), &err);
	is_string(root, STORE_ROOT, "root's default, with XDG_RUNTIME_DIR set");
}

static int root_of_nobody(void *context)
{
	char root[PATH_MAX];
	struct error err = {0};

	if (setuid(65534) < 0 || store_root(NULL, root, sizeof(root), &err) < 0)
		return 1;
	return strcmp(root, "/run/user/7/mydocker") == 0 ? 0 : 2;
}

static void test_root_unprivileged(void)
{
	if (geteuid() != 0) {
		skip("the default root of another user", "needs root");
		return;
	}
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	is_number(in_child(root_of_nobody, NULL), 0,
		"another user's default is below XDG_RUNTIME_DIR");
	unsetenv("XDG_RUNTIME_DIR");
	is_number(in_child(root_of_nobody, NULL), 1, "without it there is none");
}

static void test_reserve(void)
{
	struct container first = CONTAINER_NONE, second = CONTAINER_NONE;
	char root[PATH_MAX];
	struct error err = {0};
	struct stat directory;

	snprintf(root, sizeof(root), "%s/deep/er", place);
	is_number(
		container_reserve(&first, root, "one", &err), 0, "an id is reserved in a new root");
	stat(root, &directory);
	is_number(directory.st_mode & 07777, 0700, "the root is only its owner's");
	fstat(first.dir, &directory);
	is_number(directory.st_mode & 07777, 0700, "so is the directory");
	is_number(container_reserve(&second, root, "one", &err), -EEXIST,
		"a second time it is taken");
	is_number(err.code, ERROR_EXISTS, "and says so");
	ok(second.dir == -1, "the loser does not hold the winner's directory");
	container_leave(&second);
	container_leave(&first);

	error_clear(&err);
	is_number(container_enter(&first, root, "one", &err), 0, "it can be entered");
	container_leave(&first);
	is_number(container_enter(&first, root, "two", &err), -ENOENT, "another id cannot");
	ok(strstr(err.message, "container does not exist") != NULL,
		"in the words that engines know");
	error_clear(&err);
	is_number(container_enter(&first, "/nonexistent/root", "one", &err), -ENOENT,
		"nor one in no root");
	is_number(err.code, ERROR_NOT_FOUND, "which is no container either");
	error_clear(&err);
	is_number(container_enter(&first, root, "../er", &err), -EINVAL,
		"nothing outside is entered");
}

/* Waits until the gate pipe closes, then tries; tells by its status whether it won. */
static int racer(void *context)
{
	struct container container = CONTAINER_NONE;
	int *gate = context;
	struct error err = {0};
	char byte;
	int result;

	close(gate[1]);
	if (read(gate[0], &byte, 1) != 0)
		return 2;
	result = container_reserve(&container, place, "raced", &err);
	return result == 0 ? 0 : result == -EEXIST && err.code == ERROR_EXISTS ? 1 : 2;
}

static bool race_once(void)
{
	int gate[2], won = 0, lost = 0, status;
	struct container container = CONTAINER_NONE;
	struct error err = {0};

	if (pipe(gate) < 0)
		return false;
	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			_exit(racer(gate));
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < 8; i++) {
		wait(&status);
		won += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		lost += WIFEXITED(status) && WEXITSTATUS(status) == 1;
	}
	container_enter(&container, place, "raced", &err);
	container_remove(&container, &err);
	container_leave(&container);
	return won == 1 && lost == 7;
}

static void test_race(void)
{
	int good = 0;

	for (int round = 0; round < 200; round++)
		good += race_once();
	is_number(good, 200, "of 8 that reserve an id at once exactly one wins, in 200 rounds");
}

struct holder {
	int ready[2], go[2];
	pid_t pid;
};

/* A process that holds the lock of "locked" until it is told to go. remove: it removes the
 * container first. */
static void holder_start(struct holder *holder, bool remove)
{
	struct container container = CONTAINER_NONE;
	struct error err = {0};
	char byte;

	if (pipe(holder->ready) < 0 || pipe(holder->go) < 0)
		exit(EXIT_FAILURE);
	holder->pid = fork();
	if (holder->pid == 0) {
		close(holder->go[1]);
		container_enter(&container, place, "locked", &err);
		container_lock(&container, 0, &err);
		if (write(holder->ready[1], "", 1) == 1 && read(holder->go[0], &byte, 1) == 0 &&
			remove)
			container_remove(&container, &err);
		_exit(0);
	}
	close(holder->go[0]);
	if (read(holder->ready[0], &byte, 1) != 1)
		exit(EXIT_FAILURE);
}

static void holder_end(struct holder *holder)
{
	close(holder->go[1]);
	waitpid(holder->pid, NULL, 0);
	close(holder->ready[0]);
	close(holder->ready[1]);
}

static void test_lock(void)
{
	struct container container = place_container("locked");
	struct error err = {0};
	struct holder holder;

	ok(!container_is_busy(&container), "a container that nobody has locked is not busy");
	holder_start(&holder, false);
	ok(container_is_busy(&container), "one that somebody has is");
	is_number(container_lock(&container, 50, &err), -EBUSY,
		"its lock is waited for, not for ever");
	error_clear(&err);
	kill(holder.pid, SIGKILL);
	holder_end(&holder);
	is_number(container_lock(&container, 1000, &err), 0, "a killed holder holds nothing");
	container_leave(&container);

	container = place_container("locked");
	holder_start(&holder, true);
	close(holder.go[1]);
	holder.go[1] = -1;
	is_number(container_lock(&container, 5000, &err), -ENOENT,
		"the lock of a removed container is no lock");
	is_number(err.code, ERROR_NOT_FOUND, "it does not exist any more");
	container_unlock(&container);
	ok(container_is_busy(&container), "for who is still in it somebody was at work");
	holder_end(&holder);
	container_leave(&container);
}

static void test_remove(void)
{
	struct container container = place_container("filled");
	struct error err = {0};

	place_shell("mkdir victim && echo precious > victim/file && ln -s ../victim filled/link &&"
		    "ln -s ../victim/file filled/config.json && mkfifo filled/fifo &&"
		    "mkdir -p filled/a/b/c && ln -s ../../../../victim filled/a/b/c/link && touch "
		    "filled/.hidden filled/a/x");
	is_number(
		container_remove(&container, &err), 0, "a directory full of everything is removed");
	ok(place_shell("test ! -e filled"), "nothing of it is left");
	ok(place_shell("grep -q precious victim/file"),
		"what its symlinks pointed at is untouched");
	is_number(container_remove(&container, &err), 0, "removing it again is fine");
	container_leave(&container);

	if (geteuid() != 0) {
		skip("a mount in it", "needs root");
		return;
	}
	container = place_container("mounted");
	place_shell("mkdir mounted/m && mount --bind victim mounted/m");
	ok(container_remove(&container, &err) < 0, "a mounted directory in it stops the removal");
	ok(place_shell("grep -q precious victim/file"), "and what is mounted is untouched");
	place_shell("umount mounted/m");
	is_number(container_remove(&container, &err), 0, "it is removed when that is gone");
	container_leave(&container);
}

static int list_add(const char *id, int root_fd, void *context)
{
	char *list = context;

	strcat(list, id);
	strcat(list, " ");
	return strcmp(id, "stop") == 0 ? 7 : 0;
}

static void test_each(void)
{
	char root[PATH_MAX], list[256] = "";
	struct error err = {0};

	snprintf(root, sizeof(root), "%s/each", place);
	is_number(store_each(root, list_add, list, &err), 0,
		"a root that is not there has no containers");
	ok(place_shell("test ! -e each"), "and is not made");
	place_shell("mkdir each && cd each && mkdir b a c .seccomp && touch file && ln -s a link");
	is_number(store_each(root, list_add, list, &err), 0, "all are visited");
	is_string(list, "a b c ", "directories with the name of an id, in order");
	place_shell("mkdir each/stop each/z");
	list[0] = '\0';
	is_number(store_each(root, list_add, list, &err), 7, "a visitor can stop it");
	is_string(list, "a b c stop ", "at once");
}

int main(void)
{
	place_make();
	test_ids();
	test_root();
	test_root_unprivileged();
	test_reserve();
	test_race();
	test_lock();
	test_remove();
	test_each();
	place_remove();
	return tap_end();
}
