/*
 * Most options are a bit or a word that goes on as it is. What is wrong with one is said before
 * anything is made or stopped; CRIU's own word for it would come in the middle.
 */
#include "runtime/criu/options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "nsexec/cleanup.h"
#include "runtime/number.h"
#include "spec/names.h"

#define LOG_LEVEL 4 /* everything: it is read when something went wrong */
#define OWN_CONFIG "/etc/criu/mydocker.conf"
#define USUAL_CONFIG "/etc/criu/runc.conf"

static const struct {
	enum option_id option;
	enum criu_field field;
} switches[] = {
	{OPTION_leave_running, CRIU_options_leave_running},
	{OPTION_tcp_established, CRIU_options_tcp_established},
	{OPTION_tcp_skip_in_flight, CRIU_options_tcp_skip_in_flight},
	{OPTION_tcp_close, CRIU_options_tcp_close},
	{OPTION_link_remap, CRIU_options_link_remap},
	{OPTION_ext_unix_sk, CRIU_options_ext_unix_sk},
	{OPTION_shell_job, CRIU_options_shell_job},
	{OPTION_file_locks, CRIU_options_file_locks},
	{OPTION_auto_dedup, CRIU_options_auto_dedup},
	{OPTION_lazy_pages, CRIU_options_lazy_pages},
};

static const struct {
	enum option_id option;
	enum criu_field field;
} texts[] = {
	{OPTION_parent_path, CRIU_options_parent_image},
	{OPTION_lsm_profile, CRIU_options_lsm_profile},
	{OPTION_lsm_mount_context, CRIU_options_lsm_mount_context},
};

static const struct name cgroup_modes[] = {{"ignore", 0}, {"soft", 3}, {"full", 4}, {"strict", 5}};
static const struct name network_locks[] = {{"iptables", 1}, {"nftables", 2}, {"skip", 3}};
static const struct name empty_namespaces[] = {{"network", CLONE_NEWNET}};

static const struct {
	enum option_id option;
	struct name_set words;
} choices[] = {
	{OPTION_manage_cgroups_mode, {"cgroups mode", array_size(cgroup_modes), cgroup_modes}},
	{OPTION_network_lock, {"network lock", array_size(network_locks), network_locks}},
	{OPTION_empty_ns,
		{"namespace to leave empty", array_size(empty_namespaces), empty_namespaces}},
};

/* Every value given for an option is one of its words; *value is the last one's. */
static int choice_read(
	const struct command *command, size_t choice, int64_t *value, struct error *err)
{
	const struct option_values *given = &command->values[choices[choice].option];
	const struct name_set *words = &choices[choice].words;

	for (uint32_t i = 0; i < given->count; i++) {
		const struct name *name = names_find(words, given->items[i]);

		if (!name) {
			error_set(err, ERROR_USAGE, EINVAL, "unknown %s \"%s\"", words->title,
				given->items[i]);
			error_value(err, "%s", given->items[i]);
			error_hint(err, "see %s --help", verb_rows[command->verb].name);
			return -EINVAL;
		}
		*value = name->value;
	}
	return 0;
}

static int choices_add(struct protobuf *options, const struct command *command, struct error *err)
{
	/* what is in a network namespace is somebody else's to make: a hook's, an engine's */
	int64_t mode = 3, lock = 0, empty = CLONE_NEWNET;
	int result = choice_read(command, 0, &mode, err);

	if (result == 0)
		result = choice_read(command, 1, &lock, err);
	if (result == 0)
		result = choice_read(command, 2, &empty, err);
	protobuf_number(options, CRIU_options_manage_cgroups, true);
	protobuf_number(options, CRIU_options_manage_cgroups_mode, mode);
	protobuf_number(options, CRIU_options_empty_ns, empty);
	if (lock)
		protobuf_number(options, CRIU_options_network_lock, lock);
	return result;
}

static int page_server_add(
	struct protobuf *options, const struct command *command, struct error *err)
{
	const char *given = command->value[OPTION_page_server];
	const char *colon = given ? strrchr(given, ':') : NULL;
	struct protobuf server = {.arena = options->arena};
	uint32_t port;

	if (!given)
		return 0;
	if (!colon || colon == given || number_parse(colon + 1, 65535, &port, NULL) < 0 ||
		port == 0)
		return error_set(err, ERROR_USAGE, EINVAL,
			"a page server is ADDRESS:PORT, not \"%s\"", given);
	protobuf_text(&server, CRIU_page_server_address,
		arena_copy(options->arena, given, (size_t)(colon - given)));
	protobuf_number(&server, CRIU_page_server_port, port);
	protobuf_message(options, CRIU_options_page_server, &server);
	return 0;
}

static int parent_check(
	const struct command *command, const struct criu_place *place, struct error *err)
{
	const char *parent = command->value[OPTION_parent_path];
	struct stat st;

	if (!parent)
		return 0;
	if (parent[0] == '/')
		return error_set(err, ERROR_USAGE, EINVAL,
			"--parent-path must be relative to the image path, not %s", parent);
	if (fstatat(place->images_fd, parent, &st, 0) < 0)
		return error_set(err, ERROR_USAGE, errno, "invalid --parent-path %s: %m", parent);
	return S_ISDIR(st.st_mode)
		? 0
		: error_set(err, ERROR_USAGE, ENOTDIR,
			  "invalid --parent-path %s: it is no directory", parent);
}

