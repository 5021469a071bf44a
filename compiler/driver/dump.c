// netc dump: a file as any stage of the pipeline sees it.
#include "drawing/drawing.h"
#include "driver/compile.h"
#include "driver/dump_net.h"
#include "driver/dump_phases.h"
#include "driver/load.h"
#include "driver/select.h"
#include "emit/c.h"
#include "emit/jit.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct Dump {
  NcUnit *unit;
  const NcOptions *options;
  NcText out;
  const NcPass *after; // NULL before the passes
  bool reached;        // `after` has run
  int code;            // of printing then
} Dump;

static const char *format_of(const Dump *d) {
  return d->options->format ? d->options->format : "text";
}

// A graph as --format says.
static int print_graph(Dump *d, const NcGraph *graph) {
  if (strcmp(format_of(d), "text") == 0) {
    nc_graph_print(&d->out, graph, d->unit->sources);
    return NC_EXIT_OK;
  }
  NcDrawing *drawing = nc_drawing_create(d->unit->arena, graph, d->unit->sources, d->unit->name);
  if (strcmp(format_of(d), "dot") == 0) {
    nc_drawing_dot(&d->out, drawing);
    return NC_EXIT_OK;
  }
  if (drawing->boxes.count > NC_DRAWING_MAX) {
    fprintf(stderr,
            "netc dump: graph %s has %d nodes and a picture at most %d; choose another --graph, or "
            "--format=dot\n",
            graph->name, drawing->boxes.count, NC_DRAWING_MAX);
    return NC_EXIT_INPUT;
  }
  nc_drawing_arrange(drawing);
  nc_drawing_svg(&d->out, drawing);
  return NC_EXIT_OK;
}

// All graphs, or the one that --graph names; a picture shows one.
static int print_graphs(Dump *d) {
  const NcModule *module = d->unit->program->module;
  if (!d->options->graph && strcmp(format_of(d), "text") == 0) {
    nc_module_print(&d->out, module, d->unit->sources);
    return NC_EXIT_OK;
  }
  const NcGraph *graph = nc_select_graph(module, d->options->graph);
  if (!graph)
    return NC_EXIT_INPUT;
  return print_graph(d, graph);
}

static void after_pass(void *context, const NcPass *pass, const NcModule *module) {
  Dump *d = context;
  (void)module;
  if (pass != d->after)
    return;
  d->reached = true;
  d->code = print_graphs(d);
}

// The graph before any pass, or as the pass of --after leaves it.
static int dump_graph(Dump *d) {
  if (!d->options->after)
    return print_graphs(d);
  d->after = nc_select_pass("dump", d->options->after);
  if (!d->after)
    return NC_EXIT_USAGE;
  if (!nc_unit_passes(d->unit, after_pass, d))
    return NC_EXIT_INPUT;
  if (d->reached)
    return d->code;
  fprintf(stderr,
          "netc dump: no pass of the pipeline is '%s'; 'netc opt --pass=%s' runs it on a graph\n",
          d->after->name, d->after->name);
  return NC_EXIT_USAGE;
}

// The training step, forward, gradients and updates, or another graph as the passes leave it.
static int dump_grad(Dump *d) {
  if (!nc_unit_passes(d->unit, NULL, NULL))
    return NC_EXIT_INPUT;
  const NcModule *module = d->unit->program->module;
  if (!d->options->graph && !nc_module_graph(module, "train_step")) {
    fprintf(stderr,
            "netc dump: the file has no train block, so there is nothing to differentiate\n");
    return NC_EXIT_INPUT;
  }
  const NcGraph *graph = nc_select_graph(module, d->options->graph);
  if (!graph)
    return NC_EXIT_INPUT;
  return print_graph(d, graph);
}

static int dump_tensors(Dump *d, const NcPlan *plan) {
  const NcTensorGraph *tensors = plan->tensors;
  const char *best = NULL;
  int distance = INT_MAX;
  bool any = !d->options->node;
  for (int i = 0; i < tensors->builder.tensors.count; i++) {
    const NcTe *te = tensors->builder.tensors.items[i];
    const char *path = nc_te_path(plan, te);
    if (d->options->node && !nc_path_selects(d->options->node, path)) {
      if (path)
        nc_suggest(d->options->node, path, &best, &distance);
      continue;
    }
    any = true;
    nc_te_print(&d->out, te);
    nc_text_append(&d->out, "\n");
  }
  if (!any)
    nc_select_nothing("no tensor", d->options->node, best);
  return any ? NC_EXIT_OK : NC_EXIT_INPUT;
}

