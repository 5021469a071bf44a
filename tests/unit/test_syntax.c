// The trees that the parser builds, their spans, and the errors it reports in one run.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/ast.h"

typedef struct Parsed {
  NcArena *arena;
  NcSourceMap *sources;
  NcDiags *diags;
  NcFileAst *tree;
} Parsed;

static Parsed parse_bytes(const char *source, size_t length) {
  Parsed parsed = {.arena = nc_arena_create()};
  parsed.sources = nc_source_create(parsed.arena);
  parsed.diags = nc_diags_create(parsed.arena, parsed.sources);
  int file = nc_source_add(parsed.sources, "test.net", source, length, false);
  parsed.tree = nc_parse(parsed.arena, parsed.sources, file, parsed.diags);
  return parsed;
}

static Parsed parse(const char *source) { return parse_bytes(source, strlen(source)); }

static void assert_tree(const char *source, const char *expected) {
  Parsed parsed = parse(source);
  NcText text = nc_text_create(parsed.arena);
  nc_diags_print(parsed.diags, &text, false);
  nc_ast_print(&text, parsed.tree);
  assert_string_equal(text.data ? text.data : "", expected);
  nc_arena_destroy(parsed.arena);
}

// The expression alone, bound to a name.
static void assert_expr(const char *source, const char *expected) {
  char file[1000], tree[1000];
  snprintf(file, sizeof file, "x = %s\ny = 0", source);
  snprintf(tree, sizeof tree, "x = %s\ny = 0\n", expected);
  assert_tree(file, tree);
}

// The diagnostics as "E0001 2:3, E0004 7:1", in the order of their places.
static const char *list_errors(const Parsed *parsed) {
  NcText text = nc_text_create(parsed->arena);
  for (int i = 0; i < parsed->diags->items.count; i++) {
    const NcDiag *diag = parsed->diags->items.items[i];
    int line, column;
    nc_source_position(parsed->sources, diag->span.file, diag->span.begin, &line, &column);
    nc_text_printf(&text, "%s%s %d:%d", i ? ", " : "", diag->code, line, column);
  }
  return text.data ? text.data : "";
}

static void assert_errors(const char *source, const char *expected) {
  Parsed parsed = parse(source);
  assert_string_equal(list_errors(&parsed), expected);
  assert_true(parsed.diags->error_count == parsed.diags->items.count);
  nc_arena_destroy(parsed.arena);
}

// The first error's message, and its first help if there is one: "message / help".
static void assert_message(const char *source, const char *expected) {
  Parsed parsed = parse(source);
  assert_true(parsed.diags->items.count > 0);
  const NcDiag *diag = parsed.diags->items.items[0];
  const char *text = diag->helps.count > 0 ? nc_arena_printf(parsed.arena, "%s / %s", diag->message,
                                                             diag->helps.items[0].text)
                                           : diag->message;
  assert_string_equal(text, expected);
  nc_arena_destroy(parsed.arena);
}

static void test_precedence(void **state) {
  (void)state;
  assert_expr("a + b * c - d", "(- (+ a (* b c)) d)");
  assert_expr("a @ b / c * d", "(* (/ (@ a b) c) d)");
  assert_expr("-x^2", "(- (^ x 2))");
  assert_expr("2^-3", "(^ 2 (- 3))");
  assert_expr("2^3^2", "(^ 2 (^ 3 2))");
  assert_expr("2^-3^2", "(^ 2 (- (^ 3 2)))");
  assert_expr("a * -b", "(* a (- b))");
  assert_expr("not a == b and c or d", "(or (and (not (== a b)) c) d)");
  assert_expr("not not a", "(not (not a))");
  assert_expr("(a < b) == (c >= d)", "(== (< a b) (>= c d))");
  assert_expr("a or b |> f |> g(1)", "(|> (|> (or a b) f) (call g 1))");
  assert_expr("a - b - c", "(- (- a b) c)");
  assert_expr("a.b(c)[0].d^2", "(^ (index (call a.b c) 0).d 2)");
  assert_expr("1 - beta^step", "(- 1 (^ beta step))");
  assert_expr("x |> net.head", "(|> x net.head)");
}

