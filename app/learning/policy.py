"""Who may see and change what ranks."""

from app.accounts.models import Person
from app.accounts.values import Role
from app.learning.models import RankingModel
from app.learning.values import ModelState


def can_manage_models(person: Person) -> bool:
    """Whether somebody may train models, see how good they are and choose which one ranks."""
    return person.role is Role.ADMIN and person.is_active


def can_use(person: Person, model: RankingModel) -> bool:
    """Whether somebody may put a model in use by hand: only one that was better when it was tested."""
    return can_manage_models(person) and model.state is ModelState.RETIRED
