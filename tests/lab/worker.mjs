// 워커의 스크립트를 node에서 돌리며 명령을 보내고, 받은 것을 파일에 적습니다: node worker.mjs 일.json 결과.json
// 일은 { engine, digits, steps }이고, step은 보낼 명령에 wait(올 때까지 기다릴 상태)와 looks(답이 올 때마다 다시 물을 것)를
// 더한 것입니다.

import fs from "node:fs";

const [, , jobFile, resultFile] = process.argv;
const job = JSON.parse(fs.readFileSync(jobFile, "utf8"));
const heard = [];
const self = { postMessage: (message) => heard.push(structuredClone(message)) };
new Function("self", job.engine)(self);

const send = (data) => self.onmessage({ data: structuredClone(data) });
const rest = () => new Promise((resume) => setTimeout(resume, 1));

/** state인 모습(이나 오류)이 올 때까지. looks가 있으면 답이 올 때마다 다시 묻습니다. */
async function waitFor(state, looks) {
  for (let at = heard.length; ; ) {
    // 이미 오류로 끝난 실행은 더 답하지 않습니다.
    if (heard.length === at && heard.at(-1)?.kind === "error") return;
    while (heard.length === at) await rest();
    const message = heard[at++];
    if (message.kind === "error" || message.state === state) return;
    if (looks) send({ do: "look", run: message.run, wants: looks });
  }
}

send({ do: "give", name: "digits", parts: job.digits });
for (const { wait, looks, ...command } of job.steps) {
  if (command.do) send(command);
  if (wait) await waitFor(wait, looks);
}

globalThis.gc?.();
const { heapUsed, arrayBuffers } = process.memoryUsage();
const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
fs.writeFileSync(resultFile, JSON.stringify({ heard, memory: heapUsed + arrayBuffers }, plain));
process.exit();
