// 요소를 만드는 일. record.js, answers.js, sketch.js, ask.js가 함께 씁니다.
function wiMake(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
function wiButton(text, act, className = "") {
  const made = wiMake("button", { type: "button", textContent: text, className });
  made.addEventListener("click", act);
  return made;
}
