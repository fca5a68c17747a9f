/*
 * Which devices a container may use. The rules of the configuration are a list where the later one
 * wins. v2 can say exactly that: a program that goes through the list from its end. v1 keeps one
 * general answer and exceptions from it, so the list is reduced to that first, and what cannot be
 * said is refused: the kernel would ignore it without a word.
 */
#include "runtime/cgroup/devices.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "spec/arena.h"

#define MKNOD BPF_DEVCG_ACC_MKNOD
#define ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

/* What every container may use, appended to the configuration's rules as the peers do. */
static const struct device_access always_allowed[] = {
	{.allow = true, .type = 'c', .major = -1, .minor = -1, .access = MKNOD},
	{.allow = true, .type = 'b', .major = -1, .minor = -1, .access = MKNOD},
	{.allow = true, .type = 'c', .major = 1, .minor = 3, .access = ALL},    /* null */
	{.allow = true, .type = 'c', .major = 1, .minor = 5, .access = ALL},    /* zero */
	{.allow = true, .type = 'c', .major = 1, .minor = 7, .access = ALL},    /* full */
	{.allow = true, .type = 'c', .major = 1, .minor = 8, .access = ALL},    /* random */
	{.allow = true, .type = 'c', .major = 1, .minor = 9, .access = ALL},    /* urandom */
	{.allow = true, .type = 'c', .major = 5, .minor = 0, .access = ALL},    /* tty */
	{.allow = true, .type = 'c', .major = 5, .minor = 1, .access = ALL},    /* console */
	{.allow = true, .type = 'c', .major = 5, .minor = 2, .access = ALL},    /* ptmx */
	{.allow = true, .type = 'c', .major = 136, .minor = -1, .access = ALL}, /* pts */
};

/* Bits of "rwm". Absent, which only a rule about all devices may be, is all of them. */
static uint32_t access_bits(const char *access)
{
	if (!access)
		return ALL;
	return (strchr(access, 'm') ? BPF_DEVCG_ACC_MKNOD : 0u) |
		(strchr(access, 'r') ? BPF_DEVCG_ACC_READ : 0u) |
		(strchr(access, 'w') ? BPF_DEVCG_ACC_WRITE : 0u);
}

static int64_t device_number(struct maybe_int number)
{
	return number.given && number.value >= 0 ? number.value : -1;
}

static int rule_read(
	const struct spec_device_rule *rule, struct device_access *access, struct error *err)
{
	char type = rule->type.given && rule->type.value != 'a' ? (char)rule->type.value : 0;

	*access = (struct device_access){.origin = rule,
		.allow = rule->allow.value,
		.type = type,
		.major = device_number(rule->major),
		.minor = device_number(rule->minor),
		.access = access_bits(rule->access)};
	if (access->major > UINT32_MAX || access->minor > UINT32_MAX)
		return error_set(err, ERROR_CONFIG_RANGE, ERANGE, "no device has a number above %u",
			UINT32_MAX);
	return 0;
}

static bool access_is_general(const struct device_access *access)
{
	return access->type == 0 && access->major < 0 && access->minor < 0 && access->access == ALL;
}

int device_rules(const struct spec_device_rule_list *rules, struct arena *arena,
	struct device_access_list *list, const void **origin, struct error *err)
{
	uint32_t count = rules ? rules->count : 0;
	struct device_access *items =
		arena_alloc(arena, (1 + count + array_size(always_allowed)) * sizeof(*items));

	if (!items)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	items[0] = (struct device_access){.major = -1, .minor = -1, .access = ALL};
	for (uint32_t i = 0; i < count; i++) {
		int r = rule_read(&rules->items[i], &items[1 + i], err);

		if (r < 0) {
			*origin = &rules->items[i];
			return r;
		}
	}
	memcpy(items + 1 + count, always_allowed, sizeof(always_allowed));
	*list = (struct device_access_list){1 + count + array_size(always_allowed), items};
	return 0;
}

/* ---- cgroup v1 ---- */

/* True when a number of the rule (or any) takes in one of an exception. */
static bool number_covers(int64_t rule, int64_t exception)
{
	return rule < 0 || rule == exception;
}

