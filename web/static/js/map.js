// Makes a picture of a map movable: <div class="map" data-map data-base>. Without it the picture stays.
import { lights } from "./cells.js";
import { drawBase, fit } from "./map-base.js";
import { drawMarks, drawPin } from "./map-marks.js";
import { streetNames } from "./map-names.js";

const NEAR = 15.5;
const root = document.documentElement;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const touch = matchMedia("(pointer: coarse)").matches;

export const color = (name) => getComputedStyle(root).getPropertyValue(name).trim();

const STYLES = {
  ok: () => ({ fillColor: color("--m-ok"), fillOpacity: 0.36, color: color("--m-ok"), weight: 0.8 }),
  ask: () => ({ fillColor: color("--m-ask"), fillOpacity: 0.8, color: color("--wait"), weight: 0.9 }),
  wait: () => ({ fillColor: color("--m-wait"), fillOpacity: 1, color: color("--m-land"), weight: 1.2 }),
};
const LIT = () => ({ color: color("--ink"), weight: 4, fillOpacity: 1 });

function button(words, sign, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.innerHTML = sign ? `<span aria-hidden="true">${sign}</span><span class="vh"></span>` : "<span></span>";
  made.lastElementChild.textContent = words;
  made.addEventListener("click", press);
  return made;
}

function addButtons(box, map) {
  const words = box.dataset;
  const group = document.createElement("div");
  group.className = "map-zoom";
  group.append(
    button(words.sayIn, "+", () => map.zoomIn()),
    button(words.sayOut, "\u2212", () => map.zoomOut()),
  );
  box.append(group);
  if (!touch) return;
  const hold = button(words.sayMove, "", () => {
    const moves = hold.getAttribute("aria-pressed") !== "true";
    hold.setAttribute("aria-pressed", String(moves));
    hold.lastElementChild.textContent = moves ? words.sayStay : words.sayMove;
    map.dragging[moves ? "enable" : "disable"]();
    map.getContainer().classList.toggle("map-moves", moves);
  });
  hold.className = "map-hold";
  hold.setAttribute("aria-pressed", "false");
  box.append(hold);
}

function open(box) {
  const live = document.createElement("div");
  live.className = "map-live";
  const picture = box.querySelector("svg");
  live.setAttribute("role", "group");
  live.setAttribute("aria-labelledby", picture.getAttribute("aria-labelledby") ?? "");
  picture.after(live);
  const map = L.map(live, {
    attributionControl: false, // it stands below the picture already, always
    zoomControl: false,
    preferCanvas: true,
    zoomSnap: 0.25,
    zoomDelta: 0.75,
    maxZoom: 18.5,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    scrollWheelZoom: false,
    dragging: !touch,
    tap: false,
  });
  live.addEventListener("focusin", () => map.scrollWheelZoom.enable());
  live.addEventListener("focusout", () => map.scrollWheelZoom.disable());
  return map;
}

function drawCells(map, cells, restyles, decode) {
  const shapes = new Map();
  for (const cell of cells) {
    const rings = cell.shape.map((polygon) => polygon.map(decode));
    const shape = L.polygon(rings, { ...STYLES[cell.state](), interactive: false, pane: "cells" }).addTo(map);
    shapes.set(cell.key, { shape, plain: STYLES[cell.state] });
    if (cell.number > 0) {
      const icon = L.divIcon({ className: `map-n map-n-${cell.state}`, html: `<span>${Number(cell.number)}</span>`, iconSize: [0, 0] });
      L.marker(shape.getBounds().getCenter(), { icon, interactive: false, keyboard: false }).addTo(map);
    }
  }
  let lit = [];
  const show = () => {
    for (const [key, { shape, plain }] of shapes) {
      shape.setStyle({ ...plain(), ...(lit.includes(key) ? LIT() : {}) });
      if (lit.includes(key)) shape.bringToFront();
    }
  };
  restyles.push(show);
  return (keys) => {
    lit = keys;
    show();
    const chosen = keys.filter((key) => shapes.has(key)).map((key) => shapes.get(key).shape.getBounds());
    const bounds = chosen.reduce((all, one) => all.extend(one), L.latLngBounds([]));
    if (bounds.isValid() && !map.getBounds().contains(bounds)) map.panInsideBounds(bounds, { animate: !calm });
  };
}

async function upgrade(box) {
  const answer = await fetch(box.dataset.base);
  if (!answer.ok) return; // the picture stays
  const [ground, data] = [await answer.json(), JSON.parse(box.dataset.map)];
  const map = open(box);
  map.setMaxBounds(fit(map, data.bounds, ground.bounds));
  const restyles = [];
  const near = () => map.getZoom() >= NEAR;
  const decode = drawBase(map, ground, { color, near, restyles });
  lights.set(box, drawCells(map, data.cells ?? [], restyles, decode));
  drawMarks(map, data, { color, decode, restyles, isPinned: Boolean(box.dataset.pin) });
  if (box.dataset.pin) drawPin(map, data, box);
  streetNames(ground, data.houses ?? [], { color, near }).addTo(map);
  addButtons(box, map);
  const restyle = () => restyles.forEach((change) => change());
  map.on("zoomend", restyle);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { restyle(); map.fire("moveend"); });
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(box);
  box.classList.add("map-on");
}

function upgradeAll() {
  if (!window.L) return; // pictures alone on this page
  for (const box of document.querySelectorAll(".map[data-base]:not(.map-seen)")) {
    box.classList.add("map-seen");
    upgrade(box).catch(() => box.classList.remove("map-on"));
  }
}
upgradeAll();
document.addEventListener("htmx:afterSettle", upgradeAll);
