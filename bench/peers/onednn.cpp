// The tutorial's ConvNet written by hand on oneDNN 2: training, or with --weights predictions.
//
//   onednn --images FILE --labels FILE --batch N --threads N [--mode nhwc|blocked] [--seconds S]
//          [--steps N] [--warmup N] [--epochs N --test-images FILE --test-labels FILE] [--seed N]
//          [--weights FILE]
//
// Arguments and the line of JSON are those of harness.py. Activations lie as [N, H, W, C], or in
// blocks of 16 channels; weights as each primitive likes them, and what a primitive needs otherwise
// is reordered.
#include <dnnl.hpp>

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <numeric>
#include <string>
#include <vector>

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;
using Tag = memory::format_tag;
using Dims = memory::dims;

static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
static dnnl::stream stream(engine);

static memory::desc describe(const Dims &dims, Tag tag) {
  return {dims, memory::data_type::f32, tag};
}
static float *numbers(const memory &m) { return static_cast<float *>(m.get_data_handle()); }
static long count(const memory &m) { return static_cast<long>(m.get_desc().get_size() / 4); }
static memory zeros(const memory::desc &desc) {
  memory m(desc, engine);
  std::memset(m.get_data_handle(), 0, desc.get_size());
  return m;
}
static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// xorshift64, and a number from 0 to 1.
static uint64_t random_state;
static uint64_t random_bits() {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}
static float uniform() { return static_cast<float>(random_bits() >> 40) / 16777216.0f; }

// The same numbers in another layout; nothing to do if that is the same.
struct Reorder {
  memory from, to;
  dnnl::reorder primitive;
  Reorder() = default;
  Reorder(const memory &from, const memory::desc &desc) : from(from), to(from) {
    if (from.get_desc() == desc)
      return;
    to = zeros(desc);
    primitive = dnnl::reorder(from, to);
  }
  void run() {
    if (primitive)
      primitive.execute(stream, from, to);
  }
};

struct Param {
  memory value, gradient, m, v;
  void open(const memory::desc &desc) {
    value = zeros(desc);
    m = zeros(desc);
    v = zeros(desc);
  }
  void update(float rate) {
    float *p = numbers(value), *m1 = numbers(m), *v1 = numbers(v);
    const float *g = numbers(gradient);
#pragma omp parallel for simd
    for (long i = 0; i < count(value); i++) {
      m1[i] = 0.9f * m1[i] + 0.1f * g[i];
      v1[i] = 0.999f * v1[i] + 0.001f * g[i] * g[i];
      p[i] -= rate * m1[i] / (std::sqrt(v1[i]) + 1e-8f);
    }
  }
};

// An activation and its gradient.
struct Value {
  memory data, gradient;
  explicit Value(const memory::desc &desc = {}) : data(zeros(desc)) {}
};

struct Step {
  virtual ~Step() = default;
  virtual void forward() = 0;
  virtual void backward() = 0;
};

// A convolution or an inner product, with its bias and, if asked for, relu.
struct Linear : Step {
  Value *x, *y;
  bool relu, first; // first: no gradient of x is needed
  Dims dims;        // of the weights
  Tag plain;        // the layout that files and first values have: outputs last
  Param weights, bias;
  Reorder for_data, from_weights; // weights for the gradient of x; their gradient as they lie
  dnnl::primitive run_forward, run_data, run_weights;

  Linear(Value *x, Value *y, Dims dims, Tag plain, bool relu, bool first, bool training)
      : x(x), y(y), relu(relu), first(first), dims(dims), plain(plain) {
    bias.open(describe({dims[0]}, Tag::x));
    if (y->data.get_desc().dims().size() == 4)
      open_convolution(training);
    else
      open_product(training);
  }

  dnnl::primitive_attr attributes() const {
    dnnl::primitive_attr attr;
    dnnl::post_ops ops;
    if (relu)
      ops.append_eltwise(1, algorithm::eltwise_relu, 0, 0);
    attr.set_post_ops(ops);
    return attr;
  }

  template <class Data, class Weights>
  void open_backward(const typename Data::primitive_desc &data,
                     const typename Weights::primitive_desc &of_weights) {
    y->gradient = zeros(y->data.get_desc());
    run_weights = Weights(of_weights);
    from_weights = Reorder(zeros(of_weights.diff_weights_desc()), weights.value.get_desc());
    weights.gradient = from_weights.to;
    bias.gradient = zeros(bias.value.get_desc());
    if (first)
      return;
    run_data = Data(data);
    for_data = Reorder(weights.value, data.weights_desc());
  }

