// 아직 받지 않은 그림도 종이에는 있어야 합니다.
addEventListener("beforeprint", () => document.querySelectorAll("img[loading=lazy]").forEach((image) => (image.loading = "eager")));

// 테마의 단추는 onclick 속성으로 움직이는데, 내용 보안 정책이 그것을 막으므로 여기서 잇습니다.
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll(".btn-download-pdf-button")) button.addEventListener("click", () => print());
  for (const button of document.querySelectorAll(".btn-fullscreen-button")) button.addEventListener("click", () => toggleFullScreen());
});
