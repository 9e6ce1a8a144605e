// Talkoot without a connection: the visits that one has accepted, and a page that says whom to call.
// Of private pages only those are kept that say so in a header, for a day, and only until signing
// out or until the server says that they are gone.

const FILES = "files-VERSION_OF_FILES";
const VISITS = "visits";
const OFFLINE = "/offline";
const FORGOTTEN = "/forgotten"; // where the form leads that forgets somebody, and nothing else
const NEEDED = [
  "ROOT_OF_FILES/css/tokens.css",
  "ROOT_OF_FILES/css/components.css",
  "ROOT_OF_FILES/img/mark.svg",
  "ROOT_OF_FILES/img/knit.svg",
];
const VISIT_PATH = /^\/volunteering\/visits\/[0-9a-f-]{36}$/;
const KEEP = "X-Talkoot-Keep";
const KEPT_AT = "X-Talkoot-Kept-At";
const A_DAY_MS = 24 * 60 * 60 * 1000;

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(clean().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (event.request.method !== "GET") {
    // Whoever comes or goes: what was kept for the one before goes.
    if (/^\/(sign-out|sign-in|demo|account\/forget)/.test(url.pathname)) {
      event.waitUntil(caches.delete(VISITS));
    }
    if (url.pathname.startsWith("/sign-out")) event.waitUntil(stopNotices());
    return;
  }
  if (url.pathname.startsWith("/static/")) {
    event.respondWith(openFile(event.request));
  } else if (event.request.mode === "navigate") {
    event.respondWith(openPage(event, url));
  }
});

// The page without a connection is fetched as a stranger sees it: nothing private is in it.
async function fill() {
  const files = await caches.open(FILES);
  await files.addAll(NEEDED);
  const page = await fetch(OFFLINE, { credentials: "omit" });
  if (page.ok) await files.put(OFFLINE, page);
}

async function clean() {
  for (const name of await caches.keys()) {
    if (name !== FILES && name !== VISITS) await caches.delete(name);
  }
  await dropOld();
}

// A file whose address has the version never changes; others are asked for first.
async function openFile(request) {
  const known = request.url.includes("ROOT_OF_FILES/") && (await caches.match(request));
  if (known) return known;
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      const files = await caches.open(FILES);
      await files.put(request, answer.clone());
    }
    return answer;
  } catch (error) {
    const named = request.url.replace(/\/static\/~\w+\//, "ROOT_OF_FILES/");
    const kept = (await caches.match(request)) || (await caches.match(named));
    if (kept) return kept;
    throw error;
  }
}

async function openPage(event, url) {
  if (url.pathname === FORGOTTEN) event.waitUntil(stopNotices());
  const isVisit = VISIT_PATH.test(url.pathname);
  try {
    const answer = await fetch(event.request);
    if (isVisit) event.waitUntil(keepOrDrop(url, answer.clone()));
    return answer;
  } catch {
    await dropOld();
    const visits = await caches.open(VISITS);
    const kept = isVisit && (await visits.match(url.pathname));
    return kept || (await caches.match(OFFLINE)) || Response.error();
  }
}

async function keepOrDrop(url, answer) {
  const visits = await caches.open(VISITS);
  const wanted = answer.ok && !answer.redirected && answer.headers.get(KEEP) === "visit";
  if (!wanted) {
    // A page that broke down says nothing about the visit.
    if (answer.status < 500) await visits.delete(url.pathname);
    return;
  }
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  await visits.put(url.pathname, new Response(await answer.blob(), { headers }));
}

async function dropOld() {
  const visits = await caches.open(VISITS);
  for (const request of await visits.keys()) {
    const kept = await visits.match(request);
    const age = Date.now() - Number(kept.headers.get(KEPT_AT));
    if (!(age < A_DAY_MS)) await visits.delete(request);
  }
}

// A notice is one sentence, and leads to one page of ours. Whatever came, something is shown.
self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data.json();
  } catch {}
  const { title = "Talkoot", body = "", tag = "", lang = "", path = "/" } = said;
  const shown = { body, tag, lang, data: { path }, icon: "ROOT_OF_FILES/img/icon-192.png" };
  event.waitUntil(self.registration.showNotification(title, shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { origin } = self.location;
  const url = new URL(event.notification.data?.path ?? "/", origin);
  event.waitUntil(self.clients.openWindow(url.origin === origin ? url.href : origin));
});

async function stopNotices() {
  const kept = await self.registration.pushManager?.getSubscription();
  await kept?.unsubscribe();
}
