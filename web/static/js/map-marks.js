// What stands on a map: pins, a blurred cell, a way, and the pin that a person may move.
const PIN = "M0 0C-4-11-17-19-17-33a17 17 0 0 1 34 0C17-19 4-11 0 0z";
const HOUSE = '<path class="m-pin-in" d="M-7-30l7-6 7 6M-5-31.5v8H5v-8"/>';
const STEP_M = 5;
const METRES_PER_DEG = 111_320;
const DIRECTIONS = { north: [0, 1], south: [0, -1], east: [1, 0], west: [-1, 0] };
const KEYS = { ArrowUp: "north", ArrowDown: "south", ArrowRight: "east", ArrowLeft: "west" };

function markIcon(label, kind) {
  const box = document.createElement("div");
  const shapes = {
    pin: `<g class="m-pin"><path d="${PIN}"/>${label ? '<text class="m-pin-n" y="-27"></text>' : HOUSE}</g>`,
    you: '<g class="m-you"><circle r="13"/><path d="M-5 1l5-5 5 5M-3.5 0v5h7V0"/></g>',
    letter: '<g class="m-salt"><circle r="14"/><text y="5"></text></g>',
  };
  box.innerHTML = `<svg class="map-svg" viewBox="-22 -54 44 70" aria-hidden="true" focusable="false">${shapes[kind] ?? shapes.pin}</svg>`;
  const words = box.querySelector("text");
  if (words) words.textContent = label;
  return L.divIcon({ className: "map-mark", html: box.firstElementChild, iconSize: [44, 70], iconAnchor: [22, 54] });
}

export function drawMarks(map, data, { color, decode, restyles, isPinned }) {
  const draw = (make, points, style) => {
    const layer = make(points, { interactive: false, ...style() }).addTo(map);
    restyles.push(() => layer.setStyle(style()));
    return layer;
  };
  if (data.blur) {
    const rings = data.blur.map((polygon) => polygon.map(decode));
    const shape = draw(L.polygon, rings, () => ({
      fillColor: color("--m-ask"),
      fillOpacity: 0.38,
      color: color("--lantern-line"),
      weight: 3,
      dashArray: "7 5",
    }));
    if (data.tag) {
      const words = document.createElement("span");
      words.textContent = data.tag;
      const icon = L.divIcon({ className: "map-hood map-tag", html: words, iconSize: [0, 0] });
      L.marker(shape.getBounds().getCenter(), { icon, interactive: false, keyboard: false }).addTo(map);
    }
  }
  if (data.route) {
    const points = decode(data.route);
    draw(L.polyline, points, () => ({ color: color("--card"), weight: 9, fill: false }));
    draw(L.polyline, points, () => ({ color: color("--m-route"), weight: 6, dashArray: "0.1 9", fill: false }));
  }
  if (isPinned) return;
  for (const [lon, lat, label, kind] of data.marks ?? []) {
    L.marker([lat, lon], { icon: markIcon(label, kind), interactive: false, keyboard: false }).addTo(map);
  }
}

// The pin writes its place into two inputs of the page; keys and buttons move it as dragging does.
export function drawPin(map, data, box) {
  const [lonInput, latInput] = box.dataset.pin.split(" ").map((id) => document.getElementById(id));
  const first = data.marks?.[0];
  if (!lonInput || !latInput || !first) return;
  const pin = L.marker([first[1], first[0]], {
    icon: markIcon(first[2], first[3]),
    draggable: true,
    autoPan: true,
    keyboard: true,
  }).addTo(map);
  const write = () => {
    const { lat, lng } = pin.getLatLng();
    lonInput.value = lng.toFixed(6);
    latInput.value = lat.toFixed(6);
    for (const input of [lonInput, latInput]) input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const move = (direction) => {
    const [east, north] = DIRECTIONS[direction] ?? [0, 0];
    const { lat, lng } = pin.getLatLng();
    const narrow = Math.cos((lat * Math.PI) / 180);
    pin.setLatLng([
      lat + (north * STEP_M) / METRES_PER_DEG,
      lng + (east * STEP_M) / (METRES_PER_DEG * narrow),
    ]);
    map.panInside(pin.getLatLng(), { padding: [60, 60] });
    write();
  };
  const handle = pin.getElement();
  handle.setAttribute("aria-label", box.dataset.sayPin);
  handle.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    event.stopPropagation(); // else the map would move as well
    move(KEYS[event.key]);
  });
  pin.on("dragend", write);
  const form = lonInput.form;
  form?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-map-move]");
    if (!button) return;
    event.preventDefault();
    move(button.value);
  });
}
