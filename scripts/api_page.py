"""The page on ``wa_policy.api``, the door for rule authors, and on ``wa_policy.testing``: made of signatures and docstrings."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from scripts.pages import page, table
from wa_policy import api, testing
from wa_policy.rules import hookspecs

if TYPE_CHECKING:
    from collections.abc import Iterator

N = TypeVar("N", ast.ClassDef, ast.FunctionDef)

INTRO = """Everything that a plugin may use of wa-policy, and that [stays](stability.md); all other modules of the package may
change with every release. [Write a plugin](../how-to/write-a-plugin.md) shows how the parts go together. What takes `At` takes a
subject or a `Place`; the `data` of a subject is typed as the [manifest](manifest.md) is.
"""

SECTIONS = {
    "Declare rules": ("rule", "rules_in", "Rule", "Step", "Context", "fact", "Between", "Share", "Count"),
    "Say what is wrong": ("Problems", "fail", "unproven", "claimed", "Problem", "Place", "Fix", "Change"),
    "What rules look at": (
        *("Subject", "Workspace", "MoEngage", "Bsp", "Waba", "PhoneNumber", "Template", "OptIn", "Campaign"),
        *("Project", "Summary", "SourceFile", "Suppression", "DocumentId", "Route"),
    ),
    "Helpers": ("did_you_mean", "nearest", "digits_of", "show_route", "addresses"),
    "Hooks": ("hookimpl", "wa_policy_rules", "wa_policy_read_templates"),
    "Test rules": (
        "check_rule",
        "check_fragment",
        "check_text",
        "manifest",
        "merge",
        "parse",
        "defaults",
        "READY",
        "AS_OF",
    ),
}
"""What the page is made of, in its order: names of ``wa_policy.api``, hooks, and names of ``wa_policy.testing``."""

WITHOUT_DOCSTRING = {
    "hookimpl": "Marks a function of a plugin as one of the hooks below, which it is named like.",
}


INTERNAL = {"Workspace": ("hears_claims", "let_go", "picture")}
"""What a run needs, and rules do not."""

LONGEST = 100
"""How long a signature on one line may be, in code points."""


def api_page() -> str:
    """The page. Raises ValueError where the door has something that the page does not know."""
    listed = {name for names in SECTIONS.values() for name in names}
    if missing := set(api.__all__) - listed:
        raise ValueError(f"scripts/api_page.py does not say where these belong: {', '.join(sorted(missing))}")
    parts = [INTRO]
    for title, names in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [_entry(name) for name in names]
    return page("The door for rule authors", "src/wa_policy/api.py and what it imports", *parts)


def _entry(name: str) -> str:
    room = next(room for room in (api, hookspecs, testing) if hasattr(room, name))
    value = getattr(room, name)
    parts = [f"### `{name}`\n"]
    if inspect.ismodule(value):
        parts += [_prose(value.__doc__), *_functions(value)]
    elif inspect.isclass(value):
        parts += [*_bases(value), _prose(value.__doc__), *_members(value)]
    elif inspect.isfunction(inspect.unwrap(value)):
        parts += [_signature(name, inspect.unwrap(value)), _prose(value.__doc__)]
    else:
        parts.append(_prose(WITHOUT_DOCSTRING.get(name) or _doc_of_constant(room, name)))
    if room is testing:
        parts.insert(1, "From `wa_policy.testing`.\n")
    return "\n".join(part for part in parts if part)


def _signature(name: str, function: Any) -> str:
    """A function's signature, a parameter on each line where it is long."""
    node = _node(function, ast.FunctionDef)
    parameters = list(_parameters(node.args))
    returns = f" -> {_type(node.returns)}" if node.returns else ""
    line = f"{name}({', '.join(parameters)}){returns}"
    if len(line) > LONGEST:
        line = "\n".join((f"{name}(", *(f"    {parameter}," for parameter in parameters), f"){returns}"))
    return f"```python\n{line}\n```\n"


