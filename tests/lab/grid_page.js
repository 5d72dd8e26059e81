// 페이지에서 부릅니다. 앞에 워커의 글 ENGINE과 자료 DIGITS가 있습니다. 이진수는 base64로 돌려줍니다.

const worker = new Worker(URL.createObjectURL(new Blob([ENGINE], { type: "text/javascript" })));

function read(blob) {
  const { promise, resolve } = Promise.withResolvers();
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result.split(",")[1]);
  reader.readAsDataURL(blob);
  return promise;
}

window.train = (runs) => {
  const { promise, resolve, reject } = Promise.withResolvers();
  const encoded = ([weights, record, accuracy]) => Promise.all([read(weights), read(record), accuracy]);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.onmessage = ({ data: results }) => resolve(Promise.all(results.map(encoded)));
  worker.postMessage({ digits: DIGITS, runs });
  return promise;
};
