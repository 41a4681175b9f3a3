// "160 karung × 75 kg = 12 ton": select[data-convert="id of the amount"] whose options carry data-kg.
(() => {
  const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

  // 1.000,5 and 1000.5 are both written here: a point before exactly three digits groups, else it is a decimal.
  const parse = (text) => {
    const plain = text.trim().replace(/\s/g, "");
    const grouped = /^\d{1,3}(\.\d{3})+(,\d+)?$/.test(plain);
    return Number(grouped ? plain.replaceAll(".", "").replace(",", ".") : plain.replace(",", "."));
  };

  const weight = (kg) => (kg >= 1000 ? `${format.format(kg / 1000)} ton` : `${format.format(kg)} kg`);

  const watch = (select) => {
    const amount = document.getElementById(select.dataset.convert);
    const result = select.form.querySelector("[data-convert-result]");
    if (!amount || !result) return;

    const show = () => {
      const option = select.selectedOptions[0];
      const kg = Number(option?.dataset.kg);
      const count = parse(amount.value);
      // Kilograms and tons are what we convert to: there it would only repeat the input.
      const isUseful = kg > 0 && count > 0 && kg !== 1 && kg !== 1000;
      const unit = option?.dataset.word ?? option?.textContent.trim();
      result.textContent = isUseful
        ? `${format.format(count)} ${unit} × ${format.format(kg)} kg = ${weight(count * kg)}`
        : "";
    };
    // The units of a good come a while after it was chosen. A unit that somebody picked, before or meanwhile, stays:
    // 30 tons must not turn into 30 kilograms.
    let picked = amount.defaultValue || (amount.value && select.selectedIndex > 0) ? select.value : "";
    const keep = () => {
      if (picked && [...select.options].some((option) => option.value === picked)) select.value = picked;
      show();
    };
    amount.addEventListener("input", show);
    select.addEventListener("input", () => (picked = select.value));
    select.addEventListener("change", show);
    new MutationObserver(keep).observe(select, { childList: true });
    show();
  };

  document.querySelectorAll("select[data-convert]").forEach(watch);
})();
