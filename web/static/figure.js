// Figures in pages: a card beside a point, a legend that fades what it names, a walk over the
// points by keys, zoom, and a handle that reads the law at other compute. Every number that is
// shown was computed by the server. Without this file a figure is an SVG whose marks have titles.
"use strict";
(() => {
  const states = new Map(); // by a figure's address: what the reader faded, where the handle stands
  const svgNS = "http://www.w3.org/2000/svg";
  const make = (name, attributes, parent) => {
    const e = document.createElementNS(svgNS, name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    return parent.appendChild(e);
  };
  const sig = (v) => {
    const text = Number(v).toPrecision(4);
    return text.includes(".") ? text.replace(/\.?0+(e|$)/, "$1") : text;
  };
  const clamp = (v, low, high) => Math.min(Math.max(v, low), high);

  // axis maps a value to pixels and back, as the server drew it.
  function axis(text, from, to) {
    const [scale, low, high] = (text || "linear 0 1").split(" ");
    const even = { log: Math.log10, logit: (v) => Math.log(v / (1 - v)), linear: (v) => v }[scale];
    const uneven = { log: (v) => 10 ** v, logit: (v) => 1 / (1 + Math.exp(-v)), linear: (v) => v }[scale];
    return {
      place: (v) => from + ((even(v) - low) / (high - low)) * (to - from),
      value: (p) => uneven(Number(low) + ((p - from) / (to - from)) * (high - low)),
    };
  }

  class Figure {
    constructor(root) {
      this.root = root;
      this.canvas = root.querySelector(".canvas");
      this.svg = this.canvas.querySelector("svg");
      this.reading = root.querySelector("[data-reading]");
      if (!this.svg || !this.svg.dataset.plot) return;
      if (this.narrow()) return;
      this.svg.setAttribute("role", "group"); // a picture until it has points and a handle to reach
      this.state = states.get(root.dataset.plotOf) || { off: new Set(), at: root.dataset.at ? Number(root.dataset.at) : 0 };
      states.set(root.dataset.plotOf, this.state);
      [this.left, this.top, this.right, this.bottom] = this.svg.dataset.plot.split(" ").map(Number);
      this.x = axis(this.svg.dataset.xAxis, this.left, this.right);
      this.y = axis(this.svg.dataset.yAxis, this.bottom, this.top);
      this.points = [...this.svg.querySelectorAll("g.point, g.cell")];
      this.points.sort((a, b) => a.dataset.c - b.dataset.c || a.dataset.e - b.dataset.e);
      this.canvas.classList.add("scripted");
      this.cards();
      this.legend();
      this.keys();
      this.zoom();
      this.handle();
    }

    // A page too narrow for the picture asks for one of its own width, with the legend below.
    narrow() {
      const has = Number(this.svg.getAttribute("width")), want = Math.max(280, Math.floor(this.canvas.clientWidth));
      if (!this.root.dataset.plotOf || want >= 640 || !this.canvas.clientWidth || Math.abs(has - want) < 2) return false;
      const query = new URLSearchParams(this.root.dataset.query);
      query.set("theme", "page");
      query.set("width", want);
      fetch(this.root.dataset.plotOf + ".svg?" + query).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status))).then((text) => {
        const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
        this.svg.replaceWith(document.importNode(drawn, true));
        this.root.figure = new Figure(this.root);
      }).catch(() => { this.canvas.classList.add("as-wide"); });
      return true;
    }

    // at is a pointer's place in the picture.
    at(event) {
      return new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    }

    // A card beside the point under the pointer; a click goes to its run.
    cards() {
      this.svg.addEventListener("pointerover", (e) => {
        const p = e.target.closest("g.point, g.cell");
        if (p) this.card(p);
      });
      this.svg.addEventListener("pointerleave", () => { clearTimeout(this.hiding); this.hiding = setTimeout(() => this.hide(), 250); });
      this.svg.addEventListener("click", (e) => {
        const p = e.target.closest("g.point, g.cell");
        if (p && e.pointerType !== "touch") this.open(p);
      });
    }

    title(p) { return (p.querySelector("title") || p.dataset.title || "").textContent || p.dataset.title || ""; }

    runs(p) { return (p.dataset.runs || (/^[0-9a-f]{32}( |$)/.test(p.dataset.id) ? p.dataset.id : "")).split(" ").filter(Boolean); }

    open(p) {
      const runs = this.runs(p);
      if (runs.length) location.href = "/runs/" + encodeURIComponent(runs[0]);
    }

    card(p) {
      clearTimeout(this.hiding);
      this.hide();
      p.classList.add("near");
      const title = p.querySelector("title"); // the browser's own card would cover ours
      if (title) { p.dataset.title = title.textContent; title.remove(); }
      this.near = p;
      const tip = document.createElement("div");
      tip.className = "tip";
      const runs = this.runs(p);
      (p.dataset.title || p.dataset.id).split("\n").forEach((line, i) => {
        const row = tip.appendChild(document.createElement("p"));
        if (i === 0 && runs.length) {
          runs.forEach((id) => {
            const a = row.appendChild(document.createElement("a"));
            a.href = "/runs/" + encodeURIComponent(id);
            a.textContent = id.slice(0, 12);
            row.append(" ");
          });
        } else row.textContent = line;
      });
      this.tip = this.canvas.appendChild(tip);
      tip.addEventListener("pointerenter", () => clearTimeout(this.hiding));
      tip.addEventListener("pointerleave", () => this.hide());
      const box = p.getBoundingClientRect(), in_ = this.canvas.getBoundingClientRect();
      const x = box.right - in_.left + this.canvas.scrollLeft + 10;
      tip.style.left = clamp(x + tip.offsetWidth > in_.width ? box.left - in_.left - tip.offsetWidth - 10 : x, 0, in_.width - tip.offsetWidth) + "px";
      tip.style.top = clamp(box.top - in_.top - 10, 0, Math.max(0, in_.height - tip.offsetHeight)) + "px";
    }

    hide() {
      if (this.tip) this.tip.remove();
      if (this.near) this.near.classList.remove("near");
      this.tip = this.near = null;
    }

    // Keys of the legend fade the points that they stand for.
    legend() {
      for (const key of this.svg.querySelectorAll("g.key")) {
        const [what, name] = Object.entries(key.dataset)[0];
        const id = what + "=" + name;
        key.setAttribute("role", "button");
        key.setAttribute("tabindex", "0");
        key.setAttribute("aria-label", "Show or fade " + name);
        const set = () => {
          key.classList.toggle("off", this.state.off.has(id));
          key.setAttribute("aria-pressed", String(!this.state.off.has(id)));
        };
        const toggle = () => {
          this.state.off.has(id) ? this.state.off.delete(id) : this.state.off.add(id);
          set();
          this.fade();
        };
        key.addEventListener("click", toggle);
        key.addEventListener("keydown", (e) => {
          if (e.key !== "Enter" && e.key !== " ") return;
          e.preventDefault();
          toggle();
        });
        set();
      }
      this.fade();
    }

    fade() {
      for (const p of this.points) p.classList.toggle("off", ["model", "data"].some((of) => this.state.off.has(of + "=" + p.dataset[of])));
    }

    // Arrow keys walk over the points by compute and read them out; Enter opens the run.
    keys() {
      this.place = -1;
      this.canvas.addEventListener("keydown", (e) => {
        if (e.target !== this.canvas) return;
        const shown = this.points.filter((p) => !p.classList.contains("off"));
        const to = { ArrowRight: this.place + 1, ArrowDown: this.place + 1, ArrowLeft: this.place - 1, ArrowUp: this.place - 1, Home: 0, End: shown.length - 1 }[e.key];
        if (to !== undefined && shown.length) {
          e.preventDefault();
          this.place = clamp(to, 0, shown.length - 1);
          this.card(shown[this.place]);
          this.reading.textContent = `${this.place + 1} of ${shown.length}: ` + (shown[this.place].dataset.title || "").split("\n").slice(1).join(", ");
        } else if (e.key === "Enter" && this.near) this.open(this.near);
        else if (e.key === "Escape") { this.hide(); this.place = -1; }
      });
      this.canvas.addEventListener("blur", () => this.hide());
    }

    // A rectangle drawn with the pointer, or the buttons, choose a part; the server draws it anew.
    zoom() {
      const buttons = this.root.querySelector(".zooms");
      if (!buttons) return;
      buttons.hidden = false;
      const to = (x0, x1, y0, y1) => {
        const ends = [this.x.value(x0), this.x.value(x1), this.y.value(y1), this.y.value(y0)];
        choose({ zoom: ends.map((v) => Number(v.toPrecision(4))).join(",") });
      };
      buttons.addEventListener("click", (e) => {
        const how = e.target.dataset.zoom;
        if (!how) return;
        const share = { in: 0.2, out: -0.33 }[how];
        const w = (this.right - this.left) * share, h = (this.bottom - this.top) * share;
        if (how === "reset") choose({ zoom: "" });
        else to(this.left + w, this.right - w, this.top + h, this.bottom - h);
      });
      let from = null, box = null, shift = false;
      const within = (p) => p.x >= this.left && p.x <= this.right && p.y >= this.top && p.y <= this.bottom;
      this.svg.addEventListener("pointerdown", (e) => {
        const p = this.at(e);
        if (e.button || e.pointerType === "touch" || !within(p) || e.target.closest(".point, .handle")) return;
        from = p;
        shift = e.shiftKey;
        this.svg.setPointerCapture(e.pointerId);
        e.preventDefault();
        this.canvas.focus({ preventScroll: true });
      });
      this.svg.addEventListener("pointermove", (e) => {
        if (!from || shift) return;
        const p = this.at(e);
        box = box || make("rect", { class: "selection" }, this.svg);
        const x = [from.x, clamp(p.x, this.left, this.right)].sort((a, b) => a - b), y = [from.y, clamp(p.y, this.top, this.bottom)].sort((a, b) => a - b);
        for (const [k, v] of Object.entries({ x: x[0], y: y[0], width: x[1] - x[0], height: y[1] - y[0] })) box.setAttribute(k, v);
      });
      const end = (e) => {
        if (!from) return;
        const p = this.at(e), dx = p.x - from.x, dy = p.y - from.y, was = from;
        from = null;
        if (box) box.remove();
        box = null;
        if (shift && Math.hypot(dx, dy) > 8) to(this.left - dx, this.right - dx, this.top - dy, this.bottom - dy); // with shift the plot is dragged along
        else if (Math.abs(dx) > 12 && Math.abs(dy) > 12) {
          const x = [was.x, p.x].sort((a, b) => a - b), y = [was.y, p.y].sort((a, b) => a - b);
          to(clamp(x[0], this.left, this.right), clamp(x[1], this.left, this.right), clamp(y[0], this.top, this.bottom), clamp(y[1], this.top, this.bottom));
        }
      };
      this.svg.addEventListener("pointerup", end);
      this.svg.addEventListener("pointercancel", () => { from = null; if (box) box.remove(); box = null; });
      this.svg.addEventListener("dblclick", (e) => { if (within(this.at(e))) choose({ zoom: "" }); });
    }

    // The handle stands at one of the amounts of compute that the server predicted.
    handle() {
      let lines;
      try { lines = JSON.parse(this.root.dataset.readings || "[]"); } catch { return; }
      this.lines = lines.filter((l) => l.at.length);
      if (!this.lines.length) return;
      this.steps = this.lines[0].at.map((at) => at[0]).filter((c) => this.x.place(c) >= this.left && this.x.place(c) <= this.right);
      if (!this.steps.length) return;
      this.grab = make("g", { class: "handle", tabindex: "0", role: "slider", "aria-label": "Read the law at this compute", "aria-valuemin": 0, "aria-valuemax": this.steps.length - 1 }, this.svg);
      this.stem = make("line", { y1: this.top, y2: this.bottom }, this.grab);
      this.reach = make("rect", { class: "reach", y: this.top, width: 24, height: this.bottom - this.top }, this.grab);
      this.dots = this.lines.map(() => make("circle", { r: 4.5 }, this.grab));
      this.grip = make("circle", { class: "grip", r: 8, cy: this.bottom }, this.grab);
      const far = this.state.at || this.steps[Math.max(0, Math.round(this.steps.length * 0.93) - 1)];
      this.move(this.nearest(far), Boolean(this.state.at));
      this.grab.addEventListener("pointerdown", (e) => { e.preventDefault(); e.stopPropagation(); this.grab.focus({ preventScroll: true }); this.grab.setPointerCapture(e.pointerId); this.dragging = true; });
      this.grab.addEventListener("pointermove", (e) => { if (this.dragging) this.move(this.nearest(this.x.value(this.at(e).x)), true); });
      this.grab.addEventListener("pointerup", () => { this.dragging = false; this.keep(); });
      this.grab.addEventListener("pointercancel", () => { this.dragging = false; });
      this.grab.addEventListener("keydown", (e) => {
        const to = { ArrowRight: this.step + 1, ArrowUp: this.step + 1, ArrowLeft: this.step - 1, ArrowDown: this.step - 1, PageUp: this.step + 10, PageDown: this.step - 10, Home: 0, End: this.steps.length - 1 }[e.key];
        if (to === undefined) return;
        e.preventDefault();
        this.move(clamp(to, 0, this.steps.length - 1), true);
        this.keep();
      });
    }

    nearest(c) {
      let best = 0;
      this.steps.forEach((s, i) => { if (Math.abs(Math.log(s / c)) < Math.abs(Math.log(this.steps[best] / c))) best = i; });
      return best;
    }

    move(step, chosen) {
      this.step = step;
      const c = this.steps[step], x = this.x.place(c);
      this.stem.setAttribute("x1", x);
      this.stem.setAttribute("x2", x);
      this.reach.setAttribute("x", x - 12);
      this.grip.setAttribute("cx", x);
      const percent = (v) => (this.root.dataset.loss === undefined ? sig(100 * v) + " %" : sig(v));
      const parts = [];
      this.lines.forEach((line, i) => {
        const at = line.at.find((a) => a[0] === c), y = at ? this.y.place(at[1]) : NaN;
        this.dots[i].setAttribute("visibility", y >= this.top && y <= this.bottom ? "visible" : "hidden");
        if (!at) return;
        this.dots[i].setAttribute("cx", x);
        this.dots[i].setAttribute("cy", y);
        parts.push(`${line.name ? line.name + ": " : ""}error ${percent(at[1])}, law ${percent(at[2])} to ${percent(at[3])}, a new run ${percent(at[4])} to ${percent(at[5])}`);
      });
      const text = `At C = ${sig(c)} (${this.root.dataset.unit}): ${parts.join("; ")} (${this.root.dataset.level} intervals)`;
      this.reading.textContent = text;
      this.reading.dataset.c = c;
      this.grab.setAttribute("aria-valuenow", step);
      this.grab.setAttribute("aria-valuetext", text);
      if (chosen) this.state.at = c;
    }

    // The handle's place stands in the address, as every choice.
    keep() {
      const url = new URL(location.href);
      url.searchParams.set("at", this.steps[this.step]);
      history.replaceState(null, "", url);
    }
  }

  function start() {
    for (const root of document.querySelectorAll("figure.plot")) if (!root.figure) root.figure = new Figure(root);
    const late = document.querySelector("[data-late]");
    if (late) again(Number(late.dataset.late));
  }

  // afresh drops what an earlier figure listens to: a morph keeps elements and draws anew in them.
  function afresh(root) {
    const within = root.contains(document.activeElement) && (document.activeElement.closest(".handle") ? ".handle" : document.activeElement.matches(".canvas") ? ".canvas" : "");
    const fresh = root.cloneNode(true);
    fresh.querySelectorAll(".handle, .tip").forEach((e) => e.remove());
    root.replaceWith(fresh);
    fresh.figure = new Figure(fresh);
    if (within) fresh.querySelector(within)?.focus({ preventScroll: true });
  }

  // choose changes the address and asks for the page there.
  function choose(changes) {
    const url = new URL(location.href);
    for (const [k, v] of Object.entries(changes)) v === "" ? url.searchParams.delete(k) : url.searchParams.set(k, v);
    history.replaceState(null, "", url);
    return fetchMain();
  }

  let timer = 0;
  function again(delay) {
    if (!timer) timer = setTimeout(() => { timer = 0; fetchMain(); }, delay);
  }

  function fetchMain() {
    const busy = document.getElementById("law");
    if (busy) busy.setAttribute("aria-busy", "true");
    return htmx.ajax("GET", location.pathname + location.search, { target: "#main", swap: "innerMorph" });
  }

  document.addEventListener("DOMContentLoaded", () => {
    start();
    const events = document.getElementById("events");
    if (events) for (const kind of ["score", "exclusion", "fit", "prediction", "reload"]) {
      events.addEventListener(kind, () => {
        const live = document.querySelector("[data-live]");
        if (live && live.dataset.live.split(" ").includes(kind)) again(1500);
      });
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const root of document.querySelectorAll("figure.plot")) if (root.figure) afresh(root);
    start();
    const busy = document.getElementById("law");
    if (busy) busy.removeAttribute("aria-busy");
  });

  // The form of choices takes effect as one chooses.
  document.addEventListener("change", (e) => {
    const form = e.target.closest("form[data-choices]");
    if (!form) return;
    const changes = { first: "" };
    for (const input of form.elements) if (input.name) changes[input.name] = input.type === "checkbox" ? (input.checked ? input.value : "") : input.value === input.dataset.usual ? "" : input.value;
    if (["metric", "unit"].includes(e.target.name)) { changes.zoom = ""; changes.at = ""; states.clear(); }
    choose(changes);
  });
})();