static void print_kernels(Dump *d, const NcCalls *calls) {
  for (int i = 0; i < calls->count; i++) {
    const NcCall *call = &calls->items[i];
    if (call->single) // the kernel of a later call
      continue;
    if (call->kernel) {
      nc_kernel_print(&d->out, call->kernel, true);
      continue;
    }
    nc_text_printf(&d->out, "call gemm%s%s -> ", call->gemm.ta ? " transposed" : "",
                   call->gemm.tb ? " by transposed" : "");
    nc_type_print(&d->out, &call->te->type);
    nc_text_append(&d->out, "\n");
  }
}

static void print_phase(Dump *d, const NcPlan *plan, int number) {
  const NcPhase *phase = &plan->phases.items[number];
  if (!d->options->node) {
    nc_text_append(&d->out, "# ");
    nc_dump_phase_title(&d->out, plan, number);
  }
  print_kernels(d, &phase->calls);
}

static int dump_code(Dump *d, NcEmitEntry *entry, const NcTarget *target, bool assembly) {
  const char *message = NULL;
  char *text = nc_emit_text(d->unit->arena, entry, 1, target, assembly, &message);
  if (!text) {
    fprintf(stderr, "netc: %s\n", message);
    return NC_EXIT_MACHINE;
  }
  nc_text_append(&d->out, text);
  return NC_EXIT_OK;
}

static int dump_c(Dump *d, NcEmitEntry *entry) {
  nc_text_append(&d->out, nc_c_entries(d->unit->arena, entry, 1, d->unit->sources));
  return NC_EXIT_OK;
}

static int dump_phases(Dump *d, const NcPlan *plan) {
  if (nc_dump_phases(&d->out, plan, d->options->node))
    return NC_EXIT_OK;
  nc_select_nothing("no value", d->options->node, NULL);
  return NC_EXIT_INPUT;
}

static int dump_plan(Dump *d, const char *stage) {
  if (!nc_unit_passes(d->unit, NULL, NULL))
    return NC_EXIT_INPUT;
  NcTarget target;
  if (!nc_unit_target(d->unit, d->options, &target))
    return NC_EXIT_USAGE;
  const NcGraph *graph = nc_select_graph(d->unit->program->module, d->options->graph);
  if (!graph)
    return NC_EXIT_INPUT;
  NcPlan *plan = nc_plan_graph(d->unit->arena, graph, &target);
  if (strcmp(stage, "tensor") == 0)
    return dump_tensors(d, plan);
  if (strcmp(stage, "phases") == 0)
    return dump_phases(d, plan);
  if (d->options->node && !nc_select_calls(d->unit->arena, plan, d->options->node))
    return NC_EXIT_INPUT;
  NcEmitEntry entry = {graph->name, plan};
  if (strcmp(stage, "calls") == 0) {
    nc_plan_print(&d->out, plan);
    return NC_EXIT_OK;
  }
  if (strcmp(stage, "c") == 0)
    return dump_c(d, &entry);
  if (strcmp(stage, "kernel") != 0)
    return dump_code(d, &entry, &target, strcmp(stage, "asm") == 0);
  for (int i = 0; i < plan->phases.count; i++)
    print_phase(d, plan, i);
  return NC_EXIT_OK;
}

static bool is_program(const NcOptions *options) {
  return options->format && strcmp(options->format, "net") == 0;
}

// Derivatives as a program, as in training or, with --graph=evaluate, in evaluation.
static int dump_program(Dump *d) {
  NcDerivative derivative;
  int code = nc_derivative_open(&derivative, d->unit, d->options,
                                !d->options->graph || strcmp(d->options->graph, "evaluate") != 0);
  if (code == NC_EXIT_OK)
    nc_dump_net(&d->out, d->unit, &derivative);
  return code;
}

static int dump_stage(Dump *d, const char *stage) {
  if (strcmp(stage, "ast") == 0) {
    NcFileAst *ast = nc_parse(d->unit->arena, d->unit->sources, d->unit->file, d->unit->diags);
    nc_unit_report(d->unit);
    nc_ast_print(&d->out, ast);
    return d->unit->diags->error_count ? NC_EXIT_INPUT : NC_EXIT_OK;
  }
  if (is_program(d->options))
    return dump_program(d);
  if (!nc_unit_check(d->unit, false))
    return NC_EXIT_INPUT;
  if (strcmp(stage, "graph") == 0)
    return dump_graph(d);
  if (strcmp(stage, "grad") == 0)
    return dump_grad(d);
  return dump_plan(d, stage);
}

