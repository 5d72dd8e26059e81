// 엔진 뒤에 붙여 워커에서 돕니다: 설정의 목록을 받아 하나씩 학습시키고, 뽑은 가중치와 기록을 보냅니다.

onmessage = ({ data: { digits, runs } }) => {
  const data = $.makeData("digits", digits);
  postMessage(runs.map((run) => trained(run, data)));
};

function trained({ iterations, ...setting }, data) {
  const training = new $.Training(setting, data);
  const weights = new Blob(training.net.weights);
  const record = new Float64Array(iterations + 1).fill(NaN);
  for (let i = 0; i < iterations && !training.diverged; i++) record[i] = training.step();
  const accuracy = training.diverged ? NaN : training.accuracy();
  if (!Number.isNaN(accuracy)) record[iterations] = 1;
  return [weights, new Blob([record]), accuracy];
}
