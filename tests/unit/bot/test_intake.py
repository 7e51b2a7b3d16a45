"""What an answer to getUpdates means, whose an update is, and what is too much."""

import pytest

from bot.intake import Batch, Ended, Wait, asked_by, chat_of, read, user_of
from bot.limits import Asked
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


def test_who_asks() -> None:
    author = {"from": {"id": 7}}
    assert user_of({"message": author}) == user_of({"callback_query": author}) == 7
    assert user_of({}) is user_of({"message": {}}) is user_of({"callback_query": 1}) is None
    assert user_of({"message": {"from": {"id": "7"}}}) is None


def test_what_may_make_the_bot_answer() -> None:
    assert asked_by({"callback_query": {}}) is Asked.PRESS
    assert asked_by({"message": {"chat": {"id": 5}, "text": "Калуга"}}) is Asked.COMMAND
    assert asked_by({"message": {"chat": {"id": -5}, "text": "/start"}}) is Asked.COMMAND
    assert asked_by({"message": {"chat": {"id": -5}, "caption": "/start"}}) is Asked.COMMAND
    assert asked_by({"message": {"chat": {"id": -5}, "text": "Калуга"}}) is None
    assert asked_by({"message": {"chat": {"id": -5}, "migrate_to_chat_id": -6}}) is None
    assert asked_by({"my_chat_member": {"chat": {"id": 5}}}) is None