static void test_literals(void **state) {
  (void)state;
  assert_expr("9223372036854775807", "9223372036854775807");
  assert_expr("f(1e-4, 2.5E3, 0.5, 1e3)", "(call f 0.0001 2500.0 0.5 1000.0)");
  assert_expr("\"a\\n\\\"\\\\\\t\"", "\"a\\n\\\"\\\\\\t\"");
  assert_expr("\"\u00e9 # no comment\"  # a comment", "\"\u00e9 # no comment\"");
  assert_expr("[true, false, []]", "(list true false (list))");
  assert_expr("[1, 2,]", "(list 1 2)");
}

static void test_calls(void **state) {
  (void)state;
  assert_expr("f()", "(call f)");
  assert_expr("f(a, lr = 1, axis = [0])", "(call f a lr=1 axis=(list 0))");
  assert_expr("f(a)(b)", "(call (call f a) b)");
  assert_expr("f(\n  a,\n  b = 1,\n)", "(call f a b=1)");
  assert_expr("f (a)", "(call f a)");
  // A bracket on a new line is no call.
  assert_errors("x = f\n(a)\ny = 1", "E0001 2:1");
  assert_errors("x = f\n[a]\ny = 1", "E0001 2:1");
  assert_tree("x = a +\n(b)", "x = (+ a b)\n");
}

static void test_declarations(void **state) {
  (void)state;
  assert_tree("const classes = 10 const half: f32 = 1/2",
              "const classes = 10\nconst half: f32 = (/ 1 2)\n");
  assert_tree("input image: u8[N, 28, 28] input label: u8[N] in 0..classes",
              "input image: u8[N, 28, 28]\ninput label: u8[N] in 0..classes\n");
  assert_tree("param w: f32[7*7, 2] = normal(0, 0.1)\nparam b {\n  c1: f32[1] = zeros\n"
              "  c2: f32[] = ones\n}",
              "param w: f32[(* 7 7), 2] = (call normal 0 0.1)\n"
              "param b\n  c1: f32[1] = zeros\n  c2: f32[] = ones\n");
  assert_tree("output x\noutput y = 2\nmetric m = mean(y)", "output x\noutput y = 2\n"
                                                            "metric m = (call mean y)\n");
  assert_tree("a, b: f32[N], c = f(x)", "a, b: f32[N], c = (call f x)\n");
  assert_tree("dataset d { x = idx(\"f\") }\ntrain { minimize = loss epochs = 5 }",
              "dataset d\n  x = (call idx \"f\")\ntrain\n  minimize = loss\n  epochs = 5\n");
  assert_tree("", "");
  assert_tree("\xef\xbb\xbf# only a comment", "");
  assert_tree("x = 1\r\n\ty = 2\r\n", "x = 1\ny = 2\n");
}

static void test_functions(void **state) {
  (void)state;
  assert_tree("fn f(x, y: f32[..., C], units: int = 3, init = xavier) = x",
              "fn f\n  parameter x\n  parameter y: f32[..., C]\n  parameter units: int = 3\n"
              "  parameter init = xavier\n  = x\n");
  assert_tree("fn f() -> f32[...], i64 {\n  a, b = g()\n  return a, b\n}",
              "fn f\n  result f32[...]\n  result i64\n  a, b = (call g)\n  return a, b\n");
  assert_tree(
      "fn f(x) { if training { y = 1 } else if a == 2 { y = 2 } else { y = 3 } return y }",
      "fn f\n  parameter x\n  if training\n    y = 1\n  else\n    if (== a 2)\n      y = 2\n"
      "    else\n      y = 3\n  return y\n");
  assert_tree("optimizer sgd(lr: f32 = 0.01, momentum = 0) {\n  state v = zeros\n"
              "  update v = momentum*v + grad\n  update param = param - lr*v\n}",
              "optimizer sgd\n  parameter lr: f32 = 0.01\n  parameter momentum = 0\n"
              "  state v = zeros\n  update v = (+ (* momentum v) grad)\n"
              "  update param = (- param (* lr v))\n");
}

static void test_layers(void **state) {
  (void)state;
  assert_tree("layer Dense(units: int, init = xavier)(x: f32[N, I]) -> f32[N, units] {\n"
              "  param kernel: f32[I, units] = init\n  buffer seen: i64 = 0\n"
              "  update seen = seen + 1\n  return x @ kernel\n}",
              "layer Dense\n  setting units: int\n  setting init = xavier\n"
              "  parameter x: f32[N, I]\n  result f32[N, units]\n"
              "  param kernel: f32[I, units] = init\n  buffer seen: i64 = 0\n"
              "  update seen = (+ seen 1)\n  return (@ x kernel)\n");
  assert_tree("layer Twice()(x) = 2*x fn uniform(low, high)(shape) = low",
              "layer Twice\n  parameter x\n  = (* 2 x)\nfn uniform\n  setting low\n"
              "  setting high\n  parameter shape\n  = low\n");
  assert_tree("buffer b: f32[3] = zeros import \"a.net\"", "buffer b: f32[3] = zeros\n"
                                                           "import \"a.net\"\n");
  assert_tree("const n: int in 1..10 = 3", "const n: int = 3 in 1..10\n");
}

