"""The manifest itself: findings that somebody accepts, each with a reason, by somebody, until a day, and for one value."""

from __future__ import annotations

from typing import Literal

from wa_policy.api import (
    Change,
    Context,
    Fix,
    Place,
    Problems,
    Route,
    Rule,
    Step,
    Suppression,
    fail,
    hookimpl,
    rule,
    rules_in,
    show_route,
)


@rule("MAN009", "unused-suppression", step=Step.MANIFEST)
def unused_suppression(suppression: Suppression, ctx: Context) -> Problems:
    """A suppression suppresses nothing, names a rule that does not exist, or was given for another value.

    Only rules that ran are judged: with `--select`, or where a policy turns a rule off, nobody can tell whether its
    suppression is needed. So it is with rules that look at all manifests together (MAN005), with OPT010 unless
    `--verify-digests` is given, and with a manifest that names evidence which cannot be used (MAN008).

    Why it matters:
        What is left over from last year silences the finding of next year, which nobody has looked at. A mistyped name
        silences nothing, and whoever wrote it believes that it does.

    How to put it right:
        1. Remove the suppression, or the name in it that finds nothing; `--fix` does that. If the rule finds something
           that begins on the same line, move the comment to where the finding says. An entry of a policy with a
           pattern for workspaces stays until you remove it: manifests that were not looked at may need it.
        2. If a name is mistyped, correct it: `wa-policy rules` lists all of them.
        3. If the value has changed, look at the new one. Only if the reason still holds, write the digest that the
           finding gives.

    Bad:
        ```yaml
        waba:
          country: IN  # wa-policy: ignore[WBA004] reason="Meta is asked" owner=crm-platform until=2026-12-31
        ```

    Good:
        ```yaml
        waba:
          country: IN
        ```

    Source:
        wa-policy's own: what is accepted must be something (as of 2026-11, sure)

    Since:
        0.1
    """
    if suppression.fault or suppression.forbidden or suppression.expired(ctx.as_of):
        return  # it holds for nothing; MAN010 says why
    if suppression.woken:
        bound = _written(suppression, "value", suppression.value_now or "DIGEST")
        if suppression.below:
            message = (
                f"this is bound to one value below {suppression.where}, not to all that stands there: it would cover "
                "others of that value too, so the finding counts again"
            )
            remedy = f"put it at the value itself; or look at all of {suppression.where}, and write {bound}"
        else:
            message = "the value has changed since this was accepted, so the finding counts again"
            remedy = (
                f"look at the new value; if the reason still holds for it, write {bound}; else remove the suppression"
            )
        yield fail(message, at=suppression.place, remedy=remedy)
    unknown = [f'there is no rule "{name}"{suggestion}' for name, suggestion in suppression.unknown]
    barred = [f"{name} cannot be suppressed" for name in suppression.barred]
    idle = [f"{', '.join(suppression.idle)} {_find(suppression)}"] if suppression.idle else []
    beside = [
        f"{name} finds nothing at {suppression.where}, but at {_shown(route)}, which begins on the same line"
        for name, route in suppression.beside
    ]
    if reasons := [*unknown, *barred, *idle, *beside]:
        certain = unknown or barred or not suppression.partial
        yield fail(
            "; ".join(reasons),
            at=suppression.place,
            at_most="error" if certain else "info",
            remedy=_remedy(suppression),
            fix=_without(suppression),
        )


def _remedy(suppression: Suppression) -> str:
    if suppression.beside:
        return f"put {' and '.join(_where_it_belongs(*each) for each in suppression.beside)}"
    if suppression.unknown and not (suppression.barred or suppression.idle):
        return (
            "correct the name, or load the plugin that has the rule; if there is no such rule any more, remove its name"
        )
    first = "look at all manifests; if none needs it, " if suppression.partial else ""
    return f"{first}remove it, or the name of the rule from it"


def _find(suppression: Suppression) -> str:
    verb = "finds" if len(suppression.idle) == 1 else "find"
    if suppression.kind == "policy":
        return f"{verb} nothing there" + (" in the manifests of this run" if suppression.partial else "")
    return f"{verb} nothing at {suppression.where}" if suppression.where else "stand beside nothing"


def _where_it_belongs(name: str, route: Route) -> str:
    if not route:
        return f"ignore[{name}] before everything else in the document"
    if isinstance(route[-1], int):
        return f"ignore[{name}] on a line of its own directly above {_shown(route)}"
    return f"ignore[{name}] where {_shown(route)} has its key, at the end of that line or directly above it"


def _shown(route: Route) -> str:
    return show_route(route) if route else "the document"


def _without(suppression: Suppression) -> Fix | None:
    """Remove the names that are of no use, and with the last of them the suppression.

    Those that stand beside what they are meant for are of use as soon as somebody has moved them.
    """
    is_safe = not suppression.unknown  # a rule that nobody knows may be misspelt, or that of a plugin that is not here
    useless = {*(name for name, _ in suppression.unknown), *suppression.barred, *suppression.idle}
    left = [name for name in suppression.names if name not in useless]
    if not useless:
        return None
    if suppression.kind == "policy":
        # A file that is not edited by route, or an entry that a manifest outside this run may need.
        if suppression.place.span is not None or suppression.partial:
            return None
        if left:
            gone = (index for index, name in enumerate(suppression.names) if name in useless)
            return Fix(
                "remove the rules that find nothing",
                tuple(Change("remove", _rule_in(suppression.place, index)) for index in gone),
                safe=False,
            )
        return Fix("remove the suppression from the policy", (Change("remove", suppression.place),), safe=False)
    if left and not suppression.text:
        return None
    if left:
        change = Change("set", suppression.place, suppression.with_names(left))
        return Fix("remove the rules that find nothing from the suppression", (change,), safe=is_safe)
    return Fix("remove the suppression", (Change("remove", suppression.place),), safe=is_safe)


