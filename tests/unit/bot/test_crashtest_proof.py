"""The crash test's proof on runs made by hand: it sees each thing that may go wrong."""

from collections.abc import Sequence

from bot.crashtest.proof import Evidence, Wrong, prove
from bot.crashtest.story import BELGOROD, Beat, Scene, Story
from bot.sandbox.bot_api_model import Call
from storage.journal import Claim, Read
from storage.model import ChannelId, ChatId, Hazard

CHAT = ChatId(730005)
UAV = (Hazard.UAV, BELGOROD)
STORY = Story(
    scenes=(
        Scene(beats=(Beat(channel="belgorod_gov", text="Опасность", begins=UAV),)),
        Scene(beats=(Beat(channel="belgorod_gov", text="Отбой", ends=UAV),)),
    )
)
DANGER, CLEAR = "🟠 ОПАСНОСТЬ · БПЛА\n#1·1", "✅ ОТБОЙ · БПЛА\n#1·2"


def message(text: str, number: int) -> Call:
    return Call(
        method="sendMessage",
        token="",
        chat_id=CHAT,
        message_id=number,
        text=text,
        entities=(),
        silent=False,
        reply_markup=None,
        thread_id=None,
        reply_to=None,
        received_at=float(number),
        version=1,
    )


def claim(number: int, version: int, *, outcome: str = "accepted", head: int = 0) -> Claim:
    return Claim(
        attempt=number,
        card=1,
        chat=CHAT,
        region=BELGOROD,
        version=version,
        lever="sound",
        alarms=True,
        open=True,
        head=head or version,
        rivals=0,
        outcome=outcome,
    )


def found(
    *texts: str, claims: Sequence[Claim] = (claim(1, 1), claim(2, 2)), stored: int = 2
) -> set[Wrong]:
    verdict = prove(
        Evidence(
            story=STORY,
            log=[message(text, number) for number, text in enumerate(texts, start=1)],
            posted={"belgorod_gov": 2},
            claims=claims,
            tellings=(),
            read=(
                Read(
                    channel=ChannelId(1),
                    username="belgorod_gov",
                    cursor=2,
                    posts=tuple(range(1, stored + 1)),
                    unsettled=(),
                ),
            ),
            versions={BELGOROD: 2},
            sound=True,
        )
    )
    return {fault.wrong for fault in verdict.faults}


def test_a_run_in_which_all_is_well() -> None:
    assert found(DANGER, CLEAR) == set()


def test_a_message_that_never_came() -> None:
    assert found(DANGER, claims=(claim(1, 1),)) == {Wrong.LOST}
    assert found(DANGER) == {Wrong.LOST, Wrong.UNFOUNDED}


def test_an_all_clear_to_somebody_who_heard_no_alarm() -> None:
    assert found(CLEAR, claims=(claim(2, 2),)) == {Wrong.LOST, Wrong.UNALARMED}


def test_who_may_have_heard_an_alarm_in_flight_may_hear_its_end() -> None:
    perhaps = (claim(1, 1, outcome="in_doubt"), claim(2, 2))
    assert Wrong.UNALARMED not in found(CLEAR, claims=perhaps)


def test_twice_is_allowed_for_what_was_in_flight_only() -> None:
    twice = (DANGER, DANGER, CLEAR)
    in_flight = (claim(1, 1, outcome="in_doubt"), claim(2, 1), claim(3, 2))
    assert found(*twice, claims=in_flight) == set()
    assert found(*twice, claims=(claim(1, 1), claim(2, 1), claim(3, 2))) == {Wrong.DUPLICATED}


def test_danger_after_its_end_is_out_of_order() -> None:
    in_flight = (claim(1, 1, outcome="in_doubt"), claim(2, 1), claim(3, 2))
    assert Wrong.DISORDERED in found(DANGER, CLEAR, DANGER, claims=in_flight)


def test_words_that_are_not_so() -> None:
    assert Wrong.UNEXPECTED in found("✅ ОТБОЙ · БПЛА\n#1·1", CLEAR)
    assert Wrong.UNEXPECTED in found(DANGER, CLEAR, "🟠 ОПАСНОСТЬ · БПЛА\n#1·3")


def test_a_post_that_was_read_and_not_stored() -> None:
    assert found(DANGER, CLEAR, stored=1) == {Wrong.LOST}


def test_what_was_no_longer_the_latest() -> None:
    assert found(DANGER, CLEAR, claims=(claim(1, 1, head=2), claim(2, 2))) == {Wrong.OVERTAKEN}
