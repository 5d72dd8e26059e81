"""노트북을 정해진 방식으로 실행합니다. 같은 기계에서 다시 실행하면 같은 바이트가 됩니다.

    python tools/notebooks.py chapters/*.ipynb

프로세서가 다르면 float32 합의 끝자리가 달라져 그림도 조금 달라집니다. 그래서 저장된 그림과 눈에 띄지 않게만
다르면(RMS ≤ IMAGE_TOLERANCE) 저장된 것을 그대로 둡니다. diff에 나타나는 것은 언제나 진짜 변화입니다.
"""

import base64
import io
import os
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from PIL import Image
from tqdm import tqdm

from wi_lib import datasets

KEPT_METADATA = {"tags", "mystnb"}
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
PNG = "image/png"
# 0–255 화소 값의 RMS. 점 하나가 한 눈금 옮겨 가도 이보다 커집니다(tests/test_tools.py).
IMAGE_TOLERANCE = 1.0


def execute(path):
    """노트북을 처음부터 실행해 새 노트북을 돌려줍니다. 셀이 오류를 내면 nbclient의 오류가 그대로 나갑니다."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT_METADATA})
    notebook.metadata = nbformat.from_dict(KERNEL)
    # 진행 막대는 사람이 볼 때만 쓸모가 있고, 속도가 적혀 있어 실행할 때마다 다릅니다.
    os.environ["TQDM_DISABLE"] = "1"
    # 작은 행렬에서는 스레드 하나가 가장 빠르고, 합의 순서도 정해집니다.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = {"record_timing": False, "store_widget_state": False, "coalesce_streams": True, "timeout": 300}
    NotebookClient(notebook, resources={"metadata": {"path": str(Path(path).parent)}}, **options).execute()
    notebook.metadata = nbformat.from_dict(KERNEL)
    return notebook


def image_difference(stored, fresh):
    """base64 PNG 두 장의 화소 RMS. 크기가 다르면 무한대입니다."""
    first, second = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"), float) for png in (stored, fresh)
    )
    return float(np.sqrt(np.mean((first - second) ** 2))) if first.shape == second.shape else np.inf


def same(stored, fresh):
    """출력 두 개가 같은지: 글은 글자까지, 그림은 IMAGE_TOLERANCE까지."""
    if PNG not in stored.get("data", {}) or PNG not in fresh.get("data", {}):
        return stored == fresh
    texts = ({k: v for k, v in output["data"].items() if k != PNG} for output in (stored, fresh))
    return next(texts) == next(texts) and image_difference(stored["data"][PNG], fresh["data"][PNG]) <= IMAGE_TOLERANCE


def keep_stored(stored, fresh):
    """fresh의 출력 가운데 저장된 것과 같다고 볼 것은 stored의 것으로 바꾸고, 다른 셀의 id를 돌려줍니다."""
    before = {cell.id: cell for cell in stored.cells if cell.cell_type == "code"}
    changed = []
    for cell in fresh.cells:
        if cell.cell_type != "code":
            continue
        outputs = before[cell.id].outputs if cell.id in before else None
        if outputs is not None and len(outputs) == len(cell.outputs) and all(map(same, outputs, cell.outputs)):
            cell.outputs = outputs
        else:
            changed.append(cell.id)
    return changed


def main(paths):
    if any("load_mnist" in Path(path).read_text(encoding="utf-8") for path in paths):
        # 진짜 MNIST가 없으면 여기서 멈춥니다. 대체 자료의 출력을 저장하면 본문과 어긋납니다.
        datasets.load_mnist()
    for path in tqdm(paths, desc="노트북 실행", unit="개"):
        stored, fresh = nbformat.read(path, as_version=4), execute(path)
        changed = keep_stored(stored, fresh)
        temporary = Path(path).with_suffix(".tmp")
        nbformat.write(fresh, temporary)
        temporary.replace(path)
        print(f"{path}: {'달라진 셀 ' + ', '.join(changed) if changed else '그대로'}")


if __name__ == "__main__":
    main(sys.argv[1:])
