// A form is sent once. The second tap on a slow line does nothing until the page comes back.
(() => {
  const release = (form) => form.removeAttribute("aria-busy");

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.once === "off") return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    // A form that htmx sends stays on the page and must not stay busy.
    if (!event.defaultPrevented) form.setAttribute("aria-busy", "true");
  });

  // Coming back with the back button shows the page as it was left, busy forms included.
  addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(release));

  // After a refusal, the summary takes the focus, so that a screen reader and a phone both start there.
  document.querySelector("[data-error-summary]")?.focus();
})();
