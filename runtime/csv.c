// Reads columns of csv files.
#include "csv.h"

#include "csv_text.h"
#include "dtype.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A class of a column whose file says which classes there are.
typedef struct Class {
  char *name;
  int number; // in the order they were met
} Class;

typedef struct Table {
  NcrtCsvText text;
  const NcrtReading *reading;
  int64_t fields;  // of a line
  int64_t *wanted; // by column of the reading: the field of the line
  int64_t rows;
  bool named;     // the one column holds names
  Class *classes; // sorted by name
  int class_count;
  NcrtStatus *status;
} Table;

static const char *print_text(char *buffer, size_t size, const char *text, size_t length) {
  char copy[64];
  size_t kept = length < sizeof copy ? length : sizeof copy - 1;
  memcpy(copy, text, kept);
  copy[kept] = 0;
  return ncrt_printable(buffer, size, copy);
}

// ---- the first line

static bool first_line(NcrtCsvText *text, NcrtNames *names, NcrtStatus *status) {
  if (!ncrt_csv_more(text))
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: is empty; a csv file is needed", text->name);
  NcrtCsvField field;
  do {
    if (!ncrt_csv_field(text, &field, status) ||
        !ncrt_names_add(names, field.text, field.length, status))
      return false;
  } while (!field.last);
  return true;
}

bool ncrt_csv_names_bytes(const NcrtReading *reading, const char *name, const uint8_t *bytes,
                          size_t size, NcrtNames *names, NcrtStatus *status) {
  NcrtCsvText text;
  *names = (NcrtNames){0};
  bool done = ncrt_csv_open(&text, name, bytes, size, reading->separator, status) &&
              first_line(&text, names, status);
  ncrt_csv_close(&text);
  if (!done)
    ncrt_names_free(names);
  return done;
}

static bool find_column(Table *table, const NcrtNames *names, int column) {
  const char *name = table->reading->columns.items[column];
  int found = ncrt_names_find(names, name);
  char shown[80];
  ncrt_printable(shown, sizeof shown, name);
  if (found < 0)
    return ncrt_fail(table->status, NCRT_BAD_INPUT, "%s: line 1 names no column '%s'",
                     table->text.name, shown);
  table->wanted[column] = found;
  for (int i = found + 1; i < names->count; i++)
    if (strcmp(names->items[i], name) == 0)
      return ncrt_fail(table->status, NCRT_BAD_INPUT,
                       "%s: line 1 names two columns '%s'; rename one", table->text.name, shown);
  return true;
}

static bool find_columns(Table *table) {
  NcrtNames names = {0};
  bool done = first_line(&table->text, &names, table->status);
  for (int i = 0; done && i < table->reading->columns.count; i++)
    done = find_column(table, &names, i);
  table->fields = names.count;
  ncrt_names_free(&names);
  return done;
}

// ---- lines

// What is done with the fields of the columns that are wanted.
typedef bool (*Use)(Table *table, int column, const NcrtCsvField *field, void *context);

static bool check_fields(const Table *table, int64_t count, int64_t line) {
  return count == table->fields ||
         ncrt_fail(table->status, NCRT_BAD_INPUT,
                   "%s: line %lld: %lld fields, but line 1 names %lld columns", table->text.name,
                   (long long)line, (long long)count, (long long)table->fields);
}

static bool use_field(Table *table, int64_t number, const NcrtCsvField *field, Use use,
                      void *context) {
  for (int i = 0; use != NULL && i < table->reading->columns.count; i++)
    if (table->wanted[i] == number && !use(table, i, field, context))
      return false;
  return true;
}

static bool read_line(Table *table, Use use, void *context) {
  int64_t count = 0, line = table->text.line;
  NcrtCsvField field;
  do {
    if (!ncrt_csv_field(&table->text, &field, table->status) ||
        !use_field(table, count, &field, use, context))
      return false;
    count++;
  } while (!field.last);
  return check_fields(table, count, line);
}

