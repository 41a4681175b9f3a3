// A job in the background: [data-progress-url] answers {share, text, is_done}; the page reloads when it is done.
(() => {
  const PAUSE = 1500; // ms

  const watch = (box) => {
    const bar = box.querySelector(".meter rect:last-child");
    const text = box.querySelector("[data-progress-text]");

    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.progressUrl, { headers: { Accept: "application/json" } });
        if (!answer.ok) return; // signed out or gone: leave the page as it is
        const state = await answer.json();
        bar?.setAttribute("width", String(Math.round(state.share * 100)));
        if (text && text.textContent !== state.text) text.textContent = state.text;
        if (state.is_done) {
          location.reload();
          return;
        }
      } catch {
        // No signal: ask again after the pause.
      }
      setTimeout(ask, PAUSE);
    };
    setTimeout(ask, PAUSE);
  };

  document.querySelectorAll("[data-progress-url]").forEach(watch);
})();
