"""What an answer to getUpdates means, whose an update is, and what is too much."""

import pytest

from bot.intake import Batch, Ended, Flood, Wait, chat_of, is_asked, read
from bot.outcome import Lost, Reply


def reply(status: int, **body: object) -> Reply:
    return Reply(status=status, body=body)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (reply(200, ok=True, result=[]), Batch(updates=[])),
        (
            reply(200, ok=True, result=[{"update_id": 5}, {"update_id": "6"}, 7]),
            Batch(updates=[{"update_id": 5}]),
        ),
        (reply(200, ok=True, result=[{"update_id": True}]), Wait(why="updates without ids")),
        (reply(401, description="Unauthorized"), Ended(why="HTTP 401 Unauthorized")),
        (reply(404, description="Not Found"), Ended(why="HTTP 404 Not Found")),
        (reply(409, description="Conflict"), Ended(why="HTTP 409 Conflict")),
        (reply(429, parameters={"retry_after": 7}), Wait(why="HTTP 429", seconds=7)),
        (reply(429, parameters={"retry_after": 86_400}), Wait(why="HTTP 429", seconds=300)),
        (reply(429), Wait(why="HTTP 429", seconds=5)),
        (Reply(status=502, body=None), Wait(why="not understood: HTTP 502")),
        (Reply(status=200, body=None), Wait(why="not understood: HTTP 200")),
        (Lost(reached=False, why="ClientConnectorError"), Wait(why="ClientConnectorError")),
    ],
)
def test_what_an_answer_means(answer: Reply | Lost, meaning: Batch | Wait | Ended) -> None:
    assert read(answer) == meaning


def test_a_token_in_a_description_is_masked() -> None:
    answer = read(reply(401, description="no bot 123456789:" + "A" * 35))
    assert isinstance(answer, Ended) and "AAAA" not in answer.why


def test_whose_an_update_is() -> None:
    message = {"chat": {"id": -5}, "text": "hi"}
    assert chat_of({"message": message}) == -5
    assert chat_of({"my_chat_member": message}) == -5
    assert chat_of({"callback_query": {"message": message}}) == -5
    assert chat_of({}) is None
    assert chat_of({"message": 1}) is None
    assert chat_of({"message": {"chat": {"id": "x"}}}) is None
    assert chat_of({"callback_query": []}) is None


def test_what_may_make_the_bot_answer() -> None:
    assert is_asked({"callback_query": {}})
    assert is_asked({"message": {"chat": {"id": 5}, "text": "Калуга"}})
    assert is_asked({"message": {"chat": {"id": -5}, "text": "/start"}})
    assert not is_asked({"message": {"chat": {"id": -5}, "text": "Калуга"}})
    assert not is_asked({"message": {"chat": {"id": -5}, "migrate_to_chat_id": -6}})
    assert not is_asked({"my_chat_member": {"chat": {"id": 5}}})


def test_a_flood_ends_after_a_minute() -> None:
    seconds = 0.0
    flood = Flood(lambda: seconds)
    assert [flood.admits(5) for _ in range(41)] == [True] * 40 + [False]
    assert [flood.admits(-5) for _ in range(16)] == [True] * 15 + [False]
    seconds = 59.0
    assert not flood.admits(5)
    seconds = 60.0
    assert flood.admits(5)
