"""Forms of missions and participations."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, ValidationError

from app.missions.values import (
    Funding,
    MissionDetails,
    ParticipantFilters,
    ParticipationDetails,
    ParticipationState,
)
from app.web.fields import (
    ChoiceField,
    ClockField,
    DayField,
    Filled,
    NotLongerThan,
    PageForm,
    TextField,
    WholeField,
    clean,
    options,
)

MOST_FIRMS_AT_ONCE = 300
FUNDING_LABELS: Mapping[Funding, Any] = {
    Funding.PROVINCE: _l("Dibiayai provinsi"),
    Funding.NOMINATOR: _l("Dibiayai pengusul"),
    Funding.OWN: _l("Biaya sendiri"),
}


class MissionForm(PageForm):
    name = TextField(_l("Nama misi"), [Filled(_l("Tulis nama misinya.")), NotLongerThan(120)])
    held_on = DayField(_l("Tanggal"), [Filled(_l("Isi tanggal misinya."))])
    venue = TextField(_l("Gedung atau hotel"), [Filled(_l("Tulis tempatnya.")), NotLongerThan(160)])
    host_city = TextField(_l("Kota"), [Filled(_l("Tulis kotanya.")), NotLongerThan(80)])
    visiting_province_code = ChoiceField(_l("Provinsi yang datang"))
    hosting_province_code = ChoiceField(_l("Provinsi tuan rumah"))
    opens_at = ClockField(_l("Jam buka"), [Filled(_l("Isi jam buka."))])
    closes_at = ClockField(_l("Jam tutup"), [Filled(_l("Isi jam tutup."))])
    cutoff_at = ClockField(_l("Batas jam pencatatan"), [Filled(_l("Isi batas jam pencatatan."))])
    slot_minutes = WholeField(
        _l("Lama satu pertemuan"), [Filled(_l("Isi berapa menit satu pertemuan."))], smallest=5, largest=180
    )
    slot_count = WholeField(_l("Jumlah giliran"), [Filled(_l("Isi jumlah giliran."))], smallest=1, largest=200)
    table_count = WholeField(_l("Jumlah meja"), [Filled(_l("Isi jumlah meja."))], smallest=1, largest=1000)

    def offer_provinces(self, choices: Sequence[tuple[str, str]]) -> None:
        """Put the provinces into both lists."""
        self.visiting_province_code.choices = self.hosting_province_code.choices = options(choices)

    def validate_closes_at(self, field: Any) -> None:
        """Refuse a day that ends before it begins."""
        if field.data and self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError(_l("Jam tutup harus sesudah jam buka."))

    def validate_cutoff_at(self, field: Any) -> None:
        """Refuse a cut-off before anything could be recorded."""
        if field.data and self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError(_l("Batas jam pencatatan harus sesudah jam buka."))

    def validate_slot_count(self, field: Any) -> None:
        """Refuse more turns than fit into the day."""
        if not (field.data and self.slot_minutes.data and self.opens_at.data and self.closes_at.data):
            return
        start = datetime.combine(date.min, self.opens_at.data)
        end = datetime.combine(date.min, self.closes_at.data)
        fit = (end - start) // timedelta(minutes=self.slot_minutes.data)
        if end > start and field.data > fit:
            raise ValidationError(_l("Dari jam buka sampai jam tutup hanya muat %(fit)s giliran.", fit=fit))

    def details(self) -> MissionDetails:
        """Return what was typed; the form has to be valid."""
        return MissionDetails(**{name: self[name].data for name in MissionDetails.__slots__})


class ParticipationForm(PageForm):
    enterprises = SelectMultipleField(_l("Usaha"), validate_choice=False)
    listed = SelectMultipleField(_l("Usaha di halaman ini"), validate_choice=False)
    whole_page = TextField()
    nominated_by = TextField(_l("Diusulkan oleh"), [NotLongerThan(120)])
    funded_by = ChoiceField(_l("Biaya perjalanan"), choices=options(FUNDING_LABELS.items()))

    def chosen(self) -> list[str]:
        """Return the ids of the ticked firms, or of all on the page when that button was pressed."""
        return list((self.listed if self.whole_page.data else self.enterprises).data or [])

    def validate_enterprises(self, field: Any) -> None:
        """Refuse an empty choice, and one that no page could have sent."""
        if not self.chosen():
            raise ValidationError(_l("Centang dulu usaha yang mau ditambahkan."))
        if len(self.chosen()) > MOST_FIRMS_AT_ONCE:
            raise ValidationError(_l("Tambahkan paling banyak %(most)s usaha sekaligus.", most=MOST_FIRMS_AT_ONCE))

    def details(self) -> ParticipationDetails:
        """Return what was chosen; the form has to be valid."""
        return ParticipationDetails(nominated_by=self.nominated_by.data or "", funded_by=Funding(self.funded_by.data))


class RemoveForm(PageForm):
    reason = TextField(_l("Alasan"), [Filled(_l("Tulis alasannya, supaya usaha itu tahu.")), NotLongerThan(300)])


def participant_filters(arguments: Mapping[str, str]) -> ParticipantFilters:
    """Read the filters in an address; what makes no sense is ignored."""
    return ParticipantFilters(
        text=(clean(arguments.get("q")) or "")[:100],
        province_code=arguments.get("province", "")[:10],
        regency_code=arguments.get("regency", "")[:10],
        funded_by=_one_of(Funding, arguments.get("funded")),
        state=_one_of(ParticipationState, arguments.get("state")),
        is_from_earlier=arguments.get("earlier") == "1",
    )


def _one_of(words: Any, text: str | None) -> Any:
    return words(text) if text in {word.value for word in words} else None