  void open_convolution(bool training) {
    using F = dnnl::convolution_forward;
    using D = dnnl::convolution_backward_data;
    using W = dnnl::convolution_backward_weights;
    const Dims one = {1, 1};
    const auto way = algorithm::convolution_direct;
    const auto any = describe(dims, Tag::any);
    const auto in = x->data.get_desc(), out = y->data.get_desc(), b = bias.value.get_desc();
    F::primitive_desc f({training ? prop_kind::forward_training : prop_kind::forward_inference, way,
                         in, any, b, out, one, one, one},
                        attributes(), engine);
    run_forward = F(f);
    weights.open(f.weights_desc());
    if (training)
      open_backward<D, W>({{way, in, any, out, one, one, one}, engine, f},
                          {{way, in, any, b, out, one, one, one}, engine, f});
  }

  void open_product(bool training) {
    using F = dnnl::inner_product_forward;
    using D = dnnl::inner_product_backward_data;
    using W = dnnl::inner_product_backward_weights;
    const auto any = describe(dims, Tag::any);
    const auto in = x->data.get_desc(), out = y->data.get_desc(), b = bias.value.get_desc();
    F::primitive_desc f(
        {training ? prop_kind::forward_training : prop_kind::forward_inference, in, any, b, out},
        attributes(), engine);
    run_forward = F(f);
    weights.open(f.weights_desc());
    if (training)
      open_backward<D, W>({{in, any, out}, engine, f}, {{in, any, b, out}, engine, f});
  }

  void forward() override {
    run_forward.execute(stream, {{DNNL_ARG_SRC, x->data},
                                 {DNNL_ARG_WEIGHTS, weights.value},
                                 {DNNL_ARG_BIAS, bias.value},
                                 {DNNL_ARG_DST, y->data}});
  }

  void backward() override {
    if (relu) {
      const float *data = numbers(y->data);
      float *gradient = numbers(y->gradient);
#pragma omp parallel for simd
      for (long i = 0; i < count(y->data); i++)
        gradient[i] = data[i] > 0 ? gradient[i] : 0;
    }
    if (!first) {
      for_data.run();
      run_data.execute(stream, {{DNNL_ARG_DIFF_DST, y->gradient},
                                {DNNL_ARG_WEIGHTS, for_data.to},
                                {DNNL_ARG_DIFF_SRC, x->gradient}});
    }
    run_weights.execute(stream, {{DNNL_ARG_SRC, x->data},
                                 {DNNL_ARG_DIFF_DST, y->gradient},
                                 {DNNL_ARG_DIFF_WEIGHTS, from_weights.from},
                                 {DNNL_ARG_DIFF_BIAS, bias.gradient}});
    from_weights.run();
  }

  void set_weights(float *values) {
    memory given(describe(dims, plain), engine, values);
    dnnl::reorder(given, weights.value).execute(stream, given, weights.value);
    stream.wait();
  }

  long weight_count() const {
    return std::accumulate(dims.begin(), dims.end(), 1L, std::multiplies<long>());
  }

  // Glorot's; a dense layer that flattens is a plain matrix.
  void draw(bool convolution) {
    float receptive = convolution ? 9 : 1, inputs = static_cast<float>(weight_count() / dims[0]);
    float limit = std::sqrt(6 / (inputs + static_cast<float>(dims[0]) * receptive));
    std::vector<float> values(static_cast<size_t>(weight_count()));
    for (float &value : values)
      value = (2 * uniform() - 1) * limit;
    set_weights(values.data());
  }
};

struct Pool : Step {
  Value *x, *y;
  memory workspace;
  dnnl::primitive run_forward, run_backward;

