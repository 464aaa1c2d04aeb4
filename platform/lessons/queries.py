"""What pages want to know about lesson plans."""

from foundation.database import db
from lessons import layout
from lessons.layout import Place
from lessons.models import PlanTemplate


def layout_of_group(group_id: int) -> tuple[Place, ...]:
    """The layout that the group's template asks for; the default where the group has not changed it."""
    template = db.session.get(PlanTemplate, group_id)
    return layout.from_template(template.sections if template else None)
