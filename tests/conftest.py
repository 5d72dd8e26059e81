"""시험의 공통 설정."""

import os
import tempfile

# 작은 행렬에서는 스레드 하나가 빠르고, 시험을 나누어 돌리는 프로세스끼리 다투지 않습니다. NumPy보다 먼저 정합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hypothesis
import pytest

from tests.browsing import PAGES, SITE, chromium, served

# Hypothesis가 저장소에 .hypothesis 폴더를 만들지 않도록 임시 폴더를 줍니다.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(tempfile.gettempdir(), "hypothesis"))
# 예를 늘 같은 차례로 뽑으므로 어느 기계에서나 같은 시험이고, 느린 기계라고 실패하지 않습니다.
hypothesis.settings.register_profile("wi_lib", derandomize=True, deadline=None, max_examples=50)
hypothesis.settings.load_profile("wi_lib")


@pytest.fixture(scope="module")
def address():
    assert PAGES, "_build/html이 비었습니다. make book을 먼저 하십시오."
    with served(SITE) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened
