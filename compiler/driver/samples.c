// Reads samples from files of any kind that an input can be fed with.
#include "driver/samples.h"

#include "driver/data.h"
#include "driver/values.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Rows of an input, as they are gathered from files.
typedef struct Rows {
  char *data;
  int64_t count, room;
  const char *file; // the first one
} Rows;

typedef struct Reader {
  NcSamples *samples;
  NcExperiment *e;
  const NcOptions *options;
  const int *needed;
  int needed_count;
  const NcrtSafetensors *checkpoint;
  Rows *rows;     // by input
  int light_data; // whether the data's images have a light border; -1: not looked at yet
  NcrtStatus status;
} Reader;

static const NcrtInput *input_of(const Reader *r, int input) { return &r->e->inputs.inputs[input]; }

// ---- rows

static bool store(NcrtDtype dtype, void *to, int64_t index, double value) {
  static const double lows[] = {0, 0, -0x1p31, -0x1p53}, highs[] = {1, 255, 0x1p31 - 1, 0x1p53};
  if (dtype == NCRT_F32) {
    ((float *)to)[index] = (float)value;
  } else if (dtype == NCRT_F64) {
    ((double *)to)[index] = value;
  } else {
    if (!(value >= lows[dtype] && value <= highs[dtype]) || value != floor(value))
      return false;
    if (dtype == NCRT_I64)
      ((int64_t *)to)[index] = (int64_t)value;
    else if (dtype == NCRT_I32)
      ((int32_t *)to)[index] = (int32_t)value;
    else
      ((uint8_t *)to)[index] = (uint8_t)value;
  }
  return true;
}

// Room for `count` more rows of an input; NULL on failure.
static void *add_rows(Reader *r, int input, int64_t count, const char *file) {
  Rows *rows = &r->rows[input];
  int64_t bytes = ncrt_shape_bytes(&input_of(r, input)->shape, 1);
  if (rows->count + count > rows->room) {
    int64_t room = 2 * rows->room > rows->count + count ? 2 * rows->room : rows->count + count;
    char *grown = realloc(rows->data, (size_t)(room * bytes) + 1);
    if (!grown) {
      ncrt_fail_memory(&r->status, (size_t)(room * bytes), file);
      return NULL;
    }
    rows->data = grown;
    rows->room = room;
  }
  if (!rows->file)
    rows->file = file;
  void *place = rows->data + rows->count * bytes;
  rows->count += count;
  return place;
}

// Names the samples, once: inputs that are needed may be several.
static void name_rows(Reader *r, int input, int64_t count, const char *file, const char *note) {
  NcArena *arena = r->e->unit->arena;
  NcText name = nc_text_create(arena);
  nc_text_printable(&name, file);
  if (input != r->needed[0])
    return;
  for (int64_t i = 0; i < count; i++) {
    const char *own =
        count == 1 ? name.data : nc_arena_printf(arena, "%s[%lld]", name.data, (long long)i);
    nc_vec_push(arena, r->samples->info, ((NcSampleInfo){own, note}));
  }
}

// ---- arrays: npy, npz, idx, csv

static bool fail_value(Reader *r, int input, const char *file, int64_t at, double value) {
  char type[200];
  const NcrtInput *in = input_of(r, input);
  ncrt_shape_print(type, sizeof type, &in->shape);
  return ncrt_fail(&r->status, NCRT_BAD_INPUT,
                   "%s: element %lld is %g, but input %s is %s: give whole numbers that %s holds",
                   file, (long long)at, value, in->name, type, ncrt_dtype_name(in->shape.dtype));
}

static bool fail_shape(Reader *r, int input, const char *file, const NcrtArrayHeader *header) {
  char have[200], want[200];
  NcrtShape shape = {.dtype = header->dtype, .rank = header->rank};
  memcpy(shape.dims, header->dims, sizeof shape.dims);
  const NcrtInput *in = input_of(r, input);
  return ncrt_fail(&r->status, NCRT_BAD_INPUT,
                   "%s: holds %s, but input %s is %s, %lld elements a sample", file,
                   ncrt_shape_print(have, sizeof have, &shape), in->name,
                   ncrt_shape_print(want, sizeof want, &in->shape),
                   (long long)ncrt_shape_elements(&in->shape, 1));
}

