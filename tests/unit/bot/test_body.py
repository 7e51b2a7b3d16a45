"""A request's body: what is common is prepared once, and says the same as if it were not."""

import json

from bot.body import Bodies
from bot.message import Button, Entity, Message

CARD = Message(
    text="🟠 ОПАСНОСТЬ \ud800",
    entities=(
        Entity(type="bold", offset=0, length=4),
        Entity(type="text_link", offset=5, length=2, url="https://t.me/a/1"),
    ),
    keyboard=((Button(text="тише", data="quiet"), Button(text="источник", url="https://t.me/a")),),
)


def test_a_body_holds_its_own_fields_and_the_message_s() -> None:
    body = json.loads(Bodies().body(CARD, b'{"chat_id":42,"disable_notification":true'))
    assert body == {
        "chat_id": 42,
        "disable_notification": True,
        "text": "🟠 ОПАСНОСТЬ ?",
        "link_preview_options": {"is_disabled": True},
        "entities": [
            {"type": "bold", "offset": 0, "length": 4},
            {"type": "text_link", "offset": 5, "length": 2, "url": "https://t.me/a/1"},
        ],
        "reply_markup": {
            "inline_keyboard": [
                [
                    {"text": "тише", "callback_data": "quiet"},
                    {"text": "источник", "url": "https://t.me/a"},
                ]
            ]
        },
    }


def test_an_equal_message_and_another_in_its_place_have_their_own_bodies() -> None:
    bodies = Bodies()
    for number in range(1_000):
        text = f"карточка {number}"
        assert json.loads(bodies.body(Message(text=text), b'{"chat_id":1'))["text"] == text
