"""The methods the bot may call: which parameters each needs and which others it knows (Bot API 10)."""

from typing import NamedTuple


class Method(NamedTuple):
    needed: frozenset[str]
    known: frozenset[str]


def _method(needed: str, others: str = "") -> Method:
    return Method(frozenset(needed.split()), frozenset(f"{needed} {others}".split()))


_SENDING = (
    "message_thread_id business_connection_id disable_notification protect_content allow_paid_broadcast "
    "message_effect_id reply_parameters reply_markup"
)
_INVOICE = (
    "provider_token max_tip_amount suggested_tip_amounts provider_data photo_url photo_size photo_width "
    "photo_height need_name need_phone_number need_email need_shipping_address "
    "send_phone_number_to_provider send_email_to_provider is_flexible"
)

METHODS: dict[str, Method] = {
    "getMe": _method(""),
    "getUpdates": _method("", "offset limit timeout allowed_updates"),
    "setWebhook": _method(
        "url", "certificate ip_address max_connections allowed_updates drop_pending_updates secret_token"
    ),
    "deleteWebhook": _method("", "drop_pending_updates"),
    "getWebhookInfo": _method(""),
    "setMyCommands": _method("commands", "scope language_code"),
    "setChatMenuButton": _method("", "chat_id menu_button"),
    "sendMessage": _method("chat_id text", f"parse_mode entities link_preview_options {_SENDING}"),
    "sendDocument": _method("chat_id document", f"thumbnail caption parse_mode caption_entities {_SENDING}"),
    "sendInvoice": _method(
        "chat_id title description payload currency prices",
        f"start_parameter {_INVOICE} {_SENDING}",
    ),
    "createInvoiceLink": _method(
        "title description payload currency prices",
        f"business_connection_id subscription_period {_INVOICE}",
    ),
    "sendChatAction": _method("chat_id action", "business_connection_id message_thread_id"),
    "editMessageText": _method(
        "text",
        "business_connection_id chat_id message_id inline_message_id parse_mode entities "
        "link_preview_options reply_markup",
    ),
    "editMessageReplyMarkup": _method(
        "", "business_connection_id chat_id message_id inline_message_id reply_markup"
    ),
    "deleteMessage": _method("chat_id message_id"),
    "answerCallbackQuery": _method("callback_query_id", "text show_alert url cache_time"),
    "answerPreCheckoutQuery": _method("pre_checkout_query_id ok", "error_message"),
    "refundStarPayment": _method("user_id telegram_payment_charge_id"),
    "getStarTransactions": _method("", "offset limit"),
    "getFile": _method("file_id"),
}

BY_FOLDED_NAME = {name.lower(): name for name in METHODS}
