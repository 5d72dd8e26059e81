// 페이지를 열기 전에 심어 둡니다: 수가 아닌 것이 보이는지, 화면이 얼마나 멎는지, 누른 뒤 첫 걸음이 언제인지를 적습니다.

window.seen = {};
window.watchAnew = () => Object.assign(window.seen, { strange: [], longest: 0, pressed: null, first: null });
watchAnew();

const NUMBERLESS = /NaN|Infinity|undefined|null|\[object/;
const SHOWN = ["aria-label", "aria-valuetext", "data-loss", "data-accuracy", "data-step"];
const PAUSE = 100;

function look(root) {
  const texts = [root.innerText];
  for (const name of SHOWN)
    for (const element of [root, ...root.querySelectorAll(`[${name}]`)]) texts.push(element.getAttribute(name) ?? "");
  seen.strange.push(...texts.filter((text) => NUMBERLESS.test(text)));
}

function watch(root) {
  let waiting = false;
  new MutationObserver(() => {
    if (seen.pressed && !seen.first && Number(root.dataset.step) > 0) seen.first = performance.now() - seen.pressed;
    if (waiting) return;
    waiting = true;
    // 지켜보는 일이 화면을 멎게 하지 않도록, 모아서 봅니다.
    setTimeout(() => {
      waiting = false;
      look(root);
    }, PAUSE);
  }).observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
  root.addEventListener("click", (event) => event.target.closest(".wi-lab-run") && (seen.pressed = event.timeStamp), true);
}

addEventListener("DOMContentLoaded", () => watch(document.querySelector(".wi-lab")));
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
}).observe({ type: "longtask", buffered: true });
