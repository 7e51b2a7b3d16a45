"""An English news story about two regions."""

from storage.model import Hazard, Kind
from tests.unit.ingest.classified import claims

STORY = """Several drones were shot down overnight in the Medynsky and Maloyaroslavets districts of
Kaluga Oblast, the governor said.

According to preliminary information, there were no casualties.

Officials have not confirmed reports that the attack could damage the Belgorod dam and cause
flooding in the region.

Later this month the authorities of Kaluga will hold drills for emergency teams.
"""


def test_story() -> None:
    found = {claim.kind: claim for claim in claims(STORY)}
    assert set(found) <= {Kind.INTERCEPTION, Kind.DAMAGE, Kind.THREAT, Kind.DRILL}
    shot = found[Kind.INTERCEPTION]
    assert set(shot.areas) == {"RU-KLU/medynsky", "RU-KLU/maloyaroslavetsky"}
    assert shot.casualties is not None
    assert (shot.casualties.dead, shot.casualties.injured) == (0, 0)
    assert any(claim.hazard is Hazard.FLOOD for claim in found.values())
    assert Kind.DRILL in found
