// Reads arbitrary text as graph IR. What reads must verify, print to text that reads to the same,
// be differentiable twice, and go through every pass: to a module that verifies or to a diagnostic.
#include "interpret/interpret.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ops/autodiff.h"
#include "ops/build.h"
#include "passes/cse.h"
#include "passes/fold.h"
#include "passes/pipeline.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(NcArena *arena, const NcModule *module, const char *when) {
  NcText text = nc_text_create(arena);
  if (nc_module_verify(module, &text))
    return;
  nc_module_print(&text, module, NULL);
  fprintf(stderr, "after %s:\n%s", when, text.data);
  abort();
}

static NcModule *read_text(NcArena *arena, const char *text, size_t size) {
  NcSourceMap *sources = nc_source_create(arena);
  int file = nc_source_add(sources, "fuzz.ir", text, size, false);
  NcDiags *diags = nc_diags_create(arena, sources);
  NcModule *module = nc_module_read(arena, sources, file, diags, nc_op_by_name);
  NcText out = nc_text_create(arena);
  nc_diags_print(diags, &out, false);
  if (!module && diags->error_count == 0)
    abort();
  return module;
}

static char *print(NcArena *arena, const NcModule *module) {
  NcText text = nc_text_create(arena);
  nc_module_print(&text, module, NULL);
  return text.data;
}

static void check_round_trip(NcArena *arena, const NcModule *module) {
  const char *text = print(arena, module);
  const NcModule *again = read_text(arena, text, strlen(text));
  if (!again || strcmp(print(arena, again), text) != 0) {
    fprintf(stderr, "does not read back:\n%s", text);
    abort();
  }
}

// Adds the gradients of the graph's last floating value, summed, with respect to its first floating
// ones.
static void differentiate(NcGraph *graph) {
  NcNode *of = NULL, *wrt[4], *gradients[4];
  int count = 0;
  for (int i = 0; i < graph->nodes.count; i++) {
    NcNode *node = graph->nodes.items[i];
    if (!nc_dtype_is_float(node->type.dtype))
      continue;
    of = node;
    if (count < 4)
      wrt[count++] = node;
  }
  if (!of)
    return;
  nc_autodiff(graph, nc_sum_all(graph, of), wrt, count, gradients);
  for (int i = 0; i < count; i++)
    nc_graph_add_result(graph, nc_arena_printf(graph->arena, "gradient.%d", graph->next_id + i),
                        NC_RESULT_OUTPUT, gradients[i]);
}

static void differentiate_all(NcArena *arena, NcModule *module) {
  for (int i = 0; i < module->graphs.count; i++) {
    NcGraph *graph = module->graphs.items[i];
    for (int order = 0; order < 2 && graph->nodes.count < 64; order++)
      differentiate(graph);
  }
  check(arena, module, "differentiation");
}

static void run_passes(NcArena *arena, NcModule *module) {
  NcDiags *diags = nc_diags_create(arena, nc_source_create(arena));
  for (const NcPass *pass = nc_passes; pass->name; pass++) {
    if (!pass->run(module, diags)) {
      if (diags->error_count == 0)
        abort();
      return;
    }
    check(arena, module, pass->name);
  }
}

// Whether the reference can evaluate the graph in no time.
static bool is_small(const NcGraph *graph, int64_t batch) {
  for (int i = 0; i < graph->nodes.count; i++) {
    const NcNode *node = graph->nodes.items[i];
    if (nc_dim_value(nc_type_elements(&node->type), batch) > 256)
      return false;
    for (int a = 0; a < nc_op_attr_count(node->op); a++)
      for (int k = 0; k < node->attrs[a].count; k++)
        if (node->attrs[a].ints[k] > 16)
          return false; // a large window of padding
  }
  return graph->nodes.count < 128;
}

static void fill(NcTensor *tensor) {
  static const double values[] = {1, -0.0, 2.5, -1, 0, 3, -2.5, 0.125, (double)INFINITY, 1e-40};
  for (int64_t i = 0; i < tensor->count; i++)
    nc_tensor_set(tensor, i, values[(i * 7 + tensor->count) % 10]);
}

// What a run gives: the results, then the variables. NULL if the values are undefined.
static NcTensor **evaluate(NcArena *arena, const NcGraph *graph, int64_t batch) {
  int count = graph->results.count, variables = graph->module->variables.count;
  NcTensor **inputs = NC_NEW_ARRAY(arena, NcTensor *, graph->inputs.count);
  for (int i = 0; i < graph->inputs.count; i++) {
    NcType type = nc_type_at(&graph->inputs.items[i]->type, batch);
    fill(inputs[i] = nc_tensor_create(arena, &type));
  }
  NcTensor **values = NC_NEW_ARRAY(arena, NcTensor *, count + variables);
  NcTensor **state = nc_interpret_variables(arena, graph->module);
  for (int i = 0; i < variables; i++)
    fill(state[i]);
  NcInterpret run = {.inputs = (const NcTensor *const *)inputs,
                     .variables = state,
                     .batch = batch,
                     .seed = 3,
                     .step = 2};
  const char *error;
  if (!nc_interpret(arena, graph, &run, values, &error))
    return NULL;
  for (int i = 0; i < variables; i++)
    values[count + i] = state[i];
  return values;
}