// From the line after the first one; `use` may be NULL. Counts the rows.
static bool read_lines(Table *table, Use use, void *context) {
  ncrt_csv_rewind(&table->text);
  ncrt_csv_more(&table->text);
  if (!read_line(table, NULL, NULL))
    return false;
  for (table->rows = 0; ncrt_csv_more(&table->text); table->rows++)
    if (!read_line(table, use, context))
      return false;
  return table->rows > 0 ||
         ncrt_fail(table->status, NCRT_BAD_INPUT, "%s: holds no samples: no line follows the first",
                   table->text.name);
}

// ---- numbers

static size_t digits(const char *text) { return strspn(text, "0123456789"); }

// An integer, or a float as the language writes it, but a digit is not asked for on both sides of
// the point. *whole: without point and exponent.
static bool is_number(const char *text, bool *whole) {
  text += *text == '-' || *text == '+';
  size_t before = digits(text), after = 0;
  text += before;
  *whole = *text == 0;
  if (*text == '.') {
    after = digits(++text);
    text += after;
  }
  if (before + after > 0 && (*text == 'e' || *text == 'E')) {
    text++;
    text += *text == '-' || *text == '+';
    size_t exponent = digits(text);
    if (exponent == 0)
      return false;
    text += exponent;
  }
  return before + after > 0 && *text == 0;
}

// The text of a field that can be a number; longer ones are not.
static bool number_text(const NcrtCsvField *field, char text[400], bool *whole) {
  if (field->length >= 400 || memchr(field->text, 0, field->length) != NULL)
    return false;
  memcpy(text, field->text, field->length);
  text[field->length] = 0;
  return is_number(text, whole);
}

static bool fail_value(const Table *table, int column, const NcrtCsvField *field,
                       const char *what) {
  char shown[64], name[80];
  return ncrt_fail(table->status, NCRT_BAD_INPUT, "%s: line %lld, column '%s': '%s' %s",
                   table->text.name, (long long)field->line,
                   ncrt_printable(name, sizeof name, table->reading->columns.items[column]),
                   print_text(shown, sizeof shown, field->text, field->length), what);
}

static bool fail_empty(const Table *table, int column, const NcrtCsvField *field) {
  char name[80];
  return ncrt_fail(table->status, NCRT_BAD_INPUT,
                   "%s: line %lld, column '%s': the field is empty; fill it in or remove the line",
                   table->text.name, (long long)field->line,
                   ncrt_printable(name, sizeof name, table->reading->columns.items[column]));
}

static const struct {
  int64_t low, high; // both included
  const char *problem;
} integers[] = {
    [NCRT_BOOL] = {0, 1, "is no bool, which is 0 or 1"},
    [NCRT_U8] = {0, 255, "does not fit u8, which goes from 0 to 255"},
    [NCRT_I32] = {INT32_MIN, INT32_MAX, "does not fit i32"},
    [NCRT_I64] = {INT64_MIN, INT64_MAX, "does not fit i64"},
};

static bool is_float(NcrtDtype dtype) { return dtype == NCRT_F32 || dtype == NCRT_F64; }

static bool read_integer(Table *table, int column, const NcrtCsvField *field, const char *text,
                         bool whole, int64_t index, NcrtArray *array) {
  NcrtDtype dtype = table->reading->dtype;
  if (!whole)
    return fail_value(table, column, field,
                      "is no whole number; declare the input as f32, or write the column so");
  errno = 0;
  long long value = strtoll(text, NULL, 10);
  if (errno != 0 || value < integers[dtype].low || value > integers[dtype].high)
    return fail_value(table, column, field, integers[dtype].problem);
  ncrt_array_store(array, index, value);
  return true;
}

static bool read_float(Table *table, int column, const NcrtCsvField *field, const char *text,
                       int64_t index, NcrtArray *array) {
  bool single = table->reading->dtype == NCRT_F32;
  double value = single ? (double)strtof(text, NULL) : strtod(text, NULL);
  if (value - value != 0)
    return fail_value(table, column, field,
                      single ? "is too large for f32" : "is too large for f64");
  if (single)
    ((float *)array->owned)[index] = (float)value;
  else
    ((double *)array->owned)[index] = value;
  return true;
}

