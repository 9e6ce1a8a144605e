/* How many asked near an address, while it is typed. Without this, the button shows the same. */
const place = document.querySelector("[data-near]");
const shown = document.getElementById("near");
const form = place?.closest("form");

if (place && shown && form) {
  const field = place.querySelector("input[name=typed]");
  place.querySelector("[data-near-button]")?.closest("p")?.setAttribute("hidden", "");
  shown.setAttribute("aria-live", "polite");
  let asked = field.defaultValue;
  const look = async () => {
    const typed = field.value.trim();
    if (typed === asked || typed.length < 6 || !/\d/.test(typed)) return;
    asked = typed;
    const sent = new URLSearchParams({ csrf: form.elements.csrf.value, typed });
    try {
      const answer = await fetch(place.dataset.near, { method: "POST", body: sent });
      if (answer.ok && field.value.trim() === typed) shown.innerHTML = await answer.text();
    } catch {
      asked = "";
    }
  };
  field.addEventListener("change", look);
  look();
}
