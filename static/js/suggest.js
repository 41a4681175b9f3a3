// Suggestions while typing: input[data-suggest-url][data-suggest-into]. The list is radio rows drawn by the server.
(() => {
  const WAIT = 200; // ms after the last key
  const LETTERS = 3;

  const watch = (input) => {
    const list = document.getElementById(input.dataset.suggestInto);
    if (!list) return;
    const count = document.createElement("p");
    count.className = "vh";
    count.setAttribute("role", "status");
    list.after(count);
    let timer = 0;
    let request = null;
    let picked = "";

    // What somebody touched while the answer was on its way stays chosen; a row that came chosen tells its good.
    const settle = () => {
      const rows = [...list.querySelectorAll("input")];
      const again = rows.find((row) => row.value === picked);
      if (again) again.checked = true;
      else rows.find((row) => row.checked)?.dispatchEvent(new Event("change", { bubbles: true }));
    };

    const ask = async () => {
      request?.abort();
      request = new AbortController();
      const address = new URL(input.dataset.suggestUrl, location.href);
      address.searchParams.set("q", input.value.trim());
      try {
        const answer = await fetch(address, { signal: request.signal, headers: { "HX-Request": "true" } });
        if (!answer.ok) return;
        list.innerHTML = await answer.text();
        settle();
        const found = list.querySelectorAll("input").length;
        count.textContent = (input.dataset.suggestFound ?? "").replace("%n", String(found));
      } catch {
        // No signal, or a newer letter came: the list stays as it is and the button "Cari" still works.
      }
    };

    list.addEventListener("change", (event) => {
      if (event.isTrusted) picked = event.target.value;
    });
    input.addEventListener("input", (event) => {
      clearTimeout(timer);
      picked = "";
      // A draft that fills the field again is not a person typing.
      if (event.isTrusted && input.value.trim().length >= LETTERS) timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      const row = list.querySelector("input:checked") ?? list.querySelector("input");
      if (!row) return;
      event.preventDefault();
      row.focus();
    });
    list.addEventListener("keydown", (event) => {
      if (event.key === "Escape") input.focus();
    });
  };

  document.querySelectorAll("input[data-suggest-url]").forEach(watch);
})();