static void test_loops(void **state) {
  (void)state;
  assert_tree("for i in 0..n { x = i }\nfor c in [1, 2] { assert c > 0, \"c\" }\nassert true",
              "for i in (.. 0 n)\n  x = i\nfor c in (list 1 2)\n  assert (> c 0), \"c\"\n"
              "assert true\n");
  assert_tree("fn f(x) { for i in in { x = in } return x }",
              "fn f\n  parameter x\n  for i in in\n    x = in\n  return x\n");
  assert_tree("if a { x = 1 } update b = 2", "if a\n  x = 1\nupdate b = 2\n");
}

static void test_indices(void **state) {
  (void)state;
  assert_expr("x[0, 1..2, .., 3.., ..-1, ...]",
              "(index x 0 (.. 1 2) (.. _ _) (.. 3 _) (.. _ (- 1)) ...)");
  assert_expr("x[a[0]..b[1]]", "(index x (.. (index a 0) (index b 1)))");
}

static void test_groups(void **state) {
  (void)state;
  assert_tree(
      "train { group biases { decay = 0 } batch = 2 group \"*.bias\" { lr = 1 } group = 3 }",
      "train\n  batch = 2\n  group = 3\n  group biases\n    decay = 0\n"
      "  group \"*.bias\"\n    lr = 1\n");
}

static void test_keywords_as_names(void **state) {
  (void)state;
  assert_tree("fn f(input, output: f32[N], in) { param = input * 2 output = x.if.not return in }",
              "fn f\n  parameter input\n  parameter output: f32[N]\n  parameter in\n"
              "  param = (* input 2)\n  output = x.if.not\n  return in\n");
  assert_tree("x = input\ny = f(for = 1, train = 2)\ntrain = 3\noutput = 4\noutput output",
              "x = input\ny = (call f for=1 train=2)\ntrain = 3\noutput = 4\noutput output\n");
  assert_tree("train { train = 1 data = metric if = 2 }", "train\n  train = 1\n  data = metric\n"
                                                          "  if = 2\n");
  assert_tree("x = input y = group z = layer buffer = 1", "x = input\ny = group\nz = layer\n"
                                                          "buffer = 1\n");
  assert_tree("output\n  x\nconst\n  y = 1", "output x\nconst y = 1\n");
}

// New lines only separate: all on one line, or a line for each token.
static void test_newlines(void **state) {
  (void)state;
  const char *tree = "const c = 1\nfn f\n  parameter x: f32[N]\n  result f32[N]\n"
                     "  y = (+ x c)\n  return y\nz = (call f a)\n";
  assert_tree("const c = 1 fn f(x: f32[N]) -> f32[N] { y = x + c return y } z = f(a)", tree);
  assert_tree(
      "const\nc\n=\n1\nfn\nf(\nx\n:\nf32[\nN\n]\n)\n->\nf32[\nN\n]\n{\ny\n=\nx\n+\nc\nreturn"
      "\ny\n}\nz\n=\nf(\na\n)\n",
      tree);
}

static const NcExprAst *value_of(const Parsed *parsed, int decl) {
  return parsed->tree->decls.items[decl]->value;
}

static void assert_span(const Parsed *parsed, NcSpan span, const char *expected) {
  assert_string_equal(nc_source_text(parsed->sources, span, parsed->arena), expected);
}

