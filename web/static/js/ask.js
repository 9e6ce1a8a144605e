// <a href="/page/that/asks" data-ask>: that page in a dialog. Where it does not fit, its own address.
const CONTENT = "main > div";

async function fetchPage(link) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const content = page.querySelector(CONTENT);
  const heading = content?.querySelector("h1");
  if (!answer.ok || answer.redirected || !heading || !content.querySelector("form")) throw new Error("another page");
  return { content, heading };
}

// The heading of the page becomes that of the dialog, below the one that this page has.
function lower(heading, id) {
  const made = document.createElement("h2");
  made.id = id;
  made.tabIndex = -1;
  made.setAttribute("autofocus", ""); // the words first, not the button that ends something
  made.append(...heading.childNodes);
  heading.replaceWith(made);
}

function build(link, { content, heading }) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "ask-title");
  lower(heading, "ask-title");
  for (const form of content.querySelectorAll("form:not([action])")) form.action = link.href;
  for (const one of content.querySelectorAll("[id]")) {
    if (document.getElementById(one.id)) throw new Error(`there are two ${one.id}`);
  }
  // What leads back from the page closes the dialog.
  for (const one of content.querySelectorAll("form a[href]")) {
    if (new URL(one.href).pathname === location.pathname) one.dataset.closeDialog = "";
  }
  content.className = "stack stack-4";
  dialog.append(content);
  return dialog;
}

let isFetching = false;

export async function ask(link) {
  if (isFetching) return; // a second click while the page comes
  isFetching = true;
  try {
    show(link, build(link, await fetchPage(link)));
  } finally {
    isFetching = false;
  }
}

function show(link, dialog) {
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("a[data-close-dialog]")) event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.showModal();
}