// Prints the lines that --node selects. The plan's stages have selected already.
static int print(Dump *d, const char *stage) {
  bool lines = strcmp(stage, "graph") == 0 || strcmp(stage, "grad") == 0;
  const char *text = d->out.data ? d->out.data : "";
  if (!d->options->node || !lines) {
    fputs(text, stdout);
    return NC_EXIT_OK;
  }
  return nc_select_lines(d->unit->arena, text, d->options->node) ? NC_EXIT_OK : NC_EXIT_INPUT;
}

static bool known_stage(const char *stage) {
  static const char *const stages[] = {"ast",    "graph", "grad", "tensor", "phases",
                                       "kernel", "calls", "c",    "llvm",   "asm"};
  const char *best = NULL;
  int distance = INT_MAX;
  for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
    if (strcmp(stages[i], stage) == 0)
      return true;
    nc_suggest(stage, stages[i], &best, &distance);
  }
  fprintf(stderr, "netc dump: unknown stage '%s'", stage);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr,
          "%s The stages are ast, graph, grad, tensor, phases, kernel, calls, c, llvm and asm\n",
          best ? "" : ".");
  return false;
}

// A program of derivatives is asked for by the stage grad, and shows what --of and --wrt say.
static bool takes_program(const char *stage, const NcOptions *options) {
  const char *graph = options->graph;
  if (strcmp(stage, "grad") != 0)
    fprintf(stderr, "netc dump: --format=net writes derivatives: give --stage=grad\n");
  else if (options->node)
    fprintf(stderr, "netc dump: --format=net takes no --node: --of and --wrt say what is shown\n");
  else if (graph && strcmp(graph, "train_step") != 0 && strcmp(graph, "evaluate") != 0)
    fprintf(stderr,
            "netc dump: with --format=net --graph is train_step, as in training, or evaluate, "
            "not '%s'\n",
            graph);
  else
    return true;
  return false;
}

// An option that a stage would ignore is refused.
static bool takes_options(const char *stage, const NcOptions *options) {
  const char *extra = NULL;
  bool ast = strcmp(stage, "ast") == 0;
  bool graph = strcmp(stage, "graph") == 0 || strcmp(stage, "grad") == 0;
  bool picture = options->format && strcmp(options->format, "text") != 0;
  if (options->after && strcmp(stage, "graph") != 0)
    extra = "--after";
  else if (options->node && ast)
    extra = "--node";
  else if (options->graph && ast)
    extra = "--graph";
  else if (options->of && !is_program(options))
    extra = "--of without --format=net";
  else if (options->wrt && !is_program(options))
    extra = "--wrt without --format=net";
  if (extra)
    fprintf(stderr, "netc dump: --stage=%s takes no %s\n", stage, extra);
  else if (is_program(options))
    return takes_program(stage, options);
  else if (picture && !graph)
    fprintf(stderr, "netc dump: --format=%s draws the stages graph and grad only\n",
            options->format);
  else if (picture && options->node)
    fprintf(stderr, "netc dump: --format=%s takes no --node: a picture shows a whole graph\n",
            options->format);
  else
    return true;
  return false;
}

static int run(const NcOptions *options) {
  const char *stage = options->stage ? options->stage : "graph";
  if (!known_stage(stage) || !takes_options(stage, options))
    return NC_EXIT_USAGE;
  NcUnit unit;
  if (!nc_unit_open_any(&unit, options))
    return NC_EXIT_INPUT;
  Dump d = {.unit = &unit, .options = options, .out = nc_text_create(unit.arena)};
  int code = dump_stage(&d, stage);
  if (code == NC_EXIT_OK)
    code = print(&d, stage);
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_dump = {
    .name = "dump",
    .argument = "FILE.net",
    .summary = "Print a file as a stage of the compiler sees it.",
    .details =
        "Stages: ast, the syntax tree; graph, the graph functions (--after=PASS for what a "
        "pass made of them);\n"
        "grad, the training step with its derivatives; tensor, tensor expressions after "
        "fusion; phases, what\n"
        "runs when, of which class every value is and where it lives; kernel, loops; calls, "
        "what the code of phases\n"
        "does; c, llvm and asm, the code. The last seven show one graph function, train_step "
        "unless --graph says another.\n"
        "With --stage=grad --format=net derivatives are written as a program, of --of by --wrt.",
    .example = "netc dump --stage=kernel --node=convnet.c2 examples/mnist/mnist.net",
    .options = " --set --stage --format --of --wrt --after --node --graph --target --cpu --math ",
    .run = run,
};
