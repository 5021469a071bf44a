// Fuzzes what lies behind the decompression: the input is split into members, each is compressed,
// and the idx reader must say of the whole what it says of the same bytes uncompressed.
#include "idx.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static size_t compress_member(const uint8_t *bytes, size_t size, uint8_t *out, size_t room) {
  z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes,
                     .avail_in = (uInt)size,
                     .next_out = out,
                     .avail_out = (uInt)room};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
      deflate(&stream, Z_FINISH) != Z_STREAM_END)
    abort();
  size_t used = room - stream.avail_out;
  deflateEnd(&stream);
  return used;
}

static void compare(const uint8_t *plain, size_t plain_size, const uint8_t *packed,
                    size_t packed_size) {
  NcrtStatus status = {0};
  NcrtArray a, b;
  bool a_good = ncrt_idx_read_bytes("plain", plain, plain_size, &a, &status);
  bool b_good = ncrt_idx_read_bytes("packed", packed, packed_size, &b, &status);
  if (a_good != b_good)
    abort();
  if (!a_good)
    return;
  if (memcmp(&a.header, &b.header, sizeof a.header) != 0 ||
      memcmp(a.data, b.data, (size_t)a.header.data_bytes) != 0)
    abort();
  ncrt_array_free(&a);
  ncrt_array_free(&b);
}

// The first byte says where the first member ends; the second byte, if odd, damages the compressed
// bytes.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (size < 2 || size > 10000)
    return 0;
  const uint8_t *plain = bytes + 2;
  size_t plain_size = size - 2, first = bytes[0] < plain_size ? bytes[0] : plain_size;
  size_t room = 2 * size + 200;
  uint8_t *packed = malloc(room);
  size_t packed_size = compress_member(plain, first, packed, room);
  if (first < plain_size)
    packed_size += compress_member(plain + first, plain_size - first, packed + packed_size,
                                   room - packed_size);
  // Plain bytes that are themselves gzip would be inflated where the packed ones are inflated but
  // once.
  bool nested = plain_size >= 2 && plain[0] == 0x1f && plain[1] == 0x8b;
  if (bytes[1] % 2 == 0 && !nested)
    compare(plain, plain_size, packed, packed_size);
  if (bytes[1] % 2 == 1) {
    NcrtStatus status;
    NcrtArray array;
    packed[(size_t)bytes[1] * packed_size / 256] ^= (uint8_t)(1u << (bytes[0] & 7));
    if (ncrt_idx_read_bytes("damaged", packed, packed_size, &array, &status))
      ncrt_array_free(&array);
  }
  free(packed);
  return 0;
}
