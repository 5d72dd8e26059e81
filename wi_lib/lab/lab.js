// 실험대를 차립니다. 페이지에서는 mountAll이 .wi-lab마다, JupyterLab에서는 anywidget이 render를 부릅니다.

export function render({ model, el }) {
  return mount(el, { address: model.get("address"), controls: model.get("controls"), digits: () => model.get("digits") });
}

export function mountAll() {
  for (const root of document.querySelectorAll(".wi-lab")) mount(root, { address: root.dataset.setting, controls: root.dataset.controls.split(" ") });
}

function mount(root, options) {}