static bool use_number(Table *table, int column, const NcrtCsvField *field, void *array) {
  char text[400];
  bool whole;
  int64_t index = table->rows * table->reading->columns.count + column;
  if (field->length == 0)
    return fail_empty(table, column, field);
  if (!number_text(field, text, &whole))
    return fail_value(table, column, field,
                      table->reading->one_column
                          ? "is not a number"
                          : "is not a number; a column of names feeds an input of its own");
  return is_float(table->reading->dtype)
             ? read_float(table, column, field, text, index, array)
             : read_integer(table, column, field, text, whole, index, array);
}

// ---- names

static int compare(const char *name, const NcrtCsvField *field) {
  size_t length = strlen(name), common = length < field->length ? length : field->length;
  int order = memcmp(name, field->text, common);
  return order != 0 ? order : (length > field->length) - (length < field->length);
}

// Number of the first class that is not less.
static int place_class(const Table *table, const NcrtCsvField *field) {
  int low = 0, high = table->class_count;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (compare(table->classes[middle].name, field) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool add_class(Table *table, int column, const NcrtCsvField *field, int place) {
  int count = table->class_count;
  if (count == NCRT_CSV_MAX_CLASSES)
    return fail_value(table, column, field, "is the column's 65537th name; are these classes?");
  if (!ncrt_dtype_counts(table->reading->dtype, count + 1))
    return fail_value(table, column, field,
                      "is one name more than the input's type can count; declare it as i32");
  if ((count & (count - 1)) == 0) {
    size_t room = count ? 2 * (size_t)count : 1;
    Class *grown = realloc(table->classes, room * sizeof *grown);
    if (grown == NULL)
      return ncrt_fail_memory(table->status, room * sizeof *grown, "the names of classes");
    table->classes = grown;
  }
  char *name = strndup(field->text, field->length);
  if (name == NULL)
    return ncrt_fail_memory(table->status, field->length, "the name of a class");
  memmove(table->classes + place + 1, table->classes + place,
          (size_t)(count - place) * sizeof *table->classes);
  table->classes[place] = (Class){name, count};
  table->class_count++;
  return true;
}

static bool fail_unlisted(Table *table, int column, const NcrtCsvField *field) {
  char all[200] = "";
  size_t used = 0;
  const NcrtStrings *classes = &table->reading->classes;
  for (int i = 0; i < classes->count && used < sizeof all - 50; i++) {
    char shown[40];
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "",
                             ncrt_printable(shown, sizeof shown, classes->items[i]));
  }
  char what[300];
  snprintf(what, sizeof what, "is none of the classes listed: %s", all);
  return fail_value(table, column, field, what);
}

static bool use_listed(Table *table, int column, const NcrtCsvField *field, void *array) {
  const NcrtStrings *classes = &table->reading->classes;
  for (int i = 0; i < classes->count; i++)
    if (compare(classes->items[i], field) == 0) {
      ncrt_array_store(array, table->rows, i);
      return true;
    }
  return fail_unlisted(table, column, field);
}

// The number is that of the class's first appearance until all are known.
static bool use_name(Table *table, int column, const NcrtCsvField *field, void *numbers) {
  char text[400];
  bool whole;
  if (field->length == 0)
    return fail_empty(table, column, field);
  if (number_text(field, text, &whole))
    return fail_value(table, column, field,
                      "is a number where names stand before; a column has one or the other; with "
                      "classes = [...] numbers are names too");
  int place = place_class(table, field);
  if ((place == table->class_count || compare(table->classes[place].name, field) != 0) &&
      !add_class(table, column, field, place))
    return false;
  ((int32_t *)numbers)[table->rows] = table->classes[place].number;
  return true;
}

static bool number_classes(Table *table, NcrtArray *array, const int32_t *met) {
  int *order = calloc((size_t)table->class_count + 1, sizeof *order);
  if (order == NULL)
    return ncrt_fail_memory(table->status, (size_t)table->class_count * sizeof *order,
                            "the names of classes");
  bool done = true;
  for (int i = 0; done && i < table->class_count; i++) {
    const Class *class = &table->classes[i];
    order[class->number] = i;
    done = ncrt_names_add(&array->classes, class->name, strlen(class->name), table->status);
  }
  for (int64_t row = 0; done && row < table->rows; row++)
    ncrt_array_store(array, row, order[met[row]]);
  free(order);
  return done;
}

static bool read_names(Table *table, NcrtArray *array) {
  int32_t *met = malloc((size_t)array->header.dims[0] * sizeof *met);
  bool done =
      met != NULL || ncrt_fail_memory(table->status, (size_t)array->header.dims[0] * sizeof *met,
                                      "the names of classes");
  done = done && read_lines(table, use_name, met) && number_classes(table, array, met);
  free(met);
  return done;
}

static bool read_listed(Table *table, NcrtArray *array) {
  const NcrtReading *reading = table->reading;
  if (!ncrt_dtype_counts(reading->dtype, reading->classes.count))
    return ncrt_fail(table->status, NCRT_BAD_INPUT, "%s: %d classes, which %s cannot number",
                     table->text.name, reading->classes.count, ncrt_dtype_name(reading->dtype));
  return read_lines(table, use_listed, array);
}

// ---- columns

static bool look_at_first(Table *table, int column, const NcrtCsvField *field, void *context) {
  (void)column, (void)context;
  char text[400];
  bool whole;
  if (table->rows == 0)
    table->named = field->length > 0 && !number_text(field, text, &whole);
  return true;
}

static bool size_array(Table *table, NcrtArray *array) {
  const NcrtReading *reading = table->reading;
  array->header = (NcrtArrayHeader){.dtype = reading->dtype,
                                    .rank = reading->one_column ? 1 : 2,
                                    .dims = {table->rows, reading->columns.count},
                                    .data_offset = -1};
  return ncrt_array_size(&array->header) ||
         ncrt_fail(table->status, NCRT_BAD_INPUT, "%s: is too large", table->text.name);
}

static bool read_columns(Table *table, NcrtArray *array) {
  const NcrtReading *reading = table->reading;
  bool classes = reading->one_column && !is_float(reading->dtype);
  if (!find_columns(table) || !read_lines(table, look_at_first, NULL) ||
      !size_array(table, array) || !ncrt_array_allocate(array, table->status))
    return false;
  if (reading->classes.count > 0)
    return read_listed(table, array);
  if (classes && table->named)
    return read_names(table, array);
  return read_lines(table, use_number, array);
}

static void close_table(Table *table) {
  for (int i = 0; i < table->class_count; i++)
    free(table->classes[i].name);
  free(table->classes);
  free(table->wanted);
  ncrt_csv_close(&table->text);
}

bool ncrt_csv_read_bytes(const NcrtReading *reading, const char *name, const uint8_t *bytes,
                         size_t size, NcrtArray *array, NcrtStatus *status) {
  if (!ncrt_array_open(array, name, status))
    return false;
  Table table = {.reading = reading, .status = status};
  table.wanted = calloc((size_t)reading->columns.count + 1, sizeof *table.wanted);
  bool done = table.wanted != NULL ||
              ncrt_fail_memory(status, (size_t)reading->columns.count * sizeof *table.wanted, name);
  done = done && ncrt_csv_open(&table.text, name, bytes, size, reading->separator, status) &&
         read_columns(&table, array);
  close_table(&table);
  if (!done)
    ncrt_array_free(array);
  return done;
}

bool ncrt_csv_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                   NcrtStatus *status) {
  (void)data; // what the values are has to be known to know what the header says
  NcrtFile file;
  bool done = ncrt_file_map(path, &file, status) &&
              ncrt_csv_read_bytes(reading, path, file.bytes, file.size, array, status);
  ncrt_file_unmap(&file);
  return done;
}

bool ncrt_csv_names(const NcrtReading *reading, const char *path, NcrtNames *names,
                    NcrtStatus *status) {
  NcrtFile file;
  bool done = ncrt_file_map(path, &file, status) &&
              ncrt_csv_names_bytes(reading, path, file.bytes, file.size, names, status);
  ncrt_file_unmap(&file);
  return done;
}
