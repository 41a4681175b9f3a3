// Keys of the review queue: J K move, A R P U press the button of the row that carries data-key, ? shows the list.
// They can be switched off (WCAG 2.1.4) and never act while someone types.
(() => {
  const queue = document.querySelector("[data-queue]");
  if (!queue) return;
  const OFF = "keys-off";
  const off = document.querySelector("[data-keys-off]");
  const help = document.querySelector("dialog[data-keys-help]");

  const rows = () => [...queue.querySelectorAll("[data-queue-row]")];
  const current = () => queue.querySelector("[data-queue-row][aria-current]");

  const select = (row) => {
    if (!row) return;
    current()?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    row.querySelector("[data-queue-focus], a, button")?.focus({ preventScroll: true });
  };
  const move = (by) => {
    const all = rows();
    const place = all.indexOf(current());
    select(all[Math.min(Math.max(place + by, 0), all.length - 1)]);
  };
  // Buttons may stand in the row or, for the open row, in a panel beside the list.
  const press = (key) => {
    const button =
      current()?.querySelector(`[data-key="${key}"]`) ??
      document.querySelector(`[data-queue-panel] [data-key="${key}"], [data-queue-always] [data-key="${key}"]`);
    button?.click();
    return Boolean(button);
  };

  const isTyping = (target) =>
    target.closest("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio]):not([type=button])");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (off?.checked || help?.open || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "?") help?.showModal();
    else if (!/^[a-z]$/.test(key) || event.repeat || !press(key)) return;
    event.preventDefault();
  });

  queue.addEventListener("click", (event) => {
    const row = event.target.closest("[data-queue-row]");
    if (row && !event.target.closest("a, button, label, input")) select(row);
  });

  try {
    if (off) off.checked = localStorage.getItem(OFF) === "1";
    off?.addEventListener("change", () => localStorage.setItem(OFF, off.checked ? "1" : "0"));
  } catch {
    // The browser keeps nothing: the switch holds for this page only.
  }
  if (rows().length && !current()) rows()[0].setAttribute("aria-current", "true");
})();
