/*
 * unanswering DIRECTORY: mounts a filesystem there whose server says hello and then never answers.
 * Whoever asks it for a file waits, and cannot be killed, until this process ends.
 */
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char request[1 << 20];
	struct {
		struct fuse_out_header head;
		struct fuse_init_out init;
	} hello = {.head = {.len = sizeof(hello)},
		.init = {.major = FUSE_KERNEL_VERSION,
			.minor = FUSE_KERNEL_MINOR_VERSION,
			.max_write = 4096}};
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		device);
	if (argc != 2 || mount("unanswering", argv[1], "fuse", 0, options) < 0) {
		perror("unanswering");
		return 1;
	}
	while (read(device, request, sizeof(request)) > 0) {
		const struct fuse_in_header *head = (const struct fuse_in_header *)request;

		if (head->opcode != FUSE_INIT)
			continue;
		hello.head.unique = head->unique;
		if (write(device, &hello, sizeof(hello)) < 0)
			return 1;
	}
	return 0;
}
