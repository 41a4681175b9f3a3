// GET filters go on change. A search field waits for Enter, so nothing reloads under the fingers.
(() => {
  const FOCUS = "filters-focus";

  for (const form of document.querySelectorAll("form[data-filters]")) {
    form.querySelectorAll("[data-filters-button]").forEach((button) => (button.hidden = true));
    form.addEventListener("change", (event) => {
      if (!event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) return;
      sessionStorage.setItem(FOCUS, event.target.id);
      form.requestSubmit();
    });
    // Empty filters would only make the address long.
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
    });
  }

  // The page comes back with the focus where it was: nobody walks through the header again.
  const id = sessionStorage.getItem(FOCUS);
  sessionStorage.removeItem(FOCUS);
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
})();
