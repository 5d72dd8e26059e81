"""장의 시험이 함께 쓰는 자료."""

import pytest

from wi_lib import datasets


@pytest.fixture(scope="module")
def mnist():
    try:
        return datasets.load_mnist()
    except datasets.DatasetError:
        pytest.skip("MNIST가 없습니다. WI_LIB_DATA_DIR에 원본 파일을 둔 폴더를 적으면 이 시험도 돕니다.")
