/* What the benchmark runs inside: "true" ends at once, "wait" never does. As small as a program can
 * be. */
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	while (argc > 1 && strcmp(argv[1], "wait") == 0)
		pause();
	return 0;
}
