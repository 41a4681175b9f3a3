"""Pages of totals and history, and the files for other programs."""

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.commodities import queries as commodities
from app.commodities.catalogue import Catalogue
from app.deals.models import DealEntry
from app.deals.values import KIND_WORDS, TERM_WORDS, DealKind, Standing
from app.evaluation import policy, queries
from app.evaluation.values import ExportFormat, MissionTotals, Slice
from app.kit import clock
from app.missions import queries as missions
from app.missions.models import Mission
from app.missions.values import MissionRole, MissionState
from app.web import access
from app.web.database import get_session
from app.web.filters import ZONE_LABELS, named
from app.web.paging import page_of
from app.web.spreadsheets import XLSX, Cell, csv_file, download, xlsx_file

bp = Blueprint("evaluation", __name__)
EARLIER_PER_PAGE = 12
OF_MISSION = "/missions/<string(length=20):mission_id>"


def _mission(mission_id: str) -> Mission:
    found = missions.mission_seen_by(get_session(), current_user.person, mission_id)
    return found if found and policy.can_see_totals(current_user.person, found) else abort(404)


@bp.get(f"{OF_MISSION}/totals")
@access.roles("office", "organiser", "admin")
def totals(mission_id: str) -> ResponseReturnValue:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    if mission.state is MissionState.HISTORY:
        return redirect(url_for(".history"), 303)
    asked = request.args.get("kind")
    kind = DealKind(asked) if asked in set(DealKind) else DealKind.COMMITMENT
    return render_template(
        "evaluation/totals.html", mission=mission, totals=queries.totals_of(session, person, mission, kind, named),
        largest=queries.largest_deals(session, person, mission, kind), kinds=KIND_WORDS, now=clock.now(),
        **{f"{name}_link": _link(mission, kind, name) for name in ("goods", "family", "seller", "buyer")},
    )


_FILTERS = {"goods": "commodity", "family": "family", "seller": "from", "buyer": "to"}


def _link(mission: Mission, kind: DealKind, name: str) -> Callable[[Slice], str]:
    """Return how a bar leads to the list of exactly the deals that it stands for."""

    def link(row: Slice) -> str:
        narrowed: dict[str, Any] = {"kind": kind.value, "sold_by": row.seller_role, _FILTERS[name]: row.code}
        return url_for("deals.index", mission_id=mission.id, **narrowed)

    return link


@bp.get("/history")
@access.public
def history() -> ResponseReturnValue:
    session = get_session()
    current, host = queries.mission_on_show(session), request.args.get("host", "")[:10]
    page = page_of(session, queries.earlier_missions(host or None), per_page=EARLIER_PER_PAGE, scalars=False)
    return render_template(
        "evaluation/history.html", pair=queries.pair_history(session, current.province_codes if current else None),
        page=page, earlier=queries.with_sources(session, page.rows), hosts=queries.hosts_of_history(session), host=host,
        others=[] if host or page.has_next else queries.other_missions(session),
    )


@bp.get(f"{OF_MISSION}/deals.<any(xlsx, csv):format>")
@access.roles("office", "organiser", "admin")
def export(mission_id: str, format: str) -> Response:
    session, person, mission = get_session(), current_user.person, _mission(mission_id)
    goods = commodities.catalogue(session)
    name = f"kesepakatan-{mission.held_on.isoformat()}.{format}"
    counting = queries.entries_to_save(session, person, mission, Standing.COUNTS)
    if ExportFormat(format) is ExportFormat.CSV:
        return download(csv_file(_headings(mission), _rows(mission, counting, goods)), name=name, kind="text/csv")
    void = queries.entries_to_save(session, person, mission, Standing.VOID)
    sums = queries.totals_of(session, person, mission, DealKind.COMMITMENT, named)
    content = xlsx_file([
        (_("Kesepakatan"), _headings(mission), _rows(mission, counting, goods)),
        (_("Ringkasan per jenis"), _sum_headings(mission), _sums(sums)),
        (_("Dibatalkan"), _headings(mission), _rows(mission, void, goods)),
    ])
    return download(content, name=name, kind=XLSX)


def _headings(mission: Mission) -> list[str]:
    zone = ZONE_LABELS.get(mission.hosting_province.time_zone, mission.hosting_province.time_zone)
    return [
        _("Nomor PKT"), _("Jenis"), _("Arah"), _("Penjual"), _("Kabupaten/kota penjual"), _("Provinsi penjual"),
        _("Pembeli"), _("Kabupaten/kota pembeli"), _("Provinsi pembeli"), _("Barang"), _("Barang di daftar"),
        _("Kelompok barang"), _("Volume"), _("Satuan"), _("Harga satuan (Rp)"), _("Volume × harga (Rp)"),
        _("Nilai (Rp)"), _("Alasan nilai lain"), _("Jangka waktu"), _("Ditandatangani"), _("Dicatat oleh"),
        _("Dicatat pada (%(zone)s)", zone=zone), _("Versi"), _("Alasan perubahan"), _("Catatan"), _("Kode"),
    ]


def _rows(mission: Mission, entries: Iterable[DealEntry], goods: Catalogue) -> list[list[Cell]]:
    return [_row(mission, entry, goods) for entry in entries]


def _row(mission: Mission, entry: DealEntry, goods: Catalogue) -> list[Cell]:
    provinces = [mission.visiting_province, mission.hosting_province]
    seller, buyer = provinces if entry.seller_role is MissionRole.VISITING else reversed(provinces)
    recorded_at = entry.deal.recorded_at.astimezone(ZoneInfo(mission.hosting_province.time_zone))
    return [
        entry.form_number, str(KIND_WORDS[entry.kind]), _("%(province)s jual", province=seller.short_name),
        entry.seller.name, entry.seller.regency.name, seller.name,
        entry.buyer.name, entry.buyer.regency.name, buyer.name,
        entry.goods, named(entry.commodity) if entry.commodity else None,
        named(goods.family_of(entry.commodity.code)) if entry.commodity else None,
        entry.quantity, named(entry.unit) if entry.unit else None, entry.unit_price_amount, entry.computed_amount,
        entry.value_amount, entry.value_reason, str(TERM_WORDS[entry.term]), entry.signed_on,
        entry.deal.recorded_by.name, recorded_at.replace(tzinfo=None), entry.version, entry.reason, entry.note,
        entry.deal_id,
    ]


def _sum_headings(mission: Mission) -> list[str]:
    sold = [_("%(province)s jual (Rp)", province=province.short_name)
            for province in (mission.visiting_province, mission.hosting_province)]
    return [_("Jenis"), _("Jumlah kesepakatan"), _("Nilai (Rp)"), _("Nilai tengah (Rp)"), *sold]


def _sums(totals: MissionTotals) -> list[list[Cell]]:
    """One line for each kind; the kinds have no common line."""
    return [
        [str(word), total.all.count, total.all.amount, total.all.median,
         *(total.sold_by[role.value].amount for role in (MissionRole.VISITING, MissionRole.HOSTING))]
        for kind, word in KIND_WORDS.items() if (total := totals.by_kind.get(kind.value))
    ]