  Pool(Value *x, Value *y, bool training) : x(x), y(y) {
    using F = dnnl::pooling_forward;
    using B = dnnl::pooling_backward;
    const Dims two = {2, 2}, none = {0, 0};
    const auto in = x->data.get_desc(), out = y->data.get_desc();
    F::primitive_desc f({training ? prop_kind::forward_training : prop_kind::forward_inference,
                         algorithm::pooling_max, in, out, two, two, none, none},
                        engine);
    run_forward = F(f);
    if (!training)
      return;
    workspace = zeros(f.workspace_desc());
    y->gradient = zeros(out);
    run_backward = B({{algorithm::pooling_max, in, out, two, two, none, none}, engine, f});
  }
  void forward() override {
    std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, x->data}, {DNNL_ARG_DST, y->data}};
    if (workspace)
      arguments[DNNL_ARG_WORKSPACE] = workspace;
    run_forward.execute(stream, arguments);
  }
  void backward() override {
    run_backward.execute(stream, {{DNNL_ARG_DIFF_DST, y->gradient},
                                  {DNNL_ARG_WORKSPACE, workspace},
                                  {DNNL_ARG_DIFF_SRC, x->gradient}});
  }
};

// Sets a fifth of the values to 0 and scales the others; in place.
struct Dropout : Step {
  Value *x;
  std::vector<float> mask;
  explicit Dropout(Value *x) : x(x), mask(static_cast<size_t>(count(x->data))) {}
  void multiply(const memory &m) {
    float *values = numbers(m);
    for (size_t i = 0; i < mask.size(); i++)
      values[i] *= mask[i];
  }
  void forward() override {
    for (size_t i = 0; i < mask.size(); i += 4) {
      uint64_t bits = random_bits();
      for (size_t j = 0; j < 4; j++, bits >>= 16)
        mask[i + j] = (bits & 65535) < 52429 ? 1.25f : 0;
    }
    multiply(x->data);
  }
  void backward() override { multiply(x->gradient); }
};

enum { PIXELS = 784, CLASSES = 10 };

struct Net {
  long batch;
  std::vector<Value> values;
  std::vector<Step *> steps;
  std::vector<Linear *> linear;
  float time = 0;

  Net(long n, bool training, Tag tag) : batch(n) {
    // The same bytes; with blocks the convolution of one channel is compiled for nchw alone.
    values.emplace_back(describe({n, 1, 28, 28}, tag == Tag::nhwc ? Tag::nhwc : Tag::nchw));
    for (const Dims &dims : std::vector<Dims>{{n, 16, 28, 28},
                                              {n, 16, 28, 28},
                                              {n, 16, 14, 14},
                                              {n, 32, 14, 14},
                                              {n, 32, 14, 14},
                                              {n, 32, 7, 7}})
      values.emplace_back(describe(dims, tag));
    values.emplace_back(describe({n, 128}, Tag::nc));
    values.emplace_back(describe({n, CLASSES}, Tag::nc));
    auto add = [&](int at, Dims dims, bool relu) {
      linear.push_back(new Linear(&values[at], &values[at + 1], dims,
                                  dims.size() == 4 ? Tag::hwio : Tag::io, relu, at == 0, training));
      steps.push_back(linear.back());
    };
    auto pool = [&](int at) { steps.push_back(new Pool(&values[at], &values[at + 1], training)); };
    add(0, {16, 1, 3, 3}, true);
    add(1, {16, 16, 3, 3}, true);
    pool(2);
    add(3, {32, 16, 3, 3}, true);
    add(4, {32, 32, 3, 3}, true);
    pool(5);
    add(6, {128, 32, 7, 7}, true);
    if (training)
      steps.push_back(new Dropout(&values[7]));
    add(7, {CLASSES, 128}, false);
    for (size_t i = 0; i < linear.size(); i++)
      linear[i]->draw(i < 4);
  }
  ~Net() {
    for (Step *step : steps)
      delete step;
  }
  Net(const Net &) = delete;

  float *input() { return numbers(values[0].data); }
  float *forward() {
    for (Step *step : steps)
      step->forward();
    stream.wait();
    return numbers(values.back().data);
  }

  // Softmax cross-entropy, and its gradient.
  float loss(const std::vector<int> &labels) {
    float *z = numbers(values.back().data), *d = numbers(values.back().gradient), total = 0;
    for (long n = 0; n < batch; n++, z += CLASSES, d += CLASSES) {
      float most = *std::max_element(z, z + CLASSES), sum = 0;
      for (int c = 0; c < CLASSES; c++)
        sum += d[c] = std::exp(z[c] - most);
      total -= z[labels[n]] - most - std::log(sum);
      for (int c = 0; c < CLASSES; c++)
        d[c] = (d[c] / sum - (c == labels[n] ? 1.0f : 0.0f)) / static_cast<float>(batch);
    }
    return total / static_cast<float>(batch);
  }

