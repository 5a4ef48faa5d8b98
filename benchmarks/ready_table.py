"""What a terminal tool costs at the least: click and rich imported, a ready table rendered."""

import click  # noqa: F401
from rich.console import Console
from rich.table import Table

table = Table(*[f"column {number}" for number in range(9)])
for row in range(40):
    table.add_row(*[f"{row * 9 + number:,}" for number in range(9)])
Console(width=120).print(table)
