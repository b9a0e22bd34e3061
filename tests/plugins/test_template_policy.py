"""What templates say: what TPL031 to TPL034 make of it, where, and what they leave unsaid."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import is_linear
from tests.plugins.parts import buttons
from tests.plugins.said import labels, place
from wa_policy.manifest.subjects import Workspace
from wa_policy.plugins._word_lists import Written, find_words
from wa_policy.plugins.template_policy import (
    asks_for_sensitive_data,
    one_time_code_outside_authentication,
    promotional_utility,
    short_link,
    wa_policy_rules,
)
from wa_policy.policy.facts import load
from wa_policy.source.spans import DocumentId
from wa_policy.testing import check_fragment, check_rule, defaults, manifest

RULES = [one_time_code_outside_authentication, promotional_utility, short_link, asks_for_sensitive_data]


def says(body: str, *more: dict[str, Any], **fields: Any) -> str:
    """A manifest's fragment with one template that says this."""
    shown = {"name": "order_shipped", "language": "en", "category": "UTILITY", "status": "PENDING", **fields}
    components = [{"type": "BODY", "text": body}, *more]
    return json.dumps({"templates": [{**shown, "components": components}]}, ensure_ascii=False)


def test_rules_are_offered_in_order() -> None:
    assert [rule.code for rule in wa_policy_rules()] == ["TPL031", "TPL032", "TPL033", "TPL034"]


@pytest.mark.parametrize("function", RULES)
def test_the_ready_template_is_fine(function: Any) -> None:
    assert check_rule(function) == []


@pytest.mark.parametrize("function", RULES)
def test_a_template_without_components_says_nothing(function: Any) -> None:
    fragment = '{"templates": [{"name": "order_shipped", "language": "en", "category": "UTILITY"}]}'
    assert check_rule(function, fragment) == []


