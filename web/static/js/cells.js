// Rows and the map point at each other: a row that is looked at lights its cells, and a cell its row.
// <tr data-cell="KEY KEY"> belongs to <path data-cell="KEY"> in a .map; without it both stay as they are.
export const lights = new WeakMap(); // of a map that can be moved: what lights its cells

const rowsOf = () => document.querySelectorAll("tr[data-cell]");
const keysOf = (row) => (row ? row.dataset.cell.split(" ") : []);
let chosen = "";

function show(rows, keys) {
  for (const row of rowsOf()) row.classList.toggle("row-lit", rows.includes(row));
  for (const path of document.querySelectorAll(".map path[data-cell]")) {
    path.classList.toggle("m-lit", keys.includes(path.dataset.cell));
  }
  for (const box of document.querySelectorAll(".map-on")) lights.get(box)?.(keys);
}

// The row that the keyboard or a press chose stays lit; what the mouse points at goes before it.
function rest() {
  const row = [...rowsOf()].find((one) => one.dataset.cell === chosen);
  show(row ? [row] : [], keysOf(row));
}

function choose(event) {
  const row = event.target.closest?.("tr[data-cell]");
  if (!row) return;
  chosen = row.dataset.cell;
  rest();
}

function point(event) {
  const path = event.target.closest?.(".map path[data-cell]");
  const row = event.target.closest?.("tr[data-cell]");
  if (row) show([row], keysOf(row));
  else if (path) show([...rowsOf()].filter((one) => keysOf(one).includes(path.dataset.cell)), [path.dataset.cell]);
}

// A row can be reached by the keyboard: its name is a button where this runs, and words where not.
function addButtons() {
  for (const head of document.querySelectorAll("tr[data-cell] > th")) {
    if (head.querySelector("a, button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "linkbtn";
    button.append(...head.childNodes);
    head.append(button);
  }
}

document.addEventListener("click", choose);
document.addEventListener("focusin", choose);
document.addEventListener("pointerover", point);
document.addEventListener("pointerout", (event) => {
  if (event.target.closest?.("[data-cell]")) rest();
});
document.addEventListener("htmx:afterSettle", () => {
  addButtons();
  if (chosen) rest();
});
addButtons();
