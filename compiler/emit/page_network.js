"use strict";
// The network of the page, without the page: what it computes and what that means, and how pictures
// become inputs. netc.predict is for programs, too:
//
//   await netc.ready
//   netc.predict(bytes)             one sample of the only input, as a typed array or its bytes
//   netc.predict({ x: …, y: … })    of several inputs by name
//
// gives { outputs: { NAME: typed array } } and, where an output tells classes, `class`, `name`,
// `probability` and `probabilities`, as `netc predict --json` does.
const netc = (() => {
  const ARRAYS = {
    bool: Uint8Array, u8: Uint8Array, i32: Int32Array, i64: BigInt64Array,
    f32: Float32Array, f64: Float64Array,
  };
  const WRONG = ["", "the batch is too large", "a value of an input lies outside its range"];

  const elementsOf = value => value.dims.reduce((a, b) => a * b, 1);
  const isFloat = value => value.dtype[0] === "f";

  // ---- running

  // Where the state, the arena, the inputs and the outputs lie in the module's memory.
  function layOut(exports, model) {
    let end = exports.__heap_base.value;
    const place = bytes => {
      const at = Math.ceil(end / model.alignment) * model.alignment;
      end = at + bytes;
      return at;
    };
    const values = list => list.map(value => {
      const array = ARRAYS[value.dtype], count = elementsOf(value);
      return new array(exports.memory.buffer, place(count * array.BYTES_PER_ELEMENT), count);
    });
    return {
      state: place(model.state), arena: place(model.arena),
      inputs: values(model.inputs), outputs: values(model.outputs),
    };
  }

  class Network {
    constructor(model, exports) {
      this.model = model;
      this.exports = exports;
      this.memory = layOut(exports, model);
      if (model.state > 0) exports.model_reset(this.memory.state);
    }

    // Puts a sample where the module reads it.
    feed(given) {
      const inputs = this.model.inputs;
      const single = ArrayBuffer.isView(given) || given instanceof ArrayBuffer;
      if (single && inputs.length > 1)
        throw new Error(`there are several inputs: predict({ ${inputs.map(i => i.name).join(", ")} })`);
      inputs.forEach((input, i) => {
        const from = single ? given : given?.[input.name], to = this.memory.inputs[i];
        if (!(ArrayBuffer.isView(from) || from instanceof ArrayBuffer))
          throw new Error(`input ${input.name} is missing: give it as a typed array`);
        if (from.byteLength !== to.byteLength)
          throw new Error(`input ${input.name} is ${input.type}: a sample has ${to.byteLength} bytes, not ${from.byteLength}`);
        const bytes = from instanceof ArrayBuffer ? new Uint8Array(from)
          : new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
        new Uint8Array(to.buffer, to.byteOffset, to.byteLength).set(bytes);
      });
    }

    run() {
      const { model, memory, exports } = this;
      const code = exports[model.function](
        ...(model.state > 0 ? [memory.state] : []), memory.arena, ...(model.batched ? [1] : []),
        ...memory.inputs.map(a => a.byteOffset), ...memory.outputs.map(a => a.byteOffset));
      if (code === 0) return;
      const [line, , value] = new BigInt64Array(exports.memory.buffer, memory.arena + 8, 3);
      throw new Error(WRONG[code] ||
        `${model.source}:${line}: an index or a divisor has no meaning: ${value}`);
    }

    predict(given) {
      this.feed(given);
      this.run();
      const outputs = this.memory.outputs.map(array => array.slice());
      return {
        ...meaning(this.model, outputs),
        outputs: Object.fromEntries(this.model.outputs.map((o, i) => [o.name, outputs[i]])),
      };
    }
  }

  // ---- classes: what docs/predict.md says of outputs

  const mayBeClasses = output => output.dims.length === 1 && output.dims[0] >= 2 && isFloat(output);

  function areShares(values) {
    const sum = values.reduce((a, b) => a + b, 0);
    return values.every(v => v >= -1e-6) && Math.abs(sum - 1) < 1e-3;
  }

  function softmax(values) {
    const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = Array.from(values, v => Math.exp(v - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map(p => p / sum);
  }

  function meaning(model, outputs) {
    let answer = model.outputs.findIndex((o, i) => mayBeClasses(o) && areShares(outputs[i]));
    const logits = answer < 0;
    if (logits) answer = model.outputs.findIndex(o => mayBeClasses(o) && o.counted);
    if (answer < 0) return {};
    const probabilities = logits ? softmax(outputs[answer]) : Array.from(outputs[answer]);
    const best = probabilities.reduce((b, p, i) => p > probabilities[b] ? i : b, 0);
    return {
      answer: model.outputs[answer].name, logits, class: best,
      name: className(model.outputs[answer], best), probability: probabilities[best], probabilities,
    };
  }

  const className = (output, number) => output.names?.[number] ?? String(number);

  // ---- pictures, as compiler/driver/fit_picture.c converts them: to values 0 … 255

  const round = Math.fround; // to f32, step by step as there

  function toChannels(picture, channels) {
    const { data } = picture, count = picture.width * picture.height, steps = [];
    let coloured = false, transparent = false;
    for (let i = 0; i < 4 * count; i += 4) {
      coloured ||= data[i] !== data[i + 1] || data[i] !== data[i + 2];
      transparent ||= data[i + 3] < 255;
    }
    const keeps = channels % 2 === 0, wants = channels >= 3; // transparency, colours
    const values = new Float32Array(count * channels);
    for (let i = 0; i < count; i++) {
      const alpha = data[4 * i + 3];
      const part = c => keeps ? data[4 * i + c] : round(255 + round(round((data[4 * i + c] - 255) * alpha) / 255));
      if (wants) for (let c = 0; c < 3; c++) values[i * channels + c] = part(c);
      else values[i * channels] = !coloured ? part(0)
        : round(round(round(round(0.299) * part(0)) + round(round(0.587) * part(1))) + round(round(0.114) * part(2)));
      if (keeps) values[i * channels + channels - 1] = alpha;
    }
    if (transparent && !keeps) steps.push("laid over white");
    if (coloured !== wants) steps.push(wants ? "gray in all three colours" : "made gray");
    return { values, steps };
  }

  // Which items of `size` make item `to` of `out` along an axis, and by what weights.
  function shareOf(to, out, size) {
    if (out >= size) {
      const centre = Math.min(Math.max((to + 0.5) * size / out - 0.5, 0), size - 1);
      const first = Math.trunc(centre) < size - 1 ? Math.trunc(centre) : size > 1 ? size - 2 : 0;
      return { first, weights: size > 1 ? [1 - (centre - first), centre - first] : [1 - (centre - first)] };
    }
    const low = to * size / out, high = (to + 1) * size / out;
    const first = Math.trunc(low), end = Math.min(Math.ceil(high - 1e-9), size), weights = [];
    for (let item = first; item < end; item++)
      weights.push((Math.min(high, item + 1) - Math.max(low, item)) / (high - low));
    return { first, weights };
  }

  // `outer` blocks of size * inner numbers become blocks of out * inner.
  function resizeAxis(from, outer, size, out, inner) {
    const to = new Float32Array(outer * out * inner);
    for (let i = 0; i < out; i++) {
      const { first, weights } = shareOf(i, out, size);
      for (let o = 0; o < outer; o++)
        for (let k = 0; k < inner; k++) {
          let sum = 0;
          weights.forEach((weight, item) => { sum += weight * from[(o * size + first + item) * inner + k]; });
          to[(o * out + i) * inner + k] = sum;
        }
    }
    return to;
  }

  const onBorder = (y, x, height, width) => y === 0 || x === 0 || y === height - 1 || x === width - 1;

  function background(values, height, width, channels) {
    const sums = new Array(channels).fill(0);
    let count = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (onBorder(y, x, height, width)) {
          count++;
          for (let c = 0; c < channels; c++) sums[c] += values[(y * width + x) * channels + c];
        }
    return sums.map(sum => round(sum / count));
  }

  function hasLightBorder(values, height, width) {
    let light = 0, count = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (onBorder(y, x, height, width)) {
          count++;
          if (values[y * width + x] >= 160) light++;
        }
    return 4 * light >= 3 * count;
  }

  // Half to even.
  function toWhole(value) {
    const low = Math.floor(value), part = value - low;
    return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
  }

  // A picture ({ width, height, data } of RGBA) in the size and channels of an image; `steps` tells
  // what was done.
  function fitPicture(picture, [height, width, channels]) {
    let { values, steps } = toChannels(picture, channels);
    const fill = background(values, picture.height, picture.width, channels);
    const scale = Math.min(height / picture.height, width / picture.width);
    const within = (size, limit) => Math.max(1, Math.min(limit, toWhole(size * scale)));
    const rows = within(picture.height, height), columns = within(picture.width, width);
    if (rows !== picture.height || columns !== picture.width) {
      values = resizeAxis(values, picture.height, picture.width, columns, channels);
      values = resizeAxis(values, 1, picture.height, rows, columns * channels);
      steps.push(`resized to ${rows}x${columns}`);
    }
    if (rows !== height || columns !== width) steps.push(`filled up to ${height}x${width}`);
    const top = Math.trunc((height - rows) / 2), left = Math.trunc((width - columns) / 2);
    const fitted = new Float32Array(height * width * channels);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) {
          const inside = y >= top && y < top + rows && x >= left && x < left + columns;
          fitted[(y * width + x) * channels + c] =
            inside ? values[((y - top) * columns + x - left) * channels + c] : fill[c];
        }
    if (channels === 1 && hasLightBorder(fitted, height, width)) {
      fitted.forEach((v, i) => { fitted[i] = 255 - v; });
      steps.push("inverted, as its background is light");
    }
    return { values: fitted, steps };
  }

  // Values 0 … 255 as the elements of an input.
  function toElements(input, values) {
    if (input.dtype === "bool") return Uint8Array.from(values, v => v >= 127.5 ? 1 : 0);
    if (input.dtype === "i64") return BigInt64Array.from(values, v => BigInt(toWhole(v)));
    return ARRAYS[input.dtype].from(values, isFloat(input) ? v => v / 255 : toWhole);
  }

  // ---- opening

  async function open(model, base64) {
    const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
    const { instance } = await WebAssembly.instantiate(bytes);
    const network = new Network(model, instance.exports);
    netc.predict = given => network.predict(given);
    return netc;
  }

  return { open, ARRAYS, elementsOf, isFloat, className, fitPicture, toElements };
})();
