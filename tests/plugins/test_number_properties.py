"""Whatever stands where a number should: no rule raises, and it is valid, invalid or a short code, never two at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.said import family
from wa_policy.api import Context, DocumentId, PhoneNumber, Project, Workspace
from wa_policy.manifest.subjects import summarize
from wa_policy.testing import AS_OF, defaults, manifest

if TYPE_CHECKING:
    from wa_policy.api import Problem

RULES = {rule.code: rule for rule in family("NUM")}
READY = Workspace(DocumentId("manifest.yaml", 0), manifest())  # type: ignore[arg-type]  # a plain dict, as the schema has it

digits = st.text("0123456789", max_size=18)
separators = st.sampled_from(["", " ", "-", ".", "(", ")", "  "])
like_a_number = st.from_regex(r"\A\+{0,2}[0-9 ().x-]{0,20}\Z")
anything = st.one_of(st.text(), like_a_number, digits.map("+{}".format), digits)
words = st.one_of(
    st.none(),
    st.text(min_size=1),
    st.sampled_from(["VERIFIED", "EXPIRED", "CONNECTED", "PENDING", "RED", "UNKNOWN", "live"]),
)
flags = st.one_of(st.none(), st.booleans())


def judge(code: str, data: dict[str, Any]) -> list[Problem]:
    rule = RULES[code]
    number = PhoneNumber(READY, ("phone_numbers", 0), {key: value for key, value in data.items() if value is not None})
    number.listed = True
    arguments = [Context(AS_OF)] if rule.wants_context else []
    return list(rule.function(number, *arguments, **defaults(rule)))


@given(anything)
def test_a_number_is_valid_or_invalid_or_a_short_code(text: str) -> None:
    invalid, short = judge("NUM001", {"number": text}), judge("NUM002", {"number": text})
    assert len(invalid) + len(short) <= 1
    for problem in invalid + short:
        assert problem.outcome == "fail"
        assert problem.remedy
        assert text in problem.message


@given(st.data(), st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_what_stands_between_digits_changes_nothing(data: st.DataObject, region: str) -> None:
    example = phonenumbers.example_number(region)
    text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164) if example else "+918047181888"
    text = data.draw(st.sampled_from([text, text[:-1], text[1:], f"{text}0", text[:6]]))
    spaced = "".join(character + data.draw(separators) for character in text)
    for code in ("NUM001", "NUM002"):
        plain, with_separators = judge(code, {"number": text}), judge(code, {"number": spaced})
        assert [problem.message.replace(text, "...") for problem in plain] == [
            problem.message.replace(spaced, "...") for problem in with_separators
        ]


@given(anything)
def test_what_passes_is_read_by_libphonenumber_as_it_stands(text: str) -> None:
    if judge("NUM001", {"number": text}) or judge("NUM002", {"number": text}):
        return
    written = "+" + "".join(character for character in text if character.isdigit())
    if written.startswith("+1555"):
        return
    parsed = phonenumbers.parse(text)
    assert phonenumbers.is_valid_number(parsed)
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == written


@pytest.mark.parametrize("code", [code for code in RULES if code != "NUM014"])
@given(
    data=st.fixed_dictionaries(
        {
            "number": anything,
            "verified_name": st.one_of(st.none(), st.text(min_size=1)),
            "name_status": words,
            "ownership": st.one_of(st.none(), st.fixed_dictionaries({}, optional={"owner": st.text(min_size=1)})),
            "can_receive": st.one_of(
                st.none(),
                st.fixed_dictionaries(
                    {},
                    optional=dict.fromkeys(("voice", "sms", "behind_ivr", "ivr_hands_to_person"), st.booleans()),
                ),
            ),
            "messenger_account": st.sampled_from([None, "none", "deleted", "active"]),
            "code_verification_status": words,
            "status": words,
            "quality_rating": words,
            "account_mode": words,
            "is_pin_enabled": flags,
        }
    )
)
def test_no_rule_raises(code: str, data: dict[str, Any]) -> None:
    for problem in judge(code, data):
        assert problem.message
        assert problem.places[0].route[:2] == ("phone_numbers", 0)


@given(st.lists(st.lists(anything, min_size=1, max_size=6), min_size=1, max_size=5))
def test_the_cap_counts_no_number_twice(manifests: list[list[str]]) -> None:
    rule = RULES["NUM014"]
    one = summarize(READY)._replace(business_verification_status="not_verified", messaging_limit="TIER_250")
    project = Project([one._replace(numbers=tuple(texts)) for texts in manifests])
    distinct = {
        text.translate(str.maketrans("", "", " -.()")).removeprefix("+") for texts in manifests for text in texts
    }
    problems = list(rule.function(project, **defaults(rule)))
    assert len(problems) == (len(distinct) > 2)
    for problem in problems:
        assert problem.message.startswith(f"{len(distinct)} numbers ")
