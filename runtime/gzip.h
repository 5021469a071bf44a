// Inflates gzip streams (RFC 1952) piece by piece, member after member.
#ifndef NCRT_GZIP_H
#define NCRT_GZIP_H

#include "status.h"

#include <stdint.h>
#include <zlib.h>

typedef struct NcrtGzip {
  const char *name; // for messages
  const uint8_t *bytes;
  size_t size, used; // compressed bytes, and how many of them were consumed
  uint64_t produced; // inflated bytes so far
  z_stream stream;
  bool in_member, open;
} NcrtGzip;

// Whether the bytes begin as gzip's do.
bool ncrt_gzip_detect(const uint8_t *bytes, size_t size);
bool ncrt_gzip_open(NcrtGzip *gzip, const char *name, const uint8_t *bytes, size_t size,
                    NcrtStatus *status);
// Inflates up to `wanted` bytes to `out` and gives in *got how many; fewer only at the end of the
// last member. At the end all checksums have been checked. Fails on corrupt or truncated data and
// on bytes that follow the last member.
bool ncrt_gzip_read(NcrtGzip *gzip, uint8_t *out, size_t wanted, size_t *got, NcrtStatus *status);
void ncrt_gzip_close(NcrtGzip *gzip);

// The most bytes that `size` compressed bytes can inflate to (deflate's largest ratio is 1032 to
// 1).
uint64_t ncrt_gzip_bound(size_t size);

#endif
