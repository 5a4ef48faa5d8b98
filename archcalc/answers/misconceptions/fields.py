"""Misconceptions of how far a unit sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ...arithmetic import value_of
from ..methods.fields import ADDED, LAST, MULTIPLIED, Field, Path, PathStep
from .belief import CONVENTION, Variant, belief

# More than the times that paths meet in any network: wherever they do.
EVERY = 1 << 30
_WESLEYAN = "Texas Wesleyan University, a quiz"


@belief(
    "kernels added up",
    wrong="Σ F",
    why="The first layer sees F positions. Each one after it adds F − 1 to both rims together.",
    hint="What do two windows have in common that lie side by side?",
    source=f"{_WESLEYAN} (5 -> 6)",
)
def kernels_added(path: Path) -> Path | None:
    return path.but(how=ADDED) if len(path.windows) > 1 else None


@belief(
    "kernels multiplied",
    wrong="Π F",
    why="Neighbouring windows overlap: a layer adds F − 1 positions, as far apart as the "
    "strides before it say.",
    hint="What do two windows have in common that lie side by side?",
    source=f"{_WESLEYAN} (5 -> 9)",
)
def kernels_multiplied(path: Path) -> Path | None:
    return path.but(how=MULTIPLIED) if len(path.windows) > 1 else None


@belief(
    "the last kernel only",
    wrong="F",
    why="That is how far it sees in the layer before. Each position there sees further.",
    hint="What does a position of the layer before see?",
    source=f"{_WESLEYAN} (5 -> 3)",
)
def last_kernel(path: Path) -> Path | None:
    return path.but(how=LAST) if len(path.windows) > 1 else None


@belief(
    "strides forgotten",
    wrong="1 + Σ (F − 1)",
    why="Behind a stride, neighbouring positions are further apart in the image: F − 1 counts "
    "times the product of the strides before.",
    hint="How far apart in the image are two neighbours of this layer's input?",
    source="KTU, an answer key (16 -> 11)",
)
def strides_forgotten(path: Path) -> Path | None:
    steps = tuple([step.but(stride=1) for step in path.steps])
    return path.but(steps=steps) if any(step.strides for step in path.steps) else None


@belief(
    "pooling layers left out",
    wrong="1 + Σ (F − 1)·J over convolutions",
    why="A pooling window widens the field like any other, and its stride counts for all layers behind it.",
    hint="Which layers have a window?",
    source="KTU, a list of pitfalls (16 -> 9)",
)
def pools_left_out(path: Path) -> Path | None:
    kept = tuple([step for step in path.steps if not step.pools])
    return path.but(steps=kept) if 0 < len(kept) < len(path.steps) else None


@belief(
    "a layer's own stride counted for itself",
    wrong="1 + Σ (F − 1)·J·S",
    why="A layer reads positions that are as far apart as the strides before it say. Its own "
    "stride counts for the layers behind it.",
    hint="From which layer on does a stride count?",
    source="a common reading of the recursion (16 -> 19)",
)
def own_stride(path: Path) -> Path | None:
    if not any(step.strides for step in path.steps):
        return None
    return path.but(steps=tuple([step._replace(own_stride=not step.enlarges) for step in path.steps]))


@belief(
    "layers taken in reverse order",
    wrong="1 + Σ (F − 1)·(product of the strides behind)",
    why="The strides that count for a layer are those of the layers between it and the image.",
    hint="Which layers lie between this one and the image?",
    source="frgfm/torch-scan#33 (212 -> 308)",
)
def layers_reversed(path: Path) -> Path | None:
    return path.but(steps=path.steps[::-1])


@belief(
    "size of the output in the place of the field",
    wrong="⌊(W − F + 2·P) / S⌋ + 1",
    why="That is how many positions the layer puts out. The field is what one of them sees.",
    hint="Is the question about the layer's output or about one unit of it?",
    source="a course's own solution",
    family=True,
)
def output_size_for_field(path: Path) -> Path | None:
    return path.but(steps=(), start=path.size) if path.size > 1 else None


@belief(
    "the field of the layer before",
    wrong="r of the layer before",
    why="The layer itself widens the field by (F − 1)·J.",
    hint="Which layer is asked about?",
    source="vlfeat/matconvnet#854 (48 -> 40)",
)
def field_before(path: Path) -> Path | None:
    return path.but(steps=path.steps[:-1]) if len(path.steps) > 1 else None


@belief(
    "fields of blocks added",
    wrong="Σ r of the blocks",
    why="Neighbouring windows of a block overlap: each block behind the first adds its field less "
    "one position.",
    hint="What do two neighbouring windows of a block have in common?",
    source="an exam on WaveNet, three blocks of ten layers (3,070 -> 3,072)",
    special=True,
)
def blocks_added(path: Path) -> Path | None:
    places = _blocks(path.steps)
    if not places or any(s.strides or s.enlarges for s in path.steps):
        return None
    return path.but(start=path.start + len(places))


def _blocks(steps: Sequence[PathStep]) -> list[int]:
    """Where blocks begin behind the first: where dilations begin anew, or what is repeated does.
    Nothing where no block has more than one layer."""
    numbers = [(s.window.kernel, s.window.dilation, s.window.stride, s.enlarges) for s in steps]
    alike = [tuple([value_of(n) for n in four]) for four in numbers]
    dilations = [dilation for _, dilation, *_ in alike]
    falls = [i for i in range(1, len(steps)) if dilations[i] < dilations[i - 1]]
    if falls:
        return falls
    for period in range(2, len(steps) // 2 + 1):
        if len(steps) % period == 0 and alike == alike[:period] * (len(steps) // period):
            return [] if len(set(alike)) == 1 else list(range(period, len(steps), period))
    return []


@belief(
    "the area that is seen in the place of its side",
    wrong="r·r",
    why="A receptive field is given by its side, as a kernel is: r x r positions are a field of r.",
    hint="Is the question about a side or about an area?",
    source="an exam's answer (7 -> 49)",
)
def field_area(field: Field) -> Field | None:
    return field.but(area=True) if len(field.paths) > 1 else None


@belief(
    "the field along the shortcut",
    wrong="r along the narrowest branch",
    why="Where paths meet, a unit sees what any of them sees: the field is that of the widest.",
    hint="Along which of the paths that meet does a unit see furthest?",
    source="homework on residual networks: the shortcut followed",
    special=True,
)
def narrow_branch(field: Field) -> Iterator[Variant]:
    name = "the field along the shortcut, or the narrowest branch"
    for words, times in ((name, 1), (f"{name}, wherever paths meet", EVERY)):
        narrow = field.narrower(times) if field.narrower is not None else None
        if narrow is not None:
            yield Variant(words, narrow)


def _multiplied(step: PathStep) -> PathStep:
    """Neighbours further apart by the stride that brings them closer together."""
    return step.but(stride=Fraction(1, value_of(step.window.stride)))


@belief(
    "transposed convolution widened by (F − 1)·J, like a convolution",
    wrong="r + (F − 1)·J",
    why="A unit behind a transposed convolution reads F/S positions of its input, rounded up: its "
    "kernel is spread over what goes out.",
    hint="How many positions of its input does one unit of a transposed convolution read?",
    source="faustomilletari/VNet#36 (468 -> 476)",
    special=True,
)
def spread_as_window(field: Field) -> Iterator[Variant]:
    name = "transposed convolution widened by (F − 1)·J, like a convolution"
    for words, finer in ((name, False), (f"{name}, J of its own output", True)):
        changed = field.each(lambda path, finer=finer: _windowed(path, finer))
        if changed is not None:
            yield Variant(words, changed)


def _windowed(path: Path, finer: bool) -> Path | None:
    """Transposed convolutions taken as convolutions that move by 1 and make positions finer:
    behind their window, or before it."""
    if not any(step.enlarges and step.has_kernel for step in path.steps):
        return None
    steps: list[PathStep] = []
    for step in path.steps:
        if not step.enlarges or not step.has_kernel:
            steps.append(step)
            continue
        window = PathStep(step.window.but(stride=1))
        finely = step.but(kernel=1)._replace(reads=1)
        steps += [finely, window] if finer else [window, finely]
    return path.but(steps=tuple(steps))


@belief(
    "stride of the upsampling left out",
    wrong="J of the layer before",
    why="Behind an enlargement by S, neighbouring positions are S times closer together in the "
    "image: J is divided by S.",
    hint="How far apart in the image are two neighbours behind the enlargement?",
    source="faustomilletari/VNet#36; 3x3, enlarged by 2, 3x3 (4 -> 5)",
    special=True,
)
def enlarging_stride_forgotten(path: Path) -> Path | None:
    steps = tuple([step.but(stride=1) if step.enlarges else step for step in path.steps])
    return path.but(steps=steps) if any(step.enlarges for step in path.steps) else None


@belief(
    "stride of the upsampling multiplied into J, which is divided by it",
    wrong="J·S",
    why="Behind an enlargement by S, neighbouring positions are S times closer together in the "
    "image: J is divided by S.",
    hint="Does an enlargement bring neighbours closer together, or further apart?",
    source="3x3, enlarged by 2, 3x3 (4 -> 7)",
    special=True,
)
def enlarging_stride_multiplied(path: Path) -> Path | None:
    steps = tuple([_multiplied(step) if step.enlarges else step for step in path.steps])
    return path.but(steps=steps) if any(step.enlarges for step in path.steps) else None


@belief(
    "cut off at the rim of the image",
    wrong="min(r, W)",
    why="A field may be larger than the image: it reaches into the padding.",
    hint="Does the field end where the image ends?",
    source="Araujo et al., Distill 2019, do not cut it off (483 for 224)",
    scope=CONVENTION,
)
def field_clipped(path: Path) -> Path | None:
    return path.but(limit=True)
