"""Write manifests to measure with: ``python bench/generate.py FOLDER COUNT``.

All are valid, ready and different, and the same every time: the ready manifest of :mod:`wa_policy.testing`, grown to some 190
lines, under other names, ids and numbers. They share a folder of evidence, in which each has an opt-in audit of its own.
"""

import os
import shutil
import sys

import wa_policy.testing

MOST = 1_000
"""How many can be told apart by name."""

COLORS = ("Amber", "Azure", "Cobalt", "Coral", "Crimson", "Indigo", "Ivory", "Olive", "Saffron", "Teal")
THINGS = ("Anchor", "Basket", "Cedar", "Harbour", "Lantern", "Lotus", "Meadow", "Orchard", "River", "Sparrow")
TOWNS = ("Agra", "Bengaluru", "Chennai", "Delhi", "Goa", "Indore", "Jaipur", "Kochi", "Mumbai", "Pune")

TEMPLATES = (
    ("order_shipped", "UTILITY", "your order {{2}} is on its way and should reach you by tomorrow evening.", "Track order"),
    ("order_received", "UTILITY", "we have your order {{2}} and pack it today. We write again when it leaves.", "See order"),
    ("order_delivered", "UTILITY", "your order {{2}} was handed over today. We hope that you like what you chose.", "Rate order"),
    ("refund_sent", "UTILITY", "the refund for your order {{2}} was sent to your bank and arrives in three days.", "See refund"),
    ("new_season", "MARKETING", "the new season is in our shops; your first choice is kept until {{2}} at noon.", "See it first"),
)  # fmt: skip  # one template, one line


def write(folder: str, count: int) -> None:
    """Write so many manifests, and their evidence, into a folder."""
    if not 1 <= count <= MOST:
        raise SystemExit(f"between 1 and {MOST} manifests can be made")
    evidence = os.path.join(folder, "evidence")
    shutil.copytree(os.path.join(os.path.dirname(wa_policy.testing.__file__), "evidence"), evidence, dirs_exist_ok=True)
    with open(os.path.join(evidence, "opt-in-audit.json"), encoding="utf-8") as file:
        audit = file.read()
    for index in range(count):
        slug = _slug(_brand(index))
        with open(os.path.join(folder, f"{slug}.yaml"), "w", encoding="utf-8") as file:
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
    }
    return f"{_swap(text, changed).rstrip()}\n"


def _brand(index: int) -> str:
    return f"{COLORS[index % 10]} {THINGS[index // 10 % 10]} {TOWNS[index // 100]}"


def _slug(brand: str) -> str:
    return brand.lower().replace(" ", "-")


def _number(index: int, place: int) -> str:
    return f"4718{2 * index + place % 2:04}"


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
                "40000": f"{9_000 + index}",
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
    write(sys.argv[1], int(sys.argv[2]))
