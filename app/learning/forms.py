"""What arrives from the page of models."""

from flask_babel import lazy_gettext as _l

from app.web.fields import Filled, LongTextField, NotLongerThan, PageForm


class ReasonForm(PageForm):
    """Why another model shall rank from now on."""

    reason = LongTextField(
        _l("Alasan"), [Filled(_l("Tulis alasannya, supaya yang lain mengerti.")), NotLongerThan(400)]
    )
