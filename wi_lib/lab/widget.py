"""실험대를 anywidget으로. 페이지에는 위젯의 상태가 아니라, 같은 설정의 파이썬이 든 HTML을 남깁니다."""

import html

import anywidget
import traitlets

from . import bundle


class Lab(anywidget.AnyWidget):
    """실험대 하나. 셀의 마지막에 두면 그 자리에서 학습시키고 층마다의 신호를 봅니다.

    - `setting`: 처음 설정. 주소의 것과 같은 이름과 꼴입니다: `Lab(activation="sigmoid", initializer="normal(1)")`.
    - `controls`: 독자가 바꿀 설정의 이름들. 비우면 모두입니다.
    """

    _esm = bundle.module()
    address = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    digits = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, controls: list[str] | tuple[str, ...] = (), **setting: object) -> None:
        address = "&".join(f"{name}={value}" for name, value in setting.items())
        super().__init__(address=address, controls=list(controls))

    def _repr_mimebundle_(self, **options: object):
        shown = super()._repr_mimebundle_(**options)
        data, *rest = shown if isinstance(shown, tuple) else (shown,)
        controls = " ".join(self.controls)
        page = f'<div class="wi-lab" data-setting="{html.escape(self.address)}" data-controls="{controls}"></div>'
        data = {**data, "text/html": page}
        return (data, *rest)
