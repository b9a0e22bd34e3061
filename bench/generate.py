"""Write manifests to measure with: ``python bench/generate.py FOLDER COUNT``.

All are valid, ready and different, and the same every time: the ready manifest of :mod:`wa_policy.testing`, grown to some 190
lines, under other names, ids and numbers. They stand in ``FOLDER/manifests``; what they refer to stands beside, in
``FOLDER/evidence``: one proof of the numbers' ownership for all, and an opt-in audit for each.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterable

import wa_policy.testing

COLORS = """
    Amber Azure Cobalt Coral Crimson Emerald Garnet Indigo Ivory Jade
    Lemon Lilac Maroon Olive Pearl Ruby Saffron Scarlet Teal Violet
""".split()  # noqa: SIM905  # so many quotes would hide the words
THINGS = """
    Anchor Acorn Basket Beacon Bridge Candle Canyon Cedar Clover Comet
    Compass Cottage Cypress Falcon Fern Forest Fountain Garden Glacier Harbour
    Heron Hill Island Kite Lagoon Lantern Lotus Maple Meadow Mill
    Mirror Moon Mountain Nest Orchard Otter Palm Pebble Pine Prairie
    Ridge River Sail Shell Sparrow Spring Star Tulip Valley Willow
""".split()  # noqa: SIM905  # so many quotes would hide the words
TOWNS = """
    Agra Ajmer Akola Aligarh Amritsar Asansol Bareilly Bengaluru Bhopal Bikaner
    Bokaro Chennai Coimbatore Cuttack Dehradun Delhi Dhanbad Durgapur Goa Gorakhpur
    Guntur Guwahati Gwalior Hubli Hyderabad Indore Jabalpur Jaipur Jammu Jamshedpur
    Jodhpur Kanpur Kochi Kolkata Kota Lucknow Ludhiana Madurai Mangaluru Meerut
    Mumbai Mysuru Nagpur Nashik Patna Pune Raipur Rajkot Ranchi Surat
""".split()  # noqa: SIM905  # so many quotes would hide the words

MOST = len(COLORS) * len(THINGS) * len(TOWNS)
"""How many can be told apart by name."""

DATE = re.compile(r": (\d{4}-\d\d-\d\d)$", re.MULTILINE)

TEMPLATES = (
    ("order_shipped", "UTILITY", "your order {{2}} is on its way and should reach you by tomorrow evening.", "Track order"),
    ("order_received", "UTILITY", "we have your order {{2}} and pack it today. We write again when it leaves.", "See order"),
    ("order_delivered", "UTILITY", "your order {{2}} was handed over today. We hope that you like what you chose.", "Rate order"),
    ("refund_sent", "UTILITY", "the refund for your order {{2}} was sent to your bank and arrives in three days.", "See refund"),
    ("new_season", "MARKETING", "the new season is in our shops; your first choice is kept until {{2}} at noon.", "See it first"),
)  # fmt: skip  # one template, one line


def write(folder: str, indices: Iterable[int]) -> None:
    """Write the manifests with these numbers, and their evidence, into a folder."""
    manifests = os.path.join(folder, "manifests")
    os.makedirs(manifests, exist_ok=True)
    evidence = os.path.join(folder, "evidence")
    os.makedirs(evidence, exist_ok=True)
    bundled = os.path.join(os.path.dirname(wa_policy.testing.__file__), "evidence")
    shutil.copy(os.path.join(bundled, "number-ownership.txt"), evidence)
    with open(os.path.join(bundled, "opt-in-audit.json"), encoding="utf-8") as file:
        audit = file.read()
    for index in indices:
        slug = _slug(_brand(index))
        with open(os.path.join(manifests, f"{slug}.yaml"), "w", encoding="utf-8") as file:
            file.write(manifest(index))
        with open(os.path.join(evidence, f"{slug}-audit.json"), "w", encoding="utf-8") as file:
            file.write(_swap(audit, {"acme-retail-in": slug}))


def manifest(index: int) -> str:
    """The text of a manifest; no two share a name, an id or a number."""
    brand = _brand(index)
    slug = _slug(brand)
    _, *blocks = wa_policy.testing.READY.split("\n\n")
    blocks = [_GROWN.get(block.partition(":")[0], _same)(block, index) for block in blocks]
    text = f"# {brand}: order updates and offers.\napiVersion: wa-policy/v1\nkind: Workspace\n\n" + "\n\n".join(blocks)
    changed = {
        "acme-retail-in": slug,
        "acme-main": slug,
        "acme.example": f"{slug}.example",
        "Acme Retail": brand,
        "ACME1RETAIL2IN3": f"BENCH{index:010}",
        "2000201234": f"20{index:08}",
        "102290129340398": f"1022{index:011}",
        "ba30dd89": f"{index:08x}",
        "evidence/opt-in-audit": f"evidence/{slug}-audit",
        "evidence/": "../evidence/",
    }
    # Some of the other tools take a date without quotes for something else than the text that the schema wants.
    text = DATE.sub(r': "\1"', _swap(text, changed))
    return f"{text.rstrip()}\n"


def _brand(index: int) -> str:
    color, thing, town = index % len(COLORS), index // len(COLORS) % len(THINGS), index // len(COLORS) // len(THINGS)
    return f"{COLORS[color]} {THINGS[thing]} {TOWNS[town]}"


def _slug(brand: str) -> str:
    return brand.lower().replace(" ", "-")


def _number(index: int, place: int) -> str:
    return f"47{2 * index + place % 2:06}"


def _same(block: str, index: int) -> str:
    del index
    return block


def _numbers(block: str, index: int) -> str:
    title, _, item = block.partition("\n")
    numbers = [_number(index, place) for place in (0, 1)]
    items = [
        _swap(item, {"106540352242922": f"1065{number:0>11}", "4718 1888": f"{number[:4]} {number[4:]}"})
        for number in numbers
    ]
    return "\n".join([title, *items])


def _templates(block: str, index: int) -> str:
    del index
    title, _, item = block.partition("\n")
    first, category, body, button = TEMPLATES[0]
    items = [
        _swap(item, {first: name, category: kind, body: text, button: label}) for name, kind, text, label in TEMPLATES
    ]
    return "\n".join([title, *items])


def _campaigns(block: str, index: int) -> str:
    title, _, item = block.rstrip().partition("\n")
    items = [
        _swap(
            item,
            {
                "order-updates": _slug(name),
                TEMPLATES[0][0]: name,
                "47181888": _number(index, place),
                "size: 40000": f"size: {9_000 + index % 1_000}",
            },
        )
        for place, (name, *_) in enumerate(TEMPLATES)
    ]
    return "\n".join([title, *items])


def _swap(text: str, changed: dict[str, str]) -> str:
    for old, new in changed.items():
        if old not in text:
            raise SystemExit(f'the ready manifest no longer says "{old}": change bench/generate.py as well')
        text = text.replace(old, new)
    return text


_GROWN = {"phone_numbers": _numbers, "templates": _templates, "campaigns": _campaigns}


if __name__ == "__main__":
    wanted = int(sys.argv[2])
    if not 1 <= wanted <= MOST:
        raise SystemExit(f"between 1 and {MOST:,} manifests can be made")
    write(sys.argv[1], range(wanted))