/* CRIU reads settings of its own, which have the last word: of the container, or of the host. */
static void config_add(struct protobuf *options, const struct spec *spec)
{
	const struct string_map *annotations = &spec->config.annotations;
	const char *path = access(OWN_CONFIG, F_OK) == 0 ? OWN_CONFIG : USUAL_CONFIG;

	for (uint32_t i = 0; i < annotations->count; i++)
		if (strcmp(annotations->items[i].key, "org.criu.config") == 0)
			path = annotations->items[i].value;
	if (path[0])
		protobuf_text(options, CRIU_options_config_file, path);
}

int criu_options_fill(struct protobuf *options, const struct command *command,
	const struct criu_place *place, const struct spec *spec, struct error *err)
{
	int result = choices_add(options, command, err);

	if (result == 0)
		result = page_server_add(options, command, err);
	if (result == 0)
		result = parent_check(command, place, err);
	for (size_t i = 0; i < array_size(switches); i++)
		if (command->given[switches[i].option])
			protobuf_number(options, switches[i].field, true);
	for (size_t i = 0; i < array_size(texts); i++)
		protobuf_text(options, texts[i].field, command->value[texts[i].option]);
	if (command->value[OPTION_parent_path])
		protobuf_number(options, CRIU_options_track_mem, true);
	protobuf_number(options, CRIU_options_images_dir_fd, CRIU_FD_IMAGES);
	protobuf_number(options, CRIU_options_work_dir_fd, CRIU_FD_WORK);
	protobuf_number(options, CRIU_options_log_level, LOG_LEVEL);
	protobuf_text(options, CRIU_options_log_file, strrchr(place->log, '/') + 1);
	protobuf_number(options, CRIU_options_notify_scripts, true);
	protobuf_number(options, CRIU_options_orphan_pts_master, true);
	config_add(options, spec);
	return result;
}

/* Makes a directory with its parents. */
static int directory_make(const char *path)
{
	char part[PATH_MAX];

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	strcpy(part, path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(part, 0700);
		*slash = '/';
	}
	return mkdir(part, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int directory_open(const char *path, bool make, struct error *err)
{
	int result = make ? directory_make(path) : 0;
	int fd = result < 0 ? -1 : openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	result = result < 0 ? result : -errno;
	return error_set(err, ERROR_CRIU, -result, "cannot %s the directory %s: %s",
		make ? "make" : "open", path, strerror(-result));
}

int criu_place_open(struct criu_place *place, const struct command *command, bool make,
	const char *log, struct arena *arena, struct error *err)
{
	const char *images = command->value[OPTION_image_path];
	const char *work = command->value[OPTION_work_path];

	place->images = images ? images : "checkpoint";
	place->work = work ? work : place->images;
	place->log = arena_format(arena, "%s/%s", place->work, log);
	if (!place->log)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	place->images_fd = directory_open(place->images, make, err);
	if (place->images_fd >= 0)
		place->work_fd = directory_open(place->work, true, err);
	return err->code ? -err->number : 0;
}

void criu_place_close(struct criu_place *place)
{
	fd_cleanup(&place->images_fd);
	fd_cleanup(&place->work_fd);
	*place = CRIU_PLACE_NONE;
}

int criu_place_reopen(const struct criu_place *place, struct criu_start *start)
{
	const char *const paths[] = {place->images, place->work};

	for (size_t i = 0; i < array_size(paths); i++) {
		start->fds[i] = openat(AT_FDCWD, paths[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (start->fds[i] < 0)
			return -errno;
	}
	return 0;
}

int criu_features_check(const char *program, const struct command *command, struct error *err)
{
	bool track = command->given[OPTION_pre_dump] || command->given[OPTION_parent_path];
	bool lazy = command->given[OPTION_lazy_pages];
	struct criu_start start = {0};
	struct criu criu = CRIU_NONE;
	struct arena arena = {0};
	struct protobuf features = {.arena = &arena}, body = {.arena = &arena};
	struct criu_request request = {.kind = CRIU_FEATURE_CHECK, .body = &body};
	struct criu_answer answer = {0};
	int result;

	if (!track && !lazy)
		return 0;
	protobuf_number(&features, CRIU_features_mem_track, track);
	protobuf_number(&features, CRIU_features_lazy_pages, lazy);
	protobuf_message(&body, CRIU_request_features, &features);
	result = criu_begin(&criu, program, &start, err);
	if (result == 0)
		result = criu_ask(&criu, &request, &answer, err);
	criu_end(&criu);
	arena_free(&arena);
	if (result == 0 && track && !answer.mem_track)
		result = error_set(err, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"--pre-dump and --parent-path need a kernel that remembers which memory "
			"was "
			"written (CONFIG_MEM_SOFT_DIRTY)");
	if (result == 0 && lazy && !answer.lazy_pages)
		result = error_set(err, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"--lazy-pages needs userfaultfd(2) with events, which is not there");
	return result;
}
