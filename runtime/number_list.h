/* Lists such as "0-3, 7": CPUs and memory nodes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Sets the bits of a list in a set that holds limit of them. False when it is no such list. Pure.
 */
bool number_list_parse(const char *text, uint64_t *bits, uint32_t limit);

/* How many bytes of a set of limit bits are needed, in whole words; at least one word. Pure. */
uint32_t number_list_size(const uint64_t *bits, uint32_t limit);
