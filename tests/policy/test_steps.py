"""Routes as people write them in policies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_policy.engine.identity import named_route
from wa_policy.policy.steps import leads_to, read_steps
from wa_policy.source.spans import Route, show_route

ROUTE: Route = ("templates", 0, "components", 1, "text")
NAMES = ["", "[order_shipped en]", "", "[1]", ""]


@pytest.mark.parametrize(
    "written",
    [
        "templates",
        "templates[0]",
        "templates[order_shipped en]",
        "templates['order_shipped en']",
        "templates/[order_shipped en]/components/[1]/text",
        "templates[order_shipped en].components[1].text",
        "templates[0].components",
    ],
)
def test_what_leads_there(written: str) -> None:
    assert leads_to(read_steps(written), ROUTE, NAMES)


@pytest.mark.parametrize(
    "written",
    [
        "template",
        "templates[1]",
        "templates.0",
        "templates[order_shipped]",
        "components",
        "templates[0].components[1].text.x",
        "templates[0].components[1].texts",
    ],
)
def test_what_leads_elsewhere(written: str) -> None:
    steps = read_steps(written)
    assert steps
    assert not leads_to(steps, ROUTE, NAMES)


@pytest.mark.parametrize("written", ["", "a..b[", "a[", "a[]", "a]b", "a b", "[", "a[[x]]"])
def test_what_is_no_route(written: str) -> None:
    assert read_steps(written) == []


KEYS = st.from_regex(r"[a-z_]{1,6}", fullmatch=True) | st.sampled_from(["odd key", "a.b", "x/y", "é"])


@given(
    st.recursive(
        st.text("ab ", max_size=3),
        lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
        max_leaves=8,
    ),
    st.data(),
)
def test_a_place_leads_to_itself(data: object, pick: st.DataObject) -> None:
    route: Route = ()
    here: object = data
    names: list[str] = []
    while isinstance(here, (dict, list)) and here and pick.draw(st.booleans()):
        step = pick.draw(st.sampled_from(list(here) if isinstance(here, dict) else list(range(len(here)))))
        names.append(named_route((step,), here) if isinstance(step, int) else "")
        route, here = (*route, step), here[step]
    if route:
        assert leads_to(read_steps(show_route(route)), route, names)
