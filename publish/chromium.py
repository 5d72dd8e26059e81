"""이 기계의 Chromium: PDF, 페이지의 시험, Lighthouse가 함께 씁니다."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")


def installed():
    """기계에 설치된 Chromium의 자리. 없으면 None이고, Playwright는 그때 제가 내려받아 둔 것을 씁니다."""
    return next(filter(None, map(shutil.which, NAMES)), None)
