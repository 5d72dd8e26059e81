"""규칙: `Recording`을 읽어 아픈 곳(`Finding`)을 찾습니다."""

from . import rules_data, rules_signals, rules_weights
from .finding import ERROR, NOTE, WARNING, Finding
from .recording import Recording

# 앞의 것이 뒤의 것의 까닭입니다: 앞의 것이 있으면 뒤의 것은 말하지 않습니다.
SIGNALS = ("vanishing_forward", "exploding_forward", "default", "branch_scale", "dead", "saturation", "symmetry")
CONSEQUENCES = {
    "vanishing_backward": SIGNALS,
    "exploding_backward": (*SIGNALS, "wrong_fan"),
    "output_scale": ("exploding_forward", "branch_scale", "input", "wrong_fan"),
    "first_loss": ("exploding_forward", "branch_scale", "input", "wrong_fan"),
    "loss_missing": ("exploding_forward", "input"),
    "exploding_forward": ("wrong_fan",),
    "vanishing_forward": ("wrong_fan", "dead", "symmetry"),
    "default": ("dead", "symmetry"),
    "saturation": ("input",),
    "dead": ("input", "symmetry"),
}


def findings(recording: Recording) -> list[Finding]:
    """찾은 것을 심한 것부터. 다른 것의 결과로 설명되는 것은 뺍니다."""
    found = [
        *rules_data.inputs(recording),
        *rules_data.labels(recording),
        *rules_weights.symmetry(recording),
        *rules_weights.shared_seed(recording),
        *rules_weights.wrong_fan(recording),
        *rules_signals.forward(recording),
        *rules_signals.dead(recording),
        *rules_signals.saturation(recording),
        *rules_signals.backward(recording),
        *rules_weights.norm_hides(recording),
        *rules_data.outputs(recording),
        *rules_data.underflow(recording),
    ]
    # 유닛이 남아 있는 층은 신호가 모든 층에서 줄어든 까닭이 아닙니다. 깊은 망에서는 오히려 그 결과입니다.
    codes = {finding.code for finding in found if finding.code != "dead" or finding.severity == ERROR}
    kept = [finding for finding in found if not codes & set(CONSEQUENCES.get(finding.code, ()))]
    return sorted(kept, key=lambda finding: (ERROR, WARNING, NOTE).index(finding.severity))