// An array has a row for each sample, or is one sample.
static bool add_array(Reader *r, int input, const char *file, const NcrtArray *array) {
  const NcrtArrayHeader *header = &array->header;
  const NcrtShape *shape = &input_of(r, input)->shape;
  int64_t sample = ncrt_shape_elements(shape, 1), row, all, count;
  if (!ncrt_dims_product(header->dims, header->rank, 1, &row) ||
      !ncrt_dims_product(header->dims, header->rank, 0, &all) || (row != sample && all != sample))
    return fail_shape(r, input, file, header);
  count = row == sample ? header->dims[0] : 1;
  void *to = add_rows(r, input, count, file);
  for (int64_t i = 0; to && i < count * sample; i++) {
    double value = nc_value_at(header->dtype, array->data, i);
    if (!store(shape->dtype, to, i, value))
      return fail_value(r, input, file, i, value);
  }
  if (to)
    name_rows(r, input, count, file, NULL);
  return to != NULL;
}

static bool read_array(Reader *r, int input, const char *file, const NcrtReading *reading) {
  NcrtArray array;
  if (!ncrt_read(reading, file, true, &array, &r->status))
    return false;
  bool done = add_array(r, input, file, &array);
  ncrt_array_free(&array);
  return done;
}

// How a data set of the program reads an input, if it does by this reader.
static const NcBinding *binding_of(const Reader *r, int input, const char *reader) {
  const NcProgram *program = r->e->unit->program;
  for (int i = 0; i < program->datasets.count; i++)
    for (int k = 0; k < program->datasets.items[i].bindings.count; k++) {
      const NcBinding *binding = &program->datasets.items[i].bindings.items[k];
      if (binding->input == input && strcmp(binding->reading.reader, reader) == 0)
        return binding;
    }
  return NULL;
}

static NcrtStrings strings(const NcrtNames *names) {
  return (NcrtStrings){names->count, (const char *const *)names->items};
}

// All names that a file has to choose from.
static bool all_names(Reader *r, const char *file, NcrtReading reading, NcrtNames *names) {
  static const char *const none[] = {""};
  const char *missing;
  reading.columns = (NcrtStrings){1, none};
  reading.array = strcmp(reading.reader, "npz") == 0 ? "" : NULL;
  return ncrt_read_names(&reading, file, &missing, names, &r->status);
}

static bool read_npz(Reader *r, int input, const char *file) {
  const NcBinding *binding = binding_of(r, input, "npz");
  NcrtReading reading = {.reader = "npz", .array = binding ? binding->reading.array : NULL};
  if (binding)
    return read_array(r, input, file, &reading);
  NcrtNames names;
  if (!all_names(r, file, reading, &names))
    return false;
  reading.array = names.count > 0 ? names.items[0] : "";
  bool done = names.count == 1
                  ? read_array(r, input, file, &reading)
                  : ncrt_fail(&r->status, NCRT_BAD_INPUT,
                              "%s: holds %d arrays; save the one for input %s as an npy file", file,
                              names.count, input_of(r, input)->name);
  ncrt_names_free(&names);
  return done;
}

// A table's columns are those that the program's data set reads, or else all.
static bool read_csv(Reader *r, int input, const char *file) {
  const NcBinding *binding = binding_of(r, input, "csv");
  const NcrtShape *shape = &input_of(r, input)->shape;
  NcrtReading reading = {
      .reader = "csv", .dtype = shape->dtype, .separator = ',', .one_column = shape->rank == 1};
  if (binding) {
    reading = nc_data_reading(&binding->reading);
    return read_array(r, input, file, &reading);
  }
  NcrtNames names;
  if (!all_names(r, file, reading, &names))
    return false;
  char type[200];
  int64_t want = ncrt_shape_elements(shape, 1);
  reading.columns = strings(&names);
  bool done =
      names.count == want
          ? read_array(r, input, file, &reading)
          : ncrt_fail(&r->status, NCRT_BAD_INPUT,
                      "%s: a table of %d columns, but input %s is %s, %lld numbers a sample", file,
                      names.count, input_of(r, input)->name,
                      ncrt_shape_print(type, sizeof type, shape), (long long)want);
  ncrt_names_free(&names);
  return done;
}

// The table may hold inputs that prediction does not need, as the true class: by the data set's
// columns, in the checkpoint's numbers.
static bool read_more_columns(Reader *r, int input, const char *file) {
  const NcBinding *binding = binding_of(r, input, "csv");
  const char *missing, *text = ncrt_safetensors_text(r->checkpoint, "netc.classes");
  NcrtNames names, classes;
  NcrtReading reading = binding ? nc_data_reading(&binding->reading) : (NcrtReading){0};
  if (!binding || !ncrt_read_names(&reading, file, &missing, &names, &r->status))
    return !binding;
  ncrt_names_free(&names);
  if (missing || !ncrt_classes_read(text, input_of(r, input)->name, &classes, &r->status))
    return missing != NULL;
  if (classes.count > 0)
    reading.classes = strings(&classes);
  bool done = read_array(r, input, file, &reading);
  ncrt_names_free(&classes);
  return done;
}

