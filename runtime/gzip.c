// Inflates gzip streams from memory.
#include "gzip.h"

#include <string.h>

bool ncrt_gzip_detect(const uint8_t *bytes, size_t size) {
  return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

uint64_t ncrt_gzip_bound(size_t size) { return (uint64_t)size * 1032 + 1024; }

bool ncrt_gzip_open(NcrtGzip *gzip, const char *name, const uint8_t *bytes, size_t size,
                    NcrtStatus *status) {
  *gzip = (NcrtGzip){.name = name, .bytes = bytes, .size = size};
  // 16 beyond the window's bits: gzip's own header and checksum, nothing else.
  gzip->open = inflateInit2(&gzip->stream, 15 + 16) == Z_OK;
  return gzip->open || ncrt_fail_memory(status, 1 << 15, "the inflater");
}

void ncrt_gzip_close(NcrtGzip *gzip) {
  if (gzip->open)
    inflateEnd(&gzip->stream);
  gzip->open = false;
}

// zlib counts in 32 bits, so larger pieces are handed over in parts.
static uInt clamp(size_t size) { return size > 1u << 30 ? 1u << 30 : (uInt)size; }

static bool begin_member(NcrtGzip *gzip, NcrtStatus *status) {
  if (!ncrt_gzip_detect(gzip->bytes + gzip->used, gzip->size - gzip->used))
    return ncrt_fail(
        status, NCRT_BAD_INPUT,
        "%s: compressed offset %zu: %zu bytes follow the end of the gzip data; get the file again",
        gzip->name, gzip->used, gzip->size - gzip->used);
  inflateReset(&gzip->stream);
  gzip->in_member = true;
  return true;
}

static bool fail_inflate(NcrtGzip *gzip, int code, NcrtStatus *status) {
  if (code == Z_MEM_ERROR)
    return ncrt_fail_memory(status, 1 << 15, "the inflater");
  if (code == Z_BUF_ERROR)
    return ncrt_fail(
        status, NCRT_BAD_INPUT,
        "%s: compressed offset %zu: the gzip data is truncated, after %llu inflated bytes; "
        "get the file again",
        gzip->name, gzip->used, (unsigned long long)gzip->produced);
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: compressed offset %zu: the gzip data is corrupt: %s; get the file again",
                   gzip->name, gzip->used,
                   gzip->stream.msg != NULL ? gzip->stream.msg : "wrong stream");
}

// One call of inflate; *got grows by what it gave. Z_BUF_ERROR comes only when no input is left.
static bool inflate_some(NcrtGzip *gzip, uint8_t *out, size_t wanted, size_t *got,
                         NcrtStatus *status) {
  z_stream *stream = &gzip->stream;
  stream->next_in = (Bytef *)(uintptr_t)(gzip->bytes + gzip->used);
  stream->avail_in = clamp(gzip->size - gzip->used);
  stream->next_out = out + *got;
  stream->avail_out = clamp(wanted - *got);
  uInt in = stream->avail_in, room = stream->avail_out;
  int code = inflate(stream, Z_NO_FLUSH);
  gzip->used += in - stream->avail_in;
  gzip->produced += room - stream->avail_out;
  *got += room - stream->avail_out;
  if (code == Z_STREAM_END)
    gzip->in_member = false;
  return code == Z_OK || code == Z_STREAM_END || fail_inflate(gzip, code, status);
}

bool ncrt_gzip_read(NcrtGzip *gzip, uint8_t *out, size_t wanted, size_t *got, NcrtStatus *status) {
  *got = 0;
  while (*got < wanted) {
    if (!gzip->in_member && gzip->used == gzip->size)
      return true;
    if (!gzip->in_member && !begin_member(gzip, status))
      return false;
    if (!inflate_some(gzip, out, wanted, got, status))
      return false;
  }
  return true;
}