class TestOneTimeCode:
    @pytest.mark.parametrize(
        ("body", "name"),
        [
            ("{{1}} is your verification code. Do not share it.", "verification code"),
            ("Hello, *{{1}}* is your Acme Retail verification code; it is valid for ten minutes.", "verification code"),
            ("Your verification code is {{code}} for today.", "verification code"),
            ("Your one-time password is: {{1}} and expires soon.", "one-time password"),
            ("Hi there. Your Login Code: *{{1}}*, valid for an hour.", "login code"),
            ("Use this verification code to log in to your account: {{1}}", "verification code"),
            ("Welcome! Enter verification code {{1}} in the app.", "verification code"),
            ("Your verification code for Acme: {{1}}, thanks.", "verification code"),
            ("Your two-factor\n code  is {{1}} now.", "two-factor code"),
            ("Your sign in code is {{1}}. It is valid for ten minutes.", "sign in code"),
        ],
    )
    def test_without_a_doubt(self, body: str, name: str) -> None:
        (problem,) = check_rule(one_time_code_outside_authentication, says(body))
        assert problem.outcome == "fail"
        assert problem.at_most == "error"
        assert problem.message == (
            f'template "order_shipped" (en) sends a one-time code ("{name}"), and its category is UTILITY; Meta rejects '
            "that outside AUTHENTICATION"
        )
        assert place(problem) == "templates[0].components[0].text"
        assert labels(problem) == [("templates[0].category", "the category")]
        assert problem.remedy == "have it approved as a template of category AUTHENTICATION, or take the code out"

    def test_of_an_approved_template(self) -> None:
        body = "{{1}} is your verification code. Do not share it."
        (problem,) = check_rule(one_time_code_outside_authentication, says(body, status="approved"))
        assert problem.at_most == "warning"

    @pytest.mark.parametrize(
        ("language", "body", "name"),
        [
            ("en", "Your OTP is {{1}} for this delivery.", "otp"),
            (
                "en_GB",
                "Show the courier your security code, which is {{1}}, at the door: security code {{1}}.",
                "security code",
            ),
            ("hi", "आपका OTP {{1}} है। इसे किसी को न बताएं।", "otp"),
            ("hi", "{{1}} आपका सत्यापन कोड है।", "सत्यापन कोड"),
            ("de", "Ihr Bestätigungscode lautet {{1}} und gilt zehn Minuten.", "bestätigungscode"),
            ("es_MX", "Tu código de verificación es {{1}} y vence pronto.", "código de verificación"),
            ("pt_BR", "{{1}} é seu código de verificação.", "código de verificação"),
            ("fr", "Votre code de vérification est {{1}} pour le moment.", "code de vérification"),
            ("it", "Il codice di verifica è {{1}} per ora.", "codice di verifica"),
            ("id", "Kode verifikasi Anda {{1}} berlaku lima menit.", "kode verifikasi"),
            ("zh_CN", "【青竹】您的验证码是{{1}}，十分钟内有效。", "验证码"),  # noqa: RUF001  # as Chinese is written
            ("ja", "認証コード：{{1}}を入力してください。", "認証コード"),  # noqa: RUF001  # as Japanese is written
            ("tr", "Acme doğrulama kodunuz: {{1}}. On dakika geçerlidir.", "doğrulama kodu*"),
            ("ar", "رمز التحقق الخاص بك هو {{1}} الآن", "رمز التحقق"),
        ],
    )
    def test_likely(self, language: str, body: str, name: str) -> None:
        (problem,) = check_rule(one_time_code_outside_authentication, says(body, language=language))
        assert problem.at_most == "warning"
        assert problem.message == (
            f'template "order_shipped" ({language}) seems to send a one-time code ("{name}" beside a placeholder), and '
            "its category is UTILITY; Meta rejects that outside AUTHENTICATION"
        )
        assert place(problem) == "templates[0].components[0].text"

    @pytest.mark.parametrize(
        "body",
        [
            "Meeting id: {{1}}, passcode: {{2}}. It opens at noon.",
            "Hi {{1}}, never share your OTP or your password with anybody, not even with us.",
            "Your order {{1}} will be handed over once you tell the courier the OTP that we sent.",
            "Your voucher code is {{1}} and can be used until Sunday.",
            "Your booking {{1}} is confirmed. We never ask for a verification code.",
            "Your verification code was used on a new device today.",
            "Dear {{1}}, the laptop {{2}} is ready.",
        ],
    )
    def test_other_codes_and_warnings(self, body: str) -> None:
        assert check_rule(one_time_code_outside_authentication, says(body)) == []

    def test_otp_button(self) -> None:
        fragment = says("Please sign in.", buttons({"type": "OTP", "otp_type": "COPY_CODE"}), category="marketing")
        (problem,) = check_rule(one_time_code_outside_authentication, fragment)
        assert problem.at_most == "error"
        assert problem.message == (
            'template "order_shipped" (en) has a button for a one-time code, and its category is MARKETING; Meta rejects '
            "that outside AUTHENTICATION"
        )
        assert place(problem) == "templates[0].components[1].buttons[0]"

    @pytest.mark.parametrize("category", ["AUTHENTICATION", "OTP"])
    def test_other_categories(self, category: str) -> None:
        body = "{{1}} is your verification code. Do not share it."
        assert check_rule(one_time_code_outside_authentication, says(body, category=category)) == []

    def test_unknown_language_is_not_judged(self) -> None:
        assert check_rule(one_time_code_outside_authentication, says("OTP {{1}} ok", language="fil")) == []


