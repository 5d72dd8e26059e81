"""실험대를 anywidget으로. 페이지에는 위젯의 상태가 아니라, 같은 설정의 파이썬이 든 HTML을 남깁니다."""

import html
from typing import Any

import anywidget
import traitlets

from ..checks import check_choice, refuse
from . import bundle, digits
from .setting import DEFAULTS, complete, program

NOTE = "스크립트를 켜면 여기에서 이 설정으로 학습시킬 수 있습니다. 다음 파이썬은 같은 실행을 되풀이합니다."


class Lab(anywidget.AnyWidget):
    """실험대 하나. 셀의 마지막에 두면 그 자리에서 학습시키고 층마다의 신호를 봅니다.

    - 설정: `data`, `activation`, `initializer`, `depth`(은닉층 수), `width`, `learning_rate`, `optimizer`,
      `batch_size`, `iterations`, `seed`. 적지 않으면 처음 값이고, `initializer`는 "he_normal"이나
      "normal(0.01)"처럼 적습니다.
    - `controls`: 독자가 바꿀 설정의 이름들. 비우면 모두입니다.

    모르는 이름과 범위 밖의 값에는 ValueError나 TypeError를 던집니다.

    >>> Lab(activation="sigmoid", initializer="normal(1)", controls=["initializer"])
    <실험대: activation=sigmoid&initializer=normal(1)>
    """

    _esm = bundle.module()
    _css = bundle.css()
    address = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    digits = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, controls: list[str] | tuple[str, ...] = (), **setting: Any) -> None:
        if not isinstance(controls, (list, tuple)):
            refuse("controls", f"다음 이름({', '.join(DEFAULTS)})의 목록", controls, TypeError)
        for name in controls:
            check_choice("controls", name, DEFAULTS)
        self.setting = complete(setting)
        super().__init__(
            address="&".join(f"{name}={value}" for name, value in setting.items()), controls=list(controls)
        )
        # 손글씨 숫자는 10만 자가 넘으므로, 화면이 그것으로 학습시키려고 달라고 할 때에만 보냅니다.
        self.on_msg(self._send_digits)

    def _send_digits(self, widget: Any, content: Any, buffers: Any) -> None:
        self.digits = digits.packed()

    def __repr__(self) -> str:
        return f"<실험대: {self.address}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = super()._repr_mimebundle_(**options)
        data, *rest = shown if isinstance(shown, tuple) else (shown,)
        return ({**data, "text/html": self._page()}, *rest)

    def _page(self) -> str:
        """책의 페이지가 읽는 HTML. 스크립트가 없는 곳과 인쇄한 종이에는 그 안의 글이 보입니다."""
        controls = html.escape(" ".join(self.controls))
        inside = f"<p>{NOTE}</p><pre><code>{html.escape(program(self.setting))}</code></pre>"
        return (
            f'<div class="wi-lab" data-setting="{html.escape(self.address)}" data-controls="{controls}">{inside}</div>'
        )
