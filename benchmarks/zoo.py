"""프레임워크가 나누어 주는 모델을 무작위 초기화로 진단해, 건강한 모델에서 헛된 경보가 나는지 봅니다.

`make bench-zoo`가 `make parity`의 환경에서 부릅니다. 찾은 것이 참인지는 사람이 재어 benchmarks/README.md에 적습니다.
"""

import itertools
import warnings

import numpy as np
import timm
import torch
import torchvision
import transformers

import wi_lib

TORCHVISION = (
    *("alexnet", "vgg11", "vgg11_bn", "resnet18", "resnet50", "densenet121", "mobilenet_v2", "mobilenet_v3_small"),
    *("efficientnet_b0", "convnext_tiny", "vit_b_16", "swin_t", "googlenet", "squeezenet1_1", "shufflenet_v2_x1_0"),
    *("mnasnet1_0", "regnet_y_400mf"),
)
TIMM = (
    *("resnetv2_50", "mixer_s32_224", "convnextv2_atto", "vit_tiny_patch16_224", "deit_tiny_patch16_224"),
    *("swin_tiny_patch4_window7_224", "nfnet_f0", "regnetz_b16", "ghostnet_100", "efficientvit_b0", "mobilevit_xxs"),
    *("coatnet_nano_rw_224", "edgenext_xx_small", "poolformer_s12", "eca_nfnet_l0", "beit_base_patch16_224"),
)
SIDE, VOCABULARY, LENGTH = 96, 1000, 32
# 작은 트랜스포머: 이름 → (모델, 설정).
WIDTH = {"hidden_size": 128, "num_hidden_layers": 6, "num_attention_heads": 4, "vocab_size": VOCABULARY}
WIDE = {**WIDTH, "intermediate_size": 512, "bos_token_id": 0, "eos_token_id": 1}
TEXTS = {
    "GPT2LMHeadModel": ("GPT2Config", {**WIDE, "n_positions": 64}),
    "BertForMaskedLM": ("BertConfig", WIDE),
    "T5ForConditionalGeneration": ("T5Config", {"d_model": 128, "d_kv": 32, "d_ff": 256, "vocab_size": VOCABULARY}),
    "LlamaForCausalLM": ("LlamaConfig", WIDE),
    "MistralForCausalLM": ("MistralConfig", {**WIDE, "num_key_value_heads": 2}),
    "GPTNeoXForCausalLM": ("GPTNeoXConfig", WIDE),
}


def images(count=8):
    return torch.randn(count, 3, SIDE, SIDE), torch.arange(count) * 37


def pictures():
    """(이름, 모델, 입력, 레이블): 표준정규인 그림 여덟 장, 클래스 1,000개."""
    for name in TORCHVISION:
        options = {"googlenet": {"init_weights": True}, "vit_b_16": {"image_size": SIDE}}.get(name, {})
        torch.manual_seed(0)
        yield f"torchvision {name}", getattr(torchvision.models, name)(**options), *images()
    for name in TIMM:
        torch.manual_seed(0)
        fixed = {"mixer_s32_224", "coatnet_nano_rw_224"} & {name} or "patch" in name
        model = timm.create_model(name, pretrained=False, **({"img_size": SIDE} if fixed else {}))
        yield f"timm {name}", model, *images()


def texts():
    for name, (config, options) in TEXTS.items():
        torch.manual_seed(0)
        model = getattr(transformers, name)(getattr(transformers, config)(**options))
        tokens, labels = torch.randint(0, VOCABULARY, (2, 4, LENGTH))
        x = {"input_ids": tokens}
        if name.startswith("T5"):
            x["decoder_input_ids"] = labels.roll(1, dims=1)
        yield f"transformers {name}", model, x, labels


def described(findings):
    parts = [f"`{f.code}`({f.severity}) {f.layer}, 층 {1 + len(f.also)}개, {f.measured:.3g}" for f in findings]
    return "; ".join(parts) or "없음"


def main():
    warnings.simplefilter("ignore")  # 모델을 만들며 내는 꾸러미의 경고
    transformers.logging.set_verbosity_error()
    print("| 모델 | 층 | 첫 손실(기대) | 찾은 것 |\n|---|--:|--:|---|")
    for name, model, x, labels in itertools.chain(texts(), pictures()):
        report = wi_lib.diagnose(model, x, labels, rng=np.random.default_rng(0))
        loss = f"{report.loss:.2f}({report.expected_loss:.2f})"
        print(f"| {name} | {len(report.recording.layers)} | {loss} | {described(report.findings)} |", flush=True)


if __name__ == "__main__":
    main()
