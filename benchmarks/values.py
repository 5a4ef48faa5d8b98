"""``python -m benchmarks.values``: `archcalc apply` of 7x7 on 1,000 x 1,000, beside numpy and scipy.

All are whole processes, which read the image and the kernel, and write the result; scipy's is of floats.
CPU seconds, medians of runs in turn.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

SIDE, KERNEL, RUNS = 1000, 7, 5
# The same work by hand: windows of numpy, on int64 where the values are ints.
BY_NUMPY = """
import sys
import numpy as np
image, kernel = np.load(sys.argv[1]), np.load(sys.argv[2])
windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
np.save(sys.argv[3], np.einsum("abij,ij->ab", windows, kernel))
"""
BY_SCIPY = """
import sys
import numpy as np
from scipy.signal import correlate2d
np.save(sys.argv[3], correlate2d(np.load(sys.argv[1]), np.load(sys.argv[2]), "valid"))
"""


def child_cpu(command: list[str]) -> float:
    """CPU seconds of a child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def inputs(folder: Path) -> list[tuple[str, str, str]]:
    """What is measured: words, the image, the kernel."""
    import numpy as np

    random = np.random.default_rng(0)
    whole = random.integers(0, 256, (SIDE, SIDE))
    files = {
        "image": whole,
        "bytes": whole.astype(np.uint8),
        "floats": random.random((SIDE, SIDE)),
        "kernel": random.integers(-9, 10, (KERNEL, KERNEL)),
        "weights": random.random((KERNEL, KERNEL)),
    }
    for name, array in files.items():
        np.save(folder / f"{name}.npy", array)
    return [
        ("ints", "image.npy", "kernel.npy"),
        ("bytes", "bytes.npy", "kernel.npy"),
        ("floats", "floats.npy", "weights.npy"),
    ]


def main() -> int:
    """Print a row for each kind of number and each peer."""
    peers = {"numpy": BY_NUMPY}
    if find_spec("scipy") is None:
        print("scipy is not installed: it is left out")
    else:
        peers["scipy"] = BY_SCIPY
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for words, image, kernel in inputs(folder):
            given = [str(folder / image), str(folder / kernel), str(folder / "out.npy")]
            mine = [sys.executable, "-m", "archcalc", "apply", f"conv {KERNEL}x{KERNEL}", given[0]]
            mine += ["--kernel", given[1], "-o", given[2]]
            for peer, code in peers.items():
                theirs = [sys.executable, "-c", code, *given]
                pairs = [(child_cpu(mine), child_cpu(theirs)) for _ in range(RUNS)]
                one, other = [statistics.median(times) for times in zip(*pairs, strict=True)]
                ratio = statistics.median([a / b for a, b in pairs])
                print(f"apply on {words} / {peer:8} {one:.2f} / {other:.2f} s = {ratio:.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
