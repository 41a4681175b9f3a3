// "24 × 9.000.000": [data-product="quantity price"] shows the product of two inputs while somebody types.
(() => {
  const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });
  const scales = [[/(ribu|rb|thousand)$/, 1e3], [/(juta|jt|million)$/, 1e6], [/(miliar|milyar|mlr|m|billion)$/, 1e9], [/(triliun|trilyun|t|trillion)$/, 1e12]];

  // As the server reads it: 1.000,5 and 1000.5; one mark before exactly three digits groups.
  const parse = (text) => {
    let plain = text.trim().toLowerCase().replace(/^(rp\.?|idr)\s*/, "").replace(/\s/g, "").replace(/,-$/, "");
    let scale = 1;
    for (const [word, size] of scales) {
      if (word.test(plain)) {
        scale = size;
        plain = plain.replace(word, "");
        break;
      }
    }
    if (/^\d{1,3}([.,]\d{3})+$/.test(plain)) plain = plain.replace(/[.,]/g, "");
    else if (/^\d{1,3}(\.\d{3})+,\d+$/.test(plain)) plain = plain.replaceAll(".", "").replace(",", ".");
    else plain = plain.replace(",", ".");
    return plain === "" ? NaN : Number(plain) * scale;
  };

  for (const output of document.querySelectorAll("[data-product]")) {
    const inputs = output.dataset.product.split(" ").map((id) => document.getElementById(id));
    if (inputs.some((input) => !input)) continue;
    const show = () => {
      const product = inputs.reduce((value, input) => value * parse(input.value), 1);
      output.textContent = Number.isFinite(product) && product > 0 ? `Rp\u00a0${format.format(Math.round(product))}` : "–";
    };
    inputs.forEach((input) => input.addEventListener("input", show));
  }
})();
