// netc explain: what the code of a diagnostic means.
#include "base/map.h"
#include "base/snippet.h"
#include "driver/codes.h"
#include "driver/help.h"
#include "driver/options.h"
#include "ops/ops.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct Family {
  const char *begins, *title;
} families[] = {
    {"E00", "Syntax"},    {"E01", "Names"},          {"E02", "Types and shapes"},
    {"E03", "Operators"}, {"E04", "The experiment"}, {"E05", "Data and memory"},
    {"E06", "Graphs"},    {"E07", "Other forms"},    {"W01", "Warnings"},
};
enum { FAMILY_COUNT = sizeof families / sizeof *families };

static bool is_of(const NcCode *code, const struct Family *family) {
  return strncmp(code->name, family->begins, strlen(family->begins)) == 0;
}

// Behind "# E0203: ", up to the end of the line.
static const char *title_of(const NcCode *code) { return code->text + strlen("# E0203: "); }
static const char *body_of(const NcCode *code) { return strchr(code->text, '\n') + 1; }

static void append_line(NcText *out, const char *text) {
  nc_text_append_n(out, text, strcspn(text, "\n"));
}

// ---- the operators' constraints with a code, those of one text together

typedef struct Rule {
  const char *id, *text;
} Rule;

typedef struct Rules {
  NC_VEC(Rule) items;
} Rules;

static Rules rules_of(NcArena *arena, const char *code) {
  Rules rules = {0};
  if (strcmp(nc_type_constraint.code, code) == 0)
    nc_vec_push(arena, rules.items, ((Rule){nc_type_constraint.id, nc_type_constraint.text}));
  for (int i = 0; nc_ops[i]; i++)
    for (const NcConstraint *c = nc_ops[i]->constraints; c->id; c++)
      if (strcmp(c->code, code) == 0)
        nc_vec_push(arena, rules.items, ((Rule){c->id, c->text}));
  return rules;
}

static void append_rules(NcText *out, const char *code) {
  Rules rules = rules_of(out->arena, code);
  if (rules.items.count)
    nc_text_append(out, "\nThe rules of operators that give it:\n\n");
  for (int i = 0; i < rules.items.count; i++) {
    const char *text = rules.items.items[i].text, *separator = "- ";
    for (int k = i; text && k < rules.items.count; k++) {
      Rule *rule = &rules.items.items[k];
      if (!rule->text || strcmp(rule->text, text) != 0)
        continue;
      nc_text_printf(out, "%s`%s`", separator, rule->id);
      separator = ", ";
      rule->text = NULL;
    }
    if (text)
      nc_text_printf(out, ": %s\n", text);
  }
}

// ---- on a terminal: code is indented instead of fenced

static void append_plain(NcText *out, const char *markdown) {
  bool code = false;
  for (; *markdown; markdown += *markdown == '\n') {
    size_t length = strcspn(markdown, "\n");
    bool fence = strncmp(markdown, "```", 3) == 0;
    code ^= fence;
    if (!fence) {
      nc_text_append(out, code && length ? "    " : "");
      nc_text_append_n(out, markdown, length);
      nc_text_append(out, "\n");
    }
    markdown += length;
  }
}

static void append_code(NcText *out, const NcCode *code, bool color) {
  nc_style_begin(out, color, NC_STYLE_MESSAGE);
  nc_text_printf(out, "%s: ", code->name);
  append_line(out, title_of(code));
  nc_style_end(out, color, NC_STYLE_MESSAGE);
  nc_text_append(out, "\n");
  append_plain(out, body_of(code));
  append_rules(out, code->name);
}

static void append_list(NcText *out, bool color) {
  for (int f = 0; f < FAMILY_COUNT; f++) {
    nc_style_begin(out, color, NC_STYLE_MESSAGE);
    nc_text_printf(out, "%s%s", f ? "\n" : "", families[f].title);
    nc_style_end(out, color, NC_STYLE_MESSAGE);
    nc_text_append(out, "\n");
    for (int i = 0; i < nc_codes_count; i++) {
      if (!is_of(&nc_codes[i], &families[f]))
        continue;
      nc_text_printf(out, "  %s  ", nc_codes[i].name);
      append_line(out, title_of(&nc_codes[i]));
      nc_text_append(out, "\n");
    }
  }
}