static bool number_meets(int64_t a, int64_t b)
{
	return a < 0 || b < 0 || a == b;
}

/* Adds an exception, to the one about the same devices where there is one. */
static void exception_add(struct device_access_list *list, const struct device_access *rule)
{
	for (uint32_t i = 1; i < list->count; i++) {
		struct device_access *item = &list->items[i];

		if (item->type == rule->type && item->major == rule->major &&
			item->minor == rule->minor) {
			item->access |= rule->access;
			return;
		}
	}
	list->items[list->count++] = *rule;
}

/* Takes what a rule says back out of the exceptions. -EINVAL: it meets a wider one. */
static int exception_remove(struct device_access_list *list, const struct device_access *rule)
{
	uint32_t kept = 1;

	for (uint32_t i = 1; i < list->count; i++) {
		struct device_access item = list->items[i];

		if (item.type == rule->type && (item.access & rule->access) &&
			number_meets(item.major, rule->major) &&
			number_meets(item.minor, rule->minor)) {
			if (!number_covers(rule->major, item.major) ||
				!number_covers(rule->minor, item.minor))
				return -EINVAL;
			item.access &= ~rule->access;
		}
		if (item.access)
			list->items[kept++] = item;
	}
	list->count = kept;
	return 0;
}

/* Applies one rule of one type. */
static int exception_apply(struct device_access_list *list, const struct device_access *rule)
{
	if (rule->allow == list->items[0].allow)
		return exception_remove(list, rule);
	exception_add(list, rule);
	return 0;
}

int device_exceptions(const struct device_access_list *list, struct arena *arena,
	struct device_access_list *exceptions, const void **origin, struct error *err)
{
	/* A rule about both types becomes two. */
	struct device_access *items = arena_alloc(arena, (1 + 2 * list->count) * sizeof(*items));

	if (!items)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	*exceptions = (struct device_access_list){1, items};
	for (uint32_t i = 0; i < list->count; i++) {
		struct device_access rule = list->items[i];
		int r = 0;

		if (access_is_general(&rule)) {
			items[0] = rule;
			exceptions->count = 1;
			continue;
		}
		for (const char *type = "cb"; *type && r == 0; type++) {
			if (list->items[i].type != 0 && list->items[i].type != *type)
				continue;
			rule.type = *type;
			r = exception_apply(exceptions, &rule);
		}
		*origin = rule.origin;
		if (r < 0)
			return error_set(err, ERROR_CGROUP, -r,
				"cgroup v1 cannot %s a part of the devices that an earlier rule %s",
				rule.allow ? "allow" : "deny", rule.allow ? "denies" : "allows");
	}
	return 0;
}

/* ---- cgroup v2 ---- */

/* Registers: what is asked for, and what of the access no rule has allowed yet. */
enum { TYPE = BPF_REG_2, ACCESS = BPF_REG_3, MAJOR = BPF_REG_4, MINOR = BPF_REG_5 };

#define RULE_MAX 8     /* instructions for one rule */
#define ALIKE_MAX 1000 /* rules behind one test: it skips over 32767 instructions at most */

static struct bpf_insn load(uint8_t to, int16_t offset)
{
	return (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_W,
		.dst_reg = to & 0xfu,
		.src_reg = BPF_REG_1,
		.off = offset};
}

static struct bpf_insn compute(uint8_t operation, uint8_t to, uint32_t with)
{
	return (struct bpf_insn){
		.code = BPF_ALU | operation | BPF_K, .dst_reg = to & 0xfu, .imm = (int32_t)with};
}

/* Skips the next instructions when the condition holds. */
static struct bpf_insn skip(uint8_t condition, uint8_t of, uint32_t with, int16_t instructions)
{
	return (struct bpf_insn){.code = BPF_JMP32 | condition | BPF_K,
		.dst_reg = of & 0xfu,
		.off = instructions,
		.imm = (int32_t)with};
}

/* Answers: 1 allowed, 0 denied. Two instructions. */
static void answer(struct bpf_insn **at, uint32_t allowed)
{
	*(*at)++ = compute(BPF_MOV, BPF_REG_0, allowed);
	*(*at)++ = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
}

