"""Why a chat hears something, or does not: one name and one sentence each."""

from enum import StrEnum
from typing import Final

from bot.texts import msg


class Reason(StrEnum):
    """What changed for the chat, or why it is told nothing or told quietly."""

    # what changed
    ALL_CLEAR = "all_clear"
    OPENED_AND_CLOSED = "opened_and_closed"
    FIRST_DANGER = "first_danger"
    MISSILE = "missile"
    RISE = "rise"
    FLOOD = "flood"
    EVACUATION = "evacuation"
    NEW_HAZARD = "new_hazard"
    WIDENED = "widened"
    PLACE_NAMED = "place_named"
    NAMED_AGAIN = "named_again"
    RENEWED = "renewed"
    DIGEST = "digest"
    STILL_IN_FORCE = "still_in_force"
    HARM = "harm"
    REPORT = "report"
    CORRECTION = "correction"
    LEVEL_FELL = "level_fell"
    PART_CLEAR = "part_clear"
    DRILL = "drill"
    VANISHED = "vanished"
    STALE = "stale"
    HELD = "held"
    SOURCE_LOST = "source_lost"
    SOURCE_BACK = "source_back"
    EVENT = "event"
    LINES = "lines"
    REPORT_OVER = "report_over"
    DETAILS = "details"
    CARD_BEHIND = "card_behind"
    CARD_LOST = "card_lost"
    NEIGHBOUR_REST = "neighbour_rest"
    # why nothing is said
    NOT_YOURS = "not_yours"
    NOT_WISHED = "not_wished"
    NOTHING_NEW = "nothing_new"
    DRILL_IN_DANGER = "drill_in_danger"
    CLOSED = "closed"
    PACED = "paced"
    NEIGHBOUR_LOCAL = "neighbour_local"
    # why it is said without a sound
    LATE = "late"
    TOO_SOON = "too_soon"
    LOUDNESS = "loudness"
    QUIET_HOURS = "quiet_hours"
    SNOOZED = "snoozed"
    NOT_SOUNDED = "not_sounded"
    SILENCED = "silenced"

    @property
    def sentence(self) -> str:
        """What support could read aloud."""
        return SENTENCES[self]


SENTENCES: Final[dict[Reason, str]] = {
    Reason.ALL_CLEAR: msg("The source gave the all-clear for everything that you follow."),
    Reason.OPENED_AND_CLOSED: msg("A danger was declared and ended before we could reach you."),
    Reason.FIRST_DANGER: msg("A danger was declared where nothing had been going on for you."),
    Reason.MISSILE: msg("A missile danger was declared besides the danger already in force."),
    Reason.RISE: msg("The level of danger rose."),
    Reason.FLOOD: msg("A flood that endangers people was declared."),
    Reason.EVACUATION: msg("An evacuation was announced."),
    Reason.NEW_HAZARD: msg("A danger of another kind was declared."),
    Reason.WIDENED: msg("The danger of some districts became that of the whole region."),
    Reason.PLACE_NAMED: msg("A threat named one more place that you follow."),
    Reason.NAMED_AGAIN: msg("A threat named a place again after its all-clear or a long silence."),
    Reason.RENEWED: msg("The source warned of a repeated attack."),
    Reason.DIGEST: msg(
        "More districts were named within the last hour; one sound stands for all."
    ),
    Reason.STILL_IN_FORCE: msg(
        "Your quiet hours, or an operator's silence, are over, the danger that began in them is"
        " not, and you had heard no sound of it."
    ),
    Reason.HARM: msg("The source reported casualties or a hit on people's homes."),
    Reason.REPORT: msg("The source reported consequences though no danger had been declared."),
    Reason.CORRECTION: msg("Something that we had told you with a sound was corrected."),
    Reason.LEVEL_FELL: msg("The level of danger fell; the danger itself goes on."),
    Reason.PART_CLEAR: msg(
        "The source gave the all-clear for a part; the rest is still in danger."
    ),
    Reason.DRILL: msg("A drill was announced, and you asked to hear of drills."),
    Reason.VANISHED: msg(
        "A danger left our records without an all-clear; we do not call it over."
    ),
    Reason.STALE: msg("Nobody gave the all-clear, and the last message is long ago."),
    Reason.HELD: msg("A message about an all-clear is being checked by a person."),
    Reason.SOURCE_LOST: msg("We cannot read the sources of your region at the moment."),
    Reason.SOURCE_BACK: msg("We can read the sources of your region again."),
    Reason.EVENT: msg("The source added something to the story of this danger."),
    Reason.LINES: msg("The state of an airport or of a public utility changed."),
    Reason.REPORT_OVER: msg("Nothing more was stated, so the report was closed."),
    Reason.DETAILS: msg("A detail of your card changed."),
    Reason.CARD_BEHIND: msg("Your card did not yet show what you had been told."),
    Reason.CARD_LOST: msg("Your card could not be edited any more, so it was sent anew."),
    Reason.NEIGHBOUR_REST: msg(
        "The neighbouring region as a whole is in danger no more, parts of it still are."
    ),
    Reason.NOT_YOURS: msg("Nothing of this concerned the places that you follow."),
    Reason.NOT_WISHED: msg("You switched off messages of this kind."),
    Reason.NOTHING_NEW: msg("You already knew all of it."),
    Reason.DRILL_IN_DANGER: msg("A drill is not announced while a real danger is in force."),
    Reason.CLOSED: msg("This card's danger is over and it shows so."),
    Reason.PACED: msg("Your card was edited a moment ago; the next edit waits its turn."),
    Reason.NEIGHBOUR_LOCAL: msg(
        "It did not concern a neighbouring region as a whole, and it was not of missiles."
    ),
    Reason.LATE: msg("It came without a sound because it was published more than an hour before."),
    Reason.TOO_SOON: msg("It came without a sound because another had sounded just before."),
    Reason.LOUDNESS: msg("It came without a sound because you chose fewer sounds."),
    Reason.QUIET_HOURS: msg("It came without a sound because it was in your quiet hours."),
    Reason.SNOOZED: msg("It came without a sound because you had asked for less for a while."),
    Reason.SILENCED: msg("It came without a sound because an operator silenced this for a time."),
    Reason.NOT_SOUNDED: msg(
        "The all-clear came without a sound: you chose so, or heard no alarm."
    ),
}
