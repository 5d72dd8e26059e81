// 엔진과 TensorFlow.js를 같은 가중치와 같은 배치로 한 걸음씩 움직이는 워커. 앞에 엔진의 글과 자료 DIGITS가 있습니다.

const contestants = {
  engine: (training) => () => training.step(),
  async cpu(training, setting) {
    importScripts(`${setting.origin}/tf.min.js`);
    await tf.setBackend("cpu");
    return tensorflow(training, setting);
  },
  async wasm(training, setting) {
    importScripts(`${setting.origin}/tf.min.js`, `${setting.origin}/tf-backend-wasm.min.js`);
    tf.wasm.setWasmPaths(`${setting.origin}/`);
    await tf.setBackend("wasm");
    return tensorflow(training, setting);
  },
};

function tensorflow(training, { sizes, activation, learning_rate, optimizer, batch_size }) {
  const variables = training.net.weights.map((weight, l) => tf.variable(tf.tensor2d(weight, [sizes[l], sizes[l + 1]])));
  const biases = training.net.biases.map((bias) => tf.variable(tf.tensor1d(bias)));
  const move = tf.train[optimizer](learning_rate);
  return () => {
    training.takeBatch();
    return tf.tidy(() => {
      const x = tf.tensor2d(training.work.outputs[0], [batch_size, sizes[0]]);
      const labels = tf.oneHot(tf.tensor1d(training.labels, "int32"), sizes.at(-1));
      const loss = () => {
        const logits = variables.reduce((a, weight, l) => {
          const z = tf.add(tf.matMul(a, weight), biases[l]);
          return l + 1 < variables.length ? tf[activation](z) : z;
        }, x);
        return tf.losses.softmaxCrossEntropy(labels, logits);
      };
      return move.minimize(loss, true, [...variables, ...biases]).dataSync()[0];
    });
  };
}

let step;

onmessage = async ({ data: { make, setting, steps } }) => {
  if (make) {
    step = await contestants[make](new $.Training(setting, $.makeData("digits", DIGITS)), setting);
    return postMessage(null);
  }
  const losses = new Float64Array(steps);
  const start = performance.now();
  for (let i = 0; i < steps; i++) losses[i] = step();
  postMessage({ milliseconds: performance.now() - start, losses: [...losses] });
};
