// Squares of a map from another server, where the installation has one, under cells and marks. Only
// from afar: near a home we draw ourselves, so that the other server never learns which one it is.
const AFAR = 15; // a square is about 900 m wide

export async function layTiles(map) {
  const answer = await fetch("/map/tiles.json");
  const { url, credit } = answer.ok ? await answer.json() : {};
  if (!url) return;
  const box = map.getContainer();
  const shown = box.closest(".map")?.querySelector(".map-cred");
  const own = shown?.textContent;
  const tiles = L.tileLayer(url, { maxZoom: AFAR, keepBuffer: 1, updateWhenIdle: true });
  let came = false;
  const show = () => {
    const on = came && map.hasLayer(tiles) && Math.round(map.getZoom()) <= AFAR;
    box.classList.toggle("map-tiled", on);
    if (shown) shown.textContent = on ? `${own} · ${credit}` : own;
  };
  tiles.on("load", () => {
    came = true;
    show();
  });
  tiles.on("tileerror", () => {
    tiles.remove(); // better our own map than one with holes
    show();
  });
  map.on("zoomend", show);
  tiles.addTo(map);
}
