"""Sizes of products: linear maps, matrix products."""

from __future__ import annotations

from .pointwise import promoted
from .tensors import OperationError, RuleArguments, Shaped, broadcast, sizes_of, written


@sizes_of("linear")
def linear(name: str, given: RuleArguments) -> Shaped:
    x: Shaped = given["input"]
    weight, bias = given["weight"], given.get("bias")
    if len(weight.sizes) not in (1, 2):
        raise OperationError(f"its weight has the sizes {written(weight.sizes)}")
    if not x.sizes:
        raise OperationError("it is given one value without an axis")
    units, arriving = weight.sizes if len(weight.sizes) == 2 else (None, *weight.sizes)
    if x.sizes[-1] != arriving:
        raise OperationError(
            f"it is made for {arriving} features, and is given {written(x.sizes)}, whose last axis has "
            f"{x.sizes[-1]}"
        )
    if bias is not None and bias.sizes not in ((units,), (1,), ()):
        raise OperationError(f"there are {units} units, and its bias has the sizes {written(bias.sizes)}")
    return x.like(x.sizes[:-1] if units is None else (*x.sizes[:-1], units))


def _factors(one: Shaped, two: Shaped) -> None:
    if one.sizes[-1] != two.sizes[-2 if len(two.sizes) > 1 else -1]:
        rows = two.sizes[-2 if len(two.sizes) > 1 else -1]
        raise OperationError(
            f"{written(one.sizes)} and {written(two.sizes)} have no product: the first has {one.sizes[-1]} "
            f"columns, the second {rows} rows"
        )


def product(one: Shaped, two: Shaped) -> tuple[int, ...]:
    """The sizes of a matrix product along the last two axes, the others meeting by broadcasting. Raises
    OperationError."""
    if not one.sizes or not two.sizes:
        raise OperationError("a product of matrices needs tensors with axes")
    _factors(one, two)
    if len(two.sizes) == 1:
        return one.sizes[:-1]
    if len(one.sizes) == 1:
        return (*two.sizes[:-2], two.sizes[-1])
    return (*broadcast([one.sizes[:-2], two.sizes[:-2]]), one.sizes[-2], two.sizes[-1])


_AXES = {"mm": (2, 2), "bmm": (3, 3), "mv": (2, 1), "dot": (1, 1)}


@sizes_of("matmul", "mm", "bmm", "mv", "dot")
def matmul(name: str, given: RuleArguments) -> Shaped:
    one, two = list(given.values())[:2]
    axes = _AXES.get(name)
    if axes is not None and (len(one.sizes), len(two.sizes)) != axes:
        raise OperationError(
            f"{written(one.sizes)} and {written(two.sizes)} have not {axes[0]} and {axes[1]} axes"
        )
    if name == "bmm" and one.sizes[0] != two.sizes[0]:
        raise OperationError(f"there are {one.sizes[0]} and {two.sizes[0]} matrices")
    return Shaped(product(one, two), promoted([one, two]))


@sizes_of("addmm", "baddbmm", "addmv")
def added_product(name: str, given: RuleArguments) -> Shaped:
    beside, one, two = list(given.values())[:3]
    sizes = product(one, two)
    if broadcast([beside.sizes, sizes]) != sizes:
        raise OperationError(f"{written(beside.sizes)} cannot be added to {written(sizes)}")
    return Shaped(sizes, promoted([one, two]))


@sizes_of("embedding")
def embedding(name: str, given: RuleArguments) -> Shaped:
    weight: Shaped = given["weight"]
    words: Shaped = given["indices"]
    if len(weight.sizes) != 2:
        raise OperationError(f"its table has the sizes {written(weight.sizes)}")
    if not words.dtype.startswith(("int", "uint")):
        raise OperationError(f"its words are whole numbers, and not {words.dtype}")
    return weight.like((*words.sizes, weight.sizes[1]))


@sizes_of("embedding_bag")
def embedding_bag(name: str, given: RuleArguments) -> list[Shaped]:
    weight: Shaped = given["weight"]
    words: Shaped = given["indices"]
    starts: Shaped = given["offsets"]
    bags = starts.sizes[0] - bool(given["include_last_offset"]) if starts.sizes else 0
    if len(weight.sizes) != 2 or len(words.sizes) != 1 or bags < 0:
        raise OperationError(f"its words are one list, and not {written(words.sizes)}")
    found = [weight.like((bags, weight.sizes[1]))]
    return [*found, *[words.like((0,)), words.like((bags,)), words.like((0,))]]


