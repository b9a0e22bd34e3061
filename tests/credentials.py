"""Manifests with literal credentials in every place and form that somebody may think of: none of them may be shown."""

from wa_policy.testing import READY

WORD = "Tr0ub4dor-hunter2"
NUMBER = 8811223344
TOKEN = f"EAAB{WORD.replace('-', '')}abcdefgh"

REFERENCE = "    password: {vault: crm/gupshup#password}\n"
CREDENTIALS = READY[READY.index("  credentials:") : READY.index("  ip_allowlist:")]
SENDER = "  sender_name: acme-main\n"
CALLBACK = "https://api-03.moengage.com/whatsapp/gupshup/dlr"


def instead_of(part: str, text: str) -> str:
    assert part in READY
    return READY.replace(part, text, 1)


READABLE = {
    "plain": instead_of(REFERENCE, f"    password: {WORD}\n"),
    "quoted": instead_of(REFERENCE, f'    password: "{WORD}"\n'),
    "escaped": instead_of(REFERENCE, f'    password: "\\x54{WORD[1:]}"\n'),
    "a number": instead_of(REFERENCE, f"    password: {NUMBER}\n"),
    "a literal block": instead_of(REFERENCE, f"    password: |\n      {WORD}\n      and {WORD}\n"),
    "a folded block": instead_of(REFERENCE, f"    password: >-\n      {WORD}\n      {WORD}\n"),
    "over two lines": instead_of(REFERENCE, f"    password:\n      {WORD}\n"),
    "in a list": instead_of(REFERENCE, f"    password: [{WORD}, blue]\n"),
    "in a mapping": instead_of(REFERENCE, f"    password: {{value: {WORD}}}\n"),
    "under an unknown way to refer": instead_of(REFERENCE, f"    password: {{onepassword: {WORD}}}\n"),
    "in place of a variable's name": instead_of(REFERENCE, f'    password: {{env: "{WORD} !"}}\n'),
    "in place of all credentials": instead_of(CREDENTIALS, f"  credentials: {WORD}\n"),
    "on one line with other findings": instead_of(
        CREDENTIALS, f"  credentials: {{username: {{evn: X}}, password: {WORD}, colour: blue}}\n"
    ),
    "under an anchor": instead_of(SENDER, f"  sender_name: &word {WORD}\n").replace(REFERENCE, "    password: *word\n"),
    "in a comment above": instead_of(REFERENCE, f"    # password: {WORD}\n    password: {WORD}\n"),
    "where none belongs": instead_of(SENDER, f"{SENDER}  password: {WORD}\n"),
    "in a list where none belongs": instead_of(SENDER, f"{SENDER}  passwords: [{WORD}]\n"),
    "in a mapping where none belongs": instead_of(SENDER, f"{SENDER}  password: {{value: {WORD}}}\n"),
    "under a key in other letters": instead_of(SENDER, f"{SENDER}  accessToken: {WORD}\n"),
    "under a key of the provider": instead_of(SENDER, f"{SENDER}  sender_fields: {{clientSecret: {WORD}}}\n"),
    "in the address of a callback": instead_of(CALLBACK, f"https://acme:{WORD}@api-03.moengage.com/dlr"),
    "in the query of a callback": instead_of(CALLBACK, f"{CALLBACK}?token={WORD}"),
    "as a name": instead_of("name: acme-retail-in", f"name: {TOKEN}"),
    "as the name of a manifest that is none": f"metadata: {{name: {TOKEN}, environment: {TOKEN}}}\n",
    "in a list of its own": instead_of(CREDENTIALS, f"  credentials:\n  - {WORD}\n"),
    "in an address with escapes": instead_of(CALLBACK, f'"https:\\x2F\\u002Facme:{WORD}@api-03.moengage.com/dlr"'),
    "in a query with escapes": instead_of(CALLBACK, f'"{CALLBACK}?a=1\\x26token={WORD}"'),
    "behind a line break": instead_of(SENDER, f"{SENDER}  sender_fields:\n    header: Bearer\n      {TOKEN}{TOKEN}\n"),
    "under the label of a form": instead_of(SENDER, f"{SENDER}  sender_fields: {{API Key: {WORD}}}\n"),
    "under another label of a form": instead_of(SENDER, f"{SENDER}  sender_fields: {{authentication: {WORD}}}\n"),
    "in British letters": instead_of(SENDER, f"{SENDER}  sender_fields: {{authorisation: {WORD}}}\n"),
    "with a word for credentials in it": instead_of(
        SENDER, f"{SENDER}  sender_fields: {{password: {WORD}-password}}\n"
    ),
    "as a key": instead_of(
        SENDER, f'{SENDER}  sender_fields: {{"https://acme:{WORD}@x.example": "http://YOUR_HOST/"}}\n'
    ),
    "as a key where none belongs": instead_of(SENDER, f"{SENDER}  {TOKEN}: x\n"),
}

BROKEN = {
    "given twice": instead_of(REFERENCE, f"    password: {WORD}\n    password: {WORD}\n"),
    "with a NUL byte": instead_of(REFERENCE, f"    password: {WORD}\0\n"),
    "in a block with a NUL byte": instead_of(REFERENCE, f"    password: |\n      {WORD}\0\n"),
    "in a list with a NUL byte": instead_of(REFERENCE, f"    other:\n    - {WORD}\0\n"),
    "in a mapping with a NUL byte": instead_of(REFERENCE, f"    other: {{a: {WORD}, b: \0}}\n"),
    "in quotes that never close": instead_of(REFERENCE, f'    password: "{WORD}\n'),
    "with a tag": instead_of(REFERENCE, f"    password: !secret {WORD}\n"),
    "as a tag": instead_of(REFERENCE, f"    password: !{WORD}\n"),
    "as an alias": instead_of(REFERENCE, f"    password: *{WORD}\n"),
    "as a key that is no key": instead_of(REFERENCE, f"    password:\n      {WORD}: [\n"),
    "behind a key of a list": instead_of(REFERENCE, f"    - password: {WORD}: x\n"),
    "on the line of another mistake": instead_of(CREDENTIALS, f"  credentials: {{password: {WORD}, a: b, a: c}}\n"),
    "in a bracket over several lines": instead_of(CREDENTIALS, f"  credentials: {{\n'x':\n'{WORD}' 'y'\n}}\n"),
    "in Latin-1": instead_of(REFERENCE, f"    password: {WORD}\udce9\n"),
    "in a key that is badly indented": instead_of(
        SENDER,
        f"{SENDER}  description: |\n    -----BEGIN PRIVATE KEY-----\n   {WORD}:\n    {TOKEN}\n    -----END PRIVATE KEY-----\n",
    ),
}
