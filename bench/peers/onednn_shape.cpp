// A single convolution or product by oneDNN 2, forward, on f32 and one thread.
//
//   onednn_shape conv N H W C FILTERS SIZE STRIDE      padded as `same` is
//   onednn_shape product N INPUTS UNITS
//
// Prints one object of JSON: milliseconds, the least of several runs with the activations' channels
// last, or with every layout as oneDNN chooses it, whichever is faster.
#include <dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using dnnl::memory;
using Tag = memory::format_tag;
using Dims = memory::dims;

enum { REPEATS = 15 };

static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
static dnnl::stream stream(engine);

static memory::desc describe(const Dims &dims, Tag tag) {
  return {dims, memory::data_type::f32, tag};
}
static memory filled(const memory::desc &desc) {
  memory m(desc, engine);
  std::fill_n(static_cast<float *>(m.get_data_handle()), desc.get_size() / 4, 0.1f);
  return m;
}
static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Seconds: the least of runs of some milliseconds each.
template <class Primitive> static double clock(const typename Primitive::primitive_desc &desc) {
  Primitive primitive(desc);
  memory x = filled(desc.src_desc()), w = filled(desc.weights_desc()), y = filled(desc.dst_desc());
  auto run = [&](long times) {
    double begin = now();
    for (long i = 0; i < times; i++)
      primitive.execute(stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, y}});
    stream.wait();
    return (now() - begin) / static_cast<double>(times);
  };
  run(1);
  long times = std::max(1L, static_cast<long>(2e-3 / (run(1) + 1e-9)));
  double best = 1e30;
  for (int i = 0; i < REPEATS; i++)
    best = std::min(best, run(times));
  return best;
}

static double convolution(const std::vector<long> &a, Tag tag) {
  long n = a[0], h = a[1], w = a[2], c = a[3], filters = a[4], size = a[5], stride = a[6];
  auto outputs = [&](long length) { return (length + stride - 1) / stride; };
  auto padding = [&](long length) {
    return std::max(0L, (outputs(length) - 1) * stride + size - length);
  };
  Dims before = {padding(h) / 2, padding(w) / 2};
  Dims after = {padding(h) - before[0], padding(w) - before[1]};
  using F = dnnl::convolution_forward;
  return clock<F>(F::primitive_desc({dnnl::prop_kind::forward_inference,
                                     dnnl::algorithm::convolution_direct,
                                     describe({n, c, h, w}, tag),
                                     describe({filters, c, size, size}, Tag::any),
                                     describe({n, filters, outputs(h), outputs(w)}, tag),
                                     {stride, stride},
                                     before,
                                     after},
                                    engine));
}

static double product(const std::vector<long> &a, Tag tag) {
  using F = dnnl::inner_product_forward;
  return clock<F>(
      F::primitive_desc({dnnl::prop_kind::forward_inference, describe({a[0], a[1]}, tag),
                         describe({a[2], a[1]}, Tag::any), describe({a[0], a[2]}, tag)},
                        engine));
}

int main(int argc, char **argv) {
  std::string kind = argc > 1 ? argv[1] : "";
  std::vector<long> sizes;
  for (int i = 2; i < argc; i++)
    sizes.push_back(std::atol(argv[i]));
  try {
    double best;
    if (kind == "conv" && sizes.size() == 7)
      best = std::min(convolution(sizes, Tag::nhwc), convolution(sizes, Tag::any));
    else if (kind == "product" && sizes.size() == 3)
      best = std::min(product(sizes, Tag::nc), product(sizes, Tag::any));
    else
      return std::fprintf(stderr, "onednn_shape: conv with 7 sizes or product with 3\n"), 2;
    const auto *v = dnnl_version();
    std::printf("{\"version\": \"%d.%d.%d\", \"ms\": %.6f}\n", v->major, v->minor, v->patch,
                best * 1e3);
  } catch (const dnnl::error &e) {
    std::fprintf(stderr, "onednn_shape: %s\n", e.what());
    return 1;
  }
}
