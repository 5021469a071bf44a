// SHA-256 against the examples of FIPS 180-4 and of the NIST's tests, and every length of the last
// block against another implementation.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

static void assert_hash(const void *bytes, size_t size, const char *expected) {
  char text[2 * NC_HASH_BYTES + 1];
  NcHash hash = nc_hash(bytes, size);
  nc_hash_text(&hash, text);
  assert_string_equal(text, expected);
}

static void gives_the_examples(void **state) {
  (void)state;
  assert_hash("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert_hash("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  assert_hash(two, strlen(two), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  char *million = malloc(1000000);
  memset(million, 'a', 1000000);
  assert_hash(million, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  free(million);
}

// A hash of the hashes of 0, 1, … 200 bytes, all 'x'.
static void ends_at_every_length(void **state) {
  (void)state;
  uint8_t hashes[201 * NC_HASH_BYTES];
  for (size_t size = 0; size <= 200; size++) {
    char *bytes = malloc(size + 1); // so that the sanitizers see its end
    memset(bytes, 'x', size);
    NcHash hash = nc_hash(bytes, size);
    memcpy(hashes + size * NC_HASH_BYTES, hash.bytes, NC_HASH_BYTES);
    free(bytes);
  }
  assert_hash(hashes, sizeof hashes,
              "2e9fcf76499976b60177466c31b8ab5caa7d4c6dd8dd97c8ce7b574af689ec94");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(gives_the_examples),
                                     cmocka_unit_test(ends_at_every_length)};
  return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