  float train(const std::vector<int> &labels) {
    forward();
    float result = loss(labels);
    for (auto step = steps.rbegin(); step != steps.rend(); ++step)
      (*step)->backward();
    stream.wait();
    time++;
    float rate = 1e-4f * std::sqrt(1 - std::pow(0.999f, time)) / (1 - std::pow(0.9f, time));
    for (Linear *l : linear) {
      l->weights.update(rate);
      l->bias.update(rate);
    }
    return result;
  }

  void copy(const Net &from) {
    for (size_t i = 0; i < linear.size(); i++) {
      memory &a = from.linear[i]->weights.value, &b = linear[i]->weights.value;
      dnnl::reorder(a, b).execute(stream, a, b);
      stream.wait();
      std::memcpy(numbers(linear[i]->bias.value), numbers(from.linear[i]->bias.value),
                  4 * static_cast<size_t>(linear[i]->dims[0]));
    }
  }

  long params() const {
    long total = 0;
    for (const Linear *l : linear)
      total += l->weight_count() + l->dims[0];
    return total;
  }
};

[[noreturn]] static void fail(const std::string &message) {
  std::fprintf(stderr, "onednn: %s\n", message.c_str());
  std::exit(1);
}

static std::vector<unsigned char> read_file(const std::string &path, long header) {
  std::FILE *f = std::fopen(path.c_str(), "rb");
  if (!f)
    fail("cannot read " + path);
  std::fseek(f, 0, SEEK_END);
  std::vector<unsigned char> bytes(static_cast<size_t>(std::max(0L, std::ftell(f) - header)));
  std::fseek(f, header, SEEK_SET);
  if (std::fread(bytes.data(), 1, bytes.size(), f) != bytes.size())
    fail("cannot read " + path);
  std::fclose(f);
  return bytes;
}

struct Data {
  std::vector<unsigned char> images, labels;
  Data(const std::string &images, const std::string &labels)
      : images(read_file(images, 16)), labels(read_file(labels, 8)) {}
  long samples() const { return static_cast<long>(labels.size()); }
  void gather(float *to, const int *rows, long n) const {
#pragma omp parallel for
    for (long i = 0; i < n; i++)
      for (long j = 0; j < PIXELS; j++)
        to[i * PIXELS + j] = static_cast<float>(images[rows[i] * (long)PIXELS + j]) * (1 / 255.0f);
  }
};

static double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

static long right(Net &net, const Data &data, long first) {
  std::vector<int> rows(static_cast<size_t>(net.batch));
  std::iota(rows.begin(), rows.end(), static_cast<int>(first));
  data.gather(net.input(), rows.data(), net.batch);
  float *z = net.forward();
  long sum = 0;
  for (long n = 0; n < net.batch; n++, z += CLASSES)
    sum += std::max_element(z, z + CLASSES) - z == data.labels[static_cast<size_t>(first + n)];
  return sum;
}

static double accuracy(const Net &net, const Data &data, Tag tag) {
  Net test(1000, false, tag);
  test.copy(net);
  long sum = 0;
  for (long at = 0; at + test.batch <= data.samples(); at += test.batch)
    sum += right(test, data, at);
  return static_cast<double>(sum) / static_cast<double>(data.samples());
}

struct Arguments {
  std::map<std::string, std::string> given;
  Arguments(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2)
      given[argv[i]] = argv[i + 1];
  }
  std::string text(const std::string &name, const std::string &otherwise = "") const {
    auto at = given.find("--" + name);
    return at == given.end() ? otherwise : at->second;
  }
  double number(const std::string &name, double otherwise) const {
    return given.count("--" + name) ? std::atof(text(name).c_str()) : otherwise;
  }
};

struct Clock {
  size_t warmup, steps;
  double seconds, total = 0;
  std::vector<double> times; // after the warm-up
  size_t seen = 0;
  explicit Clock(const Arguments &a)
      : warmup(static_cast<size_t>(a.number("warmup", 20))),
        steps(static_cast<size_t>(a.number("steps", 20))), seconds(a.number("seconds", 3)) {}
  bool enough() const { return seen >= warmup + steps && total >= seconds; }
  void add(double time) {
    if (seen++ < warmup)
      return;
    times.push_back(time);
    total += time;
  }
};

static void begin_report(const std::string &mode) {
  const auto *v = dnnl_version();
  std::printf("{\"version\": \"%d.%d.%d\", \"mode\": \"%s\"", v->major, v->minor, v->patch,
              mode.c_str());
}

