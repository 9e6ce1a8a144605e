// The quiet ground of a map: land, parks, water, streets by rank, borders and names of neighborhoods.
import { layTiles } from "./map-tiles.js";

const SCALE = 1e5;

// A line as the server writes it: the first point, then steps, in 1/100,000 of a degree.
export function decode(flat) {
  const points = [];
  let [lon, lat] = [0, 0];
  for (let i = 0; i < flat.length; i += 2) {
    lon += flat[i];
    lat += flat[i + 1];
    points.push([lat / SCALE, lon / SCALE]);
  }
  return points;
}

// Shows what the picture shows; the city's edge is as far as one can go.
export function fit(map, shown, whole) {
  const bounds = ([west, south, east, north]) => L.latLngBounds([south, west], [north, east]);
  map.fitBounds(bounds(shown), { animate: false });
  const all = bounds(whole).extend(bounds(shown));
  map.setMinZoom(Math.min(map.getZoom(), map.getBoundsZoom(all)) - 0.5);
  return all.pad(0.3);
}

const flip = (points) => points.map(([lon, lat]) => [lat, lon]);
export const linesOf = ({ type, coordinates }) =>
  type === "LineString" ? [flip(coordinates)] : type === "MultiLineString" ? coordinates.map(flip) : [];
const ringsOf = ({ type, coordinates }) => {
  if (type === "Polygon") return [coordinates.map(flip)];
  return type === "MultiPolygon" ? coordinates.map((polygon) => polygon.map(flip)) : [];
};

export function drawBase(map, ground, { color, near, restyles }) {
  const pane = (name, z) => {
    map.createPane(name).style.zIndex = z;
    return L.canvas({ pane: name, padding: 0.3 });
  };
  const renderer = pane("base", 210);
  pane("cells", 330);
  const borders = pane("borders", 340);
  const draw = (make, points, more, style) => {
    const layer = make(points, { interactive: false, renderer, ...more, ...style() }).addTo(map);
    restyles.push(() => layer.setStyle(style()));
  };

  for (const kind of ["land", "park", "water"]) {
    const shapes = ground.features.filter((one) => one.properties.k === kind && one.geometry);
    draw(L.polygon, shapes.flatMap((one) => ringsOf(one.geometry)), {}, () => ({
      stroke: false,
      fillColor: color(`--m-${kind}`),
      fillOpacity: 1,
    }));
  }
  // Widths on the screen by rank, from afar and near; near ones grow with the zoom.
  const ranks = [
    ["--m-thin", 0.8, 5],
    ["--m-mid", 1.3, 7],
    ["--m-main", 2, 9],
  ];
  const lines = [0, 1, 2].map((rank) =>
    ground.features.filter((one) => one.properties.r === rank).flatMap((one) => linesOf(one.geometry)),
  );
  const wide = (width) => width * 2 ** Math.max(0, map.getZoom() - 16);
  const road = (rank, isCase) => () => {
    const [name, thin, width] = ranks[rank];
    if (!near()) return { color: color(name), weight: thin, opacity: isCase ? 1 : 0 };
    return { color: color(isCase ? "--m-case" : "--m-road"), weight: wide(width) + (isCase ? 2 : 0), opacity: 1 };
  };
  for (const isCase of [true, false]) {
    for (const rank of [0, 1, 2]) draw(L.polyline, lines[rank], { fill: false }, road(rank, isCase));
  }

  for (const { properties, geometry } of ground.features) {
    if (properties.k !== "area") continue;
    draw(L.polyline, linesOf(geometry), { fill: false, renderer: borders }, () => ({
      color: color("--m-hood"),
      weight: 1.2,
      dashArray: "1 4",
      lineCap: "round",
    }));
    const name = document.createElement("span");
    name.textContent = properties.n;
    const icon = L.divIcon({ className: "map-hood", html: name, iconSize: [0, 0] });
    L.marker([properties.at[1], properties.at[0]], { icon, interactive: false, keyboard: false }).addTo(map);
  }
  const hideNames = () => map.getContainer().classList.toggle("map-near", near());
  restyles.push(hideNames);
  hideNames();
  layTiles(map).catch(() => undefined);
  return decode;
}
