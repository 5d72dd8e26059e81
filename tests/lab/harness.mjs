// 엔진을 node에서 돌려 결과를 파일에 적습니다: node harness.mjs 일.json 결과.bin
// 일은 { draws, weights, runs, made }이고, 결과는 그 차례대로 이어 붙인 리틀 엔디언 배열입니다.

import fs from "node:fs";
import { makeData } from "../../wi_lib/lab/data.js";
import { Training } from "../../wi_lib/lab/engine.js";
import { getInitializer } from "../../wi_lib/lab/initializers.js";
import { Generator } from "../../wi_lib/lab/random.js";
import { layerSignals } from "../../wi_lib/lab/signals.js";

const [, , jobFile, resultFile] = process.argv;
const job = JSON.parse(fs.readFileSync(jobFile, "utf8"));
const out = [];
const put = (array) => out.push(Buffer.from(array.buffer, array.byteOffset, array.byteLength));

// 시드는 2⁵³을 넘기도 하므로 글로 받습니다.
for (const { seed, calls } of job.draws ?? []) {
  const rng = new Generator(seed);
  for (const [method, ...given] of calls) {
    const words = given.map((word) => ({ float32: Float32Array, float64: Float64Array })[word] ?? word);
    put(rng[method](...words));
  }
}

for (const { initializer, shape, seed } of job.weights ?? []) {
  const rng = new Generator(seed);
  const draw = getInitializer(initializer);
  put(draw(...shape, rng));
  put(draw(...shape, rng));
}

if (job.runs) {
  const floats = (file) => new Float32Array(new Uint8Array(fs.readFileSync(file)).buffer);
  const { x_train, y_train, x_test, y_test } = job.data;
  const data = { x_train: floats(x_train), y_train, x_test: floats(x_test), y_test };
  for (const { iterations, ...setting } of job.runs) {
    const training = new Training(setting, data);
    const losses = new Float64Array(iterations).fill(NaN);
    for (let i = 0; i < iterations && !training.diverged; i++) losses[i] = training.step();
    put(losses);
    put(Float64Array.of(training.diverged ? NaN : training.accuracy()));
    if (!job.signals) continue;
    training.step();
    Object.values(layerSignals(training)).forEach(put);
  }
}

for (const name of job.made ?? []) {
  const data = makeData(name, job.digits);
  const pixels = (x) => Float32Array.from(x, (value) => value / data.brightest);
  for (const part of ["train", "test"]) {
    put(pixels(data[`x_${part}`]));
    put(Float32Array.from(data[`y_${part}`]));
  }
}

fs.writeFileSync(resultFile, Buffer.concat(out));
