"use strict";
// What a person sees: a card for each input and each output. Needs page_network.js.
(() => {
  const model = JSON.parse(document.getElementById("model").textContent);
  const FEW_FIELDS = 64, FEW_CLASSES = 12, LISTED_CLASSES = 10, MOST_NUMBERS = 1000;
  const MOST_PIXELS = 1 << 26; // of a picture that is opened
  const SHEET = 448; // pixels that a drawing has at least

  // An element with properties and children; what begins with a dash is set as an attribute.
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(properties))
      if (key in element) element[key] = value;
      else element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  const byId = id => document.getElementById(id);
  const title = value => make("h2", {}, value.name, make("small", {}, value.type));
  const percent = share => `${(100 * share).toFixed(1)} %`;
  const short = value => (typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(4))) : String(value)).replaceAll("-", "−");

  // ---- images as pixels

  // Draws values of 0 … 255 on a canvas of the image's size.
  function paint(canvas, [height, width, channels], values) {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d"), pixels = context.createImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < 3; c++)
        pixels.data[4 * i + c] = Math.round(values[i * channels + (channels >= 3 ? c : 0)]);
      pixels.data[4 * i + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  // Floats lie in 0 … 1, in 0 … 255, or are stretched to their range.
  function toPixels(output, values) {
    const finite = Array.from(values, Number).filter(Number.isFinite);
    let low = finite.reduce((a, b) => Math.min(a, b), Infinity);
    let high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!netc.isFloat(output) || (low >= 0 && high > 1 && high <= 255)) [low, high] = [0, 255];
    else if (low >= 0 && high <= 1) [low, high] = [0, 1];
    return Array.from(values, v => 255 * Math.min(1, Math.max(0, (Number(v) - low) / Math.max(high - low, 1e-30))));
  }

  // ---- an input that is a picture: a sheet to draw on

  class Sheet {
    constructor(input, changed) {
      this.input = input;
      this.changed = changed;
      [this.height, this.width, this.channels] = input.image;
      this.gray = this.channels < 3;
      this.light = !this.gray; // the paper
      this.strokes = []; // { width, colour, points }
      this.picture = null; // values 0 … 255 below the strokes
      this.scale = Math.max(1, Math.ceil(SHEET / Math.max(this.height, this.width)));
      this.card = this.build();
      this.listen();
      this.draw();
    }

    build() {
      const size = Math.max(this.height, this.width);
      this.canvas = make("canvas", { width: this.width * this.scale, height: this.height * this.scale,
        role: "img", "aria-label": `Sheet to draw ${this.input.name} on` });
      this.context = this.canvas.getContext("2d", { willReadFrequently: true });
      this.hint = make("div", { className: "hint" }, "Draw here, large and in the middle,\nor drop a picture");
      this.undo = make("button", { type: "button", onclick: () => this.takeBack() }, "Undo");
      this.clear = make("button", { type: "button", onclick: () => this.empty() }, "Clear");
      this.file = make("input", { type: "file", accept: "image/*", "aria-label": "Open a picture" });
      this.pen = make("input", { type: "range", min: Math.max(0.5, size / 60), max: Math.max(2, size / 5), step: "any",
        value: Math.max(1, 0.085 * size) });
      this.colour = make("input", { type: "color", value: "#1c1d1f" });
      this.paper = make("input", { type: "checkbox", checked: this.light });
      this.seen = make("canvas", { role: "img", "aria-label": "The picture as the network sees it" });
      this.note = make("p", { className: "note", "aria-live": "polite" });
      return make("div", { className: "card" }, title(this.input),
        make("div", { className: "sheet" }, this.canvas, this.hint),
        make("div", { className: "row" }, this.clear, this.undo,
          make("label", { className: "button" }, "Picture…", this.file)),
        make("div", { className: "row" }, make("label", {}, "Pen", this.pen),
          ...(this.gray ? [] : [make("label", {}, "Colour", this.colour)]),
          make("label", {}, this.paper, this.gray ? "Dark on light" : "Light paper")),
        make("div", { className: "seen" }, this.seen, this.note));
    }

    listen() {
      const { canvas } = this;
      canvas.addEventListener("pointerdown", event => {
        if (event.button !== 0 || !event.isPrimary) return;
        event.preventDefault();
        canvas.setPointerCapture(event.pointerId);
        this.strokes.push({ width: Number(this.pen.value) * this.scale, colour: this.colour.value, points: [] });
        this.drawing = event.pointerId;
        this.extend(event);
      });
      canvas.addEventListener("pointermove", event => {
        if (event.pointerId === this.drawing) this.extend(event);
      });
      for (const end of ["pointerup", "pointercancel"])
        canvas.addEventListener(end, () => { this.drawing = null; });
      this.paper.addEventListener("change", () => {
        this.light = this.paper.checked;
        if (this.picture && this.gray) this.picture = this.picture.map(v => 255 - v);
        this.update();
      });
      this.file.addEventListener("change", () => {
        if (this.file.files[0]) this.open(this.file.files[0]);
        this.file.value = "";
      });
    }

    extend(event) {
      const box = this.canvas.getBoundingClientRect(), { points } = this.strokes.at(-1);
      const events = event.getCoalescedEvents?.() ?? [];
      for (const e of events.length ? events : [event])
        points.push([(e.clientX - box.left) * this.canvas.width / box.width,
          (e.clientY - box.top) * this.canvas.height / box.height]);
      this.update();
    }

    takeBack() {
      if (!this.strokes.pop()) this.picture = null;
      this.update();
    }

    empty() {
      this.strokes = [];
      this.picture = null;
      this.update();
    }

    get isEmpty() { return this.strokes.length === 0 && !this.picture; }

    // A file's picture, in any format that the browser reads.
    async open(file) {
      let bitmap;
      try {
        bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" });
      } catch {
        this.say(`${file.name} cannot be read as a picture.`);
        return;
      }
      if (bitmap.width * bitmap.height > MOST_PIXELS) {
        this.say(`${file.name} has too many pixels; make the picture smaller.`);
        return;
      }
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext("2d");
      context.drawImage(bitmap, 0, 0);
      this.show(context.getImageData(0, 0, bitmap.width, bitmap.height), file.name);
    }

    show(pixels, name) {
      const { values, steps } = netc.fitPicture(pixels, this.input.image);
      this.strokes = [];
      this.picture = values;
      this.update();
      this.say(`${name}, ${pixels.height}x${pixels.width}${steps.length ? `: ${steps.join(", ")}` : ""}. Nothing moves what is drawn to the middle.`);
    }

    say(text) { this.note.textContent = text; }

    update() {
      this.draw();
      this.say(`What the network sees: ${this.height} by ${this.width} pixels.`);
      this.changed();
    }

    draw() {
      const { context, canvas } = this;
      context.fillStyle = this.light ? "#fff" : "#000";
      context.fillRect(0, 0, canvas.width, canvas.height);
      if (this.picture) {
        const small = document.createElement("canvas");
        paint(small, this.input.image, this.picture);
        context.imageSmoothingEnabled = false;
        context.drawImage(small, 0, 0, canvas.width, canvas.height);
      }
      context.lineCap = context.lineJoin = "round";
      for (const stroke of this.strokes) this.drawStroke(stroke);
      this.hint.hidden = !this.isEmpty;
      this.undo.disabled = this.clear.disabled = this.isEmpty;
      paint(this.seen, this.input.image, this.values());
    }

    // Through the middles between points, so that it has no corners.
    drawStroke({ width, colour, points }) {
      const { context } = this;
      context.strokeStyle = this.gray ? (this.light ? "#000" : "#fff") : colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(...points[0]);
      for (let i = 1; i < points.length; i++) {
        const [x, y] = points[i - 1], [nextX, nextY] = points[i];
        context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
      }
      context.lineTo(...points.at(-1));
      context.stroke();
    }

    // 0 … 255: what was opened as it is, or what is drawn, shrunk by areas.
    values() {
      if (this.picture && this.strokes.length === 0) return this.picture;
      const { scale, width, height, channels } = this;
      const { data } = this.context.getImageData(0, 0, width * scale, height * scale);
      const values = new Float32Array(width * height * channels);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            for (let v = 0; v < scale; v++)
              for (let u = 0; u < scale; u++)
                sum += data[4 * ((y * scale + v) * width * scale + x * scale + u) + (c < 3 && !(c === 1 && channels === 2) ? c : 3)];
            values[(y * width + x) * channels + c] = sum / (scale * scale);
          }
      return values;
    }

    read() { return netc.toElements(this.input, this.values()); }
  }

  // ---- an input of numbers: a field each, or a text where they are many

  function toNumber(input, text) {
    const value = text.trim() === "" ? NaN : Number(text);
    if (!Number.isFinite(value)) throw new Error(`${input.name}: '${text}' is no number`);
    if (!netc.isFloat(input) && !Number.isInteger(value)) throw new Error(`${input.name}: ${text} is not whole`);
    if (input.range && !(value >= input.range[0] && value < input.range[1]))
      throw new Error(`${input.name}: ${text} lies outside ${input.range[0]} … ${input.range[1] - 1}`);
    return input.dtype === "i64" ? BigInt(value) : value;
  }

  class Fields {
    constructor(input, changed) {
      this.input = input;
      this.count = netc.elementsOf(input);
      const one = this.count <= FEW_FIELDS;
      this.fields = one ? Array.from({ length: this.count }, (_, i) => this.field(i)) : [this.text()];
      this.card = make("div", { className: "card", oninput: changed }, title(input),
        make("div", { className: one ? "fields" : "" }, ...this.fields.map(f => f.label)));
    }

    // `low` and the values after it by name.
    choices(low, names) {
      return make("select", {}, ...names.map((name, i) => make("option", { value: String(low + i) }, name)));
    }

    field(i) {
      const { input } = this;
      const name = input.columns?.[i] ?? (this.count === 1 ? input.name : `${input.name}[${i}]`);
      if (input.dtype === "bool") return this.labelled(name, this.choices(0, ["no", "yes"]));
      if (input.names) return this.labelled(name, this.choices(0, input.names));
      const bounds = input.range ? { min: input.range[0], max: input.range[1] - 1 } : {};
      const control = make("input", { type: "number", inputMode: "decimal", ...bounds,
        step: netc.isFloat(input) ? "any" : 1, value: bounds.min ?? 0 });
      if (!input.range) return this.labelled(name, control);
      const slider = make("input", { type: "range", ...bounds, step: 1, value: bounds.min, "aria-label": name });
      slider.addEventListener("input", () => { control.value = slider.value; });
      control.addEventListener("input", () => { slider.value = control.value; });
      return this.labelled(name, control, slider);
    }

    text() {
      const value = Array(this.count).fill(this.input.range ? this.input.range[0] : 0).join(", ");
      return this.labelled(`${this.count} numbers with commas between`, make("textarea", { value, spellcheck: false }));
    }

    labelled(name, control, ...more) { return { control, label: make("label", {}, name, control, ...more) }; }

    get isEmpty() { return false; }

    read() {
      const texts = this.fields.flatMap(f => this.count <= FEW_FIELDS ? [f.control.value] : f.control.value.split(/[\s,;]+/).filter(t => t));
      if (texts.length !== this.count)
        throw new Error(`${this.input.name} has ${texts.length} numbers; ${this.count} are needed`);
      return netc.ARRAYS[this.input.dtype].from(texts, text => toNumber(this.input, text));
    }
  }

  // ---- outputs

  class Bars {
    constructor(output) {
      this.output = output;
      this.count = output.dims[0];
      const longest = Math.max(...Array.from({ length: this.count }, (_, i) => netc.className(output, i).length));
      this.kind = make("p", { className: "note" });
      this.best = make("strong");
      this.share = make("span");
      this.sorted = make("input", { type: "checkbox", checked: this.count > FEW_CLASSES });
      this.sorted.addEventListener("change", () => this.refresh());
      this.list = make("ol", { className: "bars", style: `--names: ${Math.min(12, 0.6 * longest + 1)}rem` });
      this.items = Array.from({ length: Math.min(this.count, this.count > FEW_CLASSES ? LISTED_CLASSES : FEW_CLASSES) }, () => this.item());
      this.list.append(...this.items.map(i => i.item));
      this.card = make("div", { className: "card" }, title(output),
        make("p", { className: "answer", "aria-live": "polite" }, this.best, this.share), this.list,
        make("div", { className: "row" },
          ...(this.count > FEW_CLASSES ? [] : [make("label", {}, this.sorted, "Likeliest first")]), this.kind));
      this.show(null);
    }

    item() {
      const mark = make("span", { "aria-hidden": "true" }), name = make("span", { className: "name" });
      const bar = make("div", { className: "bar" }), share = make("span", { className: "share" });
      return { mark, name, bar, share,
        item: make("li", {}, mark, name, make("div", { className: "track" }, bar), share) };
    }

    show(result) {
      this.result = result;
      this.refresh();
    }

    refresh() {
      const { result } = this, shares = result?.probabilities;
      const order = Array.from({ length: this.count }, (_, i) => i);
      if (this.sorted.checked && shares) order.sort((a, b) => shares[b] - shares[a] || a - b);
      this.items.forEach((item, place) => {
        const number = order[place], best = number === result?.class;
        item.item.className = best ? "best" : "";
        item.mark.textContent = best ? "▸" : "";
        item.name.textContent = item.name.title = netc.className(this.output, number);
        item.bar.style.width = shares ? `${100 * shares[number]}%` : "0";
        item.share.textContent = shares ? percent(shares[number]) : "–";
      });
      this.best.textContent = result ? result.name : "–";
      this.share.textContent = result ? percent(result.probability) : "";
      this.kind.textContent = (result?.logits ? "Softmax of the scores. " : "") +
        (this.count > this.items.length ? `The ${this.items.length} likeliest of ${this.count}.` : "");
    }
  }

  class Values {
    constructor(output) {
      this.output = output;
      this.body = output.image ? make("canvas", { className: "picture", role: "img", "aria-label": output.name })
        : make("div", { className: "numbers" });
      this.range = make("p", { className: "note" }, "–");
      this.card = make("div", { className: "card" }, title(output), this.body, this.range);
    }

    show(result) {
      const all = result ? Array.from(result.outputs[this.output.name]) : [];
      const values = this.output.dtype === "bool" ? all.map(v => v !== 0) : all;
      const least = values.reduce((a, b) => b < a ? b : a, values[0]), most = values.reduce((a, b) => b > a ? b : a, values[0]);
      this.range.textContent = result ? `${short(least)} … ${short(most)}` : "–";
      this.range.hidden = values.length === 1;
      if (this.output.image) {
        if (result) paint(this.body, this.output.image, toPixels(this.output, values));
        this.body.hidden = !result;
        return;
      }
      this.body.replaceChildren(...values.slice(0, MOST_NUMBERS).map(v => make("span", {}, short(v))));
      if (values.length > MOST_NUMBERS) this.body.append(make("span", {}, "…"));
    }
  }

  // ---- the page

  function about() {
    const count = n => n.toLocaleString("en");
    const parts = [`${count(model.params)} params`];
    if (model.trained) parts.unshift(`step ${count(model.step)}`, `epoch ${count(model.epoch)}`);
    return parts.join(" · ") + (model.trained ? "" : " · not trained: the params have their first values");
  }

  // Cards for the outputs: bars for the one that tells classes, which the first result shows.
  class Outputs {
    constructor(place) {
      this.place = place;
      this.answer = undefined;
      this.cards = [];
    }

    show(result) {
      const likely = model.outputs.find(o => o.dims.length === 1 && o.dims[0] >= 2 && netc.isFloat(o) && o.counted);
      const answer = result ? result.answer : this.answer ?? likely?.name;
      if (answer !== this.answer || this.cards.length === 0) {
        this.cards.forEach(c => c.card.remove());
        const order = model.outputs.filter(o => o.name === answer).concat(model.outputs.filter(o => o.name !== answer));
        this.cards = order.map(o => o.name === answer ? new Bars(o) : new Values(o));
        this.place.append(...this.cards.map(c => c.card));
        this.answer = answer;
      }
      this.cards.forEach(c => c.show(result));
    }
  }

  function start() {
    const outputs = new Outputs(byId("outputs"));
    const inputs = model.inputs.map(input => new (input.image ? Sheet : Fields)(input, () => schedule()));
    let waiting = false;

    function predict() {
      waiting = false;
      try {
        const empty = inputs.some(i => i.isEmpty);
        const given = empty ? null : Object.fromEntries(inputs.map(i => [i.input.name, i.read()]));
        const before = performance.now(), result = given && netc.predict(given);
        byId("time").textContent = result ? `The last time took ${(performance.now() - before).toFixed(1)} ms.` : "";
        outputs.show(result);
        byId("problem").hidden = true;
      } catch (error) {
        byId("problem").textContent = error.message;
        byId("problem").hidden = false;
        outputs.show(null);
      }
    }

    function schedule() {
      if (!waiting) requestAnimationFrame(predict);
      waiting = true;
    }

    byId("about").textContent = about();
    byId("inputs").append(...inputs.map(i => i.card));
    dropPictures(inputs.find(i => i instanceof Sheet));
    predict();
  }

  // Pictures that are dropped or pasted anywhere go to the first sheet.
  function dropPictures(sheet) {
    if (!sheet) return;
    const body = document.body;
    const take = (event, files) => {
      body.classList.remove("dropping");
      if (files.length === 0) return;
      event.preventDefault();
      sheet.open(files[0]);
    };
    body.addEventListener("dragover", event => {
      event.preventDefault();
      body.classList.add("dropping");
    });
    body.addEventListener("dragleave", () => body.classList.remove("dropping"));
    body.addEventListener("drop", event => {
      event.preventDefault();
      take(event, event.dataTransfer.files);
    });
    document.addEventListener("paste", event => take(event, event.clipboardData.files));
  }

  netc.ready = netc.open(model, byId("module").textContent);
  netc.ready.then(start, error => {
    byId("problem").textContent = `The network cannot be run in this browser: ${error.message}`;
    byId("problem").hidden = false;
  });
  window.netc = netc;
})();