static bool is_needed(const Reader *r, int input) {
  for (int i = 0; i < r->needed_count; i++)
    if (r->needed[i] == input)
      return true;
  return false;
}

static bool read_table(Reader *r, int input, const char *file) {
  bool done = read_csv(r, input, file);
  for (int i = 0; done && input == r->needed[0] && i < r->e->inputs.input_count; i++)
    done = is_needed(r, i) || read_more_columns(r, i, file);
  return done;
}

// ---- a row on the command line: 5.1,3.5,1.4,0.2

static bool is_row(const char *text) {
  return strspn(text, "0123456789.,+-eE ") == strlen(text) && strpbrk(text, "0123456789") &&
         access(text, F_OK) != 0;
}

static bool read_row(Reader *r, int input, const char *text) {
  const NcrtInput *in = input_of(r, input);
  int64_t want = ncrt_shape_elements(&in->shape, 1), count = 0;
  void *to = add_rows(r, input, 1, text);
  bool more = to != NULL;
  for (const char *at = text; more; count++) {
    char *end;
    double value = strtod(at, &end);
    if (end == at || (*end != ',' && *end != 0))
      return ncrt_fail(&r->status, NCRT_BAD_INPUT,
                       "'%s' is no file, and as a row of numbers it is wrong at '%s'", text, at);
    if (count < want && !store(in->shape.dtype, to, count, value))
      return fail_value(r, input, text, count, value);
    more = *end == ',';
    at = end + 1;
  }
  if (to && count != want)
    return ncrt_fail(&r->status, NCRT_BAD_INPUT,
                     "'%s' is no file, and as a row has %lld numbers; input %s takes %lld", text,
                     (long long)count, in->name, (long long)want);
  if (to)
    name_rows(r, input, 1, text, NULL);
  return to != NULL;
}

// ---- pictures

static int find_dataset(const Reader *r, int input) {
  const NcProgram *program = r->e->unit->program;
  int best = -1;
  for (int i = 0; i < program->datasets.count; i++) {
    const NcDataset *dataset = &program->datasets.items[i];
    for (int k = 0; dataset->samples > 0 && k < dataset->bindings.count; k++)
      if (dataset->bindings.items[k].input == input && (best < 0 || i == program->train.validate))
        best = i;
  }
  return best;
}

// Whether most of the first images of a data set of the program have a light border. Not if there
// is no data set at hand.
static bool data_is_light(Reader *r, int input, NcImageShape shape) {
  int number = find_dataset(r, input), light = 0;
  const NcrtDataset *data = number >= 0 ? nc_experiment_data(r->e, number) : NULL;
  const NcrtBound *bound = data ? ncrt_dataset_find(data, input) : NULL;
  int64_t size = (int64_t)shape.height * shape.width * shape.channels;
  float *values = malloc((size_t)size * sizeof *values);
  int count = bound && values ? (int)(data->rows < 16 ? data->rows : 16) : 0;
  for (int i = 0; i < count; i++) {
    const char *row =
        (const char *)bound->array.data + ncrt_dataset_row(data, i) * bound->row_bytes;
    double scale = bound->array.header.dtype >= NCRT_F32 ? 255 : 1;
    for (int64_t k = 0; k < size; k++)
      values[k] = (float)(scale * nc_value_at(bound->array.header.dtype, row, k));
    light += nc_has_light_border(values, shape);
  }
  free(values);
  return 2 * light > count;
}

static bool is_inverted(Reader *r, int input, const float *values, NcImageShape shape) {
  const char *how = r->options->invert;
  if (how && strcmp(how, "auto") != 0)
    return strcmp(how, "always") == 0;
  if (shape.channels > 1 || !nc_has_light_border(values, shape))
    return false;
  if (r->light_data < 0)
    r->light_data = data_is_light(r, input, shape);
  return !r->light_data;
}

static const char *describe(Reader *r, const NcrtPicture *picture, const NcText *steps) {
  char mode[60];
  if (steps->length == 0)
    return NULL;
  return nc_arena_printf(r->e->unit->arena, "%s: %s",
                         ncrt_picture_print(mode, sizeof mode, picture), steps->data + 2);
}