class TestPromotionalUtility:
    def test_words_in_several_places(self) -> None:
        fragment = says(
            "Your order is packed. Get 20% OFF the next one: flash sales all week.",
            {"type": "FOOTER", "text": "Hurry"},
            buttons({"type": "QUICK_REPLY", "text": "Shop now"}, {"type": "QUICK_REPLY", "text": "Stop"}),
        )
        (problem,) = check_rule(promotional_utility, fragment)
        assert problem.outcome == "fail"
        assert problem.at_most == "error"  # the rule itself is a warning in every pack
        assert problem.message == (
            'template "order_shipped" (en) promotes something ("% off", "flash sales", "hurry" and "shop now"), and its '
            "category is UTILITY; Meta may take it for MARKETING"
        )
        assert place(problem) == "templates[0].components[0].text"
        assert labels(problem) == [
            ("templates[0].components[1].text", "and here"),
            ("templates[0].components[2].buttons[0].text", "and here"),
        ]
        assert problem.remedy == "take out what promotes, or have it approved as MARKETING"

    @pytest.mark.parametrize(
        ("language", "body", "found"),
        [
            ("de", "Ihre Bestellung ist da. Mit Rabattcode HERBST sparen Sie.", "rabattcode"),
            ("es", "Tu pedido llegó. Aprovecha las rebajas de hoy.", "aprovecha"),
            ("fr", "Votre commande est prête. Profitez de nos soldes.", "profitez de nos"),
            ("hi", "आपका ऑर्डर पहुँच गया। अगले ऑर्डर पर छूट पाएं।", "छूट"),
            ("id", "Pesanan Anda sudah sampai. Ada diskon untuk Anda.", "diskon"),
            ("it", "Il suo ordine è pronto. Approfitti degli sconti.", "approfitti"),
            ("zh_HK", "您的訂單已送達，下次購物可享優惠。", "優惠"),  # noqa: RUF001  # as Chinese is written
            ("ru", "Ваш заказ доставлен. Скидки ждут вас.", "скидки"),
            ("tr", "SİPARİŞ GELDİ. YÜZDE 20 İNDİRİM!", "indirim"),
            ("pt_BR", "Seu pedido chegou. Aproveite os descontos.", "descontos"),
            ("ar", "وصل طلبك. خصم على الطلب القادم", "خصم على"),
        ],
    )
    def test_languages(self, language: str, body: str, found: str) -> None:
        (problem,) = check_rule(promotional_utility, says(body, language=language))
        assert f'"{found}"' in problem.message

    @pytest.mark.parametrize(
        ("language", "body"),
        [
            ("en", "Your order is on its way. The discontinued item was refunded at the point of sale."),
            ("en", "We bought vouchersafe locks; your offering arrives."),
            ("hi", "हमारी सेल्स टीम आपसे मिलेगी।"),  # a longer word, whose vowel signs are no letters
            ("fil", "20% off"),  # a language without a list
            ("en", "Dear {{1}}, your hotel voucher for booking {{2}} is attached."),
            ("en", "Your receipt. Subtotal: {{1}}, discount: {{2}}."),
            ("en", "Your receipt. Cashback: {{1}}. Extra discount: 5.00. Coupon: -5.00. Gift voucher: -₹{{2}}."),
            ("de", "Ihre Rechnung. Rabatt: -5,00 Euro. Summe: 20 Euro."),
            ("de", "Ihre Rechnung. Rabatt: {{1}}. Summe: {{2}}."),
            ("es", "Su liquidación de sueldo está lista."),
            ("it", "I saldi dei suoi conti sono pronti."),
            ("ar", "تم خصم مبلغ {{1}} من حسابك"),
        ],
    )
    def test_no_promotion(self, language: str, body: str) -> None:
        assert check_rule(promotional_utility, says(body, language=language)) == []

    @pytest.mark.parametrize(
        ("language", "body", "found"),
        [
            ("en", "Your order is on its way. Shop now: {{1}} and more.", "shop now"),
            ("en", "Your plan ends. Renew now: {{1}} is the page.", "renew now"),
            ("en", "Your order is here. Flash sale: 50 brands.", "flash sale"),
            ("en", "Thanks, Asha. Your coupon: {{2}} for the next order.", "coupon"),
            ("en", "Thanks, Asha. Your discount code: {{2}} for you.", "discount code"),
            ("de", "Danke, Asha. Rabattcode: {{2}} nur heute.", "rabattcode"),
        ],
    )
    def test_a_colon_makes_no_receipt(self, language: str, body: str, found: str) -> None:
        (problem,) = check_rule(promotional_utility, says(body, language=language))
        assert f'"{found}"' in problem.message

    @pytest.mark.parametrize("category", ["MARKETING", "AUTHENTICATION", "ALERT_UPDATE"])
    def test_other_categories(self, category: str) -> None:
        assert check_rule(promotional_utility, says("Everything 20% off.", category=category)) == []

    def test_of_an_approved_template(self) -> None:
        (problem,) = check_rule(promotional_utility, says("Everything 20% off.", status="APPROVED"))
        assert problem.at_most == "warning"


