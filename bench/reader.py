"""Time our reader against PyYAML's fastest loader, in one process: ``python bench/reader.py ROUNDS FILE ...``.

Prints a JSON object: seconds per file, one figure a round, for ``CSafeLoader``, for ``wa-policy``, and for ``data alone``. Ours
bounds what it reads, and finds the place of every key and value if one is asked for, as it is for ``wa-policy``; ``data alone``
is a file of which nothing is to be said. Theirs does neither.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence

import yaml

from wa_policy.source import tidy
from wa_policy.source.reading import read


def main(rounds: int, paths: Sequence[str]) -> None:
    """Read all files with each in turn, after a round that does not count."""
    gc.set_threshold(50_000, 20, 100)  # as the command line does; both gain by it
    contents = []
    for path in paths:
        with open(path, "rb") as file:
            contents.append(file.read())
    readers: dict[str, Callable[[bytes], object]] = {
        "wa-policy": _with_places,
        "data alone": _data,
        "CSafeLoader": _theirs,
    }
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(rounds + 1):
        for name, reader in readers.items():
            tidy._lines.clear()  # noqa: SLF001 - or the files of the round before would be known line by line
            start = time.perf_counter()
            for content in contents:
                reader(content)
            taken[name].append((time.perf_counter() - start) / len(contents))
    print(json.dumps({name: seconds[1:] for name, seconds in taken.items()}))


def _data(content: bytes) -> object:
    return [document.data for document in read(content, "manifest.yaml").documents]


def _with_places(content: bytes) -> object:
    return [document.nodes.sort(0) for document in read(content, "manifest.yaml").documents]


def _theirs(content: bytes) -> object:
    return yaml.load(content, Loader=yaml.CSafeLoader)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
