/*
 * A shortened filter answers what the long one answers: an interpreter that knows nothing of ranges
 * runs both, over all numbers that there are and some that there are not, with arguments that the
 * program itself compares with. So it does with programs that were damaged at random: what is not
 * understood has to be left as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "nsexec/cleanup.h"
#include "runtime/seccomp/seccomp.h"
#include "tests/unit/tap.h"

#define NO_ANSWER UINT64_MAX
#define NUMBERS 600 /* more than any architecture has */
#define X32_BIT 0x40000000u
#define DAMAGES 500

struct program {
	struct sock_filter *code;
	uint32_t count;
};

/* What a program returns; NO_ANSWER when the kernel would not have loaded it. */
static uint64_t run(const struct program *p, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (uint32_t at = 0; at < p->count; at++) {
		const struct sock_filter *i = &p->code[at];
		bool yes;

		switch (i->code) {
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 != 0 || i->k >= sizeof(*data))
				return NO_ANSWER;
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_JMP | BPF_JA:
			if (i->k >= p->count)
				return NO_ANSWER;
			at += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = (a & i->k) != 0;
			break;
		default:
			return NO_ANSWER;
		}
		at += yes ? i->jt : i->jf;
	}
	return NO_ANSWER;
}

/* Both at one number, with arguments around everything that the long one compares with. */
static bool same_at(const struct program *old, const struct program *new, uint32_t arch, int number)
{
	struct seccomp_data data = {.arch = arch, .nr = number};

	if (run(old, &data) != run(new, &data))
		return false;
	for (uint32_t i = 0; i < old->count; i++) {
		if (BPF_CLASS(old->code[i].code) != BPF_JMP || old->code[i].k < 1 << 8)
			continue;
		for (int j = 0; j < 6; j++)
			data.args[j] = old->code[i].k + (uint64_t)((int)i % 3 - 1);
		if (run(old, &data) != run(new, &data))
			return false;
	}
	return true;
}

static bool same(const struct program *old, const struct program *new, bool everywhere)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0,
		UINT32_MAX, AUDIT_ARCH_X86_64 + 1};
	static const uint32_t bases[] = {
		0, X32_BIT, X32_BIT - NUMBERS, UINT32_MAX - NUMBERS, INT32_MAX};

	for (size_t a = 0; a < array_size(archs); a++)
		for (size_t b = 0; b < array_size(bases); b++)
			for (uint32_t i = 0; i <= NUMBERS; i += everywhere ? 1 : 7) {
				struct seccomp_data data = {.arch = archs[a],
					.nr = (int)(bases[b] + i),
					.args = {i, 1, i << 4, i, 1, 2}};

				if (run(old, &data) != run(new, &data) ||
					(everywhere && b < 2 && a < 3 &&
						!same_at(old, new, archs[a], data.nr))) {
					printf("# arch %x number %d\n", archs[a], data.nr);
					return false;
				}
			}
	return true;
}

static bool config_compile(
	const char *path, struct spec *spec, struct arena *arena, struct program *program)
{
	static char bytes[1 << 17];
	struct error err = {0};
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = read(fd, bytes, sizeof(bytes));

	if (length > 0 && spec_decode(spec, bytes, (size_t)length, &err) == 0 &&
		seccomp_compile(spec, spec->config.linux->seccomp, arena, &program->code,
			&program->count, &err) == 0)
		return true;
	printf("# %s: %s\n", path, err.message);
	return false;
}

/* Damages an instruction. */
static void damage(struct program *program)
{
	static const uint16_t codes[] = {BPF_JMP | BPF_JGE | BPF_K, BPF_JMP | BPF_JGT | BPF_K,
		BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JSET | BPF_K, BPF_ALU | BPF_AND | BPF_K,
		BPF_JMP | BPF_JA, BPF_LD | BPF_W | BPF_ABS, BPF_RET | BPF_K};
	struct sock_filter *victim = &program->code[(uint32_t)rand() % program->count];

	switch (rand() % 4) {
	case 0:
		victim->code = codes[(size_t)rand() % array_size(codes)];
		break;
	case 1:
		victim->k = (uint32_t)rand() % NUMBERS;
		break;
	case 2:
		victim->jt = (uint8_t)rand();
		break;
	default:
		victim->jf = (uint8_t)(rand() % 4);
	}
}

static void check_damaged(const struct program *program)
{
	int shortened = 0, wrong = 0;

	srand(1);
	for (int i = 0; i < DAMAGES; i++) {
		struct arena arena = {0};
		struct program old = {
			arena_alloc(&arena, program->count * sizeof(*old.code)), program->count};
		struct program new = old;

		memcpy(old.code, program->code, program->count * sizeof(*old.code));
		damage(&old);
		seccomp_shorten(&arena, &new.code, &new.count);
		shortened += new.count < old.count;
		wrong += !same(&old, &new, false);
		arena_free(&arena);
	}
	ok(wrong == 0, "none of %d damaged programs has become another one: %d", DAMAGES, wrong);
	ok(shortened > DAMAGES / 2, "most of them can be shortened all the same: %d", shortened);
}

static void check_config(const char *path)
{
	struct spec spec = {0};
	struct arena arena = {0};
	struct program old, new;

	if (ok(config_compile(path, &spec, &arena, &old), "%s compiles", path)) {
		new = old;
		seccomp_shorten(&arena, &new.code, &new.count);
		ok(new.count < old.count / 3, "%u instructions become %u", old.count, new.count);
		ok(same(&old, &new, true), "which answer the same");
		check_damaged(&old);
	}
	arena_free(&arena);
	spec_free(&spec);
}

/* A program that is not understood stays. */
static void check_left(const char *what, struct sock_filter *code, uint32_t count)
{
	struct arena arena = {0};
	struct program program = {code, count};

	seccomp_shorten(&arena, &program.code, &program.count);
	ok(program.code == code && program.count == count, "%s is left as it is", what);
	arena_free(&arena);
}

static void check_strangers(void)
{
	struct sock_filter masked[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_filter endless[] = {
		BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_filter open_ended[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 200),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	check_left("a program that calculates with the number", masked, array_size(masked));
	check_left("one that jumps back", endless, array_size(endless));
	check_left("one that jumps out of itself", open_ended, array_size(open_ended));
	check_left("an empty one", masked, 0);
}

int main(void)
{
	check_config("tests/unit/configs/podman.json");
	check_config("tests/unit/configs/docker.json");
	check_strangers();
	return tap_end();
}
