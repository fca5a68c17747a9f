/*
 * What a test wants to know from inside a container and no shell can tell.
 *
 *   probe fds               the open descriptors, on one line
 *   probe call NUMBER [A]   the errno of a system call with first argument A, 0 when it succeeds
 *   probe int80 NUMBER      the same through the 32-bit entry of x86
 *   probe session-keyring   the serial number of the session keyring
 *   probe groups            the supplementary groups, on one line
 *   probe exit-by SIGNAL    ends by this signal
 *   probe eat MEGABYTES     touches that much memory
 *   probe scheduler         policy, flags, nice, priority, runtime, deadline, period
 *   probe io-priority       class and level of the process
 *   probe memory-policy     mode, and the first 64 nodes in hex
 *   probe notify            says READY=1 on the socket $NOTIFY_SOCKET
 *   probe notified SOCKET   prints the first message that arrives on SOCKET, which it makes
 */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void print_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	while (directory && (entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(directory))
			printf("%s ", entry->d_name);
	printf("\n");
}

static void print_groups(void)
{
	gid_t groups[64];
	int count = getgroups(64, groups);

	for (int i = 0; i < count; i++)
		printf("%u ", groups[i]);
	printf("\n");
}

static long call_int80(long number)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
#else
	return -ENOSYS;
#endif
}

static void eat(size_t megabytes)
{
	for (size_t i = 0; i < megabytes; i++) {
		char *block = malloc(1 << 20);

		if (block != NULL)
			memset(block, 1, 1 << 20);
	}
	printf("ate %zu\n", megabytes);
}

static void print_scheduler(void)
{
	struct {
		unsigned int size, policy;
		unsigned long long flags;
		int nice;
		unsigned int priority;
		unsigned long long runtime, deadline, period;
	} attributes = {0};

	syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0);
	printf("%u %llu %d %u %llu %llu %llu\n", attributes.policy, attributes.flags,
		attributes.nice, attributes.priority, attributes.runtime, attributes.deadline,
		attributes.period);
}

static void print_io_priority(void)
{
	long value = syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, 0);

	printf("%ld %ld\n", value >> 13, value & 7);
}

static void print_memory_policy(void)
{
	unsigned long nodes[16] = {0};
	int mode = -1;

	syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, NULL, 0);
	printf("%d %lx\n", mode, nodes[0]);
}

static struct sockaddr_un socket_address(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path ? path : "");
	return address;
}

static int notify(void)
{
	struct sockaddr_un address = socket_address(getenv("NOTIFY_SOCKET"));
	const char *message = "STATUS=almost\nREADY=1\n";

	return sendto(socket(AF_UNIX, SOCK_DGRAM, 0), message, strlen(message), 0,
		       (struct sockaddr *)&address, sizeof(address)) < 0;
}

static int print_notified(const char *path)
{
	struct sockaddr_un address = socket_address(path);
	char message[256];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ssize_t length;

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return 1;
	length = recv(fd, message, sizeof(message), 0);
	return length < 0 || write(STDOUT_FILENO, message, (size_t)length) != length;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	long number = argc > 2 ? atol(argv[2]) : 0;
	long argument = argc > 3 ? atol(argv[3]) : 0;

	if (strcmp(what, "fds") == 0)
		print_fds();
	else if (strcmp(what, "call") == 0)
		printf("%d\n", syscall(number, argument, 0, 0, 0, 0, 0) < 0 ? errno : 0);
	else if (strcmp(what, "int80") == 0)
		printf("%ld\n", call_int80(number));
	else if (strcmp(what, "session-keyring") == 0)
		printf("%ld\n",
			syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
	else if (strcmp(what, "groups") == 0)
		print_groups();
	else if (strcmp(what, "exit-by") == 0)
		raise((int)number);
	else if (strcmp(what, "eat") == 0)
		eat((size_t)number);
	else if (strcmp(what, "scheduler") == 0)
		print_scheduler();
	else if (strcmp(what, "io-priority") == 0)
		print_io_priority();
	else if (strcmp(what, "memory-policy") == 0)
		print_memory_policy();
	else if (strcmp(what, "notify") == 0)
		return notify();
	else if (strcmp(what, "notified") == 0 && argc > 2)
		return print_notified(argv[2]);
	else
		return 2;
	return 0;
}
