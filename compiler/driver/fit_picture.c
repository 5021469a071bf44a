// Converts pictures to a size and channels.
#include "driver/fit_picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Pictures of more pixels are no input of a network; they would take gigabytes here.
#define MOST_PIXELS (INT64_C(1) << 26)

bool nc_image_shape(const NcrtShape *shape, NcImageShape *image) {
  const int64_t *dims = shape->dims;
  int64_t height = dims[1], width = dims[2], channels = shape->rank == 4 ? dims[3] : 1;
  if (!shape->batched || shape->rank < 2 || shape->rank > 4)
    return false;
  if (shape->rank == 2)
    height = width = llround(sqrt((double)dims[1]));
  bool flat = shape->rank == 2 && (height < 8 || height * width != dims[1]);
  if (flat || channels > 4 || height > NCRT_PICTURE_MAX || width > NCRT_PICTURE_MAX)
    return false;
  *image = (NcImageShape){(int)height, (int)width, (int)channels};
  return true;
}

typedef struct Image {
  int height, width, channels;
  float *data;
} Image;

static bool allocate(Image *image, NcrtStatus *status) {
  size_t bytes = (size_t)image->height * (size_t)image->width * (size_t)image->channels * 4;
  image->data = malloc(bytes);
  return image->data != NULL || ncrt_fail_memory(status, bytes, "a picture");
}

// ---- channels

static float over_white(float value, float alpha) { return 255 + (value - 255) * alpha / 255; }

static void convert_pixel(const uint8_t *from, int have, float *to, int want) {
  bool coloured = have >= 3, transparent = have == 2 || have == 4;
  float alpha = transparent ? from[have - 1] : 255, rgb[3];
  bool kept = want == 2 || want == 4; // the transparency is
  for (int i = 0; i < 3; i++) {
    float value = from[coloured ? i : 0];
    rgb[i] = kept ? value : over_white(value, alpha);
  }
  if (want <= 2)
    to[0] = coloured ? 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2] : rgb[0];
  else
    memcpy(to, rgb, sizeof rgb);
  if (kept)
    to[want - 1] = alpha;
}

static void note_channels(NcText *steps, int have, int want) {
  bool transparent = have == 2 || have == 4, kept = want == 2 || want == 4;
  if (transparent && !kept)
    nc_text_append(steps, ", laid over white");
  if ((have >= 3) != (want >= 3))
    nc_text_append(steps, have >= 3 ? ", made gray" : ", gray in all three colours");
}

static bool check_pixels(const char *path, const NcrtPicture *picture, NcrtStatus *status) {
  return picture->height * picture->width <= MOST_PIXELS ||
         ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: %lld by %lld pixels are too many; make the picture smaller", path,
                   (long long)picture->width, (long long)picture->height);
}

static bool read_bytes(const char *path, NcrtPicture *picture, uint8_t **bytes,
                       NcrtStatus *status) {
  NcrtFile file;
  if (!ncrt_file_map(path, &file, status))
    return false;
  bool done = ncrt_picture_header(path, file.bytes, file.size, picture, status) &&
              check_pixels(path, picture, status);
  size_t size = (size_t)(picture->height * picture->width * picture->channels);
  if (done && (*bytes = malloc(size)) == NULL)
    done = ncrt_fail_memory(status, size, path);
  done = done && ncrt_picture_read(path, file.bytes, file.size, picture, *bytes, status);
  ncrt_file_unmap(&file);
  return done;
}

static bool decode(const char *path, int channels, Image *image, NcrtPicture *picture,
                   NcText *steps, NcrtStatus *status) {
  uint8_t *bytes = NULL;
  bool done = read_bytes(path, picture, &bytes, status);
  *image = (Image){(int)picture->height, (int)picture->width, channels, NULL};
  done = done && allocate(image, status);
  int have = (int)picture->channels;
  for (int64_t i = 0; done && i < picture->height * picture->width; i++)
    convert_pixel(bytes + i * have, have, image->data + i * channels, channels);
  if (done)
    note_channels(steps, have, channels);
  free(bytes);
  return done;
}

// ---- the border

static float brightness(const float *pixel, int channels) {
  return channels >= 3 ? (pixel[0] + pixel[1] + pixel[2]) / 3 : pixel[0];
}

static bool on_border(int y, int x, int height, int width) {
  return y == 0 || x == 0 || y == height - 1 || x == width - 1;
}

bool nc_has_light_border(const float *values, NcImageShape shape) {
  int light = 0, count = 0;
  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++)
      if (on_border(y, x, shape.height, shape.width)) {
        const float *pixel =
            values + ((size_t)y * (size_t)shape.width + (size_t)x) * (size_t)shape.channels;
        light += brightness(pixel, shape.channels) >= 160;
        count++;
      }
  return 4 * light >= 3 * count;
}

