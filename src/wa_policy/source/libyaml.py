"""What wa-policy takes of PyYAML: libyaml's parser, the events that come out of it, and its errors."""

from wa_policy.light import without_init

without_init("yaml")  # before the first of its modules is imported

from yaml.error import MarkedYAMLError  # noqa: E402  # see above
from yaml.events import (  # noqa: E402  # see above
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

try:
    from yaml._yaml import CParser
except ImportError as error:
    raise ImportError("wa-policy needs PyYAML with libyaml: install a wheel of PyYAML, not its pure form") from error

__all__ = [
    "AliasEvent",
    "CParser",
    "DocumentStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "MarkedYAMLError",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
]
