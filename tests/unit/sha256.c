/* SHA-256 against the examples of FIPS 180-4 and what lies around its block size. */
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/sha256.h"
#include "tests/unit/tap.h"

static const struct row {
	const char *text;
	unsigned int times;
	const char *digest;
} rows[] = {
	{"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	{"a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
	{"a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
	{"a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
};

int main(void)
{
	plan(array_size(rows));
	for (size_t i = 0; i < array_size(rows); i++) {
		uint8_t digest[SHA256_SIZE];
		char text[2 * SHA256_SIZE + 1];
		struct sha256 hash;

		sha256_begin(&hash);
		for (unsigned int n = 0; n < rows[i].times; n++)
			sha256_add(&hash, rows[i].text, strlen(rows[i].text));
		sha256_end(&hash, digest);
		for (int n = 0; n < SHA256_SIZE; n++)
			snprintf(text + 2 * n, 3, "%02x", digest[n]);
		is_string(text, rows[i].digest, "%u times \"%s\"", rows[i].times, rows[i].text);
	}
	return tap_end();
}
