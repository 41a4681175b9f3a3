// The way back is open for some seconds: count them down, then take the button away.
(() => {
  const start = (form) => {
    let left = Number(form.dataset.countdown);
    const shown = form.querySelector("[data-countdown-seconds]");
    const tick = setInterval(() => {
      left -= 1;
      if (shown) shown.textContent = String(Math.max(left, 0));
      if (left > 0) return;
      clearInterval(tick);
      form.hidden = true;
    }, 1000);
  };

  document.querySelectorAll("[data-countdown]").forEach(start);
})();
