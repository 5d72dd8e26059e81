"""비교 상대: 계산을 배열식 그대로 옮긴 float64 구현. 층마다 새 배열을 만들고, 아무것도 아끼지 않습니다.

책과 강의에서 흔히 보는 '층 클래스' 꼴입니다. wi_lib이 무엇을 덜 하는지 견주려고 둔 것이므로 빠르게 고치지 않습니다.
"""

import numpy as np


class Affine:
    def __init__(self, weight):
        self.weight, self.bias = weight, np.zeros(weight.shape[1])

    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, delta):
        self.weight_gradient = self.x.T @ delta
        self.bias_gradient = delta.sum(axis=0)
        return delta @ self.weight.T


class Relu:
    def forward(self, z):
        self.active = z > 0
        return np.where(self.active, z, 0)

    def backward(self, delta):
        return np.where(self.active, delta, 0)


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.probabilities, self.labels = exponentials / exponentials.sum(axis=1, keepdims=True), labels
        return -np.mean(np.log(self.probabilities[np.arange(len(labels)), labels]))

    def backward(self):
        one_hot = np.eye(self.probabilities.shape[1])[self.labels]
        return (self.probabilities - one_hot) / len(self.labels)


class Network:
    """Affine과 Relu를 번갈아 쌓고 소프트맥스 교차 엔트로피로 끝나는 망."""

    def __init__(self, weights):
        self.affines = [Affine(weight.astype(np.float64)) for weight in weights]
        self.layers = [layer for affine in self.affines for layer in (affine, Relu())][:-1]
        self.top = SoftmaxCrossEntropy()

    def loss(self, x, labels):
        for layer in self.layers:
            x = layer.forward(x)
        return self.top.forward(x, labels)

    def gradients(self, x, labels):
        """손실을 구하고, 층마다 weight_gradient와 bias_gradient를 남깁니다."""
        loss = self.loss(x, labels)
        delta = self.top.backward()
        for layer in reversed(self.layers):
            delta = layer.backward(delta)
        return loss

    def step(self, x, labels, learning_rate):
        loss = self.gradients(x, labels)
        for affine in self.affines:
            affine.weight -= learning_rate * affine.weight_gradient
            affine.bias -= learning_rate * affine.bias_gradient
        return loss


def propagate(x, depth, width, std, rng):
    """sigmoid 층을 지나며 활성화값을, 되돌아오며 기울기와 가중치 기울기를 모읍니다."""
    weights = [std * rng.standard_normal((width, width)) for _ in range(depth)]
    outputs = [x]
    for weight in weights:
        outputs.append(1 / (1 + np.exp(-(outputs[-1] @ weight))))
    gradient, gradients, deltas, weight_gradients = rng.standard_normal(x.shape), [], [], []
    for a_in, a_out, weight in zip(outputs[-2::-1], outputs[:0:-1], reversed(weights)):
        gradients.append(gradient)
        deltas.append(gradient * a_out * (1 - a_out))
        weight_gradients.append(a_in.T @ deltas[-1] / np.sqrt(len(x)))
        gradient = deltas[-1] @ weight.T
    return outputs[1:], gradients[::-1], deltas[::-1], weight_gradients[::-1]