class TestShortLink:
    @pytest.mark.parametrize(
        ("body", "host"),
        [
            ("See https://bit.ly/3xyz today.", "bit.ly"),
            ("See bit.ly/3xyz.", "bit.ly"),
            ("See HTTP://WWW.TinyURL.com/abc now.", "tinyurl.com"),
            ("It is at t.co.", "t.co"),
        ],
    )
    def test_shortener(self, body: str, host: str) -> None:
        (problem,) = check_rule(short_link, says(body))
        assert problem.outcome == "fail"
        assert problem.message == f"a link of {host} hides where it leads, and Meta's reviewers reject that"
        assert place(problem) == "templates[0].components[0].text"
        assert problem.remedy == "write the full address, on the business's own domain"

    def test_whatsapp(self) -> None:
        button = {"type": "URL", "text": "Chat", "url": "https://wa.me/918047181888"}
        (problem,) = check_rule(short_link, says("Talk to us.", buttons(button)))
        assert problem.message == "a link of wa.me leads back to WhatsApp, and Meta's reviewers reject that"
        assert place(problem) == "templates[0].components[1].buttons[0].url"
        assert problem.remedy == ("use a quick reply, since the customer is in the chat already, or take the link out")

    def test_in_a_card(self) -> None:
        card = {"components": [{"type": "BODY", "text": "cutt.ly/a"}]}
        (problem,) = check_rule(short_link, says("See.", {"type": "CAROUSEL", "cards": [card]}))
        assert place(problem) == "templates[0].components[1].cards[0].components[0].text"

    @pytest.mark.parametrize(
        "body",
        [
            "See https://acme.example/bit.lyrics today.",
            "Write to help@bit.ly.example or see rabbit.ly and t.co.uk or at.co or bit-ly.",
            "See https://u3.mnge.co/ab today.",
            "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
            "Our shop, your time. It.ly",
        ],
    )
    def test_others(self, body: str) -> None:
        assert check_rule(short_link, says(body)) == []


