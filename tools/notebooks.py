"""노트북을 정해진 방식으로 실행합니다. 같은 기계에서 다시 실행하면 같은 바이트가 됩니다.

    python -m tools.notebooks chapters/*.ipynb

프로세서가 다르면 float32 합의 끝자리가 달라져 그림과 위젯의 격자도 조금 달라집니다. 그래서 저장된 것과 눈에 띄지
않게만 다르면(outputs.py) 저장된 것을 그대로 둡니다. diff에 나타나는 것은 언제나 진짜 변화입니다.
"""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from tqdm import tqdm

from wi_lib import datasets

from .outputs import WIDGET_STATE, keep_stored, widget_states

KEPT_METADATA = {"tags", "mystnb", "explore", "nbgrader"}
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
HTML = "text/html"
LAB = "wi_lib.lab.widget.Lab"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
REFERENCE = re.compile(r"IPY_MODEL_([0-9a-f]{32})")
KEPT = "저장된 노트북은 그대로이고, 앞의 것들은 저장했습니다."


class Client(NotebookClient):
    """멈추라는 신호를 받으면 커널을 끝내고 멈춥니다. nbclient는 커널만 끝내고 나아가다 AssertionError를 냅니다."""

    stopped = False

    async def async_start_new_kernel(self, **options):
        task = asyncio.current_task()

        def stop():
            self.stopped = True
            task.cancel()

        for sign in (signal.SIGINT, signal.SIGTERM):
            # Windows와 다른 스레드의 loop에는 신호를 처리하는 자리가 없습니다.
            with suppress(NotImplementedError, RuntimeError):
                asyncio.get_running_loop().add_signal_handler(sign, stop)
        # 작은 행렬에서는 스레드 하나가 가장 빠르고, 합의 순서도 정해집니다.
        # 진행 막대는 사람이 볼 때만 쓸모가 있고, 속도가 적혀 있어 실행할 때마다 다릅니다.
        env = {"OPENBLAS_NUM_THREADS": "1", **os.environ, "TQDM_DISABLE": "1"}
        await super().async_start_new_kernel(env=env, **options)


def execute(path, **hooks):
    """노트북을 처음부터 실행해 새 노트북을 돌려줍니다. 셀이 오류를 내면 nbclient의 오류가 그대로 나갑니다.

    `hooks`는 실행하는 동안 nbclient가 부를 함수입니다(`on_cell_executed`처럼).
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT_METADATA})
    notebook.metadata = nbformat.from_dict(KERNEL)
    options = {
        **{"record_timing": False, "store_widget_state": True, "coalesce_streams": True, "timeout": 300},
        # 커널마다 찍는, 암호화하지 않는다는 영어 경고를 뺍니다. 이 컴퓨터 안에서만 오갑니다.
        "extra_arguments": ["--log-level=ERROR"],
        # 다 실행한 커널은 죽입니다. 스스로 끝나게 하면 ipykernel의 두 스레드가 서로를 기다려 3초를 보낼 때가 있습니다.
        "shutdown_kernel": "immediate",
    }
    client = Client(notebook, resources={"metadata": {"path": str(Path(path).parent)}}, **options, **hooks)
    try:
        client.execute()
    except (DeadKernelError, asyncio.CancelledError):  # 어느 쪽이 나오는지는 어느 틈에 멈췄는지에 달렸습니다.
        if client.stopped:
            raise KeyboardInterrupt from None
        raise
    keep_pages_of_labs(notebook)
    widgets = notebook.metadata.get("widgets")
    notebook.metadata = nbformat.from_dict(KERNEL | ({"widgets": widgets} if widgets else {}))
    return renumber_widgets(notebook)


def keep_pages_of_labs(notebook):
    """실험대의 출력에는 페이지가 읽을 HTML만 남기고, 위젯의 표식과 상태는 뺍니다."""
    states = widget_states(notebook)
    labs = {model for model, saved in states.items() if saved["state"].get("_anywidget_id") == LAB}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("data", {}).get(WIDGET_VIEW, {}).get("model_id") in labs:
                output.data = nbformat.from_dict({HTML: output.data[HTML]})
    for lab in labs:
        layout = states.pop(lab)["state"]["layout"]
        states.pop(REFERENCE.fullmatch(layout)[1])
    if not states:
        notebook.metadata.pop("widgets", None)


def renumber_widgets(notebook):
    """위젯 모델의 무작위 id를 페이지에서 만나는 차례의 번호로 바꿉니다. 같은 노트북은 같은 id를 얻습니다."""
    states = {model: json.dumps(state, sort_keys=True) for model, state in widget_states(notebook).items()}
    order = []

    def visit(model):
        if model not in order:
            order.append(model)
            for reference in REFERENCE.findall(states[model]):
                visit(reference)

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if view := output.get("data", {}).get(WIDGET_VIEW):
                visit(view["model_id"])
    # 아무도 가리키지 않는 link는 자기가 가리키는 것의 차례를 따릅니다.
    links = [model for model in states if model not in order]
    for model in sorted(links, key=lambda m: [order.index(r) for r in REFERENCE.findall(states[m])]):
        visit(model)
    new = {model: f"{i:032x}" for i, model in enumerate(order)}
    text = re.sub(r"[0-9a-f]{32}", lambda match: new.get(match[0], match[0]), json.dumps(notebook))
    notebook = nbformat.from_dict(json.loads(text))
    if states:
        saved = notebook.metadata.widgets[WIDGET_STATE]
        saved.state = nbformat.from_dict(dict(sorted(saved.state.items())))
    return notebook


def store(path):
    """path를 실행해 저장하고 달라진 것의 이름을 돌려줍니다. 끊겨도, 둘이 함께 저장해도 온전한 노트북이 남습니다."""
    stored, fresh = nbformat.read(path, as_version=4), execute(path)
    changed = keep_stored(stored, fresh)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
    try:
        nbformat.write(fresh, temporary)
        temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return changed


def main(paths):
    if any("load_mnist" in Path(path).read_text(encoding="utf-8") for path in paths):
        # 진짜 MNIST가 없으면 여기서 멈춥니다. 대체 자료의 출력을 저장하면 본문과 어긋납니다.
        datasets.load_mnist()
    for path in tqdm(paths, desc="노트북 실행", unit="개"):
        try:
            changed = store(Path(path))
        except DeadKernelError:
            raise SystemExit(f"{path}: 실행하던 커널이 죽었습니다. 메모리가 모자라지 않은지 보십시오. {KEPT}") from None
        except CellControlSignal as error:
            raise SystemExit(f"{path}: 셀이 실패했습니다. {KEPT}\n{error}") from None
        except OSError as error:
            raise SystemExit(f"{path}: 읽거나 쓰지 못했습니다({error.strerror}). {KEPT}") from error
        except KeyboardInterrupt:
            raise SystemExit(f"{path}: 멈췄습니다. {KEPT}") from None
        print(f"{path}: {'달라진 셀 ' + ', '.join(changed) if changed else '그대로'}")


if __name__ == "__main__":
    main(sys.argv[1:])
