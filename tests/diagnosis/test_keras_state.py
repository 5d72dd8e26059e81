"""Keras의 모델을 어떻게 부르고, 부른 뒤에 그대로 두는지(`make parity`)."""

import random

import numpy as np
import pytest

from tests.diagnosis.keras_models import X, Y, keras, numpy, rms, seen, sequential
from wi_lib import diagnose

layers, ops = keras.layers, keras.ops
pytestmark = pytest.mark.filterwarnings("ignore")


def setup_function():
    keras.utils.set_random_seed(0)


def test_several_inputs_as_a_tuple_and_as_names():
    a, b = keras.Input((5,), name="a"), keras.Input((2,), name="b")
    model = keras.Model([a, b], layers.Concatenate()([layers.Dense(3)(a), layers.Dense(4)(b)]))
    x = (X, X[:, :2])
    apart, named = seen(model, x), seen(keras.Model({"a": a, "b": b}, model.outputs), {"a": x[0], "b": x[1]})
    assert [moments.rms for moments in apart.inputs] == pytest.approx([rms(array) for array in x])
    assert [layer.outputs.rms for layer in apart.layers] == pytest.approx([m.outputs.rms for m in named.layers])


def test_a_call_of_two_arguments_gets_them_in_order_and_by_name():
    class Two(keras.Model):
        def __init__(self):
            super().__init__()
            self.fc = layers.Dense(3)

        def call(self, left, right):
            return self.fc(left - right)

    model = Two()
    for x in ((X, 3 * X), {"left": X, "right": 3 * X}):
        assert seen(model, x).layers[0].inputs.rms == pytest.approx(2 * rms(X), rel=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_measures_what_the_policy_computes(policy):
    parts = [layers.Dense(64, activation="relu", dtype=policy), layers.Dense(3, dtype=policy)]
    recording = seen(sequential(*parts), X, Y)
    expected = "float16" if policy == "mixed_float16" else "float32"
    assert {layer.outputs.dtype for layer in recording.layers} == {expected}
    assert all(weight.gradient_rms > 0 for layer in recording.layers for weight in layer.weights.values())


def test_a_compiled_float16_model_is_measured_with_its_loss_scale():
    """손실에 2^15을 곱해 되돌리므로, 곱하지 않으면 float16에서 0이 될 기울기가 남습니다."""
    model = sequential(layers.Dense(4, dtype="mixed_float16"), layers.Dense(3, dtype="mixed_float16"))
    full = sequential(layers.Dense(4), layers.Dense(3))
    full.set_weights(model.get_weights())

    def tiny(outputs, labels):
        return 1e-7 * ops.mean(ops.square(ops.cast(outputs, "float32")))

    def size(model):
        return next(iter(seen(model, X, Y, loss=tiny).layers[0].weights.values())).gradient_rms

    assert size(model) == 0
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()), "sparse_categorical_crossentropy")
    assert size(model) == pytest.approx(size(full), rel=0.02)


def test_frozen_parts_have_no_gradient():
    model = sequential(layers.Dense(8, trainable=False), layers.Dense(3))
    [frozen], [free] = (layer.weights.values() for layer in seen(model, X, Y).layers)
    assert (frozen.trainable, frozen.gradient_rms) == (False, None)
    assert free.trainable
    assert free.gradient_rms > 0


def test_a_wholly_frozen_model_is_measured_forwards():
    model = sequential(layers.Dense(8), layers.Dense(3))
    model.trainable = False
    assert [layer.outputs.known for layer in seen(model, X, Y).layers] == [True, True]


def test_an_unbuilt_model_is_built_by_the_batch():
    model = keras.Sequential([layers.Dense(8), layers.Dense(3)])
    assert [weight.shape for layer in seen(model).layers for weight in layer.weights.values()] == [(5, 8), (8, 3)]


def test_a_batch_that_cannot_build_the_model_is_refused():
    model = keras.Sequential([layers.Dense(8), layers.Reshape((3, 3))])
    with pytest.raises(ValueError, match="x로 모델을 짓지 못했습니다"):
        diagnose(model, X)


