"""The words that people agree to: what OPT007 looks for in them, and when it cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.said import labels, only, summary
from wa_policy.plugins.consent_text import consent_text
from wa_policy.testing import check_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wa_policy.api import Problem

GOOD = "Yes, Acme Retail may send me offers on WhatsApp. Reply STOP to leave."


def consent(text: str, languages: Sequence[str] = ("en",), names: str = "") -> str:
    return f"opt_in: {{consent: {{text: {text!r}, collected_in: {list(languages)}}}}}\n{names}"


def named(waba: str) -> str:
    """A business with one name only, that of its WABA."""
    return f"metadata: {{legal_entity: null}}\nwaba: {{name: {waba!r}}}\nphone_numbers: [{{number: '+918047181888'}}]"


class TestConsentText:
    @staticmethod
    def check(fragment: str, **more: Any) -> list[Problem]:
        return check_rule(consent_text, fragment, **more)

    @pytest.mark.parametrize("fragment", ["{consent: null}", "{consent: {text: null}}"])
    def test_not_given(self, fragment: str) -> None:
        assert only(self.check(f"opt_in: {fragment}")) == (
            "unproven",
            "error",
            "opt_in.consent.text",
            "the words that people agree to are not given",
        )

    def test_the_business_is_not_named(self) -> None:
        (problem,) = self.check(consent("Send me offers on WhatsApp. Reply STOP to leave."))
        assert summary(problem) == (
            "fail",
            "error",
            "opt_in.consent.text",
            'the consent text does not name the business ("Acme Retail Private Limited" or "Acme Retail"): '
            "nobody agreed to messages from it",
        )
        assert labels(problem) == [
            ("metadata.legal_entity", "the business is called this here"),
            ("phone_numbers[0].verified_name", "the business is called this here"),
        ]

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("Acme Retail", "I agree that ACME's team writes to me on WhatsApp. STOP ends it."),
            ("Acme Retail Private Limited", "Hear from AcmeRetail on WhatsApp, STOP to leave"),
            ("Avenue (DMart)", "D Mart may message me on WhatsApp; reply stop to leave."),
            ("D-Mart", "DMart may message me on WhatsApp; reply stop to leave."),
            ("Globex Home Loans", "Home Loans of ours may message me on WhatsApp; reply stop to leave."),
            ("HP Inc.", "HP may message me on WhatsApp; reply stop to leave."),
            ("Café Coffee Day", "Cafe CCD may message me on WhatsApp; reply stop to leave."),
            ("株式会社アクメ", "アクメからWhatsAppでお知らせを受け取る。停止はSTOP"),
            ("एक्मे रिटेल", "मुझे एक्मे रिटेल से WhatsApp पर संदेश मिलें। STOP भेजें।"),
            ("The Company", "The Company may message me on WhatsApp; reply stop to leave."),
        ],
    )
    def test_named_in_other_spellings(self, name: str, text: str) -> None:
        assert self.check(consent(text, names=named(name))) == []

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("HP Inc.", "Get WhatsApp messages about hpv and incoming goods; reply stop to leave."),
            ("Globex Private Limited", "A private company may message me on WhatsApp; reply stop to leave."),
            ("Metro", "I agree to WhatsApp messages in the met; reply stop to leave."),
        ],
    )
    def test_not_named_though_it_looks_alike(self, name: str, text: str) -> None:
        assert "does not name the business" in only(self.check(consent(text, names=named(name))))[3]

    @pytest.mark.parametrize(
        ("name", "text", "part"),
        [
            ("Acme Retail Private Limited", "Yes, send me retail offers on WhatsApp. Reply STOP to leave.", "retail"),
            ("Globex Home Loans", "Yes, send me offers for loans on WhatsApp. Reply STOP to leave.", "loans"),
            ("Avenue (DMart) Stores", "I agree to WhatsApp messages of all stores; reply stop to leave.", "stores"),
        ],
    )
    def test_a_word_of_the_name_that_others_have_too(self, name: str, text: str, part: str) -> None:
        (problem,) = self.check(consent(text, names=named(name)))
        assert summary(problem) == (
            "fail",
            "warning",
            "opt_in.consent.text",
            f'the consent text has nothing of the name of the business ("{name}") but "{part}", which may mean others',
        )
        assert problem.remedy == "write the name as people know it"

    def test_a_text_in_another_script_is_not_judged(self) -> None:
        (problem,) = self.check(consent("मुझे एक्मे से WhatsApp पर संदेश मिलें। STOP भेजें।", ["hi"], named("Acme")))
        assert summary(problem) == (
            "unproven",
            "warning",
            "opt_in.consent.text",
            'the consent text is in another script than "Acme", so nothing shows that it names the business',
        )
        assert problem.remedy == "give the name in that script as waba.name, or the text in the script of the name"

    def test_a_business_without_a_name(self) -> None:
        names = named("x").replace("'x'", "null")
        (problem,) = self.check(consent(GOOD, names=names))
        assert summary(problem) == (
            "unproven",
            "error",
            "metadata.legal_entity",
            "the manifest gives no name of the business, so nothing shows that the consent text names it",
        )
        assert labels(problem) == [("opt_in.consent.text", "the consent text")]

    def test_whatsapp_is_not_mentioned(self) -> None:
        (problem,) = self.check(consent("Acme Retail may send me offers. Reply STOP to leave."))
        assert summary(problem) == (
            "fail",
            "warning",
            "opt_in.consent.text",
            "the consent text does not mention WhatsApp: people may not know that they agreed to messages there",
        )
        assert problem.remedy == "name WhatsApp in the text"

    @pytest.mark.parametrize("name", ["whatsapp", "WHATSAPP", "Whatsapp-", "व्हाट्सएप", "واتساب", "ВАТСАП", "왓츠앱"])
    def test_whatsapp_in_other_spellings(self, name: str) -> None:
        assert self.check(consent(f"Acme may write to me on {name}. Reply STOP to leave.")) == []

    @pytest.mark.parametrize("languages", [["en"], ["en_GB"], ["EN-us", "en"]])
    def test_no_way_out(self, languages: list[str]) -> None:
        (problem,) = self.check(consent("Acme Retail may send me offers on WhatsApp, non-stopping.", languages))
        assert summary(problem) == (
            "fail",
            "warning",
            "opt_in.consent.text",
            "the consent text shows no way out",
        )
        assert problem.remedy == 'say in the text how to leave, such as "Reply STOP to leave"'

    @pytest.mark.parametrize(
        "words", ["Opt-out any time", "OPT OUT", "you may unsubscribe.", "Withdraw", "end messages"]
    )
    def test_ways_out(self, words: str) -> None:
        assert self.check(consent(f"Acme may write to me on WhatsApp. {words}")) == []

    @pytest.mark.parametrize("languages", [["hi"], ["en", "hi"], []])
    def test_a_way_out_in_a_language_without_words_is_not_judged(self, languages: list[str]) -> None:
        (problem,) = self.check(consent("Acme Retail may send me offers on WhatsApp.", languages))
        assert summary(problem) == (
            "unproven",
            "info",
            "opt_in.consent.text",
            "no way out was recognised in the consent text, "
            "which may be in a language that the facts have no words for",
        )
        assert labels(problem) == [("opt_in.consent.collected_in", "the languages in which it is shown")]

    def test_a_policy_may_add_a_language(self) -> None:
        words = {"opt_out_words": {"en": ["stop"], "hi": ["छोड़ने"]}}
        leave = consent("Acme: WhatsApp. छोड़ने के लिए उत्तर दें", ["hi"], named("Acme"))
        stay = consent("Acme may write: WhatsApp.", ["hi"], named("Acme"))
        assert [problem.message for problem in self.check(leave, settings=words) if "way out" in problem.message] == []
        assert only(self.check(stay, settings=words))[:2] == ("fail", "warning")

    def test_all_at_once(self) -> None:
        problems = self.check(consent("Send me offers."))
        assert [(problem.outcome, problem.at_most) for problem in problems] == [
            ("fail", "error"),
            ("fail", "warning"),
            ("fail", "warning"),
        ]