// Batches of a data set, shuffled anew for each epoch, without what is left at its end.
struct Batches {
  const Data &data;
  std::vector<int> order, labels;
  long at;
  Batches(const Data &data, long batch)
      : data(data), order(static_cast<size_t>(data.samples())), labels(static_cast<size_t>(batch)),
        at(data.samples()) {
    std::iota(order.begin(), order.end(), 0);
  }
  void next(float *to) {
    long n = static_cast<long>(labels.size());
    if (at + n > data.samples()) {
      for (size_t i = order.size() - 1; i > 0; i--)
        std::swap(order[i], order[random_bits() % (i + 1)]);
      at = 0;
    }
    data.gather(to, &order[static_cast<size_t>(at)], n);
    for (long i = 0; i < n; i++)
      labels[static_cast<size_t>(i)] = data.labels[static_cast<size_t>(order[at + i])];
    at += n;
  }
};

static void train(const Arguments &a, long batch, Tag tag, const std::string &mode) {
  Data data(a.text("images"), a.text("labels"));
  Net net(batch, true, tag);
  Batches batches(data, batch);
  auto step = [&] {
    batches.next(net.input());
    return static_cast<double>(net.train(batches.labels));
  };
  if (a.number("epochs", 0) > 0) {
    long steps = static_cast<long>(a.number("epochs", 0)) * (data.samples() / batch);
    for (long i = 0; i < steps; i++)
      step();
    Data test(a.text("test-images"), a.text("test-labels"));
    begin_report(mode);
    std::printf(", \"params\": %ld, \"accuracy\": %.4f}\n", net.params(), accuracy(net, test, tag));
    return;
  }
  std::vector<double> losses = {step()};
  double first_at = now();
  Clock clock(a);
  while (!clock.enough()) {
    double begin = now();
    losses.push_back(step());
    clock.add(now() - begin);
  }
  size_t last = std::min<size_t>(10, losses.size());
  begin_report(mode);
  std::printf(", \"params\": %ld, \"first_at\": %.6f, \"steps\": %zu, \"median_ms\": %.6f, "
              "\"first_loss\": %.6f, \"last_loss\": %.6f}\n",
              net.params(), first_at, clock.times.size(),
              clock.times.empty() ? 0 : 1e3 * median(clock.times), losses[0],
              std::accumulate(losses.end() - static_cast<long>(last), losses.end(), 0.0) /
                  static_cast<double>(last));
}

static void predict(const Arguments &a, long batch, Tag tag, const std::string &mode) {
  Data data(a.text("images"), a.text("labels"));
  Data test(a.text("test-images"), a.text("test-labels"));
  std::vector<unsigned char> bytes = read_file(a.text("weights"), 0);
  Net net(batch, false, tag);
  if (bytes.size() != 4 * static_cast<size_t>(net.params()))
    fail(a.text("weights") + " does not hold the network's params");
  float *values = reinterpret_cast<float *>(bytes.data());
  for (Linear *l : net.linear) {
    l->set_weights(values);
    std::memcpy(numbers(l->bias.value), values + l->weight_count(),
                4 * static_cast<size_t>(l->dims[0]));
    values += l->weight_count() + l->dims[0];
  }
  Clock clock(a);
  for (long at = 0; !clock.enough(); at = (at + batch) % (data.samples() - batch)) {
    double begin = now();
    right(net, data, at);
    clock.add(now() - begin);
  }
  begin_report(mode);
  std::printf(", \"steps\": %zu, \"median_ms\": %.6f, \"accuracy\": %.4f}\n", clock.times.size(),
              1e3 * median(clock.times), accuracy(net, test, tag));
}

int main(int argc, char **argv) {
  Arguments a(argc, argv);
  std::string mode = a.text("mode", "nhwc");
  Tag tag = mode == "blocked" ? Tag::nChw16c : Tag::nhwc;
  omp_set_num_threads(static_cast<int>(a.number("threads", 1)));
  random_state =
      88172645463325252ull ^ (static_cast<uint64_t>(a.number("seed", 1)) * 0x9E3779B97F4A7C15ull);
  long batch = static_cast<long>(a.number("batch", 128));
  try {
    if (a.text("weights").empty())
      train(a, batch, tag, mode);
    else
      predict(a, batch, tag, mode);
  } catch (const dnnl::error &e) {
    fail(std::string("oneDNN: ") + e.what());
  }
}
