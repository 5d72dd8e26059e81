// 페이지에서 부릅니다. 앞에 워커의 글 ENGINE이 있습니다. 이진수는 base64로 돌려줍니다.

const worker = new Worker(URL.createObjectURL(new Blob([ENGINE], { type: "text/javascript" })));

function read(blob) {
  const { promise, resolve } = Promise.withResolvers();
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result.split(",")[1] ?? "");
  reader.readAsDataURL(blob);
  return promise;
}

window.train = (digits, runs) => {
  const { promise, resolve, reject } = Promise.withResolvers();
  worker.onerror = (event) => reject(new Error(event.message));
  worker.onmessage = async ({ data: { results } }) =>
    resolve(
      await Promise.all(
        results.map(async ({ weights, losses, accuracy }) => [await read(weights), await read(losses), accuracy]),
      ),
    );
  worker.postMessage({ digits, runs });
  return promise;
};