static void test_spans(void **state) {
  (void)state;
  Parsed parsed = parse("x = (a + b) @ f(c, axis = 1).d  # end\n"
                        "p, q: f32[N, 2] = -y ^ 2\n"
                        "z = [1, (2)][ 0 ]\n");
  const NcExprAst *product = value_of(&parsed, 0);
  assert_span(&parsed, product->span, "(a + b) @ f(c, axis = 1).d");
  assert_span(&parsed, product->op_span, "@");
  assert_span(&parsed, product->args.items[0].value->span, "a + b");
  const NcExprAst *member = product->args.items[1].value;
  assert_span(&parsed, member->span, "f(c, axis = 1).d");
  assert_span(&parsed, member->op_span, "d");
  const NcExprAst *call = member->args.items[0].value;
  assert_span(&parsed, call->span, "f(c, axis = 1)");
  assert_span(&parsed, call->callee->span, "f");
  assert_span(&parsed, call->args.items[1].name_span, "axis");
  assert_int_equal(call->args.items[0].name_span.file, -1);
  const NcDeclAst *pair = parsed.tree->decls.items[1];
  assert_span(&parsed, pair->span, "p, q: f32[N, 2] = -y ^ 2");
  assert_span(&parsed, pair->targets.items[1].name_span, "q");
  assert_span(&parsed, pair->targets.items[1].type->span, "f32[N, 2]");
  assert_span(&parsed, pair->targets.items[1].type->dtype_span, "f32");
  assert_span(&parsed, pair->value->span, "-y ^ 2");
  assert_span(&parsed, pair->value->args.items[0].value->span, "y ^ 2");
  assert_span(&parsed, value_of(&parsed, 2)->span, "[1, (2)][ 0 ]");
  assert_span(&parsed, parsed.tree->decls.items[0]->span, "x = (a + b) @ f(c, axis = 1).d");
  nc_arena_destroy(parsed.arena);
}

static void test_declaration_spans(void **state) {
  (void)state;
  Parsed parsed = parse("fn f(x: f32[N] = 1) -> i64 {\n  return x, 2\n}\n"
                        "input label: u8[N] in 0..10\n"
                        "output x");
  const NcDeclAst *function = parsed.tree->decls.items[0];
  assert_span(&parsed, function->span, "fn f(x: f32[N] = 1) -> i64 {\n  return x, 2\n}");
  assert_span(&parsed, function->name_span, "f");
  assert_span(&parsed, function->fields.items[0].name_span, "x");
  assert_span(&parsed, function->results.items[0]->span, "i64");
  assert_span(&parsed, function->body.items[0]->span, "return x, 2");
  const NcDeclAst *label = parsed.tree->decls.items[1];
  assert_span(&parsed, label->span, "input label: u8[N] in 0..10");
  assert_span(&parsed, label->field.high->span, "10");
  assert_span(&parsed, parsed.tree->decls.items[2]->span, "output x");
  nc_arena_destroy(parsed.arena);
}

static void test_recovery_reports_all(void **state) {
  (void)state;
  assert_errors("x = foo(a, b\n"
                "y = bar(c)\n"
                "z = 2 +\n"
                "w = 0\n"
                "v = (1 + 2\n"
                "output x = 3\n"
                "if x = 3 { }\n"
                "fn e(x: f32[N, 3) -> f32[N] = x\n"
                "fn f(x: f32[N, 3]) -> f32[N] {\n"
                "  a = x b\n"
                "  if a = 3 { return 4 }\n"
                "  c = g(a b, c d)\n"
                "  return c\n"
                "\n"
                "output q = 3\n"
                "metric = 3\n"
                "k = a < b < c\n",
                "E0004 2:1, E0001 4:1, E0004 6:1, E0001 7:6, E0004 8:17, E0001 10:9, E0001 11:8, "
                "E0001 12:11, E0004 15:1, E0008 17:11");
}

