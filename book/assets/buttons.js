// 그림은 글을 다 보인 다음에 마저 받아 둡니다. 인쇄를 누른 뒤에 받기 시작하면 종이에 빈자리가 남습니다.
const fetchPictures = () => document.querySelectorAll("img[loading=lazy]:not(.wi-dark)").forEach((image) => (image.loading = "eager"));
addEventListener("beforeprint", fetchPictures);
addEventListener("load", () => (window.requestIdleCallback ?? setTimeout)(fetchPictures));

// 테마의 단추는 onclick 속성으로 움직이는데, 내용 보안 정책이 그것을 막으므로 여기서 잇습니다.
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll(".btn-download-pdf-button")) button.addEventListener("click", () => print());
  for (const button of document.querySelectorAll(".btn-fullscreen-button")) button.addEventListener("click", () => toggleFullScreen());
});
