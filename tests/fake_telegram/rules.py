"""What Telegram refuses in texts, keyboards and invoices."""

import html
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

LONGEST_TEXT = 4_096
LONGEST_DATA = 64  # bytes of a button's callback data

_TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "tg-spoiler"}
_TAGS |= {"blockquote", "span", "tg-emoji"}
_LOOKS_LIKE_A_TAG = re.compile(r"<")
_GOOD_TAG = re.compile(r"</?[a-z][a-z-]*(\s+[a-z-]+(=\"[^\"<>]*\")?)*\s*>")


class Refused(Exception):
    """Answered with its code and description, as Telegram words it."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise Refused(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refused(400, f'Bad Request: can\'t parse entities: Unmatched end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        self.text += data


def visible(text: str, parse_mode: str | None) -> str:
    """What a person reads. Refuses broken markup, nothing and too much."""
    shown = text
    if parse_mode == "HTML":
        shown = _read_html(text)
    elif parse_mode is not None:
        raise Refused(400, "Bad Request: unsupported parse_mode")
    if not shown.strip():
        raise Refused(400, "Bad Request: message text is empty")
    if len(shown) > LONGEST_TEXT:
        raise Refused(400, "Bad Request: message is too long")
    return shown


def _read_html(text: str) -> str:
    for found in _LOOKS_LIKE_A_TAG.finditer(text):
        if not _GOOD_TAG.match(text, found.start()):
            raise Refused(400, "Bad Request: can't parse entities: Unsupported start tag")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise Refused(400, f"Bad Request: can't parse entities: Can't find end tag \"{reader.open[-1]}\"")
    return html.unescape(reader.text)


def check_keyboard(markup: Any) -> None:
    if not isinstance(markup, dict):
        return
    for row in markup.get("inline_keyboard", []):
        for button in row:
            _check_button(button)


def _check_button(button: dict[str, Any]) -> None:
    kinds = set(button) - {"text", "style", "icon_custom_emoji_id"}
    if not button.get("text"):
        raise Refused(400, "Bad Request: inline keyboard button text is empty")
    if len(kinds) != 1:
        raise Refused(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= LONGEST_DATA:
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    if "url" in button and urlsplit(button["url"]).scheme not in {"http", "https", "tg"}:
        raise Refused(400, "Bad Request: BUTTON_URL_INVALID")
    if "url" in button and "." not in (urlsplit(button["url"]).hostname or ""):
        raise Refused(400, "Bad Request: inline keyboard button URL is invalid: Wrong HTTP URL")
    if "web_app" in button and not button["web_app"]["url"].startswith("https://"):
        raise Refused(
            400,
            f"Bad Request: inline keyboard button Web App URL '{button['web_app']['url']}' is invalid: "
            "Only HTTPS links are allowed",
        )


def check_invoice(parameters: dict[str, Any]) -> int:
    """The Stars it asks for."""
    if parameters["currency"] != "XTR" or parameters.get("provider_token"):
        raise Refused(400, "Bad Request: CURRENCY_INVALID")
    prices = parameters["prices"]
    if len(prices) != 1 or not 1 <= int(prices[0]["amount"]) <= 1_000_000:
        raise Refused(400, "Bad Request: STARS_INVOICE_INVALID")
    if not 1 <= len(str(parameters["payload"]).encode()) <= 128:
        raise Refused(400, "Bad Request: INVOICE_PAYLOAD_INVALID")
    if not 1 <= len(parameters["title"]) <= 32 or not 1 <= len(parameters["description"]) <= 255:
        raise Refused(400, "Bad Request: INVOICE_TITLE_INVALID")
    return int(prices[0]["amount"])
