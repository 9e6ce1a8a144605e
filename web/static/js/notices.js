// Notices on this phone: asks the browser for leave, and lets the form say where they go.
const card = document.querySelector("[data-notices-card]");
const form = card?.querySelector("form[data-notices=off]");

const show = (...names) => {
  for (const part of card.querySelectorAll("[data-notices]")) {
    part.hidden = !names.includes(part.dataset.notices);
  }
};
const TOO_LONG_MS = 15_000;
const tooLate = () =>
  new Promise((_, reject) => setTimeout(reject, TOO_LONG_MS, new Error("no service worker")));
const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const isSame = (buffer, bytes) =>
  buffer && String(new Uint8Array(buffer)) === String(bytes);

async function subscribe(key) {
  await navigator.serviceWorker.register("/sw.js"); // says so when it cannot be
  const { pushManager } = await Promise.race([navigator.serviceWorker.ready, tooLate()]);
  let found = await pushManager.getSubscription();
  if (found && !isSame(found.options.applicationServerKey, key)) {
    await found.unsubscribe();
    found = null;
  }
  return found ?? pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function turnOn() {
  const leave = await Notification.requestPermission();
  if (leave !== "granted") return show(leave === "denied" ? "blocked" : "off");
  const { endpoint, keys } = (await subscribe(bytesOf(form.dataset.key))).toJSON();
  Object.entries({ endpoint, ...keys }).forEach(([name, text]) => {
    if (form.elements[name]) form.elements[name].value = text;
  });
  form.requestSubmit();
}

async function start() {
  card.hidden = false;
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    return show("never");
  }
  if (Notification.permission === "denied") return show("blocked");
  form.addEventListener("submit", (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    turnOn().catch(() => show("off", "failed"));
  });
  const worker = await navigator.serviceWorker.getRegistration();
  const found = await worker?.pushManager.getSubscription();
  show(found && card.hasAttribute("data-notices-on-here") ? "" : "off");
}

if (form) start().catch(() => show("off"));
