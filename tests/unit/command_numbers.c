/* Numbers on the command line: whole words of digits or nothing (CVE-2016-3697, CVE-2026-30892). */
#include <errno.h>

#include "runtime/number.h"
#include "runtime/user.h"
#include "tests/unit/tap.h"

static void check_duration(const char *text, int result, int64_t expected)
{
	int64_t milliseconds = 77;

	ok(duration_parse(text, &milliseconds) == result &&
			milliseconds == (result == 0 ? expected : 77),
		"duration \"%s\"", text);
}

static void check_size(const char *text, int result, uint64_t expected)
{
	uint64_t bytes = 77;

	ok(size_parse(text, &bytes) == result && bytes == (result == 0 ? expected : 77),
		"size \"%s\"", text);
}

static void check_number(const char *text, uint32_t max, int result, uint32_t expected)
{
	uint32_t number = 77;

	ok(number_parse(text, max, &number, NULL) == result, "\"%s\", at most %u: %s", text, max,
		result == 0 ? "a number" : "refused");
	ok(number == (result == 0 ? expected : 77), "\"%s\": %u", text, number);
}

static void check_user(const char *text, bool good, uint32_t uid, uint32_t gid)
{
	struct spec_user user = {0};
	struct error err = {0};
	struct arena arena = {0};
	int result = user_find(-1, text, &arena, &user, &err);

	arena_free(&arena);
	if (good)
		ok(result == 0 && user.uid.given && user.uid.value == uid && user.gid.given &&
				user.gid.value == gid,
			"user \"%s\" is %u:%u", text, uid, gid);
	else
		ok(result < 0 && err.code == ERROR_USAGE && !user.uid.given,
			"user \"%s\" is refused", text);
}

int main(void)
{
	check_number("0", 10, 0, 0);
	check_number("10", 10, 0, 10);
	check_number("007", 10, 0, 7);
	check_number("4294967295", UINT32_MAX, 0, UINT32_MAX);
	check_number("11", 10, -ERANGE, 0);
	check_number("4294967296", UINT32_MAX, -ERANGE, 0);
	check_number("18446744073709551616", UINT32_MAX, -ERANGE, 0);
	check_number("", 10, -EINVAL, 0);
	check_number("-1", 10, -EINVAL, 0);
	check_number("+1", 10, -EINVAL, 0);
	check_number(" 1", 10, -EINVAL, 0);
	check_number("1 ", 10, -EINVAL, 0);
	check_number("1x", 10, -EINVAL, 0);
	check_number("0x1", 10, -EINVAL, 0);

	check_user("1000", true, 1000, 0);
	check_user("1000:1001", true, 1000, 1001);
	check_user("0:0", true, 0, 0);
	check_user("", false, 0, 0);
	check_user("root", false, 0, 0);
	check_user("1root", false, 0, 0);
	check_user("1:", false, 0, 0);
	check_user(":1", false, 0, 0);
	check_user("1:2:3", false, 0, 0);
	check_user("-1", false, 0, 0);
	check_user("4294967295", false, 0, 0);

	check_duration("30", 0, 30000);
	check_duration("250ms", 0, 250);
	check_duration("1h", 0, 3600000);
	check_duration("0", 0, 0);
	check_duration("5x", -EINVAL, 0);
	check_duration("-5", -EINVAL, 0);
	check_duration("", -EINVAL, 0);
	check_duration("999999999999999999d", -ERANGE, 0);
	check_size("64m", 0, 64 << 20);
	check_size("1G", 0, 1 << 30);
	check_size("4096", 0, 4096);
	check_size("m", -EINVAL, 0);
	check_size("1.5g", -EINVAL, 0);
	check_size("18446744073709551616", -ERANGE, 0);
	return tap_end();
}
