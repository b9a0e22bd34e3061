"""Write the types of a manifest from its schema: ``python scripts/generate_types.py [OUTPUT]``."""

import sys
from pathlib import Path

from datamodel_code_generator import Formatter, InputFileType, LiteralType, PythonVersion, generate
from datamodel_code_generator.enums import DataModelType

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schemas" / "workspace.schema.json"
TYPES = ROOT / "src" / "wa_policy" / "manifest" / "types.py"

HEADER = '''\
# Generated from schemas/workspace.schema.json. Do not edit: change the schema, then run `make types`.
"""The shape of a manifest that satisfies the schema."""
'''


def write_types(output: Path) -> None:
    """Generate one TypedDict for the manifest and one for each of the schema's ``$defs``, under their names."""
    generate(
        SCHEMA,
        input_filename=SCHEMA.name,
        input_file_type=InputFileType.JsonSchema,
        output=output,
        output_model_type=DataModelType.TypingTypedDict,
        target_python_version=PythonVersion.PY_311,
        class_name="Workspace",
        enum_field_as_literal=LiteralType.All,
        use_closed_typed_dict=False,  # mypy does not know PEP 728 yet
        use_standard_collections=True,
        use_union_operator=True,
        disable_timestamp=True,
        custom_file_header=HEADER,
        formatters=[Formatter.BUILTIN],  # needs no other tool, whose next version would lay the file out anew
    )


if __name__ == "__main__":
    write_types(Path(sys.argv[1]) if len(sys.argv) > 1 else TYPES)
