"""Operations that are one operation written out: found, and put in its place.

``simplified`` changes a recording so that attention, norms, rolls and activations that are written out are
single operations, as they are where a module calls PyTorch's own. What they are made of is taken out only
where nothing else reads it.
"""

from __future__ import annotations

from .activation_patterns import find_activations
from .attention_patterns import find_attention
from .layer_norm_patterns import find_layer_norms
from .norm_patterns import find_norms
from .pool_patterns import find_pools
from .recording import Recording
from .rewriting import Rewriting
from .roll_patterns import find_rolls


def simplified(recording: Recording) -> Recording:
    """Put single operations in the place of those that write them out.

    Args:
        recording: A recording; its operations are changed.

    Returns:
        The same recording.
    """
    for find in (find_pools, find_rolls, find_activations, find_layer_norms, find_norms, find_attention):
        graph = Rewriting(recording)
        find(graph)
        graph.finish()
    return recording
