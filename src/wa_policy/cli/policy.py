"""``wa-policy policy``: show a policy as resolved, or check one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wa_policy import INCOMPLETE
from wa_policy.cli import options
from wa_policy.engine.session import find_policy
from wa_policy.manifest.secrets import mask_text
from wa_policy.report.safe import visible
from wa_policy.schema.texts import load_schema

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from wa_policy.policy.layers import Exemption, Override
    from wa_policy.policy.model import Policy

EPILOG = """examples:
  wa-policy policy show
  wa-policy policy show strict --environment live
  wa-policy policy check wa-policy.yaml

exit codes: 0 the policy is sound; 2 it is not, or wrong use; 3 a plugin did not load, so its rules are missing
"""


_ABSENT = {
    "rules": "",
    "workspace": "",
    "environment": "any",
    "route": "any",
    "value": "any",
    "reason": "none is given",
    "owner": "nobody",
    "until": "no last day",
}
"""What is shown of a suppression, in this order, and in what words that something is left out."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "action",
        choices=("show", "check"),
        metavar="ACTION",
        help="show: print it as resolved; check: only say whether it is sound",
    )
    parser.add_argument(
        "policy",
        nargs="?",
        type=options.named,
        metavar="FILE_OR_NAME",
        help="draft, go-live, strict, or a policy file; default: the one that lint would use here",
    )
    parser.add_argument(
        "--environment", default="", choices=_environments(), help="show what holds for manifests of this environment"
    )
    options.add_format(parser)
    options.add_plugins(parser)


def _environments() -> list[str]:
    environments: list[str] = load_schema("policy")["$defs"]["OverrideScope"]["properties"]["environments"]["items"][
        "enum"
    ]
    return environments


def run(parsed: argparse.Namespace) -> int:
    """Resolve the policy, which finds every mistake in it, and print it."""
    loaded = options.load_plugins(parsed)
    policy = find_policy(parsed.policy, loaded)
    if parsed.action == "check":
        _say(f"the policy {policy.name} ({policy.origin}) is sound: {' < '.join(policy.chain)}")
    elif parsed.format == "json":
        import json

        rulings = {code: ruling._asdict() for code, ruling in policy.rulings(parsed.environment).items()}
        print(json.dumps(_masked({**_as_plain(policy), "rulings": rulings}), indent=2))
    else:
        _show(policy, parsed.environment, {code: rule.name for code, rule in loaded.rules.items()})
    return INCOMPLETE if loaded.troubles else 0


def _show(policy: Policy, environment: str, names: dict[str, str]) -> None:
    _say(f"policy {policy.name} ({policy.origin}): {' < '.join(policy.chain)}")
    print(f"fails on: {policy.fail_on}")
    print(f"\n{'rule':<44} {'fail':<8} {'unproven':<9} claimed")
    for code, ruling in policy.rulings(environment).items():
        print(f"{f'{code} {names[code]}':<44} {ruling.fail:<8} {ruling.unproven:<9} {ruling.claimed}")
    for override in policy.overrides:
        _show_override(override)
    print("\nsuppressions")
    for line in _suppressions(policy, names):
        _say(f"  {line}")
    print("\nfacts")
    for name, entry in policy.facts.items():
        _say(f"  {name:<32} {entry['as_of']:<11} {entry['certainty']:<9} {entry['origin']}")


def _say(line: str) -> None:
    """Print a line with words of the policy, where somebody may have pasted a credential anywhere."""
    print(visible(mask_text(line)))


def _masked(value: Any) -> Any:
    """Plain data with every credential in it masked."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {_masked(key): _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list | tuple) else value


def _as_plain(policy: Policy) -> dict[str, Any]:
    """The policy for programs: what it is made of, in the words in which policies are written."""
    plain = policy.as_plain()
    del plain["exemptions"]
    plain["inline_suppressions"] = plain.pop("inline")
    plain["suppressions"] = [_suppression(exemption) for exemption in policy.exemptions]
    return plain


def _suppression(exemption: Exemption) -> dict[str, Any]:
    """A suppression as written, and where."""
    words = {
        key: exemption[key]
        for key in ("rules", "workspace", "environment", "route", "value", "reason", "owner", "until", "path")
    }
    return {**words, "line": exemption["span"][0]}


def _suppressions(policy: Policy, names: dict[str, str]) -> Iterator[str]:
    """What the policy lets pass, and who says so: somebody signs for these, so what is left out is shown too."""
    own = "" if policy.exemptions else "none of the policy's own; "
    if policy.inline == "forbidden":
        yield f"{own}comments in manifests suppress nothing (inline_suppressions: forbidden)"
    else:
        yield f"{own}comments in manifests may suppress findings"
    for exemption in policy.exemptions:
        plain = _suppression(exemption)
        yield f"{plain['path']}:{plain['line']}"
        rules = ", ".join(f"{code} {names[code]}" for code in plain["rules"])
        for key, absent in _ABSENT.items():
            yield f"  {key:<11}  {(rules if key == 'rules' else plain[key]) or absent}"


def _show_override(override: Override) -> None:
    when = {key: override[key] for key in ("environments", "workspaces", "paths")}
    conditions = " and ".join(f"{key} {', '.join(values)}" for key, values in when.items() if values)
    _say(f"override for {conditions}" + (f" ({override['reason']})" if override["reason"] else ""))
    for key in ("severity", "unproven", "claims"):
        if key in override["layer"]:
            _say(f"  {key}: {override['layer'][key]}")
    for code, entry in override["layer"].get("rules", {}).items():
        words = [f"{key} {value}" for key, value in entry.items()]
        _say(f"  {code}: {', '.join(words)}")
