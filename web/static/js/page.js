// What each page does better with JavaScript. Every part of it works without.

const WAKE_MS = 10_000;

// The error summary first, so that it is read and the keyboard is there.
document.getElementById("errors")?.focus();

// A second press does nothing; the button says that it is busy.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => wake(document), WAKE_MS);
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  if (!button.dataset.busy) return;
  button.dataset.words = button.textContent;
  button.textContent = button.dataset.busy;
});

// Back in the browser's history the page is as it was before the press. When nothing comes of a
// press, for the line broke or a file was sent, the button wakes up again by itself.
function wake(root) {
  for (const form of root.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of root.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
    if (button.dataset.words) button.textContent = button.dataset.words;
  }
}
addEventListener("pageshow", (event) => event.persisted && wake(document));

document.addEventListener("click", (event) => {
  const asks = event.target.closest?.("a[data-ask]");
  if (asks && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    import("./ask.js").then((module) => module.ask(asks)).catch(() => location.assign(asks.href));
  }
  event.target.closest?.("[data-close-dialog]")?.closest("dialog")?.close();
  event.target.closest?.("[data-close-toast]")?.closest(".toast")?.remove();
});
for (const button of document.querySelectorAll("[data-close-toast]")) button.hidden = false;

// One menu at a time: Escape closes it and gives the focus back.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
