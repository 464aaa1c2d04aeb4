"""A lesson plan as a Wagtail page."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class LessonPage(Page):
    """One rich text with the sections and steps of a plan."""

    subject = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    minutes = models.IntegerField()
    body = RichTextField()

    content_panels = (
        *Page.content_panels,
        *(FieldPanel(name) for name in ("subject", "state", "minutes", "body")),
    )
