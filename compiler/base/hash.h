// SHA-256 (FIPS 180-4): names for contents that cannot be mistaken for one another.
#ifndef NC_BASE_HASH_H
#define NC_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define NC_HASH_BYTES 32

typedef struct NcHash {
  uint8_t bytes[NC_HASH_BYTES];
} NcHash;

NcHash nc_hash(const void *bytes, size_t size);
// Writes the hash in hexadecimal, 64 digits and a NUL.
void nc_hash_text(const NcHash *hash, char text[2 * NC_HASH_BYTES + 1]);

#endif