/* Opens what is only for those of whom a register holds this; closing it tells where it ends. */
static struct bpf_insn *only_begin(struct bpf_insn **at, uint8_t of, uint32_t is)
{
	*(*at)++ = skip(BPF_JNE, of, is, 0);
	return *at - 1;
}

static void only_end(struct bpf_insn *const *at, struct bpf_insn *test)
{
	if (test)
		test->off = (int16_t)(*at - test - 1);
}

/* What a rule says of a device that it is about. One about every access has the last word. */
static void decision_emit(struct bpf_insn **at, const struct device_access *rule)
{
	if (rule->access == ALL) {
		answer(at, rule->allow);
	} else if (rule->allow) {
		*(*at)++ = compute(BPF_AND, ACCESS, ~rule->access);
		*(*at)++ = skip(BPF_JNE, ACCESS, 0, 2);
		answer(at, 1);
	} else {
		*(*at)++ = skip(BPF_JSET, ACCESS, rule->access, 1);
		*(*at)++ = (struct bpf_insn){.code = BPF_JMP | BPF_JA, .off = 2};
		answer(at, 0);
	}
}

/* Rules that share type and major number. */
static void major_emit(
	struct bpf_insn **at, const struct device_access *rules, uint32_t begin, uint32_t end)
{
	struct bpf_insn *test =
		rules[begin].major < 0 ? NULL : only_begin(at, MAJOR, (uint32_t)rules[begin].major);

	for (uint32_t i = end; i > begin; i--) {
		const struct device_access *rule = &rules[i - 1];
		struct bpf_insn *minor =
			rule->minor < 0 ? NULL : only_begin(at, MINOR, (uint32_t)rule->minor);

		decision_emit(at, rule);
		only_end(at, minor);
	}
	only_end(at, test);
}

/* Where the rules begin that are alike up to end. */
static uint32_t alike_begin(
	const struct device_access *rules, uint32_t begin, uint32_t end, bool in_major)
{
	const struct device_access *last = &rules[end - 1];
	uint32_t first = end - 1;

	while (first > begin && end - first < ALIKE_MAX && rules[first - 1].type == last->type &&
		(!in_major || rules[first - 1].major == last->major))
		first--;
	return first;
}

/* Rules that share their type. */
static void type_emit(
	struct bpf_insn **at, const struct device_access *rules, uint32_t begin, uint32_t end)
{
	char type = rules[begin].type;
	struct bpf_insn *test = type == 0
		? NULL
		: only_begin(at, TYPE, type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);

	while (end > begin) {
		uint32_t first = alike_begin(rules, begin, end, true);

		major_emit(at, rules, first, end);
		end = first;
	}
	only_end(at, test);
}

/*
 * From the last rule to the first. What the kernel takes most of its time for, when it checks a
 * program, are conditions: neighbours that are about the same type or major number share one.
 */
int device_program(const struct device_access_list *list, struct arena *arena,
	struct bpf_insn **program, uint32_t *count, struct error *err)
{
	struct bpf_insn *at = arena_alloc(arena, (8 + RULE_MAX * list->count) * sizeof(*at));
	uint32_t begin = list->count, end = list->count;
	bool denies = false;

	*program = at;
	*count = 0;
	if (!at)
		return error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	*at++ = load(TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	*at++ = (struct bpf_insn){
		.code = BPF_ALU | BPF_MOV | BPF_X, .dst_reg = ACCESS, .src_reg = TYPE};
	*at++ = compute(BPF_AND, TYPE, 0xffff);
	*at++ = compute(BPF_RSH, ACCESS, 16);
	*at++ = load(MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	*at++ = load(MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	/* The last general rule decides what is left; what stands before it can decide nothing. */
	while (begin > 0 && !access_is_general(&list->items[begin - 1]))
		denies |= !list->items[--begin].allow;
	while (end > begin) {
		uint32_t first = alike_begin(list->items, begin, end, false);

		type_emit(&at, list->items, first, end);
		end = first;
	}
	denies |= !list->items[begin - 1].allow;
	answer(&at, list->items[begin - 1].allow);
	*count = denies ? (uint32_t)(at - *program) : 0;
	return 0;
}
