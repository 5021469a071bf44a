// What a training shows: plain lines, and the line that is redrawn on a terminal.
#include "line_program.h"
#include "progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static NcrtStatus status;
static double seconds; // of the clock

static double now(void) { return seconds; }

// A stream that is kept in memory.
typedef struct Screen {
  char *text;
  size_t size;
  NcrtProgress progress;
  NcrtSession *session;
  NcrtWatcher watcher;
} Screen;

static void open_screen(Screen *screen, bool terminal) {
  seconds = 0;
  FILE *out = open_memstream(&screen->text, &screen->size);
  screen->progress = (NcrtProgress){.out = out, .terminal = terminal, .width = 80, .now = now};
  screen->watcher = ncrt_progress_watcher(&screen->progress);
  assert_true(ncrt_session_open(&line_program, 8, 5, &screen->session, &status));
  *(double *)ncrt_session_data(screen->session, LINE_TOTAL) = 3;
  *(int64_t *)ncrt_session_data(screen->session, LINE_COUNT) = 4;
}

static void close_screen(Screen *screen) {
  fclose(screen->progress.out);
  free(screen->text);
  ncrt_session_close(screen->session);
}

static void step(Screen *screen, double time, bool training, int64_t done) {
  NcrtPass pass = {screen->session, training, 1, 5, 1000, done, 0};
  seconds = time;
  if (done == 0)
    screen->watcher.begin(screen->watcher.context, &pass);
  else
    screen->watcher.step(screen->watcher.context, &pass);
}

static void end_epoch(Screen *screen) {
  NcrtEpoch epoch = {.epoch = 1, .epochs = 5, .samples = 1000, .validated = true};
  epoch.training = (NcrtMetrics){2, {{"loss", 0.125}, {"accuracy", 0.96125}}};
  epoch.validation = (NcrtMetrics){1, {{"loss", 1.5e-5}}};
  screen->watcher.epoch(screen->watcher.context, &epoch);
}

static void writes_plain_lines(void **state) {
  (void)state;
  Screen screen;
  open_screen(&screen, false);
  step(&screen, 1, true, 0);
  step(&screen, 2, true, 500);
  step(&screen, 3, true, 1000);
  step(&screen, 3, false, 0);
  step(&screen, 9, false, 1000);
  end_epoch(&screen);
  ncrt_progress_clear(&screen.progress);
  assert_string_equal(
      screen.text,
      "epoch 2/5  2.0 s  500/s  loss 0.1250  accuracy 0.9613  validation:  loss 1.500e-05\n");
  close_screen(&screen);
}

// On a terminal a line that is too long is broken before the validation.
static void breaks_long_lines(void **state) {
  (void)state;
  for (int width = 20; width < 120; width += 20) {
    Screen screen;
    open_screen(&screen, true);
    screen.progress.width = width;
    step(&screen, 1, true, 0);
    step(&screen, 2, true, 1000);
    NcrtEpoch epoch = {.epoch = 9, .epochs = 10, .samples = 1000, .validated = true, .best = true};
    epoch.training = (NcrtMetrics){2, {{"loss", 0.125}, {"accuracy", 0.96125}}};
    epoch.validation = epoch.training;
    screen.watcher.epoch(screen.watcher.context, &epoch);
    ncrt_progress_clear(&screen.progress);
    const char *first = "epoch 10/10  1.0 s  1000/s  loss 0.1250  accuracy 0.9613",
               *second = "  validation:  loss 0.1250  accuracy 0.9613  best\n";
    bool fits = strlen(first) + strlen(second) <= (size_t)width + 1;
    char expected[300];
    snprintf(expected, sizeof expected, "%s%s%s", first, fits ? "" : "\n           ", second);
    assert_string_equal(strstr(screen.text, "epoch 10/10  1.0"), expected);
    close_screen(&screen);
  }
}

static void redraws(void **state) {
  (void)state;
  Screen screen;
  open_screen(&screen, true);
  step(&screen, 1, true, 0);
  step(&screen, 1.05, true, 10); // too early to be drawn
  step(&screen, 2, true, 250);
  step(&screen, 2.05, true, 260);
  fflush(screen.progress.out);
  assert_string_equal(screen.text,
                      "\repoch 2/5  ####............   25%  loss 0.7500  worst 0.0000  "
                      "250/s  3.0 s left\x1b[K");
  ncrt_progress_clear(&screen.progress);
  assert_string_equal(screen.text + screen.size - 4, "\r\x1b[K");
  close_screen(&screen);
}

static size_t columns(const char *line) {
  size_t count = 0;
  for (; *line != 0; line++)
    if (strncmp(line, "\x1b[", 2) == 0)
      line += strcspn(line, "mK");
    else
      count += *line != '\r' && (*line & 0xc0) != 0x80;
  return count;
}

static void stays_in_its_line(void **state) {
  (void)state;
  for (int width = 20; width < 120; width++) {
    Screen screen;
    open_screen(&screen, true);
    screen.progress.width = width;
    screen.progress.utf8 = width % 2 == 0;
    screen.progress.colour = width % 3 == 0;
    step(&screen, 0, true, 0);
    step(&screen, 4000, true, width * 8);
    fflush(screen.progress.out);
    assert_true(columns(screen.text) < (size_t)width);
    if (!screen.progress.colour)
      assert_null(strstr(screen.text, "\x1b[3"));
    if (width > 70)
      assert_int_equal(screen.progress.colour, strstr(screen.text, "\x1b[32m") != NULL);
    close_screen(&screen);
  }
}

static void respects_the_environment(void **state) {
  (void)state;
  NcrtProgress progress;
  FILE *out = tmpfile();
  setenv("COLUMNS", "100", 1);
  setenv("LC_ALL", "C.UTF-8", 1);
  ncrt_progress_open(&progress, out);
  assert_true(!progress.terminal && !progress.colour && progress.utf8 && progress.width == 100);
  setenv("COLUMNS", "nonsense", 1);
  setenv("LC_ALL", "C", 1);
  ncrt_progress_open(&progress, out);
  assert_true(!progress.utf8 && progress.width == 80);
  fclose(out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_plain_lines),       cmocka_unit_test(redraws),
      cmocka_unit_test(breaks_long_lines),        cmocka_unit_test(stays_in_its_line),
      cmocka_unit_test(respects_the_environment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
