/*
 * doctor: what this host and this caller have of what containers need. A row for each thing; what
 * is missing comes with what would mend it. Nothing is changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "nsexec/cleanup.h"
#include "runtime/bundle.h"
#include "runtime/capability.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/finding.h"
#include "runtime/listing.h"
#include "runtime/unit/manager.h"
#include "spec/names.h"

#define SCHEMA "mydocker.doctor/1"
#define KERNEL_MAJOR 5 /* the oldest that we care for is 5.10 */
#define KERNEL_MINOR 10

struct doctor {
	const struct command *command;
	struct findings findings;
};

static void tell(struct doctor *doctor, bool good, enum severity severity, const char *place,
	const char *text, const char *hint)
{
	finding_add(&doctor->findings, good ? SEVERITY_GOOD : severity, place, text,
		good ? NULL : hint);
}

/* The first line of a file; "" when it cannot be read. */
static const char *line_of(const char *path, char *text, size_t size)
{
	auto_fd int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void kernel_look(struct doctor *doctor)
{
	struct utsname name;
	int major = 0, minor = 0;
	char text[sizeof(name.sysname) + sizeof(name.release) + 1];

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	snprintf(text, sizeof(text), "%s %s", name.sysname, name.release);
	tell(doctor, major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR),
		SEVERITY_ERROR, "kernel", text, "mydocker needs Linux 5.10 or newer");
}

/* Whether a list, separated by any of these characters, has the word. */
static bool list_has(const char *list, const char *word, const char *separators)
{
	size_t length = strlen(word);

	for (; *list; list += strspn(list, separators)) {
		size_t own = strcspn(list, separators);

		if (own == length && strncmp(list, word, length) == 0)
			return true;
		list += own;
	}
	return false;
}

static bool controller_is_there(const struct cgroup_host *host, const char *word)
{
	for (uint32_t i = 0; i < host->count; i++)
		if (list_has(host->hierarchies[i].controllers, word, ","))
			return true;
	return host->v2_controllers && list_has(host->v2_controllers, word, " ");
}

/* Whether a caller who is not root may make a cgroup below its own. */
static bool cgroup_is_delegated(const struct cgroup_host *host)
{
	char path[PATH_MAX];

	for (uint32_t i = 0; i < host->count; i++) {
		snprintf(path, sizeof(path), "%s%s", host->hierarchies[i].mount,
			host->hierarchies[i].own);
		if (host->hierarchies[i].unified && access(path, W_OK) == 0)
			return true;
	}
	return false;
}

static void controllers_look(struct doctor *doctor, const struct cgroup_host *host)
{
	static const char *const controllers[] = {"cpu", "cpuset", "memory", "pids"};
	char text[64];

	for (size_t i = 0; i < array_size(controllers); i++) {
		bool there = controller_is_there(host, controllers[i]);

		snprintf(text, sizeof(text), "%s %s", controllers[i],
			there ? "can be limited" : "cannot be limited");
		tell(doctor, there, SEVERITY_WARNING, "cgroups", text,
			"the kernel's command line may turn it off (cgroup_disable), or it is not "
			"delegated: Delegate=yes in the unit above us");
	}
}

static void cgroups_look(struct doctor *doctor)
{
	static const char *const modes[] = {
		[CGROUP_NONE] = "none are mounted",
		[CGROUP_V1] = "version 1",
		[CGROUP_HYBRID] = "version 1, and version 2 beside it",
		[CGROUP_V2] = "version 2",
	};
	struct cgroup_host host = {0};
	struct error err = {0};

	if (cgroup_probe(&doctor->findings.arena, &host, &err) < 0) {
		finding_add(&doctor->findings, SEVERITY_ERROR, "cgroups", err.message, err.hint);
		return;
	}
	tell(doctor, host.mode != CGROUP_NONE, SEVERITY_WARNING, "cgroups", modes[host.mode],
		"without them there are no limits, no pause and no statistics: mount -t cgroup2 "
		"none /sys/fs/cgroup");
	if (!host_is_ours() && !cgroup_is_delegated(&host))
		finding_add(&doctor->findings, SEVERITY_WARNING, "cgroups",
			"none is delegated to this caller",
			"without one there are no limits: systemd-run --user --scope "
			"--property=Delegate=yes");
	else if (host.mode != CGROUP_NONE)
		controllers_look(doctor, &host);
}

static void namespaces_look(struct doctor *doctor)
{
	static const char *const files[] = {"mnt", "pid", "net", "uts", "ipc", "user", "cgroup"};
	char path[64], text[64];

	for (size_t i = 0; i < array_size(files); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", files[i]);
		snprintf(text, sizeof(text), "the kernel has no %s namespaces", files[i]);
		if (access(path, F_OK) < 0)
			finding_add(&doctor->findings, SEVERITY_WARNING, "namespaces", text,
				"it was built without them");
	}
	line_of("/proc/sys/user/max_user_namespaces", text, sizeof(text));
	tell(doctor, strcmp(text, "0") != 0, SEVERITY_WARNING, "namespaces",
		strcmp(text, "0") != 0 ? "user namespaces can be made"
				       : "user namespaces cannot be made",
		"sysctl -w user.max_user_namespaces=10000");
}

