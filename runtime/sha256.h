/* SHA-256 (FIPS 180-4): names of cached things, where a collision would be taken for the thing
 * itself. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32

struct sha256 {
	uint32_t state[8];
	uint64_t length;
	uint8_t block[64];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t length);

/* Ends the calculation and writes the digest. */
void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_SIZE]);