static bool add_picture(Reader *r, int input, const char *file, NcImageShape shape, float *values) {
  const NcrtShape *type = &input_of(r, input)->shape;
  NcText steps = nc_text_create(r->e->unit->arena);
  NcrtPicture picture;
  if (!nc_fit_picture(file, shape, values, &picture, &steps, &r->status))
    return false;
  if (is_inverted(r, input, values, shape)) {
    nc_invert(values, shape);
    bool asked = r->options->invert && strcmp(r->options->invert, "always") == 0;
    nc_text_append(&steps, asked ? ", inverted" : ", inverted, as its background is light");
  }
  bool whole = type->dtype < NCRT_F32;
  if (!whole)
    nc_text_append(&steps, ", scaled to 0 … 1");
  void *to = add_rows(r, input, 1, file);
  for (int64_t i = 0; to && i < (int64_t)shape.height * shape.width * shape.channels; i++)
    if (!store(type->dtype, to, i, whole ? rint(values[i]) : values[i] / 255))
      return fail_value(r, input, file, i, rint(values[i]));
  if (to)
    name_rows(r, input, 1, file, describe(r, &picture, &steps));
  return to != NULL;
}

static bool read_picture(Reader *r, int input, const char *file) {
  NcImageShape shape;
  const NcrtInput *in = input_of(r, input);
  char type[200];
  if (!nc_image_shape(&in->shape, &shape))
    return ncrt_fail(
        &r->status, NCRT_BAD_INPUT,
        "%s: is a picture, but input %s is %s, which is none; give a table (csv) or an "
        "array (npy)",
        file, in->name, ncrt_shape_print(type, sizeof type, &in->shape));
  size_t size = (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
  float *values = malloc(size * sizeof *values);
  bool done = values ? add_picture(r, input, file, shape, values)
                     : ncrt_fail_memory(&r->status, size * sizeof *values, file);
  free(values);
  return done;
}

// ---- files

static bool begins(const NcrtFile *file, const char *magic, size_t length) {
  return file->size >= length && memcmp(file->bytes, magic, length) == 0;
}

// What a file is, by its first bytes: a reader's name, "png", or what is not read.
static const char *kind_of(const char *path, const NcrtFile *file, bool *known) {
  *known = true;
  if (begins(file, "\x89PNG", 4) || nc_ends_in_any_case(path, ".png"))
    return "png";
  if (begins(file, "\x93NUMPY", 6))
    return "npy";
  if (begins(file, "PK", 2))
    return "npz";
  if (begins(file, "\x1f\x8b", 2) || begins(file, "\0\0", 2))
    return "idx";
  *known = false;
  if (begins(file, "\xff\xd8", 2))
    return "a JPEG picture";
  if (begins(file, "GIF8", 4))
    return "a GIF picture";
  if (begins(file, "BM", 2))
    return "a BMP picture";
  if (begins(file, "RIFF", 4))
    return "a WebP picture";
  *known = true;
  return "csv";
}

static bool read_file(Reader *r, int input, const char *path) {
  NcrtFile file;
  bool known;
  if (is_row(path))
    return read_row(r, input, path);
  if (!ncrt_file_map(path, &file, &r->status))
    return false;
  const char *kind = kind_of(path, &file, &known);
  bool empty = file.size == 0;
  ncrt_file_unmap(&file);
  NcrtReading reading = {.reader = kind};
  if (empty)
    return ncrt_fail(&r->status, NCRT_BAD_INPUT, "%s: is empty", path);
  if (!known)
    return ncrt_fail(&r->status, NCRT_BAD_INPUT,
                     "%s: is %s; netc reads PNG: convert it, as with `magick %s picture.png`", path,
                     kind, path);
  if (strcmp(kind, "png") == 0)
    return read_picture(r, input, path);
  if (strcmp(kind, "npz") == 0)
    return read_npz(r, input, path);
  if (strcmp(kind, "csv") == 0)
    return read_table(r, input, path);
  return read_array(r, input, path, &reading);
}

// FILE, or NAME=FILE where there are several inputs.
static bool read_argument(Reader *r, const char *argument) {
  size_t length = strcspn(argument, "=");
  for (int i = 0; argument[length] == '=' && i < r->needed_count; i++) {
    const char *name = input_of(r, r->needed[i])->name;
    if (strlen(name) == length && strncmp(name, argument, length) == 0)
      return read_file(r, r->needed[i], argument + length + 1);
  }
  if (r->needed_count == 1)
    return read_file(r, r->needed[0], argument);
  NcText names = nc_text_create(r->e->unit->arena);
  for (int i = 0; i < r->needed_count; i++)
    nc_text_printf(&names, "%s%s=FILE", i ? " " : "", input_of(r, r->needed[i])->name);
  return ncrt_fail(&r->status, NCRT_BAD_INPUT,
                   "'%s': the network has several inputs; say which the file is for: %s", argument,
                   names.data);
}

// The rows of an input become an array of the data set.
static bool bind(Reader *r, int input) {
  Rows *rows = &r->rows[input];
  const NcrtShape *shape = &input_of(r, input)->shape;
  NcrtArray array;
  if (!ncrt_array_open(&array, rows->file, &r->status))
    return false;
  array.header = (NcrtArrayHeader){.dtype = shape->dtype, .rank = shape->rank, .data_offset = -1};
  memcpy(array.header.dims, shape->dims, sizeof array.header.dims);
  array.header.dims[0] = rows->count;
  array.data = array.owned = rows->data;
  rows->data = NULL;
  if (ncrt_array_size(&array.header))
    return ncrt_dataset_bind(&r->samples->own, input, array, &r->status);
  ncrt_array_free(&array);
  return ncrt_fail(&r->status, NCRT_BAD_INPUT, "%s: too many samples", rows->file);
}

static bool bind_all(Reader *r) {
  ncrt_dataset_open(&r->samples->own, &r->e->inputs);
  for (int i = 0; i < r->e->inputs.input_count; i++) {
    int64_t count = r->rows[i].count;
    if (is_needed(r, i) && count == 0)
      return ncrt_fail(&r->status, NCRT_BAD_INPUT,
                       "no file is given for input %s, which the prediction needs: %s=FILE",
                       input_of(r, i)->name, input_of(r, i)->name);
    // What only some files hold is not known of all samples.
    bool whole = count > 0 && count == r->rows[r->needed[0]].count;
    if ((is_needed(r, i) || whole) && !bind(r, i))
      return false;
  }
  r->samples->data = &r->samples->own;
  return ncrt_dataset_check_ranges(r->samples->data, &r->status);
}

static int read_files(Reader *r) {
  bool done = true;
  r->rows = NC_NEW_ARRAY(r->e->unit->arena, Rows, r->e->inputs.input_count + 1);
  for (int i = 0; done && i < r->options->more_count; i++)
    done = read_argument(r, r->options->more[i]);
  done = done && bind_all(r);
  for (int i = 0; i < r->e->inputs.input_count; i++)
    free(r->rows[i].data);
  return done ? NC_EXIT_OK : nc_fail_status(&r->status);
}

static bool check_inputs(Reader *r) {
  char type[200];
  for (int i = 0; i < r->needed_count; i++) {
    const NcrtInput *in = input_of(r, r->needed[i]);
    if (!in->shape.batched)
      return ncrt_fail(&r->status, NCRT_BAD_INPUT,
                       "input %s is %s, which has no samples: its first dimension is not N",
                       in->name, ncrt_shape_print(type, sizeof type, &in->shape));
  }
  return r->needed_count > 0 ||
         ncrt_fail(&r->status, NCRT_BAD_INPUT, "the outputs depend on no input");
}

static int open_dataset(Reader *r) {
  const NcProgram *program = r->e->unit->program;
  int number = nc_experiment_choose(program, r->options->dataset);
  const NcrtDataset *data = number >= 0 ? nc_experiment_data(r->e, number) : NULL;
  const char *classes = ncrt_safetensors_text(r->checkpoint, "netc.classes");
  if (!data)
    return NC_EXIT_INPUT;
  if (!ncrt_classes_check(data, classes, &r->status))
    return nc_fail_status(&r->status);
  r->samples->data = data;
  r->samples->dataset = program->datasets.items[number].name;
  return NC_EXIT_OK;
}

int nc_samples_open(NcSamples *samples, NcExperiment *e, const NcOptions *options,
                    const int *inputs, int count, const NcrtSafetensors *file) {
  *samples = (NcSamples){0};
  Reader r = {.samples = samples,
              .e = e,
              .options = options,
              .needed = inputs,
              .needed_count = count,
              .checkpoint = file,
              .light_data = -1};
  if (options->more_count > 0 && options->dataset) {
    fprintf(stderr, "netc predict: the samples come from files or from --dataset, not from both\n");
    return NC_EXIT_USAGE;
  }
  if (!check_inputs(&r))
    return nc_fail_status(&r.status);
  return options->more_count > 0 ? read_files(&r) : open_dataset(&r);
}

void nc_samples_close(NcSamples *samples) { ncrt_dataset_close(&samples->own); }
