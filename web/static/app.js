// What the pages do beyond links, forms and htmx: times on the reader's clock, and a question
// before what cannot be taken back.
"use strict";

function localTimes(within) {
  for (const t of within.querySelectorAll("time[datetime]")) {
    const at = new Date(t.dateTime);
    if (isNaN(at) || t.dataset.local) continue;
    t.title = t.textContent;
    const today = at.toDateString() === new Date().toDateString();
    t.textContent = today ? at.toLocaleTimeString() : at.toLocaleString();
    t.dataset.local = "yes";
  }
}
document.addEventListener("DOMContentLoaded", () => localTimes(document));
document.addEventListener("htmx:after:swap", () => localTimes(document));

document.addEventListener("submit", (e) => {
  const question = e.target.dataset.confirm;
  if (question && !confirm(question)) e.preventDefault();
});
