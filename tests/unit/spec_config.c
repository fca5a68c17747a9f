/* Real configurations: read without a word, and refused without harm when they are cut anywhere. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "spec/spec.h"
#include "tests/unit/document.h"
#include "tests/unit/tap.h"

static void decode_file(const char *path, const char *name)
{
	struct spec spec = {0};
	struct error err = {0};
	size_t length;
	char *bytes;

	if (!ok(spec_read(&spec, AT_FDCWD, path, &err) == 0, "%s is read", name))
		printf("# %s: %s\n", err.pointer, err.message);
	is_number(spec.warnings.count, 0, "without a warning");
	bytes = file_load(path, &length);
	ok(spec.length == length && memcmp(spec.bytes, bytes, length) == 0, "its bytes are kept");
	free(bytes);
	spec_free(&spec);
}

static void cut_file(const char *path, const char *name)
{
	unsigned int failed = 0;
	size_t length;
	char *bytes = file_load(path, &length);

	while (length > 0 && bytes[length - 1] == '\n')
		length--;
	for (size_t cut = 0; cut < length; cut++) {
		struct spec spec = {0};
		struct error err = {0};
		char *exact = malloc(cut + 1); /* so that the sanitizer sees a byte too far */

		memcpy(exact, bytes, cut);
		exact = realloc(exact, cut > 0 ? cut : 1);
		if (spec_decode(&spec, exact, cut, &err) == 0 || err.code != ERROR_CONFIG_SYNTAX ||
			err.message[0] == '\0') {
			printf("# cut at %zu: %s\n", cut, err.message);
			failed++;
		}
		free(exact);
		spec_free(&spec);
	}
	ok(failed == 0, "%s cut at each of %zu bytes is refused", name, length);
	free(bytes);
}

/* One bit wrong anywhere: anything may come out but a crash, and an error is never without words.
 */
static void flip_file(const char *path, const char *name)
{
	unsigned int failed = 0;
	size_t length;
	char *bytes = file_load(path, &length);

	for (size_t at = 0; at < length; at++) {
		struct spec spec = {0};
		struct error err = {0};

		bytes[at] ^= (char)(1 << at % 8);
		if (spec_decode(&spec, bytes, length, &err) < 0 && err.message[0] == '\0')
			failed++;
		bytes[at] ^= (char)(1 << at % 8);
		spec_free(&spec);
	}
	ok(failed == 0, "%s with one bit flipped", name);
	free(bytes);
}

static void test_values(void)
{
	struct spec spec = {0};
	struct error err = {0};
	const struct spec_config *config = &spec.config;
	char pointer[256];

	spec_read(&spec, AT_FDCWD, CONFIGS "/docker.json", &err);
	is_string(config->process->apparmor_profile, "docker-default", "a string is there");
	is_number(config->process->console_size->width.value, 80, "a number");
	is_number(config->linux->resources->memory->limit.value, 268435456, "a deep one");
	ok(!config->linux->resources->memory->disable_oom_killer.value &&
			config->linux->resources->memory->disable_oom_killer.given,
		"false is given too");
	is_number(config->mounts.count, 10, "a list");
	is_string(config->mounts.items[9].options.items[1], "rprivate", "and its last entry");
	is_string(config->linux->sysctl.items[1].value, "0 2147483647", "a map");
	ok(config->linux->seccomp->syscalls.items[0].names.count > 200, "a long list");
	is_string(config->linux->seccomp->syscalls.items[0].names.items[0], "_llseek",
		"has kept its first entry");
	spec_pointer(&spec, &config->mounts.items[9].source, pointer, sizeof(pointer));
	is_string(pointer, "/mounts/9/source", "and everything has its pointer");
	spec_free(&spec);
}

