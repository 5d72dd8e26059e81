// 예상에 답하는 방법: 고르기와 수 적기. 선을 그리는 것은 sketch.js에 있습니다.
//
// 방법마다 상자에 답할 자리를 만들고 세 가지를 돌려줍니다. judge(given)은 그 답이 맞는지(right)와 할 말(said)과 도드라지게 할
// 까닭의 이름(why)이고, 답일 수 없는 것이면 null입니다. show(given)은 답한 모습을, show(null)은 답하기 전의 모습을 보입니다.
// first는 다시 답할 때 초점이 갈 곳입니다. 독자가 답하면 answer(given)을 부릅니다.

function wiChoice(box, answer) {
  const list = box.querySelector(":scope > ol"), right = Number(box.dataset.right);
  const items = [...list.children];
  const judge = (given) => ({
    right: given === right,
    said: given === right ? "맞았습니다." : `다릅니다. 답은 ${right}번입니다.`,
    why: String(given),
  });
  const buttons = items.map((item, i) => {
    for (const link of item.querySelectorAll("a")) link.replaceWith(...link.childNodes); // 단추 안에는 링크를 두지 못합니다.
    const name = wiSpoken(item);
    const choose = wiButton("", () => list.dataset.given || answer(i + 1), "wi-choice");
    choose.append(...[...item.childNodes].flatMap((node) => (node.tagName === "P" ? [...node.childNodes] : [node])), wiMake("span", { className: "visually-hidden" }));
    if (choose.querySelector("math")) choose.dataset.name = name;
    item.replaceChildren(choose);
    return choose;
  });
  list.classList.add("wi-choices");
  return {
    judge: (given) => (Number.isInteger(given) && items[given - 1] ? judge(given) : null),
    show(given) {
      if (given) list.dataset.given = given;
      else delete list.dataset.given;
      buttons.forEach((choose, i) => {
        choose.setAttribute("aria-disabled", Boolean(given));
        items[i].classList.toggle("wi-given", i + 1 === given);
        items[i].classList.toggle("wi-right", Boolean(given) && i + 1 === right);
        choose.lastChild.textContent = [[i + 1 === given, " (고른 답)"], [given && i + 1 === right, " (맞는 답)"]].map(([is, text]) => (is ? text : "")).join("");
        if (choose.dataset.name) choose.setAttribute("aria-label", choose.dataset.name + choose.lastChild.textContent);
      });
    },
    first: buttons[0],
  };
}

function wiNumber(box, answer) {
  const blank = [...box.querySelectorAll(":scope > p")].at(-1);
  const { unit } = box.dataset;
  const [low, high] = [box.dataset.low, box.dataset.high].map(Number);
  const read = (text) => wiReadNumber(unit && text.trim().endsWith(unit) ? text.trim().slice(0, -unit.length) : text);
  const input = wiMake("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
  input.setAttribute("aria-label", `답${unit && `, 단위는 ${unit}`}`);
  const refused = wiMake("span", { className: "wi-refused", role: "alert" });
  const form = wiMake("form", { className: "wi-number" }, input, unit, wiMake("button", { textContent: "답하기" }), refused);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = read(input.value);
    input.setAttribute("aria-invalid", given === null);
    refused.textContent = given === null ? "수로 적어 주십시오. 0.02나 1/50이나 2e-2처럼 적을 수 있습니다." : "";
    if (given === null) input.focus();
    else answer(input.value.trim());
  });
  blank.classList.add("wi-on-paper");
  blank.after(form);
  return {
    judge(text) {
      const given = typeof text === "string" ? read(text) : null;
      if (given === null) return null;
      const side = given < low ? "low" : given > high ? "high" : "";
      const said = { low: "다릅니다. 답보다 작게 적었습니다.", high: "다릅니다. 답보다 크게 적었습니다.", "": "맞았습니다." }[side];
      return { right: side === "", said, why: side };
    },
    show(given) {
      input.value = given ?? "";
      input.readOnly = given !== null;
      form.querySelector("button").hidden = given !== null;
    },
    first: input,
  };
}

// 단추의 이름에서는 식이 빠지므로 글로 적습니다: 10^−4, b^(3), σ_w^2.
function wiSpoken(item) {
  const copy = item.cloneNode(true);
  for (const low of copy.querySelectorAll("msub, msubsup")) low.children[1].prepend("_");
  for (const raised of copy.querySelectorAll("msup, msubsup")) raised.lastElementChild.prepend("^");
  for (const fraction of copy.querySelectorAll("mfrac")) fraction.lastElementChild.prepend("/");
  return copy.textContent.replace(/\s+/g, " ").trim();
}

// "1,500", "1/50", "2e-5", "3×10^-5", "10⁻³"을 수로. 수가 아니면 null입니다. "0,5"는 0.5인지 5인지 모릅니다.
function wiReadNumber(text) {
  const raised = text.replace(/10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)/g, (_, digits) => `10^${[...digits].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).map((n) => (n < 0 ? "-" : n)).join("")}`);
  const spaceless = raised.normalize("NFKC").replace(/\s/g, "");
  const digits = spaceless.replace(/\b[1-9]\d{0,2}(?:,\d{3})+(?![\d,])/g, (thousands) => thousands.replaceAll(",", ""));
  const written = digits.replace(/[−–]/g, "-").replace(/[x*]/gi, "×");
  const power = written.replace(/^(?:(.+)×)?10\^\(?([-+]?\d+)\)?$/, (_, digits = "1", exponent) => `${digits}e${exponent}`);
  const [top, bottom = "1", ...more] = power.split("/");
  const plain = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
  const value = plain.test(top) && plain.test(bottom) && !more.length ? Number(top) / Number(bottom) : NaN;
  return Number.isFinite(value) ? value : null;
}
