// What is typed stays on this phone until the server has it. One draft per form: form[data-draft="key"].
(() => {
  const PREFIX = "draft:";
  const WAIT = 400; // ms after the last key
  const KEPT_OUT = ["csrf_token", "password", "code"];

  const storage = (() => {
    try {
      localStorage.getItem(PREFIX);
      return localStorage;
    } catch {
      return null; // private mode: the page works, it only forgets
    }
  })();
  if (!storage) return;

  const read = (key) => {
    try {
      return JSON.parse(storage.getItem(PREFIX + key)) ?? {};
    } catch {
      return {};
    }
  };
  const write = (key, values) => {
    try {
      storage.setItem(PREFIX + key, JSON.stringify(values));
      return true;
    } catch {
      return false; // the phone is full
    }
  };
  let hasSignedOut = false;
  const forgetAll = () => {
    hasSignedOut = true;
    Object.keys(storage).filter((key) => key.startsWith(PREFIX)).forEach((key) => storage.removeItem(key));
  };

  const isChoice = (field) => field.type === "radio" || field.type === "checkbox";
  const isKept = (field) =>
    field.name && !["hidden", "file", "password", "submit", "button"].includes(field.type) && !KEPT_OUT.includes(field.name);
  const fieldsOf = (form) => [...form.elements].filter(isKept);

  const valuesOf = (form) => {
    const values = {};
    for (const field of fieldsOf(form)) {
      values[field.name] ??= [];
      if (!isChoice(field) || field.checked) values[field.name].push(field.value);
    }
    return values;
  };

  const isEmpty = (group) => group.every((field) => (isChoice(field) ? !field.checked : field.value === ""));

  const isText = (field) => !isChoice(field) && field.tagName !== "SELECT";

  // Only what the server left empty is filled: what it sent is newer or was corrected by an officer.
  // A list always shows something; in a form without any text that is only what it begins with.
  const restore = (form, values) => {
    const isFresh = isEmpty(fieldsOf(form).filter(isText));
    let restored = 0;
    for (const [name, kept] of Object.entries(values)) {
      const group = fieldsOf(form).filter((field) => field.name === name);
      if (!kept.length || !group.length) continue;
      if (!isEmpty(group) && !(isFresh && group[0].tagName === "SELECT")) continue;
      for (const [place, field] of group.entries()) {
        if (isChoice(field)) field.checked = kept.includes(field.value);
        else field.value = kept[place] ?? "";
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      restored += 1;
    }
    return restored;
  };

  const watch = (form) => {
    const key = form.dataset.draft;
    const state = form.querySelector("[data-draft-state]");
    const say = (text) => {
      if (state && text) state.textContent = text;
    };
    if (restore(form, read(key))) say(form.dataset.draftRestored ?? form.dataset.draftSaved);

    let timer = 0;
    const save = () => {
      clearTimeout(timer);
      timer = 0;
      if (!hasSignedOut && write(key, valuesOf(form))) say(form.dataset.draftSaved);
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(save, WAIT);
    });
    // The phone may close the page before the wait is over.
    addEventListener("pagehide", () => timer && save());
  };

  document.querySelectorAll("[data-receipt]").forEach((receipt) => storage.removeItem(PREFIX + receipt.dataset.receipt));
  document.querySelectorAll("form[data-draft]").forEach(watch);
  document.querySelectorAll("form[data-clears-drafts]").forEach((form) => form.addEventListener("submit", forgetAll));
})();
