"""지은 모델을 진단하고, 심은 것과 견줍니다."""

import re
import warnings
import zlib
from dataclasses import dataclass
from importlib import import_module

import numpy as np

import wi_lib
from experiments.clinic.faults import Expected
from experiments.clinic.faults_data import FAULTS
from experiments.clinic.specs import healthy
from wi_lib.diagnosis import rules
from wi_lib.diagnosis.recording import Recording

# 프레임워크: 설계도를 짓는 모듈
BUILDERS = {
    "wi_lib": "experiments.clinic.networks",
    "torch": "experiments.clinic.torch_models",
    "keras": "experiments.clinic.keras_models",
    "flax": "experiments.clinic.flax_models",
}
VARIANTS = {variant.__name__: variant for variants in FAULTS.values() for variant in variants}
FAULT_OF = {variant.__name__: fault for fault, variants in FAULTS.items() for variant in variants}
WHAT = {name: variant.__doc__.rstrip(".") for name, variant in VARIANTS.items()}


@dataclass(frozen=True)
class Result:
    """진단 하나.

    - `why`: 하지 못한 까닭. 했으면 None. `found`: 맞는 코드가 나왔는지. `located`: 맞는 층에서 나왔는지.
    - `findings`: (코드, 심각함, 층)의 목록.
    """

    why: str | None
    found: bool = False
    located: bool = False
    findings: tuple[tuple[str, str, str | None], ...] = ()


@dataclass(frozen=True)
class Seen:
    """지어서 진단한 모델 하나: 그 기록, 찾아야 할 것, 그것이 심긴 층의 이름."""

    recording: Recording
    expected: Expected
    where: tuple[str, ...]

    def judged(self):
        """지금의 규칙과 문턱으로 본 `Result`."""
        said = rules.findings(self.recording)
        right = [f for f in said if f.code in self.expected.codes]
        located = any(_at(f, self.where, self.expected.whole) for f in right)
        return Result(None, bool(right), located, tuple((f.code, f.severity, f.layer) for f in said))


def examine(framework, number, variant=None, seed=0):
    """number번 모델에 variant를 심고 진단한 `Result`. variant가 없으면 건강한 모델입니다."""
    seen = see(framework, number, variant, seed)
    return Result(seen) if isinstance(seen, str) else seen.judged()


def see(framework, number, variant=None, seed=0):
    """`examine`이 보는 `Seen`, 지을 수 없으면 그 까닭."""
    blueprint, expected = sick(number, variant, framework, seed)
    if isinstance(expected, str):
        return expected
    builder = import_module(BUILDERS[framework])
    if why := builder.expressible(blueprint):
        return f"{framework}: {why}"
    model, names = builder.build(blueprint)
    x = blueprint.inputs[0] if len(blueprint.inputs) == 1 else tuple(blueprint.inputs)
    loss = None if blueprint.loss_scale == 1 else builder.scaled_loss(blueprint)
    with warnings.catch_warnings():
        # 넘치거나 사라지는 값은 심은 것입니다.
        warnings.simplefilter("ignore")
        recording = wi_lib.diagnose(model, x, blueprint.labels, loss=loss).recording
    return Seen(recording, expected, tuple(names[part] for part in expected.where if part in names))


def sick(number, variant, framework="wi_lib", seed=0):
    """(variant를 심은 설계도, Expected나 심을 수 없는 까닭)."""
    blueprint = healthy(number, seed)
    if variant is None:
        return blueprint, Expected((), ())
    rng = np.random.default_rng([number, zlib.crc32(variant.encode())])
    extra = {"framework": framework} if variant == "same_seed" else {}
    return blueprint, VARIANTS[variant](blueprint, rng, **extra)


def _at(finding, where, whole):
    if finding.layer is None:
        return whole
    return any(_same(finding.layer, name) for name in where)


def _same(layer, name):
    """층의 이름이 name이거나, 그 안의 부분(어텐션의 query 등)인지."""
    return layer == name or bool(re.match(re.escape(name) + r"[./\[_]", layer))


def present():
    """불러올 수 있는 프레임워크의 이름."""
    from importlib.util import find_spec

    return [name for name in BUILDERS if find_spec(name) and (name != "flax" or find_spec("jax"))]
