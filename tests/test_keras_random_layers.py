"""Layers of Keras with settings by chance, beside what Keras counts and puts out."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from test_keras_layers import compared, witnessed

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras is the witness")

Case = tuple[list[tuple[int, ...]], str]
Maker = Callable[[random.Random], Case]


def sizes(chance: random.Random, axes: int, first: bool, channels: int) -> tuple[int, ...]:
    """The sizes of an input with so many axes of positions."""
    positions = tuple([chance.randint(9, 14) for _ in range(axes)])
    return (channels, *positions) if first else (*positions, channels)


def each(chance: random.Random, axes: int, most: int) -> str:
    """A number, or one for each axis."""
    if chance.random() < 0.5:
        return str(chance.randint(1, most))
    return repr(tuple([chance.randint(1, most) for _ in range(axes)]))


def window(chance: random.Random, axes: int, first: bool) -> str:
    """Settings of a layer with windows; strides and dilation are not both larger than 1."""
    found = f"padding={chance.choice(['valid', 'same'])!r}"
    found += f", {chance.choice(['strides', 'dilation_rate'])}={each(chance, axes, 3) if axes < 2 else 2}"
    return found + (", data_format='channels_first'" if first else "")


def convolution(kind: str) -> Maker:
    """A maker of a convolution of a kind, such as ``Conv{}D``."""

    def made(chance: random.Random) -> Case:
        axes = chance.randint(1, 2 if "Separable" in kind or "Depthwise" in kind else 3)
        first, groups = chance.random() < 0.3, chance.choice([1, 1, 2])
        more = f", use_bias={chance.random() < 0.7}, activation={chance.choice([None, 'relu', 'softmax'])!r}"
        kernel = each(chance, axes, 4)
        if "Depthwise" in kind:
            call = f"{kernel}, depth_multiplier={chance.randint(1, 3)}"
        else:
            call = f"{chance.choice([2, 4, 6])}, {kernel}"
        if kind == "Conv{}D":
            more += f", groups={groups}"
        name = kind.format(axes)
        code = f"layers.{name}({call}, {window(chance, axes, first)}{more})(a)"
        return [sizes(chance, axes, first, 4)], code

    return made


def pooling(chance: random.Random) -> Case:
    """A pool over windows, over everything, or to a size."""
    axes, first = chance.randint(1, 3), chance.random() < 0.3
    order = ", data_format='channels_first'" if first else ""
    kind = chance.choice(["MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling"])
    if kind.startswith("Global"):
        call = f"keepdims={chance.random() < 0.5}{order}"
    else:
        strides = chance.choice(["None", each(chance, axes, 3)])
        padding = chance.choice(["valid", "same"])
        call = f"{each(chance, axes, 4)}, strides={strides}, padding={padding!r}{order}"
    return [sizes(chance, axes, first, 4)], f"layers.{kind}{axes}D({call})(a)"


def arranged(chance: random.Random) -> Case:
    """A rim, a cut, an enlarged map, axes in another order."""
    axes, first = chance.randint(1, 3), chance.random() < 0.3
    order = ", data_format='channels_first'" if first else ""
    kind = chance.choice(["ZeroPadding", "Cropping", "UpSampling", "Permute", "Reshape", "RepeatVector"])
    shape = sizes(chance, axes, first, 4)
    if kind == "Permute":
        dims = list(range(1, axes + 2))
        chance.shuffle(dims)
        return [shape], f"layers.Permute({tuple(dims)})(a)"
    if kind == "Reshape":
        return [shape], f"layers.Reshape(({chance.choice(['2, -1', '-1, 4', '-1,', '2, 2, -1'])}))(a)"
    if kind == "RepeatVector":
        return [(7,)], f"layers.RepeatVector({chance.randint(1, 5)})(a)"
    pairs = tuple([(chance.randint(0, 2), chance.randint(0, 3)) for _ in range(axes)])
    given = each(chance, axes, 3) if kind == "UpSampling" else repr(pairs if axes > 1 else pairs[0])
    if axes == 1:  # those over one axis have no order of axes
        order, shape = "", sizes(chance, 1, False, 4)
        given = given.strip("(),") if kind == "UpSampling" else given
    if kind == "UpSampling" and axes == 2:
        order += f", interpolation={chance.choice(['nearest', 'bilinear', 'bicubic'])!r}"
    return [shape], f"layers.{kind}{axes}D({given}{order})(a)"


def merged(chance: random.Random) -> Case:
    """Two or three tensors, some of which are spread."""
    axes = chance.randint(0, 3)
    shape = sizes(chance, axes, False, 4)
    kind = chance.choice(["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"])
    if kind == "Concatenate":
        axis = chance.choice([-1, *range(1, axes + 2)])
        return [shape, shape, shape], f"layers.Concatenate(axis={axis})([a, b, c])"
    other = tuple([1 if chance.random() < 0.3 else n for n in shape])
    return [shape, other], f"layers.{kind}()([a, b])"


def normalised(chance: random.Random) -> Case:
    """A norm over some axes."""
    axes = chance.randint(1, 3)
    shape = sizes(chance, axes, False, 4)
    kind = chance.choice(["Batch", "Layer", "Layer", "Group", "RMS", "Unit", ""])
    axis = chance.randint(1, axes + 1)
    several = tuple(sorted(chance.sample(range(1, axes + 2), chance.randint(1, axes))))
    given = f"axis={several if kind in ('Layer', 'Unit', '') else axis}"
    if kind in ("Batch", "Layer", "Group"):
        given += f", center={chance.random() < 0.5}, scale={chance.random() < 0.5}"
    if kind == "Group":
        given = f"-1, {given}"
    # Behind it the axes stand as before: Keras' own order is seen by a layer that mixes the last one.
    return [shape], f"layers.Dense(3)(layers.{kind}Normalization({given})(a))"


def recurrent(chance: random.Random) -> Case:
    """A recurrent layer, perhaps in both directions."""
    kind = chance.choice(["LSTM", "GRU", "SimpleRNN"])
    given = f"{chance.randint(2, 6)}, use_bias={chance.random() < 0.7}"
    given += f", return_sequences={chance.random() < 0.5}, return_state={chance.random() < 0.3}"
    if kind == "GRU":
        given += f", reset_after={chance.random() < 0.5}"
    layer = f"layers.{kind}({given}, go_backwards={chance.random() < 0.2})"
    if chance.random() < 0.5:
        mode = chance.choice(["concat", "sum", "mul", "ave", None])
        layer = f"layers.Bidirectional(layers.{kind}({given}), merge_mode={mode!r})"
    return [(chance.randint(2, 9), chance.randint(2, 9))], f"{layer}(a)"


def attention(chance: random.Random) -> Case:
    """Attention of one tensor, of two or of three."""
    axes = chance.randint(1, 2)
    first, second = sizes(chance, axes, False, 6), sizes(chance, axes, False, 8)
    third = (*second[:-1], 5)
    given = f"{chance.randint(1, 4)}, {chance.randint(1, 5)}, use_bias={chance.random() < 0.5}"
    given += f", value_dim={chance.choice([None, 3])}, output_shape={chance.choice([None, 7])}"
    call = chance.choice(["a, a", "a, b", "a, b, c"])
    causal = ", use_causal_mask=True" if call == "a, a" and axes == 1 else ""
    shapes = [first, second, third][: len({*call} - {",", " "})]
    return shapes, f"layers.MultiHeadAttention({given})({call}{causal})"


MAKERS: dict[str, Maker] = {
    "conv": convolution("Conv{}D"),
    "depthwise": convolution("DepthwiseConv{}D"),
    "separable": convolution("SeparableConv{}D"),
    "transposed": convolution("Conv{}DTranspose"),
    "pooling": pooling,
    "arranged": arranged,
    "merged": merged,
    "normalised": normalised,
    "recurrent": recurrent,
    "attention": attention,
}


def made(count: int, seed: int) -> dict[str, Case]:
    """So many cases of each maker."""
    return {
        f"{name} {number}": maker(random.Random(f"{name} {number} {seed}"))
        for name, maker in MAKERS.items()
        for number in range(count)
    }


def held(cases: dict[str, Case], path: Path) -> None:
    """Hold what is read of each case beside what Keras says; settings that Keras refuses are left out."""
    found, wrong = witnessed(cases), []
    built = {name: one for name, one in found.items() if isinstance(one, list)}
    assert len(built) > 0.7 * len(cases)
    for name, (text, counts, outputs) in built.items():
        try:
            compared(text, counts, outputs, path, "channels_first" in cases[name][1])
        except Exception as error:
            wrong.append(f"{cases[name]}: {str(error)[:300]}")
    assert not wrong, "\n".join(wrong)


def test_layers_by_chance(tmp_path: Path) -> None:
    """Defeats: a rim on the wrong side of an even kernel, an axis that is counted from the other end, a bias
    of a direction that is counted once."""
    held(made(4, 1), tmp_path / "model.json")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 5))
def test_many_layers_by_chance(seed: int, tmp_path: Path) -> None:
    held(made(30, seed), tmp_path / "model.json")
