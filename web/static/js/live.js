// Parts of a page that renew themselves: see _parts/live.html. Needs htmx.
const SAY_AGAIN_MS = 60_000;
const say = document.getElementById("say");
let saidAt = 0;

const isHeld = (part) =>
  document.hidden || document.querySelector("dialog[open]") !== null || part.contains(document.activeElement);

// Not while nobody looks, and never in place of what holds the focus.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-live]") && isHeld(event.target)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (!part.matches?.("[data-live]")) return;
  if (isHeld(part) || !event.detail.serverResponse.includes("data-live")) {
    event.detail.shouldSwap = false; // a page of another kind, such as the sign-in, says nothing here
    return;
  }
  keepOpen(part);
});

// What was folded open stays open.
let folded = [];
function keepOpen(part) {
  folded = [...part.querySelectorAll("details[id]")].filter((one) => one.open).map((one) => one.id);
}

document.addEventListener("htmx:afterSwap", (event) => {
  for (const id of folded) document.getElementById(id)?.setAttribute("open", "");
  folded = [];
  focusAfter(event.detail.target);
});

// The news in one sentence, at most once a minute, and only when it is new.
let news = document.querySelector("[data-live]")?.dataset.say ?? "";
document.addEventListener("htmx:afterSettle", () => {
  const now = document.querySelector("[data-live]")?.dataset.say ?? "";
  if (!now || now === news || Date.now() - saidAt < SAY_AGAIN_MS) return;
  [news, saidAt] = [now, Date.now()];
  say.textContent = now;
});

// After a form that was answered in its place: the errors, else what is marked, else leave it.
function focusAfter(target) {
  if (target.matches?.("[data-live]")) return;
  const errors = document.getElementById("errors");
  const marked = errors ?? document.querySelector("main [data-focus]");
  marked?.setAttribute("tabindex", "-1");
  marked?.focus();
}

// "Error: " stands first in the title while there is one.
document.addEventListener("htmx:afterSettle", () => {
  const words = document.querySelector("#errors")?.dataset.title;
  if (words && !document.title.startsWith(words)) document.title = words + document.title;
});
