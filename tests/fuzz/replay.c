// Runs a fuzzing harness over files: the corpora's replay in builds without libFuzzer.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size) {
  FILE *file = fopen(path, "rb");
  uint8_t *data = malloc(size ? size : 1);
  int result = 1;
  if (file && data && fread(data, 1, size, file) == size) {
    LLVMFuzzerTestOneInput(data, size);
    result = 0;
  } else
    fprintf(stderr, "%s: cannot be read\n", path);
  free(data);
  if (file)
    fclose(file);
  return result;
}

static int replay(const char *path, int *count) {
  struct stat status;
  if (stat(path, &status) != 0) {
    fprintf(stderr, "%s: is missing\n", path);
    return 1;
  }
  if (!S_ISDIR(status.st_mode)) {
    ++*count;
    return replay_file(path, (size_t)status.st_size);
  }
  DIR *folder = opendir(path);
  if (!folder)
    return 1;
  int result = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    char inner[4096];
    int length = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] != '.' && length > 0 && (size_t)length < sizeof inner)
      result |= replay(inner, count);
  }
  closedir(folder);
  return result;
}

int main(int argc, char **argv) {
  int result = 0, count = 0;
  for (int i = 1; i < argc; i++)
    result |= replay(argv[i], &count);
  printf("%d inputs\n", count);
  return result || count == 0;
}
