"""What is computed of a layer and of a network: one table, which every command reads.

To add a quantity, add an entry to the table: then it can be asked of ``check``, ``explain``,
quizzes, conditions, ``report`` lines and columns, and stands in the JSON. Below the table stand
what can be reported that is measured, and the conventions in which papers count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from .arithmetic import largest, smallest

# What a quantity is read off: a row and a scope of ``analysis.scope``, and ``analysis.totals``. These
# read this table, so it knows none of them.
Row = Any
Scope = Any
Totals = Any

# What a value is: one number; bytes; a number per axis of the input; a volume; counts of operations.
COUNT, BYTES, SIZES, SHAPE, BREAKDOWN = "count", "bytes", "sizes", "shape", "breakdown"


class Quantity(NamedTuple):
    """A quantity: what it is called, what it means, and how it is read off.

    Args:
        name: What commands call it.
        words: What it is called in a sentence: ``parameters``.
        means: One sentence on what is counted.
        called: What else it may be called, in lower case with underscores.
        form: What a value is: COUNT, BYTES, SIZES, SHAPE or BREAKDOWN.
        layer: How it is read off a layer; None where only a network has it.
        network: How it is read off a network, where it is not a sum over layers; None where only a
            layer has it, or ``total`` says it.
        total: How it is read off sums over layers, for one image, in values where it is in bytes.
        summed: Whether that of a network is the sum of its layers.
        images: Whether it grows with the batch.
        lacks: The rule without which a layer is left out of the sum, as ``uncounted`` names it.
        key: Its key in the JSON of a layer and of the totals; empty where it stands elsewhere.
        number: The quantity that is compared where one number is needed: this one unless it is given.

    Example:
        >>> from archcalc.quantities import QUANTITIES
        >>> summary = archcalc.load("lenet5").summary(batch=10)
        >>> QUANTITIES["macs"].of(summary), QUANTITIES["params"].of(summary)
        (3256800, 60000)
    """

    name: str
    words: str
    means: str
    called: tuple[str, ...] = ()
    form: str = COUNT
    layer: Callable[[Row], Any] | None = None
    network: Callable[[Scope], Any] | None = None
    total: Callable[[Totals], Any] | None = None
    summed: bool = False
    images: bool = False
    lacks: str = ""
    key: str = ""
    number: str = ""

    @property
    def of_network(self) -> bool:
        """Whether a network has it."""
        return self.network is not None or self.total is not None

    def of(self, scope: Scope) -> Any:
        """The quantity of a network; None where it has none."""
        if self.network is not None:
            return self.network(scope)
        if self.total is None:
            return None
        value = self.total(scope.counts)
        if self.form == BYTES:
            return scope.scaled(value) if self.images else scope.width * value
        return value * scope.batch if self.images else value


def _field(name: str) -> tuple[Callable[[Row], Any], Callable[[Scope], Any]]:
    """How a number of the receptive field is read off a layer, and off a network: that of the last
    layer before everything is seen at once."""

    def layer(row: Row) -> Any:
        extent = row.extent
        return None if extent is None else getattr(extent, name)

    def network(scope: Scope) -> Any:
        return None if scope.blind or scope.local is None else layer(scope.local)

    return layer, network


def _sum(
    name: str,
    words: str,
    means: str,
    called: str,
    lacks: str,
    total: Callable[[Totals], Any] | None = None,
    images: bool = False,
) -> Quantity:
    """A count that rows and totals have under its name; that of a network is the sum of its layers.
    ``called`` is all else that it may be called."""
    synonyms, read = tuple(called.split()), attrgetter(name)
    return Quantity(
        name, words, means, synonyms, COUNT, read, None, total or read, True, images, lacks, key=name
    )


def _entry(name: str, words: str, means: str, called: str) -> Quantity:
    """One of the counts of operations."""

    def layer(row: Row) -> Any:
        operations = row.operations
        return None if operations is None else getattr(operations, name)

    total = attrgetter(f"operations.{name}")
    synonyms = tuple(called.split())
    return Quantity(name, words, means, synonyms, COUNT, layer, None, total, True, True, "macs")


_RF, _STRIDE, _START = _field("size"), _field("stride"), _field("start")

TABLE = (
    Quantity(
        "output",
        "output",
        "the volume that comes out: height, width, channels",
        ("shape", "volume", "out", "output_shape", "activation", "activations"),
        SHAPE,
        lambda row: row.output,
        lambda scope: scope.graph.output.output,
    ),
    Quantity(
        "size",
        "size",
        "height and width of the output without its channels; of a vector its length",
        ("spatial",),
        SIZES,
        lambda row: row.size,
        lambda scope: scope.graph.output.output.spatial or tuple(scope.graph.output.output),
    ),
    _sum(
        "params",
        "parameters",
        "learned values, each counted once however often it is used",
        "parameters param #params parameter",
        "params",
    ),
    _sum(
        "weights",
        "weights",
        "parameters that are multiplied: all but the biases",
        "weight",
        "params",
        total=lambda totals: totals.params - totals.biases,
    ),
    _sum("biases", "biases", "parameters that are added, shifts of norms among them", "bias", "params"),
    _sum(
        "trainable",
        "trainable parameters",
        "parameters that are not held fixed",
        "trainable_params trainable_parameters",
        "params",
    ),
    _sum(
        "buffers",
        "buffers",
        "values that are stored and not learned, as running means",
        "buffer non_trainable nontrainable",
        "params",
    ),
    Quantity(
        "neurons",
        "neurons",
        "values of a layer's output; of a network, those of the layers that have parameters",
        ("units", "unit", "neuron", "values", "activation_size"),
        COUNT,
        lambda row: row.output.values,
        total=lambda totals: totals.units,
        lacks="params",
        key="neurons",
    ),
    _sum(
        "connections",
        "connections",
        "as LeNet's paper counts: for each unit that sums weighted "
        "inputs, the inputs that it reads, and one for a bias",
        "connection",
        "macs",
    ),
    _sum(
        "macs",
        "MACs",
        "multiply-adds of convolutions, fully connected layers and matrix products, without biases",
        "mac mult_adds multadds madds multiply_adds",
        "macs",
        images=True,
    ),
    _sum("flops", "FLOPs", "two operations a MAC", "flop gflops", "macs", images=True),
    _sum(
        "backward_macs",
        "MACs of the backward pass",
        "MACs of the gradients: of the weights that "
        "are trained, and of the inputs that a gradient goes on to",
        "backward backward_mac",
        "backward",
        total=lambda totals: totals.backward.total,
        images=True,
    ),
    _sum(
        "step_macs",
        "MACs of a training step",
        "MACs of the forward and the backward pass",
        "training_macs train_macs",
        "backward",
        total=lambda totals: totals.macs + totals.backward.total,
        images=True,
    ),
    Quantity(
        "operations",
        "operations",
        "the ledger of elementary operations; as one number, FLOPs",
        ("ops",),
        BREAKDOWN,
        lambda row: row.operations,
        lambda scope: scope.counts.operations.times(scope.batch),
        lacks="macs",
        number="flops",
    ),
    _entry("mul_add", "multiply-adds", "multiplications with the addition that takes them up", "mul_adds"),
    _entry("mul", "multiplications alone", "multiplications that no addition takes up", "muls"),
    _entry(
        "add", "additions alone", "additions besides those of the multiply-adds, biases among them", "adds"
    ),
    _entry("compare", "comparisons", "comparisons", "comparisons compares"),
    _entry("div", "divisions", "divisions", "divisions divs"),
    _entry(
        "special",
        "transcendental functions",
        "exponentials, hyperbolic tangents, powers and their like",
        "transcendental specials",
    ),
    _entry("outputs", "dot products", "dot products", "dot_products"),
    _sum(
        "multiplications",
        "multiplications",
        "all multiplications: mul_add + mul",
        "multiplication mults multiplies",
        "macs",
        total=lambda totals: totals.operations.multiplications,
        images=True,
    ),
    _sum(
        "additions",
        "additions",
        "all additions: n − 1 for a dot product of n terms, and one for its bias: mul_add + add − outputs",
        "addition",
        "macs",
        total=lambda totals: totals.operations.additions,
        images=True,
    ),
    Quantity(
        "memory",
        "memory",
        "bytes of the output; of a network, of the input and all outputs that "
        "are not written over their input",
        ("output_bytes", "bytes", "mem"),
        BYTES,
        lambda row: row.output_bytes,
        lambda scope: scope.scaled(scope.memory.activations),
    ),
    Quantity(
        "activation_bytes",
        "bytes of activations",
        "bytes of new storage: none where a layer writes over its input",
        ("activation_memory",),
        BYTES,
        lambda row: row.activation_bytes,
        lambda scope: scope.scaled(scope.memory.activations),
        summed=True,
        key="activation_bytes",
    ),
    Quantity(
        "param_bytes",
        "bytes of parameters",
        "bytes of the parameters, buffers apart",
        ("parameter_bytes", "weight_bytes"),
        BYTES,
        lambda row: row.param_bytes,
        total=lambda totals: totals.params,
        summed=True,
        lacks="params",
        key="param_bytes",
    ),
    Quantity(
        "peak",
        "peak",
        "the most bytes of activations that live at a time, without the parameters",
        ("peak_bytes", "peak_memory"),
        BYTES,
        network=lambda scope: scope.scaled(scope.memory.peak),
        key="peak_bytes",
    ),
    Quantity(
        "saved",
        "bytes kept for backward",
        "bytes that training keeps for the backward pass",
        ("saved_bytes", "kept"),
        BYTES,
        lambda row: row.saved_bytes,
        lambda scope: scope.saved_bytes,
        summed=True,
        lacks="saved",
        key="saved_bytes",
    ),
    Quantity(
        "inference",
        "memory at inference",
        "bytes of parameters, buffers and the peak",
        ("inference_bytes",),
        BYTES,
        network=lambda scope: scope.inference_bytes(),
        lacks="params",
        key="inference_bytes",
    ),
    Quantity(
        "rf",
        "receptive field",
        "the positions of the input that a unit sees, an axis; of a "
        "network, of the last window that does not read everything",
        ("field", "receptive_field", "receptive"),
        SIZES,
        *_RF,
    ),
    Quantity(
        "stride",
        "stride",
        "the distance between the windows of neighbouring units, in positions of the input",
        ("jump", "effective_stride"),
        SIZES,
        *_STRIDE,
    ),
    Quantity(
        "start",
        "start",
        "where the window of the first unit begins, in positions of the input",
        ("offset",),
        SIZES,
        *_START,
    ),
    Quantity(
        "pad", "padding", "zeros that a window has on each side", ("padding",), SIZES, lambda row: row.pad
    ),
    Quantity(
        "depth",
        "depth",
        "the most convolutions and fully connected layers on a path from an "
        "input to an output; pooling, norms and activations do not count, with parameters or "
        "without",
        ("layers_deep",),
        COUNT,
        total=lambda totals: totals.depth,
    ),
)

# What `--counter` adds: it is of another tool, and no command has it by itself.
COUNTER = Quantity(
    "counter",
    "operations as the counter counts",
    "operations as the tool counts them that --counter names",
    ("counted",),
    COUNT,
    lambda row: row.counter,
    lambda scope: scope.counter,
    summed=True,
    images=True,
)
QUANTITIES = {quantity.name: quantity for quantity in (*TABLE, COUNTER)}
# Those that stand in the JSON of layers and totals under their key.
KEYED = tuple([quantity for quantity in TABLE if quantity.key])

# What `--on DEVICE` adds: what a roofline gives, of a summary that has one. A time is whole picoseconds.
DURATION, QUOTIENT = "duration", "quotient"
ON_DEVICE = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            "time",
            "least time",
            "what a forward pass takes at least on the device, the layers one after the other",
            ("latency",),
            DURATION,
            lambda row: row.bounds.time,
            lambda scope: scope.roofline.totals.time,
            summed=True,
        ),
        Quantity(
            "traffic",
            "bytes moved",
            "bytes that layers read and write: inputs, parameters, outputs",
            ("moved",),
            BYTES,
            lambda row: row.bounds.bytes,
            lambda scope: scope.roofline.totals.bytes,
            summed=True,
        ),
        Quantity(
            "intensity",
            "operations per byte",
            "operations for each byte that is moved, two for a multiply-add",
            ("arithmetic_intensity",),
            QUOTIENT,
            lambda row: row.bounds.intensity,
            lambda scope: scope.roofline.totals.intensity,
        ),
    )
}

_CALLED = {word: quantity for quantity in QUANTITIES.values() for word in (quantity.name, *quantity.called)}


def called(word: str) -> Quantity | None:
    """Look a quantity up.

    Args:
        word: A name or synonym, in any case, with ``-``, ``_`` or spaces.

    Returns:
        The quantity; None if there is none of that name.

    Example:
        >>> from archcalc.quantities import called
        >>> called("Mult-Adds").name
        'macs'
    """
    return _CALLED.get(_plain(word))


def _plain(word: str) -> str:
    """A word as names are spelt: its case, ``-``, ``_`` and spaces do not matter."""
    return "_".join(word.strip().lower().replace("-", "_").split())


def asked_of(quantity: Quantity, counter: Any) -> Quantity:
    """Give the quantity that is meant where a counter counts: MACs are its own where it counts MACs.

    Args:
        quantity: What is asked for.
        counter: The ``counter`` of a graph, or None.

    Returns:
        The quantity, or that of the counter.

    Example:
        >>> from archcalc.quantities import QUANTITIES, asked_of
        >>> asked_of(QUANTITIES["macs"], None).name
        'macs'
    """
    if counter is not None and quantity.name == counter.unit.lower():
        return COUNTER
    return quantity


def names() -> Mapping[str, Quantity]:
    """Give all names and synonyms.

    Returns:
        Each word with the quantity that it means.

    Example:
        >>> from archcalc.quantities import names
        >>> names()["gflops"].name
        'flops'
    """
    return _CALLED


# ---------------------------------------------------------------------------------------------
# What networks are compared by

# The names under which conditions know quantities: theirs, and those of the JSON's totals.
COMPARED = (
    *[q.name for q in TABLE if q.of_network and q.form != SHAPE],
    "units",
    "peak_bytes",
    "saved_bytes",
    "inference_bytes",
)
# Those that conditions on a network know.
CONDITIONED = (*COMPARED, COUNTER.name)
# What else they are called there, each with the name.
ALIASES = {word: q.name for word, q in _CALLED.items() if q.name in COMPARED and word not in COMPARED}


# What else those are called that a device adds.
ON_DEVICE_ALIASES = {word: quantity.name for quantity in ON_DEVICE.values() for word in quantity.called}


def on_device(word: str) -> Quantity | None:
    """Look a quantity up that a device adds.

    Args:
        word: A name or synonym, in any case, with ``-``, ``_`` or spaces.

    Returns:
        The quantity; None if there is none of that name.

    Example:
        >>> from archcalc.quantities import on_device
        >>> on_device("Arithmetic intensity").name
        'intensity'
    """
    plain = _plain(word)
    return ON_DEVICE.get(ON_DEVICE_ALIASES.get(plain, plain))


def asked_about(word: str) -> Quantity | None:
    """Look up what a question may be about: any quantity, those that a device adds among them.

    Args:
        word: A name or synonym.

    Returns:
        The quantity; None if there is none of that name.

    Example:
        >>> from archcalc.quantities import asked_about
        >>> asked_about("moved").name, asked_about("gflops").name
        ('traffic', 'flops')
    """
    return called(word) or on_device(word)


def further(columns: str | None, header: Sequence[str], of_layers: bool = False) -> list[str]:
    """Name the quantities that ``--columns`` asks for and a table has no column of.

    Args:
        columns: What ``--columns`` was given: names, joined by commas.
        header: The columns that the table has.
        of_layers: Whether the rows of the table are layers; else they are networks.

    Returns:
        The names of the quantities. A word that is no quantity is left to whoever reads the columns.

    Example:
        >>> from archcalc.quantities import further
        >>> further("params,neurons,colour", ["name", "params"], of_layers=True)
        ['neurons']
    """
    found = []
    for word in (columns or "").split(","):
        meant = called(word)
        has = meant is not None and (meant.layer if of_layers else meant.of_network)
        if meant is not None and has and word.strip().lower() not in header:
            name = meant.number or meant.name
            if name not in header and name not in found:
                found.append(name)
    return found


def measured(name: str, scope: Scope) -> Any:
    """Read a quantity off a network as one number, by which networks are compared.

    Args:
        name: One of COMPARED.
        scope: The network, as an ``archcalc.analysis.scope.Scope``: any summary is one.

    Returns:
        The number; of several axes the largest, of a start the least. None where a layer has no rule for
        it, and for a receptive field where everything is seen at once.

    Example:
        >>> from archcalc.quantities import measured
        >>> measured("rf", archcalc.load("alexnet").summary())
        195
    """
    quantity = _CALLED[name]
    quantity = QUANTITIES[quantity.number or quantity.name]
    if quantity.lacks and scope.lacks(quantity.lacks):
        return None
    value = quantity.of(scope)
    if not isinstance(value, tuple):
        return value
    if not value or None in value:
        return None
    return smallest(value) if quantity.name == "start" else largest(value)


# ---------------------------------------------------------------------------------------------
# What a spec may report

# Names that only reports have, besides those of the table: parameters with buffers, as Keras
# counts; bytes of the parameters.
REPORTED = {
    "total": Quantity(
        "total",
        "parameters with buffers",
        "parameters and buffers, as Keras counts",
        total=lambda totals: totals.params + totals.buffers,
    ),
    "units": QUANTITIES["neurons"],
    "bytes": QUANTITIES["param_bytes"],
    **{name: quantity for name, quantity in QUANTITIES.items() if quantity.form != BREAKDOWN},
}
# Quantities that come with the training: accuracies, in per cent.
MEASURED = ("top1", "top5")


def reported(word: str) -> str | None:
    """Look a figure up that a spec may report.

    Args:
        word: The word behind ``report``.

    Returns:
        The name under which it is reported; None if there is none.

    Example:
        >>> from archcalc.quantities import reported
        >>> reported("parameters"), reported("top1"), reported("colour")
        ('params', 'top1', None)
    """
    if word in REPORTED or word in MEASURED:
        return word
    meant = called(word)
    return meant.name if meant is not None and meant.name in REPORTED else None


def reports() -> list[str]:
    """Give all that a spec may report.

    Returns:
        The names.

    Example:
        >>> from archcalc.quantities import reports
        >>> "top5" in reports()
        True
    """
    return [*REPORTED, *MEASURED]


_COUNTS = tuple([name for name, quantity in REPORTED.items() if quantity.total and name != "depth"])


class FigureConvention(NamedTuple):
    """A word behind ``as``: what it changes, in words for a reader, and of which quantities."""

    words: str
    quantities: tuple[str, ...]


CONVENTIONS = {
    "weights": FigureConvention("without biases", ("params", "bytes", "param_bytes")),
    "conv": FigureConvention("convolutions only", _COUNTS),
    "heads": FigureConvention("side heads included", (*_COUNTS, "depth")),
    "bias": FigureConvention("one more for each bias", ("macs", "flops")),
    "kibi": FigureConvention("K = 1024", (*_COUNTS, "memory", "activation_bytes", "peak", "saved")),
    "weighted": FigureConvention("every layer with weights counted", ("depth",)),
}
