/*
 * Decoding makes hundreds of small things that all die together. Blocks come from the kernel zeroed
 * and are given out once, so allocating is an addition. A verb fills and frees several arenas in a
 * row: a block or two are kept for the next of them, cleared. The first two are part of the image:
 * most verbs need no more, and never ask the kernel. A monitor that waits for hours gives all back
 * but the addresses.
 */
#include "spec/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "nsexec/cleanup.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define GAP 16 /* poisoned bytes behind each allocation */
#else
#define ASAN_POISON_MEMORY_REGION(address, size)
#define ASAN_UNPOISON_MEMORY_REGION(address, size)
#define GAP 0
#endif

#define ALIGNMENT 16
#define BLOCK_SIZE ((size_t)128 * 1024)
#define KEPT_MAX ((size_t)16 * 1024) /* more is unmapped faster than cleared */
#define PAGE ((size_t)4096)
#define BRIEF 128 /* bytes that hold most texts, so that they are formatted once */

struct arena_block {
	struct arena_block *next;
	size_t size; /* of the mapping, this header included */
};

static _Alignas(PAGE) char first[2][BLOCK_SIZE]; /* a reader and what it fills use two */
static struct arena_block *kept[2] = {(void *)first[0], (void *)first[1]}; /* zeroed */
static size_t kept_count = 2;

static size_t size_round(size_t size, size_t to)
{
	return (size + to - 1) & ~(to - 1);
}

static struct arena_block *block_add(struct arena *arena, size_t need)
{
	size_t size = need > BLOCK_SIZE ? size_round(need, PAGE) : BLOCK_SIZE;
	struct arena_block *block;

	if (size == BLOCK_SIZE && kept_count > 0)
		block = kept[--kept_count];
	else
		block = mmap(
			NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return NULL;
	block->next = arena->blocks;
	block->size = size;
	arena->blocks = block;
	arena->used = size_round(sizeof(*block), ALIGNMENT);
	ASAN_POISON_MEMORY_REGION((char *)block + arena->used, size - arena->used);
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	void *memory;
	size_t need;

	if (size > SIZE_MAX / 2)
		return NULL;
	need = size_round(size > 0 ? size : 1, ALIGNMENT) + GAP;
	if (block == NULL || block->size - arena->used < need)
		block = block_add(arena, need + size_round(sizeof(*block), ALIGNMENT));
	if (block == NULL)
		return NULL;
	memory = (char *)block + arena->used;
	arena->used += need;
	ASAN_UNPOISON_MEMORY_REGION(memory, size);
	return memory;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (copy != NULL && length > 0)
		memcpy(copy, bytes, length);
	return copy;
}

char *arena_join(struct arena *arena, ...)
{
	const char *part;
	char *text, *end;
	size_t length = 1;
	va_list parts;

	va_start(parts, arena);
	while ((part = va_arg(parts, const char *)) != NULL)
		length += strlen(part);
	va_end(parts);
	text = end = arena_alloc(arena, length);
	va_start(parts, arena);
	while (text != NULL && (part = va_arg(parts, const char *)) != NULL)
		end = stpcpy(end, part);
	va_end(parts);
	return text;
}

char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
{
	char brief[BRIEF], *text = NULL;
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(brief, sizeof(brief), format, arguments);
	if (length >= 0)
		text = arena_alloc(arena, (size_t)length + 1);
	if (text != NULL && (size_t)length < sizeof(brief))
		memcpy(text, brief, (size_t)length);
	else if (text != NULL)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = arena_format_list(arena, format, arguments);
	va_end(arguments);
	return text;
}

static void block_release(struct arena_block *block)
{
	if ((char *)block >= first[0] && (char *)block < (char *)(&first + 1))
		madvise(block, BLOCK_SIZE, MADV_DONTNEED);
	else
		munmap(block, block->size);
}

/* Gives a block back, or keeps it: the first `used` bytes of it are not zero any more. */
static void block_drop(struct arena_block *block, size_t used)
{
	ASAN_UNPOISON_MEMORY_REGION(block, block->size);
	if (kept_count == array_size(kept) || block->size != BLOCK_SIZE || used > KEPT_MAX) {
		block_release(block);
		return;
	}
	memset(block, 0, used);
	kept[kept_count++] = block;
}

void arena_free(struct arena *arena)
{
	size_t used = arena->used;

	for (struct arena_block *block = arena->blocks, *next; block != NULL; block = next) {
		next = block->next;
		block_drop(block, used);
		used = SIZE_MAX; /* an older one is full, more or less */
	}
	*arena = (struct arena){0};
}

void arena_trim(void)
{
	while (kept_count > 0)
		block_release(kept[--kept_count]);
}