// One mistake gives one error, whatever it leaves open.
static void test_no_cascades(void **state) {
  (void)state;
  assert_errors("def f(x):\n  return x\ny = 1", "E0001 1:1");
  assert_errors("fn f(x):\n  return x\n\ny = 1", "E0001 1:8");
  assert_errors("class Net {\n  a = (1\n  b = 2\n}\ny = 1", "E0001 1:1");
  assert_errors("layer Dense(n) {\n  param k: f32[n] = zeros\n  return x @ k\n}\ny = 1",
                "E0013 1:7");
  assert_errors("layer {\n  param k: f32[n] = zeros\n  return x @ k\n}\ny = 1", "E0001 1:7");
  assert_errors("for i = 0..3 {\n  x = 1\n}\ny = 1", "E0001 1:7");
  assert_errors("train {\n  group {\n    a = 1\n  }\n  batch = 3\n}\ny = 1", "E0001 2:9");
  assert_errors("fn f x {\n  return 1\n}\ny = 1", "E0001 1:6");
  assert_errors("fn f(x {\n  return 1\n}\ny = 1", "E0004 1:8");
  assert_errors("fn f(x) {\n  return 1\n\nfn g(x) = 2", "E0004 4:1");
  assert_errors("fn f(x) {\n  if a {\n    b = 1\n\nfn g(x) = 2", "E0004 5:1");
  assert_errors("fn f(x) {\n  fn g(y) {\n    return y\n  }\n  return g(x)\n}\ny = 1", "E0001 2:3");
  assert_errors(
      "fn f(x) {\n  if x > {\n    y = 1\n  } else if 3 4 {\n    y = 2\n  }\n  return y\n}",
      "E0001 2:10, E0001 4:15");
  assert_errors("param w {\n  a: = zeros\n  b: f32[3 = zeros\n  c: f32[3] = zeros\n}\ny = 1",
                "E0001 2:6, E0004 3:12");
  assert_errors("dataset d {\n  x = idx(\"f\",\n  y = idx(\"g\")\n}\ny = 1", "E0004 4:1");
  assert_errors("train {\n  data = a,\n  batch = 3\n}\ny = 1", "E0001 2:11");
  assert_errors("y = \u201cabc\u201d\nz = \u00e9 + 1\n", "E0002 1:5, E0002 2:5");
  assert_errors("This is\na letter and no\nnet file\n", "E0001 1:1");
  assert_errors("ouput x = 1\nlet y = 2\n", "E0001 1:1, E0001 2:1");
  assert_errors("x = 1\n}\ny = 2 +\n", "E0001 2:1, E0001 3:8");
  assert_errors("x = (1]\ny = [2)\nz = 3", "E0004 1:7, E0004 2:7");
  assert_errors("param w\n  a: f32[1] = zeros\n  b: f32[1] = zeros\n}\ny = 1", "E0001 2:3");
  assert_errors("fn f(x)\n  y = x\n  return y\n}\ny = 1", "E0001 2:3");
  assert_errors("param w {\n  a: f32} = zeros\n  b: f32[1] = zeros\n}\ny = 1", "E0001 2:9");
  assert_errors("fn f(x) { {\n  return x\n}\n\noutput y = 1", "E0001 1:11");
  assert_errors("x = f((a, b)\ny = 2\n", "E0001 1:9");
  assert_errors("x = a.\noutput y = 1", "E0001 2:1");
}

static void test_spelling_errors(void **state) {
  (void)state;
  assert_errors("x = 1.\ny = 1. + .5", "E0005 1:5, E0005 2:5, E0005 2:10");
  assert_errors("input x: u8[N] in 0..10", "");
  assert_errors("x = 9223372036854775808 + 1e999", "E0005 1:5, E0005 1:27");
  assert_errors("x = 0x1F + 3px", "E0005 1:5, E0005 1:12");
  assert_errors("x = \"abc\ny = 'abc'\nz = \"a\\q\"", "E0006 1:5, E0006 2:5, E0006 3:7");
  assert_errors("x = a && !b || c ** 2; // no\ny = 1 /* no\n */ z = 2",
                "E0007 1:7, E0007 1:10, E0007 1:13, E0007 1:18, E0007 1:22, E0007 1:24, E0007 2:7");
  assert_errors("x = a $ b\ny = a % b", "E0002 1:7, E0007 2:7");
  assert_errors("x = f(a = 1, b)\ny = x |> 3\n", "E0012 1:14, E0011 2:10");
  assert_errors("fn f(x) { state m = zeros return x }\noptimizer o(lr) { return 1 }",
                "E0010 1:11, E0010 2:19");
}

static void test_broken_text(void **state) {
  (void)state;
  Parsed nul = parse_bytes("x = 1\n\0y = 2", 12);
  assert_string_equal(list_errors(&nul), "E0003 2:1");
  nc_arena_destroy(nul.arena);
  assert_errors("# \xff\xfe\nx = = 1", "E0003 1:3, E0001 2:5");
  assert_errors("x = \xe9\n", "E0003 1:5");
  assert_errors("x = \"\xed\xa0\x80\"\n", "E0003 1:6"); // a surrogate
}