static bool same_bits(const NcTensor *a, const NcTensor *b) {
  for (int64_t i = 0; i < a->count; i++) {
    double x = nc_tensor_get(a, i), y = nc_tensor_get(b, i);
    bool same = nc_dtype_is_float(a->type.dtype)
                    ? (x != x && y != y) || memcmp(&x, &y, sizeof x) == 0
                    : nc_tensor_get_int(a, i) == nc_tensor_get_int(b, i);
    if (!same)
      return false;
  }
  return true;
}

static void check_simplify(NcArena *arena, NcGraph *graph) {
  const int64_t batch = 2;
  if (!is_small(graph, batch))
    return;
  char *before_text = print(arena, graph->module);
  NcTensor **before = evaluate(arena, graph, batch);
  nc_graph_fold(graph);
  nc_graph_cse(graph);
  nc_graph_fold(graph);
  NcTensor **after = before ? evaluate(arena, graph, batch) : NULL;
  int count = graph->results.count + graph->module->variables.count;
  for (int i = 0; before && i < count; i++) {
    if (after && same_bits(before[i], after[i]))
      continue;
    fprintf(stderr, "value %d of graph %s changed:\n%s\nto\n%s", i, graph->name, before_text,
            print(arena, graph->module));
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  NcArena *arena = nc_arena_create();
  NcModule *module = read_text(arena, (const char *)data, size);
  if (module) {
    check(arena, module, "reading");
    check_round_trip(arena, module);
    differentiate_all(arena, module);
    for (int i = 0; i < module->graphs.count; i++)
      check_simplify(arena, module->graphs.items[i]);
    check(arena, module, "simplification");
    run_passes(arena, module);
  }
  nc_arena_destroy(arena);
  return 0;
}

// Only libFuzzer has it; the corpus's replay calls no mutator.
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

// Puts `text` in place of size bytes at `at`, if there is room. Gives the new size.
static size_t splice(char *data, size_t size, size_t max_size, size_t at, size_t length,
                     const char *text) {
  size_t inserted = strlen(text), rest = size - at - length;
  if (size - length + inserted > max_size)
    return size;
  memmove(data + at + inserted, data + at + length, rest);
  memcpy(data + at, text, inserted);
  return size - length + inserted;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Replaces one of the text's numbers, mostly by a small one.
static size_t mutate_number(char *data, size_t size, size_t max_size, unsigned seed) {
  static const char *const numbers[] = {"0",
                                        "1",
                                        "2",
                                        "3",
                                        "4",
                                        "5",
                                        "7",
                                        "8",
                                        "9",
                                        "-1",
                                        "16",
                                        "N",
                                        "31",
                                        "64",
                                        "-3",
                                        "65537",
                                        "2147483648",
                                        "281474976710655",
                                        "1",
                                        "2",
                                        "3",
                                        "4294967296",
                                        "9223372036854775807"};
  size_t start = seed % (size + 1);
  for (size_t i = 0; i < size; i++) {
    size_t at = (start + i) % size, end = at;
    while (end < size && is_digit(data[end]))
      end++;
    bool word = at > 0 && data[at - 1] != ' ' && data[at - 1] != '[' && data[at - 1] != '-';
    if (end > at && !word)
      return splice(data, size, max_size, at, end - at,
                    numbers[seed / 7 % (sizeof numbers / sizeof *numbers)]);
  }
  return size;
}

// Where a stated type is not the one that the operator gives, states that one, so that changed
// sizes live on.
static size_t correct_types(char *data, size_t size, size_t max_size) {
  for (int round = 0; round < 16; round++) {
    NcArena *arena = nc_arena_create();
    NcSourceMap *sources = nc_source_create(arena);
    int file = nc_source_add(sources, "fuzz.ir", data, size, false);
    NcDiags *diags = nc_diags_create(arena, sources);
    nc_module_read(arena, sources, file, diags, nc_op_by_name);
    const NcDiag *diag = diags->items.count > 0 ? diags->items.items[0] : NULL;
    size_t before = size;
    if (diag && strcmp(diag->code, "E0608") == 0) {
      const char *type = strstr(diag->message, " gives ") + strlen(" gives ");
      size_t at = (size_t)diag->span.end;
      while (at < size && data[at] != ':')
        at++;
      size_t end = at;
      while (end < size && data[end] != ']')
        end++;
      if (end < size)
        size = splice(data, size, max_size, at, end + 1 - at,
                      nc_arena_printf(arena, ": %.*s", (int)(strstr(type, ", not ") - type), type));
    }
    bool more = diag && strcmp(diag->code, "E0608") == 0 && (size != before || round < 8);
    nc_arena_destroy(arena);
    if (!more)
      break;
  }
  return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
  if (seed % 3 == 0)
    return LLVMFuzzerMutate(data, size, max_size);
  size = mutate_number((char *)data, size, max_size, seed / 3);
  return correct_types((char *)data, size, max_size);
}