static void test_files(void)
{
	char directory[] = "/tmp/mydocker-unit-XXXXXX";
	struct spec spec = {0};
	struct error err = {0};
	int dir, fd;

	dir = open(mkdtemp(directory), O_DIRECTORY | O_CLOEXEC);
	mkfifoat(dir, "fifo", 0600);
	mkdirat(dir, "directory", 0700);
	ok(symlinkat("target", dir, "link") == 0 && symlinkat("loop", dir, "loop") == 0,
		"a directory with all kinds of files");
	fd = openat(dir, "target", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ok(write(fd, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"}}", 42) == 42,
		"a small file");
	ok(spec_read(&spec, dir, "link", &err) == 0, "is read through a link");
	spec_free(&spec);

	static const struct {
		const char *name, *message;
		int number;
	} rows[] = {
		{"fifo", "fifo is not a regular file", EINVAL},
		{"directory", "directory is not a regular file", EINVAL},
		{"nothing", "cannot read nothing: ", ENOENT}, /* and the C library's words */
		{"loop", "cannot read loop: ", ELOOP},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		error_clear(&err);
		is_number(spec_read(&spec, dir, rows[i].name, &err), -rows[i].number,
			"%s is refused", rows[i].name);
		ok(strncmp(err.message, rows[i].message, strlen(rows[i].message)) == 0,
			"with words: %s", err.message);
		is_number(err.code, ERROR_BUNDLE, "as the bundle's fault");
		spec_free(&spec);
	}
	error_clear(&err);
	ok(ftruncate(fd, 17 << 20) == 0 && spec_read(&spec, dir, "target", &err) == -EFBIG,
		"a file of 17 MiB is not read");
	spec_free(&spec);
	close(fd);
	unlinkat(dir, "fifo", 0);
	unlinkat(dir, "link", 0);
	unlinkat(dir, "loop", 0);
	unlinkat(dir, "target", 0);
	unlinkat(dir, "directory", AT_REMOVEDIR);
	close(dir);
	rmdir(directory);
}

static void test_process(void)
{
	char path[] = "/tmp/mydocker-unit-XXXXXX";
	static const char good[] = "{\"cwd\":\"/\",\"args\":[\"id\"],\"user\":{\"uid\":7}}";
	static const char bad[] = "{\"cwd\":\"/\",\"args\":[\"id\"],\"env\":[\"x\"]}";
	struct spec spec = {0};
	struct spec_process *process;
	struct error err = {0};
	int fd = mkstemp(path);

	ok(write(fd, good, strlen(good)) > 0 &&
			spec_read_process(&spec, AT_FDCWD, path, &process, &err) == 0,
		"a process is read alone");
	is_number(process->user->uid.value, 7, "and there");
	spec_free(&spec);
	ok(ftruncate(fd, 0) == 0 && pwrite(fd, bad, strlen(bad), 0) > 0 &&
			spec_read_process(&spec, AT_FDCWD, path, &process, &err) < 0,
		"and checked by its rules");
	is_string(err.pointer, "/env/0", "with a pointer from its own root");
	spec_free(&spec);
	close(fd);
	unlink(path);
}

static void test_default(void)
{
	for (int i = 0; i < 4; i++) {
		int rootless = i & 1, cgroup = i >> 1;
		struct arena arena = {0};
		struct spec spec = {0};
		struct error err = {0};
		const char *text = spec_default(&arena, rootless, cgroup, &err);

		ok(text != NULL && spec_decode(&spec, text, strlen(text), &err) == 0,
			"the default configuration (rootless: %d) is a good one", rootless);
		is_number(spec.warnings.count, 0, "without a warning");
		is_number(spec.config.mounts.count, 7, "with seven mounts");
		is_number(spec.config.linux->namespaces.count, 5 + cgroup, "and these namespaces");
		is_number(spec.config.linux->uid_mappings.count, rootless, "mapped when rootless");
		is_string(spec.config.process->args.items[0], "sh", "that runs a shell");
		spec_free(&spec);
		arena_free(&arena);
	}
}

static void test_speed(void)
{
	size_t length;
	char *bytes = file_load(CONFIGS "/podman.json", &length);
	struct timespec begin, end;
	double microseconds;
	int rounds = 200;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < rounds; i++) {
		struct spec spec = {0};
		struct error err = {0};

		spec_decode(&spec, bytes, length, &err);
		spec_free(&spec);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	microseconds = (double)(end.tv_sec - begin.tv_sec) * 1e6 +
		(double)(end.tv_nsec - begin.tv_nsec) / 1e3;
	ok(microseconds / rounds < 5000, "%zu bytes take %.0f microseconds", length,
		microseconds / rounds);
	free(bytes);
}

int main(void)
{
	files_each(CONFIGS, decode_file);
	cut_file(CONFIGS "/podman.json", "podman.json");
	cut_file(CONFIGS "/runc-spec.json", "runc-spec.json");
	flip_file(CONFIGS "/docker.json", "docker.json");
	test_values();
	test_files();
	test_process();
	test_default();
	test_speed();
	return tap_end();
}