@sizes_of(
    "scaled_dot_product_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_flash_attention",
)
def attention(name: str, given: RuleArguments) -> Shaped | list[Shaped]:
    query: Shaped = given["query"]
    key: Shaped = given["key"]
    value: Shaped = given["value"]
    if min(len(one.sizes) for one in (query, key, value)) < 2:
        raise OperationError("queries, keys and values have at least two axes")
    if query.sizes[-1] != key.sizes[-1]:
        raise OperationError(f"queries have {query.sizes[-1]} features, and keys {key.sizes[-1]}")
    if key.sizes[-2] != value.sizes[-2]:
        raise OperationError(f"there are {key.sizes[-2]} keys, and {value.sizes[-2]} values")
    front = _heads(query, [key, value], bool(given.get("enable_gqa")))
    rows = (*front, query.sizes[-2])
    mask = given.get("attn_mask")
    if mask is not None:
        scores = (*rows, key.sizes[-2])
        if broadcast([mask.sizes, scores]) != scores:
            raise OperationError(f"a mask of {written(mask.sizes)} does not go with {written(scores)}")
    found = query.like((*rows, value.sizes[-1]))
    if name == "scaled_dot_product_attention":
        return found
    raise OperationError("the kernels of attention give what depends on the machine")


def _heads(query: Shaped, others: list[Shaped], grouped: bool) -> tuple[int, ...]:
    """The axes in front of positions and features."""
    fronts = [one.sizes[:-2] for one in (query, *others)]
    if grouped and len(query.sizes) > 2:
        heads = query.sizes[-3]
        if any(not front or not front[-1] or heads % front[-1] for front in fronts[1:]):
            raise OperationError(f"{heads} heads of queries are not divided by those of keys and values")
        fronts = [fronts[0], *[(*front[:-1], heads) for front in fronts[1:]]]
    return broadcast(fronts)


@sizes_of("einsum")
def einsum(name: str, given: RuleArguments) -> Shaped:
    tensors: list[Shaped] = list(given["tensors"])
    equation: str = given["equation"].replace(" ", "")
    left, arrow, right = equation.partition("->")
    words = left.split(",")
    if len(words) != len(tensors):
        raise OperationError(f"`{equation}` names {len(words)} tensors, and {len(tensors)} are given")
    signs = set(equation.replace("->", "").replace(",", "").replace("...", ""))
    if not all(sign.isascii() and sign.isalpha() for sign in signs):
        raise OperationError(f"`{equation}` is no equation of einsum")
    known: dict[str, int] = {}
    fronts: list[tuple[int, ...]] = []
    for word, tensor in zip(words, tensors, strict=True):
        sizes = tensor.sizes
        before, dots, behind = word.partition("...")
        more = len(sizes) - len(before) - len(behind)
        if more < 0 or (more and not dots):
            raise OperationError(f"`{word}` does not name the axes of {written(sizes)}")
        if dots:
            fronts.append(sizes[len(before) : len(before) + more])
        for letter, size in zip(
            before + behind, (*sizes[: len(before)], *sizes[len(before) + more :]), strict=True
        ):
            if known.setdefault(letter, size) != size:
                if 1 not in (known[letter], size):
                    raise OperationError(
                        f"`{letter}` of `{equation}` has {known[letter]} and {size} positions"
                    )
                known[letter] = max(known[letter], size)
    front = broadcast(fronts) if fronts else ()
    if not arrow:
        every = left.replace(",", "").replace("...", "")
        right = "..." + "".join(sorted(letter for letter in set(every) if every.count(letter) == 1))
    before, dots, behind = right.partition("...")
    missing = [letter for letter in before + behind if letter not in known]
    if missing or len(set(before + behind)) < len(before + behind):
        raise OperationError(f"`{right}` of `{equation}` names axes that there are not, or one twice")
    found = (*[known[letter] for letter in before], *(front if dots else ()), *[known[x] for x in behind])
    return Shaped(found, promoted(tensors))