class TestAsksForSensitiveData:
    @pytest.mark.parametrize(
        ("language", "body", "found"),
        [
            ("en", "Hello. Please reply with your bank account number today. Thanks.", "account number"),
            ("en", "Share your Aadhaar number and your date of birth.", "aadhaar number"),
            ("en_US", "To go on, send us the card\nnumbers of your cards!", "card numbers"),
            ("de", "Bitte senden Sie uns Ihre Kontonummer.", "kontonummer"),
            ("es", "Responda con su número de tarjeta.", "número de tarjeta"),
            ("fr", "Indiquez votre numéro de compte.", "numéro de compte"),
            ("hi", "कृपया अपना आधार नंबर भेजें।", "आधार नंबर"),
            ("id", "Mohon kirimkan nomor rekening Anda.", "nomor rekening"),
            ("pt_BR", "Informe seu CPF.", "cpf"),
            ("en", "Reply with your full card number, we do not store it.", "card number"),
            ("en", "If you have not paid yet, reply with your full card number today.", "card number"),
            ("en", "Reply with your card number if you have not paid yet.", "card number"),
            ("en", "Don't worry: share your CVV with us.", "cvv"),
            ("en", "Reply with your card number, not your account number.", "card number"),
            ("de", "Wenn Sie noch nicht bezahlt haben, senden Sie uns Ihre Kartennummer.", "kartennummer"),
            ("es", "Si aún no ha pagado, responda con su número de tarjeta.", "número de tarjeta"),
            ("fr", "Indiquez votre numéro de compte, nous ne le gardons pas.", "numéro de compte"),
            ("hi", "यदि भुगतान नहीं हुआ, तो अपना कार्ड नंबर भेजें।", "कार्ड नंबर"),
            ("id", "Jika belum bayar, kirim nomor kartu Anda, kami tidak menyimpannya.", "nomor kartu"),
            ("pt_BR", "Se ainda não pagou, informe seu CPF.", "cpf"),
        ],
    )
    def test_asks(self, language: str, body: str, found: str) -> None:
        (problem,) = check_rule(asks_for_sensitive_data, says(body, language=language))
        assert problem.outcome == "fail"
        assert problem.message == (
            f'the body of "order_shipped" ({language}) asks for sensitive data ("{found}"); Meta rejects templates that '
            "ask for full card, account or identity numbers"
        )
        assert place(problem) == "templates[0].components[0].text"
        assert problem.remedy == (
            "ask for the last four digits or the number of the order, or lead to a page behind a login"
        )

    @pytest.mark.parametrize(
        "body",
        [
            "Please reply with the last four digits of your account number.",
            "Never share your card number with anybody.",
            "Please do not send us your CVV.",
            "Your account number {{1}} was updated. Reply with YES to confirm.",
            "Provide your order number.",
        ],
    )
    def test_does_not_ask(self, body: str) -> None:
        assert check_rule(asks_for_sensitive_data, says(body)) == []

    @pytest.mark.parametrize(
        ("language", "body"),
        [
            ("en", "We will never ask you to share your card number."),
            ("en", "Never, ever share your CVV."),
            ("en", "Do not send the card number, share your order number."),
            ("en", "Never click on such links or share your card number."),
            ("en", "Share your thoughts, and note that we never ask for your card number."),
            ("en", "Please don’t reply with your full card number."),  # noqa: RUF001  # as telephones write it
            ("de", "Geben Sie Ihre Kartennummer nicht weiter."),
            ("de", "Senden Sie uns niemals Ihre Kartennummer."),
            ("es", "No comparta su número de tarjeta."),
            ("fr", "N'indiquez jamais votre numéro de compte."),
            ("hi", "किसी को अपना कार्ड नंबर न भेजें।"),
            ("id", "Jangan pernah bagikan nomor kartu Anda."),
            ("pt_BR", "Nunca informe seu CPF."),
        ],
    )
    def test_warns_of_those_who_ask(self, language: str, body: str) -> None:
        assert check_rule(asks_for_sensitive_data, says(body, language=language)) == []

    def test_once_per_text(self) -> None:
        body = "Share your card number. Share your account number."
        assert len(check_rule(asks_for_sensitive_data, says(body))) == 1

    def test_accents_may_be_characters_of_their_own(self) -> None:
        composed = "Responda con su n\u00famero de tarjeta."
        (one,) = check_rule(asks_for_sensitive_data, says(composed, language="es"))
        (other,) = check_rule(asks_for_sensitive_data, says(normalize("NFD", composed), language="es"))
        assert one.message == other.message

    def test_authentication_has_no_text_of_its_own(self) -> None:
        body = "Share your card number."
        assert check_rule(asks_for_sensitive_data, says(body, category="AUTHENTICATION")) == []


def test_what_stands_before_a_template_does_not_matter() -> None:
    """Texts without a word of any list are passed over; one with a word that is split by marks is not one of them."""
    plain = "Dear Asha, parcel {{1}} left our house and arrives in a while."
    split = "Dear Asha, {{1}} is your verificati_on c_ode and stays."

    def found(*bodies: str) -> list[str]:
        body = [{"type": "BODY", "text": text, "example": {"body_text": [["A-1093"]]}} for text in bodies]
        listed = [
            {"name": f"t{number}", "language": "en", "category": "UTILITY", "status": "APPROVED", "components": [part]}
            for number, part in enumerate(body)
        ]
        report = check_fragment(json.dumps({"templates": listed}), policy="strict")
        return [finding.locations[0].route for finding in report.findings if finding.code == "TPL031"]

    assert found(split) == ["templates[0].components[0].text"]
    for number in (1, 2, 8):
        assert found(*[plain] * number, split) == [f"templates[{number}].components[0].text"]


