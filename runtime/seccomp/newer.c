/*
 * A profile can only allow what was known when it was written. A program that tries a newer system
 * call, and an older one when that is missing, must hear ENOSYS: told EPERM, or killed, it cannot.
 * So a profile that denies gets a few instructions in front: what has a higher number than
 * everything that it names is not there.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "runtime/seccomp/seccomp.h"

#define X32_BIT 0x40000000u
#define ARCH_SIZE 12 /* at most, for one architecture */

static void put(struct sock_filter *program, uint32_t *at, uint16_t code, uint8_t yes, uint8_t no,
	uint32_t value)
{
	program[(*at)++] = (struct sock_filter)BPF_JUMP(code, value, yes, no);
}

/* ENOSYS above number, else to the instruction that follows; that is always the way out. */
static void newer_test(struct sock_filter *program, uint32_t *at, uint32_t number)
{
	put(program, at, BPF_JMP | BPF_JGT | BPF_K, 0, 1, number);
	put(program, at, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
	/* Patched by seccomp_newer: to the first instruction of the profile. */
	put(program, at, BPF_JMP | BPF_JA, 0, 0, UINT32_MAX);
}

static const struct seccomp_newest *newest_find(
	const struct seccomp_newest *newest, uint32_t count, uint32_t arch, bool x32)
{
	for (uint32_t i = 0; i < count; i++)
		if (newest[i].arch == arch && newest[i].x32 == x32)
			return &newest[i];
	return NULL;
}

/* The tests of one architecture; x32 has its own numbers under the name of x86_64. */
static void newer_arch(const struct seccomp_newest *newest, uint32_t count, uint32_t arch,
	struct sock_filter *program, uint32_t *at)
{
	const struct seccomp_newest *own = newest_find(newest, count, arch, false);
	const struct seccomp_newest *x32 = newest_find(newest, count, arch, true);
	uint32_t first = *at, split;

	put(program, at, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, arch);
	put(program, at, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
	split = *at;
	if (arch == AUDIT_ARCH_X86_64)
		put(program, at, BPF_JMP | BPF_JGE | BPF_K, 0, 0, X32_BIT);
	if (own != NULL)
		newer_test(program, at, own->number);
	else
		put(program, at, BPF_JMP | BPF_JA, 0, 0, UINT32_MAX);
	if (arch == AUDIT_ARCH_X86_64) {
		program[split].jt = (uint8_t)(*at - split - 1);
		if (x32 != NULL)
			newer_test(program, at, x32->number | X32_BIT);
		else
			put(program, at, BPF_JMP | BPF_JA, 0, 0, UINT32_MAX);
	}
	program[first].jf = (uint8_t)(*at - first - 1);
}

uint32_t seccomp_newer(const struct seccomp_newest *newest, uint32_t count,
	struct sock_filter program[SECCOMP_NEWER_MAX])
{
	uint32_t at = 0;

	if (count == 0)
		return 0;
	put(program, &at, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
	for (uint32_t i = 0; i < count && at + ARCH_SIZE <= SECCOMP_NEWER_MAX; i++)
		if (newest_find(newest, i, newest[i].arch, !newest[i].x32) == NULL)
			newer_arch(newest, count, newest[i].arch, program, &at);
	for (uint32_t i = 0; i < at; i++)
		if (program[i].code == (BPF_JMP | BPF_JA))
			program[i].k = at - i - 1;
	return at;
}
