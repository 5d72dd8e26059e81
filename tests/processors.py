"""다른 프로세서를 흉내 내는 환경: BLAS의 커널과 스레드의 수, NumPy가 쓰는 벡터 명령."""

import numpy as np

# NumPy가 이 기계에서 골라 쓰는 벡터 명령. 맨 앞이 AVX2이고, 나머지는 AVX-512입니다(arm64에서는 비었습니다).
FOUND = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])


def processor(core, features=FOUND, threads=1):
    """OpenBLAS가 core의 커널을 쓰고, NumPy가 features를 쓰지 않게 하는 환경 변수."""
    disabled = {"NPY_DISABLE_CPU_FEATURES": " ".join(features)} if features else {}
    return {"OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": str(threads)} | disabled


# AVX도 없던 2008년의 것부터. Zen에서 OpenBLAS는 Haswell의 커널을 나누는 법만 바꾸어 씁니다.
PROCESSORS = {
    "prescott": processor("Prescott"),
    "nehalem": processor("Nehalem"),
    "sandybridge-2": processor("Sandybridge", threads=2),
    "haswell": processor("Haswell", FOUND[1:]),
    "zen-8": processor("Zen", FOUND[1:], threads=8),
    "skylakex-64": processor("SkylakeX", [], threads=64),
}