@pytest.mark.parametrize("name", ["one_time_codes", "promotional_words", "sensitive_data"])
def test_words_of_facts_are_words(name: str) -> None:
    """None is empty, and none twice in a list; case and blanks are folded when they are read."""

    def lists(value: Any) -> list[list[str]]:
        if isinstance(value, list):
            return [value]
        below = {key: item for key, item in value.items() if key != "sure_joints"} if isinstance(value, dict) else {}
        return [found for item in below.values() for found in lists(item)]

    for words in lists(load(name).values):
        assert all(word.strip("* ") for word in words)
        assert len(set(words)) == len(words)


READY = manifest()
SETTINGS = [(rule.function, defaults(rule)) for rule in wa_policy_rules()]
FRAGMENTS = ["{{1}}", "{{name}}", "{", "}}", "is your", "verification code", "otp", "bit.ly", "wa.me/", "% off", "share your",
             "card number", "*", "_", " ", "\n", ".", ",", ":", "कोड", "ू", "\u0301"]  # fmt: skip


@given(
    st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=12).map("".join),
    st.sampled_from(["en", "hi", "de", "en-US", "xx", ""]),
)
def test_no_text_makes_a_rule_raise(body: str, language: str) -> None:
    template = {
        "name": "t",
        "language": language,
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": body}],
    }
    workspace = Workspace(DocumentId("manifest.yaml", 0), {**READY, "templates": [template]})  # type: ignore[typeddict-item]  # a plain dict
    for function, settings in SETTINGS:
        list(function(workspace.templates[0], **settings))


@given(st.text("ab ä", max_size=20), st.lists(st.text("abä", min_size=1, max_size=4), max_size=4))
def test_words_found_are_whole_words(text: str, words: list[str]) -> None:
    folded = " ".join(text.split())
    found = {hit.word for hit in find_words(folded, tuple(words))}
    assert found == {word for word in words if word in folded.split()}


@given(
    st.text("ab Ä-*_'\u00e9\u0939\u093f\u6298", max_size=20),
    st.lists(st.text("ab -'*\u00e9\u6298", max_size=5), max_size=4),
)
def test_what_has_a_word_may_have_it(text: str, words: list[str]) -> None:
    written = Written(text)
    if any(find_words(written.folded, words)):
        assert written.may_have(words)


def test_a_word_that_is_none_is_passed_over() -> None:
    assert list(find_words("a b", ("", "*", "\n*", "b"))) == [(2, 3, "b", "b")]


@pytest.mark.parametrize(("gap", "found"), [(24, 1), (25, 0)])
def test_how_far_a_placeholder_may_be_from_a_code(gap: int, found: int) -> None:
    between = f" {'x' * (gap - 2)} "
    for body in (f"Yes {{{{1}}}}{between}security code yes.", f"Yes security code{between}{{{{1}}}} yes."):
        assert len(check_rule(one_time_code_outside_authentication, says(body))) == found


@pytest.mark.parametrize("mark", ["*", "_"])
def test_a_code_in_bold_or_italic_type(mark: str) -> None:
    body = f"Your verification {mark}code{mark} is {{{{1}}}} for today."
    assert len(check_rule(one_time_code_outside_authentication, says(body))) == 1


@pytest.mark.parametrize("rule", [one_time_code_outside_authentication, promotional_utility])
@pytest.mark.parametrize("again", ["otp ", "verification code: ", "sale: "])
def test_a_word_that_stands_there_very_often_takes_no_time(rule: Any, again: str) -> None:
    def look(length: int) -> None:
        data: Any = manifest(says(again * (length // 10 // len(again))))
        template = Workspace(DocumentId("manifest.yaml", 0), data).templates[0]
        list(rule(template, **defaults(rule.__wa_rule__)))

    assert is_linear(look)