static void test_messages(void **state) {
  (void)state;
  assert_message("x = f(a b)", "expected an operator, `,` or `)`, found `b`");
  assert_message("x =\ny = 1", "expected a value, found `y`");
  assert_message("x = 3 +", "expected a value, found the end of the file");
  assert_message("x == 1",
                 "expected `:`, `=` or `,`, found `==` / `==` compares; a name is bound with `=`");
  assert_message("fn f(x) { if x = 1 { } }", "expected an operator or `{`, found `=` / `=` binds a "
                                             "name; a comparison is written `==`");
  assert_message("ouput x = 1", "expected a declaration, found `ouput` / did you mean `output`?");
  assert_message("for i = 0..3 { }",
                 "expected `in`, found `=` / a loop is written `for i in 0..n { … }`");
  assert_message("import lib", "expected a string, found `lib` / a file is imported with `import "
                               "\"file.net\"`");
  assert_message("while x { }",
                 "expected a declaration, found `while` / loops end at compile time: "
                 "`for i in 0..n { … }`");
  assert_message("input x = 3", "expected `:`, found `=` / an input has a type: "
                                "`input x: f32[N, 10]`");
  assert_message("param w: f32[3]\nx = 1",
                 "expected `=`, found `x` / a parameter has a type and an "
                 "initializer: `w: f32[10] = zeros`");
  assert_message("fn f(x): 3",
                 "expected `(`, `->`, `=` or `{`, found `:` / a body stands in braces: "
                 "`{ … }`");
  assert_message("const x: = 3", "expected a type, found `=`");
  assert_message("a = 1\n}", "expected a declaration, found `}` / no `{` is open here");
  assert_message("x = a; y = 1", "`;` is not part of the language / remove it: new lines separate "
                                 "statements");
}

// The bracket that is not closed is pointed to.
static void test_unclosed(void **state) {
  (void)state;
  Parsed parsed = parse("x = f(a, [1, 2)\ny = 3");
  const NcDiag *diag = parsed.diags->items.items[0];
  assert_int_equal(diag->labels.count, 1);
  assert_int_equal(diag->labels.items[0].span.begin, 9);
  assert_string_equal(diag->labels.items[0].text, "this `[` is not closed");
  nc_arena_destroy(parsed.arena);
}

static void assert_repeated(const char *first, const char *part, int count, const char *last,
                            const char *expected) {
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  nc_text_append(&text, first);
  for (int i = 0; i < count; i++)
    nc_text_append(&text, part);
  nc_text_append(&text, last);
  assert_errors(text.data, expected);
  nc_arena_destroy(arena);
}

static void test_nesting_is_limited(void **state) {
  (void)state;
  assert_repeated("x = ", "(", 200, "1", "E0004 1:206");
  assert_repeated("x = ", "(", 201, "1", "E0009 1:205");
  assert_repeated("x = ", "[", 100000, "", "E0009 1:205");
  assert_repeated("x = 1", "+1", 499, "", "");
  assert_repeated("x = 1", "+1", 500, "", "E0009 1:5");
  assert_repeated("x = 1", "+1", 5000, "\ny = 1 +", "E0009 1:5, E0001 2:8");
  assert_repeated("x = ", "-", 400, "1", "");
  assert_repeated("x = ", "-", 600, "1", "E0009 1:105");
  assert_repeated("x = f", "(a)", 600, "", "E0009 1:5");
  Parsed parsed = parse("");
  NcText text = nc_text_create(parsed.arena);
  for (int i = 0; i < 100000; i++)
    nc_text_append(&text, "not ");
  Parsed deep = parse(nc_arena_printf(parsed.arena, "x = %s", text.data));
  assert_int_equal(deep.diags->error_count, 1);
  assert_string_equal(deep.diags->items.items[0]->code, "E0009");
  nc_arena_destroy(deep.arena);
  nc_arena_destroy(parsed.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_precedence),
      cmocka_unit_test(test_literals),
      cmocka_unit_test(test_calls),
      cmocka_unit_test(test_declarations),
      cmocka_unit_test(test_functions),
      cmocka_unit_test(test_layers),
      cmocka_unit_test(test_loops),
      cmocka_unit_test(test_indices),
      cmocka_unit_test(test_groups),
      cmocka_unit_test(test_keywords_as_names),
      cmocka_unit_test(test_newlines),
      cmocka_unit_test(test_spans),
      cmocka_unit_test(test_declaration_spans),
      cmocka_unit_test(test_recovery_reports_all),
      cmocka_unit_test(test_no_cascades),
      cmocka_unit_test(test_spelling_errors),
      cmocka_unit_test(test_broken_text),
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_unclosed),
      cmocka_unit_test(test_nesting_is_limited),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