def _rule_in(entry: Place, index: int) -> Place:
    """Where an entry of a policy names one of its rules."""
    return entry._replace(route=(*entry.route, "rules", index))


@rule("MAN010", "suppression-without-reason", step=Step.MANIFEST)
def suppression_without_reason(
    suppression: Suppression,
    ctx: Context,
    *,
    owner_required: bool = False,
    expiry_required: bool = False,
    unbound: Literal["off", "info", "warning", "error"] = "info",
) -> Problems:
    """A suppression does not say why, by whom or until when, has expired, cannot be understood, or holds for any value.

    `owner_required` and `expiry_required` say what must be given besides the reason; `unbound` is how much it weighs
    that a suppression is not bound to the value that it was given for. In policies that forbid suppressions in
    manifests, each of them is a finding of this rule.

    Why it matters:
        Whoever signs off the campaign sees that a finding was waved through, and cannot see whether that was considered
        or convenient. Without a value, it also waves through whatever is written there next.

    How to put it right:
        1. Write why it is fine, who says so, and until when: in a comment `reason="..." owner=NAME until=YYYY-MM-DD`,
           under a policy's `suppressions` the keys `reason: "..."`, `owner: "NAME"` and `until: YYYY-MM-DD`.
        2. Write the digest of the value that the finding gives: `value=...` in a comment, which `--fix` adds, and
           `value: "..."` in a policy.
        3. If it has expired, look again: mend what was accepted, or give it another day.

    Bad:
        ```yaml
        waba:
          business_verification_status: not_verified  # wa-policy: ignore[WBA002]
        ```

    Good:
        ```yaml
        waba:
          # wa-policy: ignore[WBA002] reason="due in March" owner=crm-platform until=2027-03-31 value=59819d1ec87ae0dd
          business_verification_status: not_verified
        ```

    Source:
        wa-policy's own: an exception that nobody answers for is none (as of 2026-11, sure)

    Since:
        0.1
    """
    at = suppression.place
    if suppression.forbidden:
        remedy = "mend what it covers, or ask whoever keeps the policy to accept it there, under suppressions"
        yield fail("this policy takes no suppressions from manifests, so it suppresses nothing", at=at, remedy=remedy)
    elif suppression.fault:
        message, remedy = suppression.fault
        yield fail(f"this suppression cannot be understood, so it suppresses nothing: {message}", at=at, remedy=remedy)
    elif suppression.expired(ctx.as_of):
        outcome, remedy = _after_its_end(suppression)
        yield fail(f"this suppression ended on {suppression.until}{outcome}", at=at, remedy=remedy)
    else:
        wanted = [("reason", True), ("owner", owner_required), ("until", expiry_required)]
        missing = [name for name, required in wanted if required and not getattr(suppression, name)]
        if missing:
            remedy = f"add {_complete(suppression, missing)}"
            yield fail(f"this suppression gives no {' and no '.join(missing)}", at=at, remedy=remedy)
        if not suppression.value and suppression.value_now:
            yield fail(
                "this suppression is not bound to a value: it would cover any other as well",
                at=at,
                remedy=f"add {_written(suppression, 'value', suppression.value_now)}",
                at_most=unbound,
                fix=_bound(suppression),
            )


def _after_its_end(suppression: Suppression) -> tuple[str, str]:
    """What came of the end of a suppression, and what to do about it."""
    if suppression.woken:
        remedy = "mend what was accepted and remove the suppression, or give it another day"
        return ", so what it covered counts again", remedy
    if suppression.partial or len(suppression.idle) < len(suppression.names):
        # other rules, or manifests, were not looked at
        return ", so it suppresses nothing", "remove it, or give it another day if what was accepted is still there"
    return ", and covers nothing", "remove it"


def _complete(suppression: Suppression, missing: list[str]) -> str:
    examples = {"reason": "...", "owner": "NAME", "until": "YYYY-MM-DD"}
    joint = " " if suppression.kind == "inline" else " and "
    return joint.join(_written(suppression, name, examples[name]) for name in missing)


def _written(suppression: Suppression, key: str, value: str) -> str:
    """How a suppression says something where it stands: a comment, or a policy in YAML, TOML or JSON."""
    path = suppression.place.document.path
    if suppression.kind == "inline":
        return f'{key}="{value}"' if key == "reason" else f"{key}={value}"
    if path.endswith(".json"):
        return f'"{key}": "{value}"'
    text = value if key == "until" else f'"{value}"'  # a digest may look like a number
    return f"{key} = {text}" if path.endswith(".toml") else f"{key}: {text}"


def _bound(suppression: Suppression) -> Fix | None:
    if not suppression.text:
        return None
    change = Change("set", suppression.place, suppression.with_value(suppression.value_now))
    return Fix("bind the suppression to the value that stands there", (change,))


@hookimpl
def wa_policy_rules() -> list[Rule]:
    """Offer this module's rules."""
    return rules_in(__name__)