def state(model):
    """되돌려야 하는 것을 모두 베낍니다."""
    optimizer = model.optimizer.variables if getattr(model, "optimizer", None) else []
    every = model._flatten_layers()
    seeds = [numpy(v) for layer in every for s in layer._seed_generators for v in [s.state]]
    values = [numpy(v).copy() for v in (*model.weights, *optimizer)]
    return values + seeds, [layer.trainable for layer in every], ["call" in vars(layer) for layer in every]


def whole():
    """시드, 이동 평균, 최적화기가 모두 있는 모델."""
    model = sequential(
        layers.Dense(8, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(3)
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def test_the_model_is_left_as_it_was_found():
    model = whole()
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    python, values = keras.src.backend.nn.relu, state(model)
    recording = seen(model, X, Y)
    assert recording.layers[0].activation == "relu"
    after = state(model)
    for one, other in zip(values[0], after[0]):
        np.testing.assert_array_equal(one, other)
    assert (values[1:], keras.src.backend.nn.relu) == (after[1:], python)


def test_random_numbers_that_the_model_draws_are_given_back():
    model = sequential(layers.Lambda(lambda x: x + random.random(), output_shape=(5,)), layers.Dense(3))
    before = random.getstate()
    assert seen(model).layers[0].inputs.rms != pytest.approx(rms(X), rel=1e-3)
    assert random.getstate() == before


def test_training_goes_on_as_if_nothing_had_been_measured():
    losses = []
    for measured in (False, True):
        keras.utils.set_random_seed(0)
        model = whole()
        if measured:
            seen(model, X, Y)
        losses.append(model.fit(X, Y, epochs=2, shuffle=False, verbose=0).history["loss"])
    assert losses[0] == losses[1]


def test_dropout_is_on():
    model = sequential(layers.Dense(64), layers.Dropout(0.5), layers.Dense(3))
    first, last = seen(model).layers
    assert first.outputs.zeros == 0
    assert 0.4 < last.inputs.zeros < 0.6


def test_an_error_names_the_layer_and_leaves_the_model_as_it_was():
    def fails(x):
        raise RuntimeError("고장")

    broken = layers.Lambda(fails, output_shape=(8,), name="broken")
    model = keras.Sequential([layers.Dense(8, activation="relu"), broken])
    relu, model.built, broken.built = keras.src.backend.nn.relu, True, True
    model.layers[0].build((None, 5))
    with pytest.raises(ValueError, match=r"broken\(Lambda\)(?s:.*)고장") as caught:
        diagnose(model, X)
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert not any("call" in vars(layer) for layer in model._flatten_layers())
    assert keras.src.backend.nn.relu is relu


def test_an_own_loss_replaces_the_given_ones():
    model = sequential(layers.Dense(3))
    logits = X @ numpy(model.layers[0].kernel)
    own = seen(model, X, Y, loss=lambda outputs, labels: ops.mean(outputs**2))
    assert own.loss == pytest.approx(rms(logits) ** 2, rel=1e-4)
    np.testing.assert_allclose(own.layers[0].deltas.totals, (2 * logits / logits.size).sum(axis=0), atol=1e-5)


def test_a_loss_of_keras_is_called_in_its_own_order():
    model = sequential(layers.Dense(3))
    theirs = seen(model, X, Y, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert theirs.loss == pytest.approx(seen(model, X, Y).loss, rel=1e-4)
    assert theirs.layers[0].deltas.rms == pytest.approx(seen(model, X, Y).layers[0].deltas.rms, rel=1e-4)


def test_labels_of_a_column_are_read_as_keras_reads_them():
    model = sequential(layers.Dense(3))
    assert seen(model, X, Y[:, None]).loss == seen(model, X, Y).loss


@pytest.mark.parametrize("wrap", [lambda z: {"logits": z, "hidden": -z}, lambda z: [z, -z]], ids=["dict", "list"])
def test_the_output_to_measure_is_the_logits_or_the_first(wrap):
    inputs = keras.Input((5,))
    head = layers.Dense(3)
    recording = seen(keras.Model(inputs, wrap(head(inputs))), X, Y)
    np.testing.assert_allclose(recording.outputs, X @ numpy(head.kernel), atol=1e-5)


def test_words_are_refused_as_inputs():
    with pytest.raises(TypeError, match="`x`에는"):
        diagnose(sequential(layers.Dense(3)), np.array(["a", "b"]))
