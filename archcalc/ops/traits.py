"""What a class states of an op in one word each, beside its rules: the defaults of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from ..arithmetic import Number
from .attributes import Attribute

# Where an op puts its output: into a storage of its own; over its input, or as another view of it,
# where it is the input's only reader.
NEW, INPLACE, VIEW = "new", "inplace", "view"


class Traits:
    """The class attributes of an op; a subclass of ``Op`` states those in which it differs."""

    # The word of the spec language.
    name: ClassVar[str] = ""
    # What other tools call it, in lower case without underscores: read as this op. Where two ops
    # have one, the shape that arrives decides (``suits``). ``{}`` stands for the number of axes: 1, 2, 3.
    synonyms: ClassVar[tuple[str, ...]] = ()
    # Words that may mean it, for a suggestion.
    elsewhere: ClassVar[tuple[str, ...]] = ()
    # The layer of Keras, ``{}`` for the number of axes; "" where it would be one of the user's own.
    keras: ClassVar[str] = ""
    # Heading in the reference.
    group: ClassVar[str] = ""
    # What it takes and puts out, in words.
    shapes: ClassVar[str] = ""
    # A one-liner that uses it: part of the reference, and run by the tests.
    example: ClassVar[str] = ""
    # Where the rules come from.
    source: ClassVar[str] = ""
    # How operations are counted, in words; for a reader it is ``Op.format_counting``.
    counting: ClassVar[str] = ""
    # Where a quantity's textbook form is from, where it is not from `source`.
    sources: ClassVar[Mapping[str, str]] = {}
    # Attributes that may be given without their name, in order.
    positional: ClassVar[tuple[str, ...]] = ()
    attributes: ClassVar[dict[str, Attribute]] = {}
    # It can have learned weights. A property of the text: naming layers must not depend on values.
    weighted: ClassVar[bool] = False
    # Whether a layer may state learned tensors (`extra=`) though the rule of the op has none.
    states_tensors: ClassVar[bool] = False
    # A normalisation: its weights do not make it the layer that a label means.
    is_norm: ClassVar[bool] = False
    # What a normalisation adds to a variance where nothing else is given: PyTorch's, for float64.
    epsilon: ClassVar[Fraction] = Fraction(1, 100_000)
    # It joins several tensors.
    merge: ClassVar[bool] = False
    # It reads the tensor that arrives, or several that are given by name.
    several: ClassVar[bool] = False
    # What arrives is the first of the tensors that it reads, the named ones follow.
    takes_arriving: ClassVar[bool] = False
    # Its mul_add are what the field calls MACs.
    matrix_product: ClassVar[bool] = False
    # What a footer calls it in "MACs of conv and fc", where it is neither of these.
    counted_as: ClassVar[str] = ""
    # It counts for the depth of a network: convolutions and fully connected layers.
    counts_for_depth: ClassVar[bool] = False
    # It is a convolution of some kind, for figures of convolutions alone.
    is_convolution: ClassVar[bool] = False
    # It works on each position of a sequence: the rows of a matrix are positions, its columns channels.
    rows_are_positions: ClassVar[bool] = False
    # Its weight has an entry for each channel of the input first, and then for each filter.
    weight_by_input: ClassVar[bool] = False
    # It reads all values that arrive as one vector.
    flattens: ClassVar[bool] = False
    # Each value of the output is computed of one value of the input.
    by_value: ClassVar[bool] = False
    # The word indices that it reads are below this number; None where it reads no indices.
    indices_below: Number | None = None
    # Its positions are steps, and it puts out the states of a recurrence.
    holds_states: ClassVar[bool] = False
    # Its mean and variance are those of all positions, at inference too. Receptive fields leave
    # that out and are marked, unless the graph counts it (``Graph.whole_norms``).
    whole_statistics: ClassVar[bool] = False
    # It changes little, and reports show it inline, on a neighbour's row.
    inline: ClassVar[bool] = False
    # Where its output goes at inference: NEW, INPLACE or VIEW.
    storage: ClassVar[str] = NEW
    # It does nothing at inference: what arrives goes on as it is, a view.
    idle: ClassVar[bool] = False
    # How its output lies in memory: FIRST or LAST, or the numbers of axes on which it lies as the
    # input does; on others it is FIRST.
    arrangement: ClassVar[str | tuple[int, ...]] = (1, 2, 3)
    # Why there is no rule for what backward keeps, or ("with …: why") where there is none.
    no_saved_rule: ClassVar[str] = ""
    # Why backward keeps something else on other devices than the CPU, where it does.
    saved_by_device: ClassVar[str] = ""
    # Why a backward pass makes more on its way than gradients, where it does.
    backward_temporaries: ClassVar[str] = ""
    # Why it states no `volume`, where it does not.
    no_volume_reason: ClassVar[str] = ""
    # It pools: nothing is learned, and textbooks count it no layer of its own.
    pools: ClassVar[bool] = False
    # Why it has no counterpart in PyTorch.
    no_torch_reason: ClassVar[str] = ""
    # Why it has no form in ONNX, where it has none.
    no_onnx_reason: ClassVar[str] = ""
    # It puts values back to where the pool before it found them.
    takes_maxima: ClassVar[bool] = False
    # It takes the largest value of each window.
    finds_maxima: ClassVar[bool] = False
    # Why it has no rule for literal values.
    no_values_reason: ClassVar[str] = ""
    # Backward, no gradient goes through it: what it puts out is chosen and not computed.
    stops_gradient: ClassVar[bool] = False
    # Backward, its inputs get its output's gradient as it is, or parts of it.
    passes_gradient: ClassVar[bool] = False
    # It can be written in a spec.
    spellable: ClassVar[bool] = True
    # It stands for no layer at all.
    transparent: ClassVar[bool] = False
    # A merge whose output has the shape of its widest branch.
    same_shape_as_widest: ClassVar[bool] = False
    # A merge in whose branches `shortcut` may stand.
    takes_shortcut: ClassVar[bool] = False
    # The language expands it into other layers, in the light of its sibling branch.
    expanded: ClassVar[bool] = False
    # One of its branches may be left out of the receptive field when it sees everything.
    gates: ClassVar[bool] = False
    # Attributes that descriptions always show, given or not.
    shown: ClassVar[tuple[str, ...]] = ()
