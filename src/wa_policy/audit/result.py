"""The rows of the SQL's result as the counts and groups that the rest of the audit works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.audit.model import BSP, GROUP_MEASURES, GROUPS, IMPORT, MEASURES, MOENGAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wa_policy.audit.model import Request

    Group = Mapping[str, int | str]


def read_rows(rows: Iterable[tuple[str, str, int]], request: Request) -> tuple[Mapping[str, int], Sequence[Group]]:
    """Counts of the sides that were given, and one group for each calling code, the one of most users first.

    Each row is (measure, calling code, count), as the last step of opt_in.sql has them.
    """
    found: dict[str, int] = {}
    groups: dict[str, dict[str, int]] = {}
    for measure, calling_code, count in rows:
        if measure.startswith(GROUPS):
            groups.setdefault(calling_code, {})[measure.removeprefix(GROUPS)] = int(count)
        else:
            found[measure] = int(count)
    sides = [MOENGAGE, *([BSP] if request.bsp else []), *([IMPORT] if request.imports else [])]
    counts = {name: found[name] for side in sides for name in MEASURES[side]}
    in_order = sorted(groups.items(), key=lambda item: (-item[1]["total"], item[0]))
    return counts, [
        {"calling_code": code, **{name: group[name] for name in GROUP_MEASURES}} for code, group in in_order
    ]
