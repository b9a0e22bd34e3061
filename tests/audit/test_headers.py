"""The header line: read as it was written, or refused with a reason; never read otherwise."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.audit.refusals import refusal_of
from wa_policy.audit.column_names import fold
from wa_policy.audit.columns import find, read_map, wanted
from wa_policy.audit.errors import AuditError
from wa_policy.audit.headers import DELIMITERS, HEAD, header_of_names, read_csv_header, read_json_header
from wa_policy.audit.model import BSP, IMPORT, MOENGAGE

if TYPE_CHECKING:
    from wa_policy.audit.headers import Header

USERS = wanted(MOENGAGE, {})
LIST = wanted(BSP, {})
HEADINGS = {"id": "ID", "mobile": "Mobile Number (Standard)", "opt_in": "WhatsApp Subscription Status"}
PLAIN = ",".join(HEADINGS.values()).encode()


def read(head: bytes, side: str = MOENGAGE, **mapped: str) -> Header:
    roles = wanted(side, {(side, role): name for role, name in mapped.items()})
    return read_csv_header("users.csv", head, roles)


def positions(header: Header) -> dict[str, int]:
    return {column.role: column.position for column in header.columns}


def tried(head: bytes) -> tuple[Header | None, list[tuple[str, str, int]]]:
    try:
        return read(head), []
    except AuditError as refusal:
        return None, [(message, remedy, code) for message, remedy, code in refusal.troubles]


def refused(head: bytes, side: str = MOENGAGE, **mapped: str) -> list[tuple[str, str, int]]:
    return refusal_of(lambda: read(head, side, **mapped))


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12)


@st.composite
def headers(draw: st.DrawFn) -> tuple[list[str], str, int]:
    """Names in any order with those that are looked for among them, a delimiter, and a way to quote."""
    known = [
        draw(st.sampled_from([heading, heading.upper(), f" {heading} "]))
        for heading in (draw(st.sampled_from(role.headings)) for role in USERS)
    ]
    others = draw(
        st.lists(NAMES | st.sampled_from(["a;b", "u_mb;ID", 'x"y', "a,b", "tab\there", "p|q", ""]), max_size=6)
    )
    names = draw(st.permutations(known + others))
    return names, draw(st.sampled_from(sorted(DELIMITERS))), draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))


@given(headers())
@example((["ID;u_mb;moe_wa_subscription", "ID", "u_mb", "moe_wa_subscription"], ",", csv.QUOTE_MINIMAL))
def test_what_csv_writes_is_read_back_or_refused(written: tuple[list[str], str, int]) -> None:
    names, delimiter, quoting = written
    known = {fold(heading) for role in USERS for heading in role.headings}
    assume(sum(fold(name) in known for name in names) == len(USERS))
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerow(names)  # type: ignore[arg-type]  # typeshed wants a literal
    head = buffer.getvalue().encode()
    header, troubles = tried(head + b"1,2,3\n")
    if header is None:
        assert "can be read in two ways" in troubles[0][0]
        return
    assert list(header.names) == names
    assert header.delimiter == delimiter
    for role in USERS:
        assert fold(names[positions(header)[role.role]]) in {fold(heading) for heading in role.headings}


@given(st.binary(max_size=200))
@example(b"\xff\xfeI\0D\0")
@example(b'"')
@example(b"\xef\xbb\xbf")
def test_any_bytes_are_read_or_refused_in_words(head: bytes) -> None:
    header, troubles = tried(head)
    assert header or troubles
    assert all(message.startswith("users.csv: ") and remedy for message, remedy, _ in troubles)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n1,2,TRUE\n"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_marks_ends_and_delimiters(mark: bytes, end: bytes, delimiter: str) -> None:
    header = read(mark + PLAIN.replace(b",", delimiter.encode()) + end)
    assert header.delimiter == delimiter
    assert header.names == tuple(HEADINGS.values())
    assert positions(header) == {"id": 0, "mobile": 1, "opt_in": 2}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"moe_wa_subscription,name,u_mb,uid", {"id": 3, "mobile": 2, "opt_in": 0}),
        (b' U_MB ,"whatsapp  subscription status",ID', {"id": 2, "mobile": 0, "opt_in": 1}),
        (b'"name, first",ID,"a""b",u_mb,moe_wa_subscription', {"id": 1, "mobile": 3, "opt_in": 4}),
        (b'ID;"u_mb, or so";u_mb;moe_wa_subscription', {"id": 0, "mobile": 2, "opt_in": 3}),
        (b",ID,u_mb,moe_wa_subscription,,", {"id": 1, "mobile": 2, "opt_in": 3}),
        (b"name,name,ID,u_mb,moe_wa_subscription", {"id": 2, "mobile": 3, "opt_in": 4}),
    ],
)
def test_columns_are_found_by_name(line: bytes, found: dict[str, int]) -> None:
    assert positions(read(line)) == found


def test_a_list_of_one_column_has_no_delimiter_to_find() -> None:
    header = read(b"mobile\n919812345678\n", BSP)
    assert (header.delimiter, header.names) == (",", ("mobile",))


def test_a_status_is_found_where_a_list_has_one() -> None:
    assert positions(read(b"status;mobile\n", BSP)) == {"mobile": 1, "status": 0}


def test_a_name_that_is_given_goes_before_those_that_are_known() -> None:
    line = b"ID,u_mb,Mobile Number (Standard),moe_wa_subscription"
    assert positions(read(line, mobile="u_mb"))["mobile"] == 1
    assert positions(read(b"ID,Phone,PHONE,moe_wa_subscription", mobile="PHONE"))["mobile"] == 2
    assert positions(read(b"ID,Phone,moe_wa_subscription", mobile="phone"))["mobile"] == 1


ENCODE = "in Excel, save it as CSV UTF-8 (comma delimited); or convert it: iconv -f {} -t UTF-8 OLD > NEW"
EXPORT = "export the file again as CSV, encoded as UTF-8, with the names of the columns in its first line"


@pytest.mark.parametrize(
    ("head", "message", "remedy"),
    [
        (b"", "the file is empty", "export it again: there is not even a line with the names of the columns"),
        (b"\n1,2\n", "line 1 is blank, and no header", "remove blank lines from the top of the file"),
        (b"\xef\xbb\xbf", "line 1 is blank, and no header", "remove blank lines from the top of the file"),
        (
            PLAIN.decode().encode("utf-16"),
            "the file is encoded as UTF-16, not as UTF-8",
            ENCODE.format("UTF-16"),
        ),
        (PLAIN.decode().encode("utf-16-le"), "the file is encoded as UTF-16, not as UTF-8", ENCODE.format("UTF-16")),
        (PLAIN.decode().encode("utf-16-be"), "the file is encoded as UTF-16, not as UTF-8", ENCODE.format("UTF-16")),
        (PLAIN.decode().encode("utf-32"), "the file is encoded as UTF-32, not as UTF-8", ENCODE.format("UTF-32")),
        (PLAIN + b"\0", "the file holds NUL bytes, and is no text", EXPORT),
        ("ID,Größe".encode("cp1252"), "line 1 is not UTF-8", ENCODE.format("WINDOWS-1252")),
        (
            b"PK\x03\x04...",
            "the file is a ZIP archive or an Excel workbook, whatever its name says",
            "unpack it, or save the sheet as CSV UTF-8 (comma delimited)",
        ),
        (b"\x1f\x8b...", "the file is compressed by gzip, whatever its name says", "give it a name that ends in .gz"),
        (b"PAR1...", "the file is a Parquet file, whatever its name says", "give it a name that ends in .parquet"),
        (
            PLAIN + b"\r1,2,TRUE\r",
            "lines end in a carriage return alone, as on old Macintosh computers",
            "save the file with line feeds as line ends: as CSV UTF-8 (comma delimited), not as CSV (Macintosh)",
        ),
        (b"sep=;\nID;u_mb\n", "line 1 is Excel's own (sep=), and no header", "remove this line from the file"),
        (
            b'ID,"u_mb\n,moe_wa_subscription\n',
            "line 1 has a quote that does not close, or goes on behind it",
            'double the quotes in names (""), and take line breaks out of them',
        ),
        (
            b"a" * HEAD,
            "line 1 is longer than 131,072 bytes, which no header is",
            EXPORT,
        ),
        (
            b"ID^u_mb^moe_wa_subscription\n",
            "line 1 is one column only, be the delimiter a comma, a semicolon, a tab or a vertical bar; looked for the user's id "
            "(ID or uid or customer_id), the mobile number (Mobile Number (Standard) or u_mb), the WhatsApp subscription status "
            "(WhatsApp Subscription Status or moe_wa_subscription)",
            EXPORT,
        ),
    ],
)
def test_what_is_no_header(head: bytes, message: str, remedy: str) -> None:
    assert refused(head) == [(f"users.csv: {message}", remedy, 3)]


def test_two_ways_to_read_it() -> None:
    both = b"ID;u_mb;moe_wa_subscription;x,ID,u_mb,moe_wa_subscription"
    assert refused(both) == [
        (
            "users.csv: line 1 can be read in two ways, as its columns are found with a comma and with a semicolon as the "
            "delimiter",
            "put names that hold another delimiter into double quotes, or rename them",
            3,
        )
    ]


WIPES_NOTHING = (
    "leave the file out of --import, since an import without this column wipes nothing; or, if the column is there under another "
    "heading, say which one it is: --map import.opt_in=COLUMN"
)
EXPORT_COLUMN = "export it with this column, or say which one it is: --map {0}=COLUMN"


@pytest.mark.parametrize(
    ("line", "troubles"),
    [
        (
            b"ID,u_mb,moe_wa_subscribtion",
            [
                (
                    'line 1: no column for the WhatsApp subscription status, "WhatsApp Subscription Status" or '
                    '"moe_wa_subscription" (did you mean "moe_wa_subscribtion"?); '
                    'its columns are "ID", "u_mb", "moe_wa_subscribtion"',
                    EXPORT_COLUMN.format("opt_in"),
                    3,
                )
            ],
        ),
        (
            b"ID,Mobile,moe_wa_subscription",
            [
                (
                    'line 1: no column for the mobile number, "Mobile Number (Standard)" or "u_mb" (did you mean "Mobile"?); '
                    'its columns are "ID", "Mobile", "moe_wa_subscription"',
                    EXPORT_COLUMN.format("mobile"),
                    3,
                )
            ],
        ),
        (
            b"ID,u_mb,moe_sms_subscription",
            [
                (
                    'line 1: no column for the WhatsApp subscription status, "WhatsApp Subscription Status" or '
                    '"moe_wa_subscription"; its columns are "ID", "u_mb", "moe_sms_subscription"',
                    EXPORT_COLUMN.format("opt_in"),
                    3,
                )
            ],
        ),
        (
            b"uid,u_mb,Mobile Number (Standard),moe_wa_subscription",
            [
                (
                    'line 1: several columns for the mobile number: "u_mb" (column 2) and "Mobile Number (Standard)" (column 3)',
                    "say which one counts: --map mobile=COLUMN",
                    2,
                )
            ],
        ),
        (
            b"uid,u_mb,U_MB,moe_wa_subscription",
            [
                (
                    'line 1: several columns for the mobile number: "u_mb" (column 2) and "U_MB" (column 3)',
                    "say which one counts: --map mobile=COLUMN",
                    2,
                )
            ],
        ),
        (
            b"uid,u_mb,u_mb,moe_wa_subscription",
            [
                (
                    'line 1: several columns for the mobile number: "u_mb" (column 2) and "u_mb" (column 3)',
                    "rename or remove one of them",
                    3,
                )
            ],
        ),
    ],
)
def test_columns_that_are_not_there_or_too_often(line: bytes, troubles: list[tuple[str, str, int]]) -> None:
    assert refused(line) == [(f"users.csv: {message}", remedy, code) for message, remedy, code in troubles]


def test_a_name_that_is_given_and_is_not_there() -> None:
    assert refused(b"ID,Phone,moe_wa_subscription", mobile="Fone") == [
        (
            'users.csv: line 1: no column for the mobile number, "Fone" (did you mean "Phone"?); '
            'its columns are "ID", "Phone", "moe_wa_subscription"',
            "name a column of this file with --map mobile=COLUMN",
            2,
        )
    ]


@pytest.mark.parametrize(
    "row",
    [
        b"ada-1,919812345678,TRUE",
        b"Ada,+91 98123 45678,true",
        b"Ada;919812345678;;ada@example.com",
        b"Simone,Byron,opted_in",
        b"Mobina,9.19812E+11,FALSE",
    ],
)
def test_a_row_in_the_place_of_a_header_is_not_repeated(row: bytes) -> None:
    for message, remedy, _ in refused(row):
        for cell in row.decode().replace(";", ",").split(","):
            assert not cell or cell not in message + remedy


@pytest.mark.parametrize(
    ("row", "side"),
    [
        (b"Jane Doe,mobile,c-77,TRUE", MOENGAGE),
        (b"Jane Doe,mobile,c-77", MOENGAGE),
        (b"Jane Doe,ID,c-77", MOENGAGE),
        (b"Jane Doe,ID,yes", MOENGAGE),
        (b"Jane Doe,status,opted_in", BSP),
        (b"Jane Doe,mobile,Estado,c-77", BSP),
        (b"Jane Doe,mobile number,London", MOENGAGE),
        (b"Jane Doe,Mobile Number (Standart),London", MOENGAGE),
        (b"ID,Jane Doe,919812345678", MOENGAGE),
        (b"ID,Jane Doe,ada@example.com", MOENGAGE),
        (b"ID,Jane Doe,True", MOENGAGE),
    ],
)
def test_a_heading_by_chance_makes_no_header(row: bytes, side: str) -> None:
    for message, remedy, _ in refused(row, side):
        for cell in ("Jane", "c-77", "London", "9198", "ada@", "Estado"):
            assert cell not in message + remedy


def test_what_looks_like_data_keeps_all_names_back() -> None:
    ((message, *_),) = refused(b"ID,u_mb,919812345678,Name")
    assert message.endswith("; its 4 columns are not named here, since some look like somebody's data")


def test_long_and_many_names_are_cut() -> None:
    names = ["ID", "x" * 100, *("c" * number for number in range(1, 31))]
    message = refused(",".join(names).encode())[0][0]
    assert f'"ID", "{"x" * 57}...", "c"' in message
    assert message.endswith(f'"{"c" * 18}" and 12 more')


# A list without a status: nobody decides that a column is none.


UNSURE = "without a status, every number in the list counts as opted in"
SAY_STATUS = "say which one it is: --map bsp.status=COLUMN; or take the column out, if it is no status"


@pytest.mark.parametrize(
    "name",
    [
        "consent status",
        "Consent",
        "OPT-IN",
        "Opt In Status",
        "optInState",
        "opted_in",
        "opted in at",
        "is_subscribed",
        "Subscription",
        "active",
        "is_active",
        "Estado",
        "opted in/opted out",
        "state",
    ],
)
def test_a_column_that_may_be_the_status_is_not_passed_over(name: str) -> None:
    refusal = [
        (
            f'users.csv: line 1: no column is known as the opt-in status, and "{name}" (column 2) may be it; {UNSURE}',
            SAY_STATUS,
            2,
        )
    ]
    assert refused(f"phone,{name}\n".encode(), BSP) == refusal
    assert refused(f"phone;{name};name\n".encode(), BSP) == refusal
    assert positions(read(f"phone,{name}\n".encode(), BSP, status=name)) == {"mobile": 0, "status": 1}
    assert positions(read(f"phone,{name},status\n".encode(), BSP)) == {"mobile": 0, "status": 2}


LEAVING = [
    *(
        "opted_out",
        "whatsapp.optout",
        "optOut",
        "out",
        "unsub",
        "unsubscribe",
        "unsubscribed",
        "is_blocked",
        "Block",
        "DND",
    ),
    *("stop", "stopped", "suppressed", "inactive", "not opted in"),
]


@pytest.mark.parametrize("name", LEAVING)
def test_a_column_of_those_who_left_is_no_status_and_not_passed_over(name: str) -> None:
    assert refused(f"phone,{name}\n".encode(), BSP) == [
        (
            f'users.csv: line 1: no column is known as the opt-in status, and "{name}" (column 2) may be it; {UNSURE}',
            "export a column whose words are opted_in and opted_out, since yes in this one may stand for those who left; or take "
            "it out, if it is no status",
            2,
        )
    ]


@pytest.mark.parametrize("name", LEAVING)
@pytest.mark.parametrize("role", ["bsp.status", "status", "opt_in", "import.opt_in"])
def test_a_column_of_those_who_left_is_not_taken_for_a_status(role: str, name: str) -> None:
    with pytest.raises(AuditError) as refusal:
        read_map([f"{role}={name}"])
    (trouble,) = refusal.value.troubles
    assert trouble == (
        f'--map {role}: "{name}" seems to say who left: its true or yes would count as opted in',
        "export a column whose words are opted_in and opted_out, and name that one",
        2,
    )


@pytest.mark.parametrize(
    "word", ["bsp.status=opt-in/opt-out", "status=Checkout", "opt_in=state", "mobile=blocked", "id=stop_id"]
)
def test_other_columns_may_be_mapped(word: str) -> None:
    assert list(read_map([word]).values()) == [word.partition("=")[2]]


def test_several_columns_that_may_be_the_status() -> None:
    ((message, _, _),) = refused(b"phone,State,name,Consent\n", BSP)
    assert message == (
        'users.csv: line 1: no column is known as the opt-in status, and "State" (column 2) and "Consent" (column 4) '
        f"may be it; {UNSURE}"
    )
    ((message, _, _),) = refused(b"phone,State,name,919812345601 status\n", BSP)
    assert message == (
        f"users.csv: line 1: no column is known as the opt-in status, and column 2 and column 4 may be it; {UNSURE}"
    )


@pytest.mark.parametrize("line", [b"phone", b"phone,name,created_at", b"phone,estate,constant,option,statement"])
def test_a_list_without_a_status_is_one_of_who_opted_in(line: bytes) -> None:
    assert positions(read(line, BSP)) == {"mobile": 0}


def test_users_may_have_any_column_besides() -> None:
    assert len(read(PLAIN + b",status,state,email opt-in\n").columns) == 3


def test_a_key_or_a_parquet_column_may_be_the_status_as_well() -> None:
    with pytest.raises(AuditError) as refusal:
        read_json_header("bsp.ndjson", b'{"phone": 1, "consent": "no"}\n', LIST, whole=True)
    message = f'no column is known as the opt-in status, and "consent" (column 2) may be it; {UNSURE}'
    assert refusal.value.troubles == ((f"bsp.ndjson: its first lines: {message}", SAY_STATUS, 2),)
    with pytest.raises(AuditError) as refusal:
        header_of_names("bsp.parquet", ("phone", "consent"), LIST, "its schema")
    assert refusal.value.troubles == ((f"bsp.parquet: its schema: {message}", SAY_STATUS, 2),)


# A remedy names the role as --map knows it.


@pytest.mark.parametrize(
    ("head", "side", "mapped", "remedy"),
    [
        (b"Handset,State", BSP, {}, EXPORT_COLUMN.format("bsp.mobile")),
        (b"Handset,State", BSP, {"mobile": "Phone"}, "name a column of this file with --map bsp.mobile=COLUMN"),
        (b"phone,State", BSP, {"status": "Status"}, "name a column of this file with --map bsp.status=COLUMN"),
        (b"phone,mobile", BSP, {}, "say which one counts: --map bsp.mobile=COLUMN"),
        (b"phone,status,optin", BSP, {}, "say which one counts: --map bsp.status=COLUMN"),
        (b"Key,moe_wa_subscription", IMPORT, {}, EXPORT_COLUMN.format("import.id")),
        (b"ID,Consent", IMPORT, {}, WIPES_NOTHING),
        (b"ID,City", IMPORT, {}, WIPES_NOTHING),
        (b"ID,uid,moe_wa_subscription", IMPORT, {}, "say which one counts: --map import.id=COLUMN"),
    ],
)
def test_a_remedy_names_the_role_of_its_side(head: bytes, side: str, mapped: dict[str, str], remedy: str) -> None:
    ((_, said, _),) = refused(head, side, **mapped)
    assert said == remedy
    option = said.partition("--map ")[2].partition("=")[0]
    assert read_map([f"{option}=X"]).popitem()[0][0] == side


def test_one_column_is_not_two_things() -> None:
    assert refused(PLAIN, id="WhatsApp Subscription Status") == [
        (
            'users.csv: line 1: "WhatsApp Subscription Status" (column 3) would be the user\'s id and the WhatsApp subscription '
            "status at once",
            "name another column with --map id=COLUMN",
            2,
        )
    ]
    assert refused(b"phone,x", BSP, mobile="x", status="X") == [
        (
            'users.csv: line 1: "x" (column 2) would be the mobile number and the opt-in status at once',
            "name another column with --map bsp.mobile=COLUMN or --map bsp.status=COLUMN",
            2,
        )
    ]
    mapped = wanted(MOENGAGE, {(MOENGAGE, "id"): "u_mb"})
    with pytest.raises(AuditError) as refusal:
        header_of_names("users.parquet", ("u_mb", "moe_wa_subscription"), mapped, "its schema")
    message = 'users.parquet: its schema: "u_mb" (column 1) would be the user\'s id and the mobile number at once'
    assert refusal.value.troubles == ((message, "name another column with --map id=COLUMN", 2),)


# NDJSON.


def keys(head: bytes, *, whole: bool = True) -> Header:
    return read_json_header("users.ndjson", head, USERS, whole=whole)


@pytest.mark.parametrize(
    "head",
    [
        b'{"uid": "1", "u_mb": null, "moe_wa_subscription": true}\n',
        b'\xef\xbb\xbf{"uid": "1", "u_mb": "2", "moe_wa_subscription": true}',
        b'{"uid": "1"}\n\n{"u_mb": "2", "moe_wa_subscription": true}\n',
        b'{"uid": "1", "u_mb": {"deep": 1, "deep": 2}, "moe_wa_subscription": true}\n',
    ],
)
def test_keys_of_the_first_lines(head: bytes) -> None:
    header = keys(head)
    assert header.names == ("uid", "u_mb", "moe_wa_subscription")
    assert [column.name for column in header.columns] == ["uid", "u_mb", "moe_wa_subscription"]
    assert {column.position for column in header.columns} == {-1}


def test_a_line_that_is_cut_off_is_not_looked_at() -> None:
    assert keys(b'{"uid": "1", "u_mb": "2", "moe_wa_subscription": true}\n{"uid": ', whole=False).names
    with pytest.raises(AuditError, match="line 1 is longer than 131,072 bytes"):
        keys(b'{"uid": ', whole=False)


@pytest.mark.parametrize("bad", [b"[1]", b"{", b'{"name": "\xe4"}', b'{"uid": 1, "uid": 2}'])
def test_a_bad_line_further_on_is_no_matter_of_the_header(bad: bytes) -> None:
    line = b'{"uid": "1", "u_mb": "2", "moe_wa_subscription": true}'
    assert keys(line + b"\n" + bad + b"\n").names == ("uid", "u_mb", "moe_wa_subscription")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"", "the file is empty"),
        (b"[\n", "line 1 is no JSON object in UTF-8, or has a key twice"),
        (b'{"uid": 1, "uid": 2}\n', "line 1 is no JSON object in UTF-8, or has a key twice"),
        (b"[" * 5000, "line 1 is no JSON object in UTF-8, or has a key twice"),
        (b'\n{"name": "\xe4"}\n', "line 2 is no JSON object in UTF-8, or has a key twice"),
        ('{"uid": 1}'.encode("utf-16"), "the file is encoded as UTF-16, not as UTF-8"),
    ],
)
def test_what_is_no_ndjson(head: bytes, message: str) -> None:
    with pytest.raises(AuditError) as refusal:
        keys(head)
    assert refusal.value.troubles[0].message == f"users.ndjson: {message}"


def test_names_of_a_schema() -> None:
    header = header_of_names("users.parquet", ("uid", "u_mb", "moe_wa_subscription"), USERS, "its schema")
    assert (header.delimiter, header.quote) == ("", "")
    with pytest.raises(AuditError, match="its schema: no column for the user's id"):
        header_of_names("users.parquet", ("u_mb", "moe_wa_subscription"), USERS, "its schema")


# Roles.


def test_coverage_needs_the_status_alone() -> None:
    assert [role.role for role in wanted(MOENGAGE, {}, coverage=True)] == ["opt_in"]


def test_an_import_has_the_headings_of_moengage() -> None:
    assert [role.headings for role in wanted(IMPORT, {})] == [USERS[0].headings, USERS[2].headings]


def test_map() -> None:
    mapped = read_map(["mobile=Phone", "bsp.mobile=Number", "status=State", "import.id=Key", "id=a=b"])
    assert mapped == {
        ("moengage", "mobile"): "Phone",
        ("bsp", "mobile"): "Number",
        ("bsp", "status"): "State",
        ("import", "id"): "Key",
        ("moengage", "id"): "a=b",
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mobil=Phone"], '--map: there is no role "mobil" (did you mean "mobile"?)'),
        (["mobile"], "--map mobile: no column is named"),
        (["mobile= "], "--map mobile: no column is named"),
        (["mobile=919812345678"], "--map mobile: this looks like a value, not like the name of a column"),
        (["mobile=a", "moengage.mobile=b"], "--map moengage.mobile is given twice, with different columns"),
    ],
)
def test_a_map_that_cannot_be_followed(words: list[str], message: str) -> None:
    with pytest.raises(AuditError) as refusal:
        read_map(words)
    (trouble,) = refusal.value.troubles
    assert (trouble.message, trouble.exit_code) == (message, 2)


def test_find_counts_what_it_found() -> None:
    assert find(["u_mb", "U_MB", "ID"], USERS).roles == 2
