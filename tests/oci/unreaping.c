/*
 * A bad parent: adopts what its program leaves behind and never waits for it.
 *
 *   unreaping PROGRAM [ARGUMENT...]
 */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t child;

	if (argc < 2)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	child = fork();
	if (child == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	waitpid(child, NULL, 0);
	for (;;)
		pause();
}
