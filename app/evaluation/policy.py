"""Who may see and save the totals of a mission."""

from app.accounts.models import Person
from app.deals import policy as deals
from app.missions.models import Mission


def can_see_totals(person: Person, mission: Mission) -> bool:
    """Whoever sees the deals behind a total sees the total, and may save both."""
    return deals.can_see_deals(person, mission)
