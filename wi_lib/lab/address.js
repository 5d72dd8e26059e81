// 페이지의 주소에 적힌 설정. 등호가 없는 것은 제목으로 가는 주소이므로 건드리지 않습니다.

import { format } from "./setting.js";

const REST = 500;

/** 주소에 적힌 설정의 글. 없으면 null입니다. */
export const addressed = (hash = location.hash) => (hash.includes("=") ? hash.slice(1) : null);

let writing = 0;
/** 설정을 주소에 적습니다. 막대를 끄는 동안 뒤로 가기가 쌓이지 않게, 손을 멈춘 뒤에 지금의 주소를 고칩니다. */
export function writeAddress(setting) {
  clearTimeout(writing);
  writing = setTimeout(() => history.replaceState(history.state, "", `#${format(setting)}`), REST);
}
