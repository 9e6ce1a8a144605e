// Suggests addresses while somebody types: <div data-suggest="/ask/places"> around a text field.
const WAIT_MS = 250;
const SHORTEST = 3;

for (const box of document.querySelectorAll("[data-suggest]")) {
  const input = box.querySelector("input");
  if (!input) continue;
  const list = document.createElement("datalist");
  list.id = `${input.id}-list`;
  input.after(list);
  input.setAttribute("list", list.id);
  let timer = 0;
  let asked = "";
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = input.value.trim();
      if (text.length < SHORTEST || text === asked) return;
      asked = text;
      try {
        const answer = await fetch(box.dataset.suggest, {
          method: "POST",
          body: new URLSearchParams({ q: text }),
        });
        if (answer.ok && text === input.value.trim()) list.innerHTML = await answer.text();
      } catch {
        // Without a line the field works as before.
      }
    }, WAIT_MS);
  });
}
