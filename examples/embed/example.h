// What the examples share: they end at the first error, and open the program that the command line
// names: ./train mnist.net data
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <netc.h>

#include <stdio.h>
#include <stdlib.h>

static NetcStatus status;

static inline void check(bool ok) {
  if (!ok) {
    fprintf(stderr, "%s\n", status.message);
    exit(status.code);
  }
}

static inline NetcProgram *open_program(int argc, char **argv) {
  NetcProgram *program;
  NetcOptions options = {.data = argc > 2 ? argv[2] : "examples/mnist/data",
                         .math = "portable"}; // the same figures on every processor
  check(netc_open(argc > 1 ? argv[1] : "examples/mnist/mnist.net", &options, &program, &status));
  return program;
}

static inline NetcSession *open_session(NetcProgram *program) {
  NetcSession *session;
  check(netc_session_open(program, NULL, &session, &status));
  return session;
}

static inline NetcIterator *open_iterator(NetcSession *session, const char *dataset, int64_t batch,
                                          bool shuffle) {
  NetcIterator *iterator;
  NetcIteratorOptions options = {.batch = batch, .shuffle = shuffle, .repeat = true};
  check(netc_iterator_open(session, dataset, &options, &iterator, &status));
  return iterator;
}

#endif