// The mean of each channel at the border.
static void find_background(const Image *image, float *background) {
  double sums[4] = {0};
  int count = 0;
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      if (on_border(y, x, image->height, image->width)) {
        count++;
        for (int c = 0; c < image->channels; c++)
          sums[c] +=
              image->data[((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels +
                          (size_t)c];
      }
  for (int c = 0; c < image->channels; c++)
    background[c] = (float)(sums[c] / count);
}

// ---- size

// Item `to` of `out` along an axis of `in`: a weighted mean of items. Calls add(weight, item).
typedef struct Share {
  int first, count;
  double weights[2]; // bilinear
  double low, high;  // by area
} Share;

static Share share_of(int to, int out, int in) {
  if (out >= in) {
    double centre = fmin(fmax((to + 0.5) * in / out - 0.5, 0), in - 1);
    int first = (int)centre < in - 1 ? (int)centre : in > 1 ? in - 2 : 0;
    double part = centre - first;
    return (Share){.first = first, .count = in > 1 ? 2 : 1, .weights = {1 - part, part}};
  }
  double low = (double)to * in / out, high = (double)(to + 1) * in / out;
  int first = (int)low, end = (int)ceil(high - 1e-9);
  return (Share){.first = first, .count = (end < in ? end : in) - first, .low = low, .high = high};
}

static double weight(const Share *share, int item) {
  if (share->high <= 0)
    return share->weights[item];
  double low = fmax(share->low, share->first + item);
  double high = fmin(share->high, share->first + item + 1);
  return (high - low) / (share->high - share->low);
}

// Changes the size of one axis: `outer` blocks of in * inner floats become blocks of out * inner.
static void resize_axis(const float *from, float *to, int outer, int in, int out, int inner) {
  for (int i = 0; i < out; i++) {
    Share share = share_of(i, out, in);
    for (int64_t o = 0; o < outer; o++)
      for (int k = 0; k < inner; k++) {
        double sum = 0;
        for (int item = 0; item < share.count; item++)
          sum += weight(&share, item) * from[(o * in + share.first + item) * inner + k];
        to[(o * out + i) * inner + k] = (float)sum;
      }
  }
}

static bool resize(Image *image, int height, int width, NcrtStatus *status) {
  Image wide = {image->height, width, image->channels, NULL};
  Image done = {height, width, image->channels, NULL};
  bool ok = allocate(&wide, status) && allocate(&done, status);
  if (ok) {
    resize_axis(image->data, wide.data, image->height, image->width, width, image->channels);
    resize_axis(wide.data, done.data, 1, image->height, height, width * image->channels);
    free(image->data);
    *image = done;
  } else {
    free(done.data);
  }
  free(wide.data);
  return ok;
}

// The largest size of the image's proportions that the shape has room for.
static void inner_size(const Image *image, NcImageShape shape, int *height, int *width) {
  double scale = fmin((double)shape.height / image->height, (double)shape.width / image->width);
  *height = (int)fmax(1, fmin(shape.height, rint(image->height * scale)));
  *width = (int)fmax(1, fmin(shape.width, rint(image->width * scale)));
}

static bool fit_size(Image *image, NcImageShape shape, float *values, NcText *steps,
                     NcrtStatus *status) {
  float background[4];
  int height, width, channels = shape.channels;
  find_background(image, background);
  inner_size(image, shape, &height, &width);
  bool same = image->height == height && image->width == width;
  if (!same && !resize(image, height, width, status))
    return false;
  int top = (shape.height - height) / 2, left = (shape.width - width) / 2;
  for (int64_t i = 0; i < (int64_t)shape.height * shape.width; i++) {
    int y = (int)(i / shape.width) - top, x = (int)(i % shape.width) - left;
    bool inside = y >= 0 && y < height && x >= 0 && x < width;
    memcpy(values + i * channels,
           inside ? image->data + ((int64_t)y * width + x) * channels : background,
           (size_t)channels * sizeof *values);
  }
  if (!same)
    nc_text_printf(steps, ", resized to %dx%d", height, width);
  if (height != shape.height || width != shape.width)
    nc_text_printf(steps, ", filled up to %dx%d", shape.height, shape.width);
  return true;
}

void nc_invert(float *values, NcImageShape shape) {
  int colours = shape.channels - (shape.channels == 2 || shape.channels == 4);
  for (int64_t i = 0; i < (int64_t)shape.height * shape.width; i++)
    for (int c = 0; c < colours; c++)
      values[i * shape.channels + c] = 255 - values[i * shape.channels + c];
}

bool nc_fit_picture(const char *path, NcImageShape shape, float *values, NcrtPicture *picture,
                    NcText *steps, NcrtStatus *status) {
  Image image = {0};
  bool done = decode(path, shape.channels, &image, picture, steps, status) &&
              fit_size(&image, shape, values, steps, status);
  free(image.data);
  return done;
}
