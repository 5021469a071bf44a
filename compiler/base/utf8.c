// UTF-8 as a terminal shows it.
#include "base/utf8.h"

// The number of bytes that `first` announces, and the range of the second byte, which keeps out
// overlong forms, surrogates and what lies beyond U+10FFFF.
static int sequence_length(unsigned char first, unsigned char *low, unsigned char *high) {
  *low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  *high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first <= 0xdf)
    return 2;
  if (first >= 0xe0 && first <= 0xef)
    return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

int nc_utf8_decode(const char *text, size_t left, uint32_t *character) {
  const unsigned char *bytes = (const unsigned char *)text;
  unsigned char low, high;
  int length = sequence_length(bytes[0], &low, &high);
  *character = 0xfffd;
  if (length == 0 || (size_t)length > left)
    return 1;
  uint32_t value = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
  for (int i = 1; i < length; i++) {
    if (bytes[i] < low || bytes[i] > high)
      return 1;
    value = value << 6 | (bytes[i] & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  *character = value;
  return length;
}

size_t nc_utf8_before(const char *text, size_t length) {
  while (length > 0 && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
    length--;
  return length > 0 ? length - 1 : 0;
}

typedef struct Range {
  uint32_t first, last;
} Range;

static bool in_ranges(uint32_t character, const Range *ranges, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (character >= ranges[i].first && character <= ranges[i].last)
      return true;
  return false;
}

#define IN(character, ranges) in_ranges((character), (ranges), sizeof(ranges) / sizeof *(ranges))

int nc_utf8_width(uint32_t character) {
  // The large blocks; exactness for rare scripts would need tables from the Unicode database.
  static const Range combining[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                    {0x610, 0x61a},   {0x64b, 0x65f},   {0x1ab0, 0x1aff},
                                    {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff},
                                    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef}};
  static const Range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x4dbf},
                               {0x4e00, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                               {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
                               {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
                               {0x20000, 0x3fffd}};
  return IN(character, combining) ? 0 : IN(character, wide) ? 2 : 1;
}

bool nc_utf8_printable(uint32_t character) {
  static const Range hidden[] = {{0, 0x1f},        {0x7f, 0x9f},     {0x61c, 0x61c},
                                 {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
                                 {0xfeff, 0xfeff}, {0xfffd, 0xfffd}};
  return !IN(character, hidden);
}
