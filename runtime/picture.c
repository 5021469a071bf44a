// Decodes PNG pictures with libpng.
#include "picture.h"

#include "gzip.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

enum { HEADER = 33 }; // bytes of the signature and IHDR

const char *ncrt_picture_print(char *buffer, size_t size, const NcrtPicture *picture) {
  static const char *const modes[] = {"", "gray", "gray with alpha", "RGB", "RGB with alpha"};
  snprintf(buffer, size, "%lldx%lld, %s", (long long)picture->height, (long long)picture->width,
           modes[picture->channels]);
  return buffer;
}

static int64_t big_endian(const uint8_t *at) {
  return (int64_t)at[0] << 24 | (int64_t)at[1] << 16 | (int64_t)at[2] << 8 | at[3];
}

static bool check_bits(const char *name, int bits, NcrtStatus *status) {
  if (bits == 1 || bits == 2 || bits == 4 || bits == 8)
    return true;
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: offset 24: %d bits a sample; convert the picture to 8 bits", name, bits);
}

static bool check_size(const char *name, size_t size, const NcrtPicture *picture,
                       NcrtStatus *status) {
  if (picture->width < 1 || picture->height < 1 || picture->width > NCRT_PICTURE_MAX ||
      picture->height > NCRT_PICTURE_MAX)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset 16: %lld pixels by %lld; 1 to %d in each direction are possible",
                     name, (long long)picture->width, (long long)picture->height, NCRT_PICTURE_MAX);
  // Before memory is taken; a byte may hold 8 pixels.
  uint64_t pixels = (uint64_t)picture->width * (uint64_t)picture->height;
  return pixels / 8 <= ncrt_gzip_bound(size) ||
         ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: offset 16: the header promises %llu pixels, more than %zu bytes can hold",
                   name, (unsigned long long)pixels, size);
}

bool ncrt_picture_header(const char *name, const uint8_t *bytes, size_t size, NcrtPicture *picture,
                         NcrtStatus *status) {
  static const int channels[7] = {[0] = 1, [2] = 3, [3] = 3, [4] = 2, [6] = 4};
  *picture = (NcrtPicture){0};
  if (size < HEADER || memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) != 0 ||
      memcmp(bytes + 8, "\0\0\0\rIHDR", 8) != 0)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: %s", name,
                     size == 0       ? "is empty; a PNG file is needed"
                     : size < HEADER ? "truncated: the PNG header has 33 bytes"
                                     : "offset 0: not a PNG file; convert it to PNG");
  int bits = bytes[24], color = bytes[25];
  if (color > 6 || channels[color] == 0)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: offset 25: color type %d, which PNG has not",
                     name, color);
  *picture = (NcrtPicture){big_endian(bytes + 20), big_endian(bytes + 16), channels[color]};
  return check_bits(name, bits, status) && check_size(name, size, picture, status);
}

// ---- libpng: it leaves by longjmp when it meets an error, over no memory of ours

typedef struct Source {
  const uint8_t *at, *end;
  char problem[100];
} Source;

static void on_error(png_structp png, png_const_charp message) {
  Source *source = png_get_error_ptr(png);
  ncrt_printable(source->problem, sizeof source->problem, message);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) { (void)png, (void)message; }

static void on_read(png_structp png, png_bytep to, png_size_t size) {
  Source *source = png_get_io_ptr(png);
  if (size > (size_t)(source->end - source->at))
    png_error(png, "the file is truncated");
  memcpy(to, source->at, size);
  source->at += size;
}

// To 8 bits, without transparency that IHDR does not tell of.
static void set_format(png_structp png, png_infop info) {
  int color = png_get_color_type(png, info);
  if (color == PNG_COLOR_TYPE_PALETTE)
    png_set_palette_to_rgb(png);
  if (color == PNG_COLOR_TYPE_GRAY)
    png_set_expand_gray_1_2_4_to_8(png);
  if (color == PNG_COLOR_TYPE_PALETTE)
    png_set_strip_alpha(png);
}

// 0, or 1 where libpng met an error. All passes of an interlaced picture go over the same rows.
static int decode(png_structp png, png_infop info, const NcrtPicture *picture, uint8_t *to) {
  if (setjmp(png_jmpbuf(png)))
    return 1;
  png_set_user_limits(png, NCRT_PICTURE_MAX, NCRT_PICTURE_MAX);
  png_read_info(png, info);
  set_format(png, info);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t row = (size_t)(picture->width * picture->channels);
  if (png_get_rowbytes(png, info) != row || png_get_image_height(png, info) != picture->height)
    png_error(png, "the rows are not as the header says");
  for (int pass = 0; pass < passes; pass++)
    for (int64_t y = 0; y < picture->height; y++)
      png_read_row(png, to + (size_t)y * row, NULL);
  png_read_end(png, NULL);
  return 0;
}

bool ncrt_picture_read(const char *name, const uint8_t *bytes, size_t size,
                       const NcrtPicture *picture, uint8_t *to, NcrtStatus *status) {
  Source source = {bytes, bytes + size, ""};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
  png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
  bool done = info != NULL || ncrt_fail_memory(status, 1 << 15, "a PNG decoder");
  if (done) {
    png_set_read_fn(png, &source, on_read);
    done = decode(png, info, picture, to) == 0 ||
           ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: the PNG data are corrupt (%s); get the file again", name, source.problem);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return done;
}