// ---- the page docs/diagnostics.md

static void append_table(NcText *out, const struct Family *family) {
  nc_text_printf(out, "\n## %s\n\n| code | what is wrong |\n|---|---|\n", family->title);
  for (int i = 0; i < nc_codes_count; i++) {
    if (!is_of(&nc_codes[i], family))
      continue;
    nc_text_printf(out, "| [%s](#%s) | ", nc_codes[i].name, nc_codes[i].name);
    for (const char *c = title_of(&nc_codes[i]); *c != '\n'; c++)
      nc_text_printf(out, "%s%c", *c == '|' ? "\\" : "", *c);
    nc_text_append(out, " |\n");
  }
}

static void append_page(NcText *out) {
  nc_text_append(
      out,
      "# Diagnostics\n\n"
      "The codes of all errors and warnings, in the order of the stages that find them. `netc "
      "explain CODE` prints the\n"
      "same in the terminal. This page is made by `netc explain --markdown` from `docs/codes`, "
      "whose examples are run\n"
      "by the tests: a wrong one gives its code and nothing else, a right one nothing at all.\n");
  for (int f = 0; f < FAMILY_COUNT; f++) {
    append_table(out, &families[f]);
    for (int i = 0; i < nc_codes_count; i++) {
      if (!is_of(&nc_codes[i], &families[f]))
        continue;
      nc_text_printf(out, "\n<a id=\"%s\"></a>\n\n##%s", nc_codes[i].name, nc_codes[i].text);
      append_rules(out, nc_codes[i].name);
    }
  }
}

static const NcCode *find(const char *name) {
  for (int i = 0; i < nc_codes_count; i++)
    if (strcasecmp(nc_codes[i].name, name) == 0)
      return &nc_codes[i];
  return NULL;
}

static int unknown(const char *name) {
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < nc_codes_count; i++)
    nc_suggest(name, nc_codes[i].name, &best, &distance);
  fprintf(stderr, "netc explain: there is no code '%s'", name);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr, "\n'netc explain' lists them\n");
  return NC_EXIT_USAGE;
}

// Whether a line goes on with the paragraph that begins with `first`.
static bool goes_on(const char *first, const char *line) {
  if (strchr("\n", *line) || strncmp(line, "- ", 2) == 0 || strncmp(line, "    ", 4) == 0)
    return false;
  return (*line != ' ' || *first == '-') && *first != ' ';
}

// Fills the lines of each paragraph up to 80 columns; code, which is indented, stays.
static void print_paragraphs(NcArena *arena, const char *text) {
  while (*text) {
    const char *first = text;
    do {
      text += strcspn(text, "\n");
      text += *text == '\n';
    } while (*first != '\n' && *text && goes_on(first, text));
    char *paragraph = nc_arena_strndup(arena, first, (size_t)(text - first));
    if (*first == ' ' || *first == '\n')
      fputs(paragraph, stdout);
    else
      nc_help_wrap(stdout, paragraph, 0, *first == '-' ? 2 : 0);
  }
}

static int explain(NcText *out, const NcOptions *options) {
  bool color = nc_options_color(options, stdout);
  const NcCode *code = options->file ? find(options->file) : NULL;
  if (options->markdown)
    append_page(out);
  else if (!options->file)
    append_list(out, color);
  else if (code)
    append_code(out, code, color);
  else
    return unknown(options->file);
  if (code && !options->markdown)
    print_paragraphs(out->arena, out->data);
  else
    fputs(out->data, stdout);
  return NC_EXIT_OK;
}

static int run(const NcOptions *options) {
  NcArena *arena = nc_arena_create();
  NcText out = nc_text_create(arena);
  int code = explain(&out, options);
  nc_arena_destroy(arena);
  return code;
}

const NcCommand nc_command_explain = {
    .name = "explain",
    .argument = "[CODE]",
    .summary = "Explain the code of an error or warning, with an example; without a code list all.",
    .example = "netc explain E0203",
    .options = " --markdown ",
    .run = run,
};
