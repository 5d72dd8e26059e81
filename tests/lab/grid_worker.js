// 엔진 뒤에 붙여 워커에서 돕니다: 설정의 목록을 받아 하나씩 학습시키고, 뽑은 가중치와 손실을 보냅니다.

onmessage = ({ data: { id, digits, runs } }) => {
  const data = Object.fromEntries(
    Object.entries(digits).map(([name, text]) => [
      name,
      // 글자 하나가 화소(0–16) 하나나 레이블 하나입니다.
      name[0] === "x" ? Float32Array.from(text, (c) => parseInt(c, 17) / 16) : Int32Array.from(text, Number),
    ]),
  );
  postMessage({ id, results: runs.map((run) => trained(run, data)) });
};

function trained({ iterations, ...setting }, data) {
  const training = new $.Training(setting, data);
  const weights = new Blob(training.net.weights);
  const losses = new Float64Array(iterations).fill(NaN);
  for (let i = 0; i < iterations && !training.diverged; i++) losses[i] = training.step();
  return { weights, losses: new Blob([losses]), accuracy: training.diverged ? NaN : training.accuracy() };
}