/* Those without which the usual configuration does not run, or not wholly. */
static void capabilities_look(struct doctor *doctor)
{
	static const struct {
		int bit;
		enum severity severity;
		const char *hint;
	} wanted[] = {
		{CAP_SYS_ADMIN, SEVERITY_ERROR, "nothing can be mounted"},
		{CAP_SETUID, SEVERITY_ERROR, "no other user can be taken on"},
		{CAP_NET_ADMIN, SEVERITY_WARNING, "no network device can be set up"},
		{CAP_MKNOD, SEVERITY_WARNING, "no device can be made"},
		{CAP_SYS_RESOURCE, SEVERITY_WARNING, "no resource limit can be raised"},
	};
	uint64_t available = capability_available();
	uint32_t missing = 0;
	char text[64];

	for (size_t i = 0; host_is_ours() && i < array_size(wanted); i++) {
		if (available & 1ull << wanted[i].bit)
			continue;
		missing++;
		snprintf(text, sizeof(text), "%s is missing",
			names_word(&names_capability, wanted[i].bit));
		finding_add(&doctor->findings, wanted[i].severity, "capabilities", text,
			wanted[i].hint);
	}
	if (missing == 0)
		finding_add(&doctor->findings, SEVERITY_GOOD, "capabilities",
			host_is_ours() ? "all that are needed" : "those of a user namespace", NULL);
}

static bool program_is_there(const char *name)
{
	static const char *const directories[] = {
		"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};
	char path[64];

	for (size_t i = 0; i < array_size(directories); i++) {
		snprintf(path, sizeof(path), "%s/%s", directories[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* What a caller without privilege needs besides. */
static void rootless_look(struct doctor *doctor)
{
	char text[128];

	if (host_is_ours())
		return;
	tell(doctor, program_is_there("newuidmap") && program_is_there("newgidmap"),
		SEVERITY_WARNING, "rootless", "newuidmap and newgidmap",
		"they are not there, and only one user can be mapped: apt-get install uidmap");
	line_of("/proc/sys/kernel/unprivileged_userns_clone", text, sizeof(text));
	tell(doctor, strcmp(text, "0") != 0, SEVERITY_ERROR, "rootless",
		"user namespaces without privilege",
		"forbidden here: sysctl -w kernel.unprivileged_userns_clone=1");
}

static void seccomp_look(struct doctor *doctor)
{
	bool there = access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0;

	tell(doctor, there, SEVERITY_WARNING, "seccomp",
		there ? "filters can be loaded" : "filters cannot be loaded",
		"the kernel was built without it");
}

static void manager_look(struct doctor *doctor)
{
	bool there = manager_available();

	if (access("/run/systemd/system", F_OK) < 0)
		return;
	tell(doctor, there, SEVERITY_WARNING, "systemd",
		there ? "can be asked for cgroups" : "cannot be asked for cgroups",
		"--systemd-cgroup needs the program mydocker-systemd beside mydocker");
}

static void store_look(struct doctor *doctor)
{
	char root[PATH_MAX], text[PATH_MAX + 32];
	struct error err = {0};
	struct stat directory;
	bool good;

	if (store_root(doctor->command->value[OPTION_root], root, sizeof(root), &err) < 0) {
		finding_add(&doctor->findings, SEVERITY_ERROR, "state", err.message, err.hint);
		return;
	}
	good = stat(root, &directory) < 0
		? errno == ENOENT
		: S_ISDIR(directory.st_mode) && access(root, W_OK | X_OK) == 0;
	snprintf(text, sizeof(text), "%s %s", root, good ? "can be used" : "cannot be used");
	tell(doctor, good, SEVERITY_ERROR, "state", text, "give another one with --root");
}

static int container_look(const struct overview *overview, void *context)
{
	struct doctor *doctor = context;

	if (!overview->known)
		finding_add(&doctor->findings, SEVERITY_WARNING, overview->id,
			"its record is damaged", "`delete --force` ends what is left of it");
	else if (overview_is_unwatched(overview))
		finding_add(&doctor->findings, SEVERITY_WARNING, overview->id,
			"its monitor was killed, and its output waits", "`monitor` starts another");
	else if (overview->status == STATUS_STOPPED && overview->record.init.value == 0)
		finding_add(&doctor->findings, SEVERITY_WARNING, overview->id,
			"its creation was killed", "`gc` removes what is left of it");
	return 0;
}

int verb_doctor(const struct command *command, struct error *err)
{
	struct doctor doctor = {.command = command};
	struct error unseen = {0};
	int json = listing_is_json(command, err);
	int result;

	if (json < 0)
		return json;
	kernel_look(&doctor);
	cgroups_look(&doctor);
	namespaces_look(&doctor);
	capabilities_look(&doctor);
	seccomp_look(&doctor);
	manager_look(&doctor);
	rootless_look(&doctor);
	store_look(&doctor);
	overview_each(command, false, container_look, &doctor, &unseen); /* told by store_look */
	result = findings_print(&doctor.findings, SCHEMA, json > 0, err);
	return result == 0 && findings_count(&doctor.findings, SEVERITY_ERROR) ? 1 : result;
}