def _node(value: Any, kind: type[N]) -> N:
    """The definition of a class or a function, as its source has it. Raises ValueError for what is defined otherwise."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    if not isinstance(node, kind):
        raise ValueError(f"{value.__name__} is not defined by class or def")
    return node


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    """The parameters of a function as its source has them, without ``self``."""
    nothing: list[ast.expr | None] = [None] * (len(arguments.args) - len(arguments.defaults))
    for argument, default in zip(arguments.args, [*nothing, *arguments.defaults], strict=True):
        if argument.arg != "self":
            yield _parameter(argument, default)
    if arguments.vararg:
        yield f"*{_parameter(arguments.vararg, None)}"
    elif arguments.kwonlyargs:
        yield "*"
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _parameter(argument, default)


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    kind = f": {_type(argument.annotation)}" if argument.annotation else ""
    value = f" = {ast.unparse(default)}" if default else ""
    return argument.arg + kind + value


def _type(node: ast.expr) -> str:
    """A type as rule authors call it: without the rooms that it comes from."""
    return re.sub(r"\b(?:subjects|types)\.", "", ast.unparse(node))


def _bases(kind: type) -> Iterator[str]:
    bases = [base.__name__ for base in kind.__mro__[1:] if base.__name__ in api.__all__]
    if bases:
        yield f"A [`{bases[0]}`](#{bases[0].lower()}).\n"


def _members(kind: type) -> Iterator[str]:
    """A table of what a class has of its own: fields, properties and methods, as its source declares them."""
    bases = [base for base in kind.__mro__[1:] if base.__name__ in api.__all__]
    known = {name for base in bases for name, _, _ in _declared(_node(base, ast.ClassDef)) if name != "data"}
    declared = [entry for entry in _declared(_node(kind, ast.ClassDef)) if entry[0] not in known]
    rows = [(f"`{name}`", f"`{of}`" if of else "", _line(doc)) for name, of, doc in declared]
    if rows:
        yield table(("name", "type", ""), rows)


def _declared(body: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    """Name, type and docstring of everything public in the body of a class; of what is declared twice, the first."""
    seen = set(INTERNAL.get(body.name, ()))
    for name, kind, doc in _all_declared(body):
        if name[:1] != "_" and name.partition("(")[0] not in seen:
            seen.add(name.partition("(")[0])
            yield name, kind, doc


def _all_declared(body: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    for node, after in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, _type(node.annotation), _text(after)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, ast.unparse(node.value), _text(after)
        elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
            yield from _set_in(node)
        elif isinstance(node, ast.FunctionDef):
            is_property = any(ast.unparse(mark) == "property" for mark in node.decorator_list)
            arguments = "" if is_property else f"({', '.join(_parameters(node.args))})"
            yield node.name + arguments, _type(node.returns) if node.returns else "", ast.get_docstring(node) or ""


def _set_in(constructor: ast.FunctionDef) -> Iterator[tuple[str, str, str]]:
    """The attributes that a constructor sets."""
    body = constructor.body
    given = {argument.arg: argument.annotation for argument in constructor.args.args}
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                said = node.annotation if isinstance(node, ast.AnnAssign) else given.get(ast.unparse(node.value))
                yield target.attr, _type(said) if said else _made(node.value), _text(after)


def _made(value: ast.expr | None) -> str:
    """What a constructor calls to make a value, where that says its type."""
    if isinstance(value, ast.ListComp) and (item := _made(value.elt)):
        return f"list[{item}]"
    name = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    return name if name in api.__all__ else ""


def _text(node: ast.stmt | None) -> str:
    """The text that stands by itself, which documents what stands before it; empty for anything else."""
    constant = node.value if isinstance(node, ast.Expr) else None
    return constant.value if isinstance(constant, ast.Constant) and isinstance(constant.value, str) else ""


def _functions(module: Any) -> Iterator[str]:
    """The functions of a module, each in a line."""
    body = ast.parse(inspect.getsource(module)).body
    rows = [
        (f"`{node.name}({', '.join(_parameters(node.args))}) -> {_type(node.returns)}`", _line(ast.get_docstring(node)))
        for node in body
        if isinstance(node, ast.FunctionDef) and node.name[:1] != "_" and node.returns
    ]
    yield table(("function", ""), rows)


def _doc_of_constant(room: Any, name: str) -> str:
    """The docstring below an assignment in a module, or in the one that it comes from."""
    body = ast.parse(inspect.getsource(room)).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return _text(after)
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            return _doc_of_constant(import_module(str(node.module)), name)
        if isinstance(node, ast.With) and name in ast.unparse(node):
            return _text(after)
    return ""


def _prose(text: str | None) -> str:
    """A docstring as Markdown: code in single backticks, and a block behind two colons as code."""
    said = inspect.cleandoc(text or "").replace("``", "`")
    said = re.sub(r":(?:func|class):`([^`]+)`", r"`\1`", said)
    return f"{said}\n"


def _line(text: str | None) -> str:
    return _prose(text).strip()
