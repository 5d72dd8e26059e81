// 페이지의 모듈이 내보낸 함수를 node에서 부릅니다: 표준 입력의 [[모듈, 함수, ...인자]]를 읽어 결과의 목록을 찍습니다.

import fs from "node:fs";

const calls = JSON.parse(fs.readFileSync(0, "utf8"));
const results = [];
for (const [module, name, ...given] of calls) {
  const exported = (await import(`../../wi_lib/lab/${module}.js`))[name];
  results.push(typeof exported === "function" ? exported(...given) : exported);
}
console.log(JSON.stringify(results));
