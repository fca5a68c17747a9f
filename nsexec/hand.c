/*
 * In a user namespace this process is nobody on the host, and cannot go below a directory that is
 * only root's, or only some user's, to fetch what is to be mounted. So a child that was made before
 * keeps the rights of whoever called the runtime, and shares the descriptors. It clones the sources
 * in the new mount namespace, where it follows: there what the host's mounts forbid is locked, and
 * a root of the container cannot allow it again, as it could in a clone that was made outside.
 */
#include "nsexec/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "nsexec/attributes.h"
#include "nsexec/cleanup.h"
#include "nsexec/syscalls.h"

/* What the child leaves behind, in memory that both have. */
struct gate_hand {
	pid_t pid;
	int told, tell; /* the ends of a pipe */
	int32_t error;  /* negative; the other two say where */
	uint32_t step, call;
	uint64_t count;
	int trees[];
};

/* Where the child goes: descriptors that both have. */
struct place {
	int mounts, root;
};

/* One mount's source. 0 or -errno. */
static int tree_clone(struct gate *gate, const struct step_mount *s, int *tree)
{
	const char *source = plan_string(gate->plan, s->source);

	gate->call = WIRE_CALL_clone_tree;
	*tree = sys_open_tree(AT_FDCWD, source, plan_bind_flags(s->extras));
	if (*tree < 0)
		return -errno;
	return s->idmap < 0 ? 0
			    : attributes_map(gate, *tree,
				      s->extras & PLAN_MOUNT_IDMAP_RECURSIVE ? AT_RECURSIVE : 0,
				      gate->fds[s->idmap], source);
}

static int trees_clone(struct gate *gate, struct gate_hand *hand)
{
	int error = 0;

	for (uint32_t i = 0; i < gate->plan->step_count && error == 0; i++) {
		const struct plan_step *step = &plan_steps(gate->plan)[i];
		const struct step_mount *s = plan_arguments(gate->plan, step);

		if (step->kind != STEP_mount || s->tree == 0 || s->tree > hand->count)
			continue;
		hand->step = i;
		error = tree_clone(gate, s, &hand->trees[s->tree - 1]);
	}
	return error;
}

/* The child: waits, follows, clones. It closes nothing, since it would be closed for both. */
__attribute__((noreturn)) static void hand_serve(
	struct gate *gate, struct gate_hand *hand, pid_t of)
{
	struct place place;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != of || read(hand->told, &place, sizeof(place)) != sizeof(place))
		_exit(EXIT_FAILURE);
	hand->step = gate->step;
	gate->call = WIRE_CALL_NONE;
	if (setns(place.mounts, CLONE_NEWNS) < 0 || fchdir(place.root) < 0 || chroot(".") < 0)
		hand->error = -errno;
	else
		hand->error = trees_clone(gate, hand);
	hand->call = gate->call;
	_exit(EXIT_SUCCESS);
}

int gate_hand(struct gate *gate, const struct step_hand *s)
{
	struct clone_args args = {.flags = CLONE_FILES, .exit_signal = SIGCHLD};
	size_t size = sizeof(struct gate_hand) + (size_t)s->trees * sizeof(int);
	struct gate_hand *hand =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t own = getpid();
	int ends[2];

	if (hand == MAP_FAILED || pipe2(ends, O_CLOEXEC) < 0)
		return gate_failed(gate, WIRE_CALL_spawn, 0, NULL);
	hand->told = ends[0];
	hand->tell = ends[1];
	hand->count = (uint64_t)s->trees;
	for (int64_t i = 0; i < s->trees; i++)
		hand->trees[i] = -1;
	hand->pid = sys_clone3(&args);
	if (hand->pid < 0)
		return gate_failed(gate, WIRE_CALL_spawn, 0, NULL);
	if (hand->pid == 0)
		hand_serve(gate, hand, own);
	gate->hand = hand;
	return 0;
}

int gate_sources(struct gate *gate, const struct step_sources *s)
{
	struct gate_hand *hand = gate->hand;
	int proc = gate_proc(gate), status = -1;
	auto_fd int mounts = -1, root = -1;
	struct place place;

	if (proc < 0)
		return proc;
	mounts = openat(proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (hand == NULL || mounts < 0 || root < 0)
		return gate_failed(gate, WIRE_CALL_open, hand == NULL ? EBADF : 0, NULL);
	place = (struct place){mounts, root};
	if (write(hand->tell, &place, sizeof(place)) != sizeof(place))
		return gate_failed(gate, WIRE_CALL_send, 0, NULL);
	while (waitpid(hand->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(hand->told);
	close(hand->tell);
	if (status != 0)
		return gate_failed(gate, WIRE_CALL_spawn, ECHILD, NULL);
	if (hand->error == 0)
		return 0;
	gate->step = hand->step;
	return gate_failed(gate, hand->call, hand->error, NULL);
}

int gate_tree_take(struct gate *gate, uint64_t tree)
{
	if (gate->hand == NULL || tree > gate->hand->count || gate->hand->trees[tree - 1] < 0)
		return gate_failed(gate, WIRE_CALL_clone_tree, EBADF, NULL);
	return fd_take(&gate->hand->trees[tree - 1]);
}
