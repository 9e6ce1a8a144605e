/* Keys 1 to 9 choose among the choices that hold the focus. Without it, arrow keys do. */
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  const inside = document.activeElement;
  if (!(inside instanceof HTMLInputElement) || inside.type !== "radio") return;
  const choices = inside.closest("[data-pick]")?.querySelectorAll("input[type=radio]");
  const chosen = choices?.[Number(event.key) - 1];
  if (!chosen) return;
  event.preventDefault();
  chosen.checked = true;
  chosen.focus();
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
});
