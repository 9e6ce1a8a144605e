(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const box = document.getElementById("map");
  const say = document.getElementById("say");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const touch = matchMedia("(pointer: coarse)").matches;
  const scale = 1e5;

  const decode = (flat) => {
    const points = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      points.push([y / scale, x / scale]);
    }
    return points;
  };
  const rings = (polygon) => polygon.map(decode);
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const escapeText = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

  const [west, south, east, north] = data.bounds;
  const bounds = L.latLngBounds([south, west], [north, east]);
  const map = L.map(box, {
    attributionControl: false,
    zoomControl: false,
    zoomSnap: 0.25,
    zoomDelta: 0.75,
    maxZoom: 17,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    scrollWheelZoom: false,
    dragging: !touch,
    maxBounds: bounds.pad(0.5),
  });
  const fit = () => map.fitBounds(bounds, { padding: [6, 6], animate: false });
  fit();
  map.setMinZoom(map.getZoom() - 0.5);
  box.addEventListener("focusin", () => map.scrollWheelZoom.enable());
  box.addEventListener("focusout", () => map.scrollWheelZoom.disable());

  const pane = (name, z) => {
    map.createPane(name).style.zIndex = z;
    return L.canvas({ pane: name, padding: 0.4 });
  };
  const base = pane("base", 210);
  const theme = pane("theme", 330);
  const lines = pane("lines", 350);
  const restyles = [];
  const draw = (make, style) => {
    const layer = make({ interactive: false, ...style() });
    restyles.push(() => layer.setStyle(style()));
    return layer;
  };
  const fill = (polygons, name, renderer) =>
    draw(
      (o) => L.polygon(polygons.map(rings), { ...o, renderer }),
      () => ({ stroke: false, fillColor: color(name), fillOpacity: 1 }),
    ).addTo(map);
  fill(data.land, "--m-land", base);
  fill(data.park, "--m-park", base);
  fill(data.water, "--m-water", base);

  const near = () => map.getZoom() >= 15.5;
  const roads = (list, thin, width, wide) => {
    const points = list.map(decode);
    draw(
      (o) => L.polyline(points, { ...o, renderer: base, fill: false }),
      () => ({ color: color(near() ? "--m-case" : thin), weight: near() ? wide + 2 : width }),
    ).addTo(map);
    return draw(
      (o) => L.polyline(points, { ...o, renderer: base, fill: false }),
      () => ({ color: color("--m-road"), weight: wide, opacity: near() ? 1 : 0 }),
    );
  };
  [
    roads(data.small, "--m-thin", 0.8, 4),
    roads(data.middle, "--m-mid", 1.3, 6),
    roads(data.main, "--m-main", 2, 9),
  ].forEach((layer) => layer.addTo(map));

  const views = { homes: L.layerGroup(), areas: L.layerGroup(), routes: L.layerGroup(), worth: L.layerGroup() };
  const label = (at, className, html) =>
    L.marker(at, {
      interactive: false,
      keyboard: false,
      icon: L.divIcon({ className, html, iconSize: [0, 0] }),
    });

  const cells = new Map();
  for (const cell of data.cells) {
    const open = cell.asked - cell.served;
    const kind = open === 0 ? "ok" : open * 2 < cell.asked ? "ask" : "wait";
    const shape = draw(
      (o) => L.polygon(cell.shape.map(rings), { ...o, renderer: theme }),
      () => ({
        fillColor: color(`--m-${kind}`),
        fillOpacity: { ok: 0.36, ask: 0.8, wait: 0.94 }[kind],
        color: color({ ok: "--m-ok", ask: "--wait", wait: "--m-land" }[kind]),
        weight: kind === "wait" ? 1.2 : 0.9,
      }),
    ).addTo(views.homes);
    cells.set(cell.cell, shape);
    if (open > 0) {
      label([cell.at[1], cell.at[0]], `m-num m-num-${kind}`, String(open)).addTo(views.homes);
    }
  }

  const shade = (value, steps) => [0.15, 0.35, 0.6, 0.9][steps.filter((step) => value >= step).length];
  const areas = new Map();
  for (const area of data.areas) {
    const polygons = area.shape.map(rings);
    areas.set(area.name, L.polygon(polygons).getBounds());
    const paint = (group, value, steps, words, name) => {
      draw(
        (o) => L.polygon(polygons, { ...o, renderer: theme }),
        () => ({
          stroke: false,
          fillColor: color(name),
          fillOpacity: value === null ? 0 : shade(value, steps),
        }),
      ).addTo(group);
      if (words) label([area.at[1], area.at[0]], "m-hood m-value", `<b>${words}</b>`).addTo(group);
    };
    const share = area.asked ? area.served / area.asked : null;
    paint(views.areas, share, [0.6, 0.75, 0.9], share === null ? "" : `${Math.round(share * 100)} %`, "--m-ok");
    if (data.worth) {
      paint(views.worth, area.worth, [1, 2, 3], area.worth === null ? "" : `+${area.worth}`, "--m-ask");
    }
    draw(
      (o) => L.polygon(polygons, { ...o, renderer: lines, fill: false }),
      () => ({ color: color("--m-hood"), weight: 1.2, dashArray: "1 4", lineCap: "round" }),
    ).addTo(map);
    label([area.at[1], area.at[0]], "m-hood m-name", `<span>${escapeText(area.name)}</span>`).addTo(map);
  }

  const routes = new Map();
  for (const route of data.routes) {
    const points = decode(route.line);
    draw(
      (o) => L.polyline(points, { ...o, renderer: lines, fill: false }),
      () => ({ color: color("--card"), weight: 4, opacity: 0.8, lineCap: "round" }),
    ).addTo(views.routes);
    const line = draw(
      (o) => L.polyline(points, { ...o, renderer: lines, fill: false }),
      () => ({ color: color("--m-route"), weight: 2.4, lineCap: "round", dashArray: ".1 4.5" }),
    ).addTo(views.routes);
    routes.set(route.name, line);
  }

  let chosen = null;
  let touched = false;
  const unchoose = () => {
    if (chosen) map.removeLayer(chosen);
    chosen = null;
    document.querySelectorAll("[data-show][aria-pressed='true']").forEach((button) => {
      button.setAttribute("aria-pressed", "false");
    });
  };
  const light = (shape, closed) => {
    const ring = (o) => (closed ? L.polygon(shape, o) : L.polyline(shape, o));
    const wide = { renderer: lines, fill: false, interactive: false, lineCap: "round" };
    chosen = L.layerGroup([
      ring({ ...wide, color: color("--ink"), weight: 8 }),
      ring({ ...wide, color: color("--lantern"), weight: 5 }),
    ]).addTo(map);
  };

  let current = "";
  const show = (name) => {
    if (name === current) return;
    if (current) map.removeLayer(views[current]);
    views[name].addTo(map);
    current = name;
    document.querySelectorAll("[data-legend]").forEach((part) => {
      part.hidden = part.dataset.legend !== name;
    });
    box.dataset.view = name;
    const radio = document.querySelector(`input[name="view"][value="${name}"]`);
    if (radio) radio.checked = true;
    if (chosen) chosen.eachLayer((layer) => layer.bringToFront());
  };
  document.querySelectorAll("input[name='view']").forEach((radio) => {
    radio.addEventListener("change", () => {
      unchoose();
      show(radio.value);
      say.textContent = `The map shows: ${radio.parentElement.textContent.trim()}.`;
    });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show]");
    if (!button) return;
    const pressed = button.getAttribute("aria-pressed") === "true";
    unchoose();
    if (pressed) {
      fit();
      return;
    }
    const kind = button.dataset.show;
    const key = button.dataset.key;
    show({ cell: "homes", area: "areas", route: "routes" }[kind]);
    const target = { cell: cells, area: areas, route: routes }[kind].get(key);
    if (kind === "area") {
      map.fitBounds(target, { padding: [30, 30], animate: !calm });
    } else {
      light(target.getLatLngs(), kind === "cell");
      map.fitBounds(target.getBounds(), { padding: [60, 60], maxZoom: 15, animate: !calm });
    }
    button.setAttribute("aria-pressed", "true");
    box.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    say.textContent = `The map shows ${button.textContent.trim()}.`;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen) {
      unchoose();
      fit();
    }
  });

  document.getElementById("zoom-in").addEventListener("click", () => {
    touched = true;
    map.zoomIn();
  });
  document.getElementById("zoom-out").addEventListener("click", () => {
    touched = true;
    map.zoomOut();
  });
  document.getElementById("zoom-all").addEventListener("click", () => {
    touched = false;
    unchoose();
    fit();
  });
  const move = document.getElementById("move");
  move.hidden = !touch;
  move.addEventListener("click", () => {
    const on = !map.dragging.enabled();
    map.dragging[on ? "enable" : "disable"]();
    move.textContent = on ? "Scroll the page" : "Move the map";
  });

  const restyle = () => restyles.forEach((apply) => apply());
  let wasNear = near();
  map.on("zoomend", () => {
    // A cell of the finest kind is about 350 m across; its number needs 17 pixels.
    const metres = (40075016 * Math.cos((bounds.getCenter().lat * Math.PI) / 180)) / (256 * 2 ** map.getZoom());
    box.classList.toggle("far", 350 / metres < 17);
    if (wasNear !== near()) {
      wasNear = near();
      restyle();
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  const theming = document.getElementById("theme");
  const isDark = () =>
    (document.documentElement.dataset.theme
      || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const nameTheme = () => {
    theming.textContent = isDark() ? "Use light colors" : "Use dark colors";
  };
  theming.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
    restyle();
  });
  nameTheme();
  map.on("dragstart", () => {
    touched = true;
  });
  box.addEventListener("keydown", () => {
    touched = true;
  });
  new ResizeObserver(() => {
    map.invalidateSize({ pan: false });
    if (!touched && !chosen) {
      map.setMinZoom(0);
      fit();
      map.setMinZoom(map.getZoom() - 0.5);
    }
  }).observe(box);
  document.querySelectorAll("[data-needs-script]").forEach((part) => {
    part.hidden = false;
  });
  const asked = new URLSearchParams(location.hash.slice(1)).get("view");
  show(asked in views && (asked !== "worth" || data.worth) ? asked : "homes");
  map.fire("zoomend");
})();
