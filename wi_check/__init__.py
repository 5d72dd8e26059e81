"""연습 문제의 답을 확인하는 꾸러미. 장마다 모듈 하나, 문제마다 함수 하나입니다.

강의자의 채점과 혼자 공부하는 사람의 확인이 같은 함수를 부르므로 같은 말을 듣습니다. 답의 코드는 보지 않고, 무작위
모양과 시드로 돌려 **행동**을 봅니다. 기대하는 값은 `wi_lib`로 재므로 식을 두 번 적지 않습니다.
"""

from importlib import import_module

from .answers import Wrong
from .notebook import watch

__all__ = ["Wrong"]
watch()


def __getattr__(name):
    # `from wi_check import ch05`가 그 장의 모듈만 읽게 합니다.
    if name.startswith("ch"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(name)
