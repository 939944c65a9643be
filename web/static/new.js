// The editor of a new sweep: line numbers with marks where something is wrong, and the text
// that the matrix changed.
"use strict";
(() => {
  const text = document.getElementById("file");
  if (!text) return;
  const gutter = document.querySelector(".gutter");

  function mark() {
    const wrong = new Map();
    for (const p of document.querySelectorAll("#problems [data-line]")) wrong.set(Number(p.dataset.line), p.textContent);
    const lines = text.value.split("\n").length;
    gutter.replaceChildren(...Array.from({ length: lines }, (_, i) => {
      const b = document.createElement("b");
      b.textContent = i + 1;
      if (wrong.has(i + 1)) { b.className = "wrong"; b.title = wrong.get(i + 1); }
      return b;
    }));
    text.setAttribute("aria-invalid", wrong.size > 0);
    gutter.scrollTop = text.scrollTop;
  }

  // place gives the offset of a line and column, which count from 1.
  function place(line, column) {
    const before = text.value.split("\n").slice(0, line - 1);
    return before.reduce((n, l) => n + l.length + 1, 0) + column - 1;
  }

  function go(e) {
    const p = e.target.closest("a") && e.target.closest("#problems [data-line]");
    if (!p) return;
    e.preventDefault();
    const at = place(Number(p.dataset.line), Number(p.dataset.column));
    text.focus();
    text.setSelectionRange(at, Math.min(at + 1, text.value.length));
  }

  function swapped() {
    const edited = document.getElementById("edited");
    if (edited && edited.value !== text.value) text.value = edited.value;
    if (edited) edited.remove();
    mark();
  }

  text.addEventListener("input", mark);
  text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
  document.addEventListener("click", go);
  document.addEventListener("htmx:after:swap", swapped);
  mark();
})();
