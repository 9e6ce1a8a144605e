// Names along streets, drawn where there is room, as on a printed map.
import { linesOf } from "./map-base.js";

const FONT = '500 12px system-ui, "Segoe UI", Roboto, sans-serif';
const HIGH = 15;
const MOST = 60;
const NUMBERED = 17;
const SHARES = [0.5, 0.35, 0.65, 0.2, 0.8];

function at(points, lengths, along) {
  let i = 1;
  while (i < lengths.length - 1 && lengths[i] < along) i += 1;
  const share = (along - lengths[i - 1]) / (lengths[i] - lengths[i - 1] || 1);
  const [a, b] = [points[i - 1], points[i]];
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
}

// A straight piece of a line, wholly in the window, that holds a name of this width.
function spotOn(points, wide, isFree) {
  const lengths = [0];
  for (let i = 1; i < points.length; i += 1) lengths.push(lengths[i - 1] + points[i].distanceTo(points[i - 1]));
  const length = lengths.at(-1);
  for (const share of SHARES) {
    const [low, high] = [length * share - wide / 2, length * share + wide / 2];
    if (low < 0 || high > length) continue;
    const [a, b] = [at(points, lengths, low), at(points, lengths, high)];
    if (Math.hypot(b.x - a.x, b.y - a.y) < 0.97 * wide) continue;
    const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
    let turn = Math.atan2(b.y - a.y, b.x - a.x);
    if (turn > Math.PI / 2) turn -= Math.PI;
    if (turn < -Math.PI / 2) turn += Math.PI;
    const halfWide = (Math.abs(Math.cos(turn)) * wide + Math.abs(Math.sin(turn)) * HIGH) / 2;
    const halfHigh = (Math.abs(Math.sin(turn)) * wide + Math.abs(Math.cos(turn)) * HIGH) / 2;
    const box = [x - halfWide, y - halfHigh, x + halfWide, y + halfHigh];
    if (isFree(box)) return { x, y, turn, box };
  }
  return null;
}

export function streetNames(ground, houses, { color, near }) {
  const streets = ground.features
    .filter(({ properties }) => properties.k === "street" && properties.n)
    .map(({ properties, geometry }) => ({ ...properties, lines: linesOf(geometry) }))
    .map((street) => ({ ...street, bounds: L.latLngBounds(street.lines.flat()) }))
    .sort((a, b) => b.r - a.r);

  return new (L.Layer.extend({
    onAdd(map) {
      map.createPane("names").style.zIndex = 420;
      this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", map.getPane("names"));
      map.on("moveend zoomend resize", this._draw, this);
      this._draw();
    },
    onRemove(map) {
      map.off("moveend zoomend resize", this._draw, this);
      this._canvas.remove();
    },
    _draw() {
      const map = this._map;
      const size = map.getSize();
      const ratio = window.devicePixelRatio || 1;
      const canvas = this._canvas;
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
      canvas.width = size.x * ratio;
      canvas.height = size.y * ratio;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
      if (!near()) return;
      const pen = canvas.getContext("2d");
      pen.scale(ratio, ratio);
      Object.assign(pen, { font: FONT, textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3.5 });
      pen.strokeStyle = color("--m-halo");
      pen.fillStyle = color("--m-text");
      const taken = [];
      const isFree = ([west, top, east, low]) =>
        west > 2 && top > 2 && east < size.x - 2 && low < size.y - 2 &&
        taken.every((box) => east < box[0] || west > box[2] || low < box[1] || top > box[3]);
      const shown = map.getBounds();
      for (const street of streets) {
        if (taken.length >= MOST) break;
        if (!shown.intersects(street.bounds)) continue;
        const wide = pen.measureText(street.n).width + 6;
        for (const line of street.lines) {
          const points = line.map((place) => map.latLngToContainerPoint(place));
          const spot = spotOn(points, wide, isFree);
          if (!spot) continue;
          taken.push(spot.box);
          pen.save();
          pen.translate(spot.x, spot.y);
          pen.rotate(spot.turn);
          pen.strokeText(street.n, 0, 0);
          pen.fillText(street.n, 0, 0);
          pen.restore();
          break;
        }
      }
      if (map.getZoom() < NUMBERED) return;
      for (const [lon, lat, number] of houses) {
        const { x, y } = map.latLngToContainerPoint([lat, lon]);
        const half = pen.measureText(number).width / 2 + 1;
        const box = [x - half, y - 6, x + half, y + 6];
        if (!isFree(box)) continue;
        taken.push(box);
        pen.fillText(number, x, y);
      }
    },
  }))();
}
