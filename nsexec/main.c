/* The tiny image's main. Whoever runs it without being the host learns nothing and changes nothing.
 */
#include "nsexec/nsexec.h"

int main(void)
{
	return nsexec_is_gate() ? nsexec_main() : 127;
}
