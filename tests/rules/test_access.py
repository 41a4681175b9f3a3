"""Who gets what: every route and method, asked over HTTP by everybody, about own things and other people's.

The table below is the expectation, written from the promises to users and not from the code. A route without a row
fails. GET and POST of one address are separate rows, and nothing that was refused may leave a trace.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.kit import ids
from tests.factories import ELSEWHERE, HOSTING, VISITING, regency_of
from tests.rules.world import WHO, World

# o: done or shown (200, 303)   u: shown again with what is wrong (422)   c: too late (409)
# s: led to a sign-in page      f: not for this person (403)              n: does not exist for this person (404)
#
# Owners: party and partner signed the deal of mission one, neighbour takes part in it too. Organisers and offices are
# of the visiting (v) and hosting (h) province of mission one and of a third one (x). Mission two is of h and x.
TABLE = """
                                          nobody party neighb partner org_v off_v org_h off_h org_x off_x admin
GET  static                       -         o     o     o     o     o     o     o     o     o     o     o
GET  home.index                   -         o     o     o     o     o     o     o     o     o     o     o
GET  home.help                    -         o     o     o     o     o     o     o     o     o     o     o
GET  home.healthz                 -         o     o     o     o     o     o     o     o     o     o     o
GET  home.readyz                  -         o     o     o     o     o     o     o     o     o     o     o
GET  home.trail                   -         s     f     f     f     o     o     o     o     o     o     o
POST web.set_language             -         o     o     o     o     o     o     o     o     o     o     o
GET  commodities.index            -         o     o     o     o     o     o     o     o     o     o     o
GET  commodities.suggest          -         o     o     o     o     o     o     o     o     o     o     o
GET  commodities.units            -         o     o     o     o     o     o     o     o     o     o     o

GET  accounts.sign_in             -         o     o     o     o     o     o     o     o     o     o     o
POST accounts.sign_in             -         o     o     o     o     o     o     o     o     o     o     o
GET  accounts.enter_code          -         s     o     o     o     o     o     o     o     o     o     o
POST accounts.enter_code          -         s     o     o     o     o     o     o     o     o     o     o
POST accounts.send_again          -         s     s     s     s     s     s     s     s     s     s     s
POST accounts.sign_out            -         o     o     o     o     o     o     o     o     o     o     o
GET  accounts.staff_sign_in       -         o     o     o     o     o     o     o     o     o     o     o
POST accounts.staff_sign_in       -         o     o     o     o     o     o     o     o     o     o     o
GET  accounts.second_factor       -         s     s     s     s     s     s     s     s     s     s     s
POST accounts.second_factor       -         s     s     s     s     s     s     s     s     s     s     s
GET  accounts.set_up_second_factor -        s     s     s     s     s     s     s     s     s     s     s
POST accounts.set_up_second_factor -        s     s     s     s     s     s     s     s     s     s     s
GET  accounts.outbox              -         o     o     o     o     o     o     o     o     o     o     o
GET  accounts.me                  -         s     o     o     o     o     o     o     o     o     o     o
POST accounts.me                  -         s     o     o     o     o     o     o     o     o     o     o
POST accounts.change_consents     -         s     o     o     o     o     o     o     o     o     o     o
POST accounts.end_other_sessions  -         s     o     o     o     o     o     o     o     o     o     o
GET  accounts.my_data             -         s     o     o     o     o     o     o     o     o     o     o
GET  accounts.change_password     -         s     f     f     f     o     o     o     o     o     o     o
POST accounts.change_password     -         s     f     f     f     o     o     o     o     o     o     o
POST accounts.new_recovery_codes  -         s     f     f     f     o     o     o     o     o     o     o
GET  accounts.staff               -         s     f     f     f     f     f     f     f     f     f     o
GET  accounts.new_staff           -         s     f     f     f     f     f     f     f     f     f     o
POST accounts.new_staff           -         s     f     f     f     f     f     f     f     f     f     o
GET  accounts.edit_staff          officer   s     f     f     f     f     f     f     f     f     f     o
POST accounts.edit_staff          officer   s     f     f     f     f     f     f     f     f     f     o
POST accounts.edit_staff          owner     s     f     f     f     f     f     f     f     f     f     f
GET  accounts.block_person        officer   s     f     f     f     f     f     f     f     f     f     o
POST accounts.block_person        officer   s     f     f     f     f     f     f     f     f     f     o
POST accounts.block_person        admin     s     f     f     f     f     f     f     f     f     f     f
GET  accounts.reset_sign_in       officer   s     f     f     f     f     f     f     f     f     f     o
POST accounts.reset_sign_in       officer   s     f     f     f     f     f     f     f     f     f     o
POST accounts.reset_sign_in       admin     s     f     f     f     f     f     f     f     f     f     f

GET  enterprises.register         -         s     o     o     o     o     o     o     o     o     o     o
POST enterprises.register         -         s     o     o     o     o     o     o     o     o     o     o
GET  enterprises.edit_more        -         s     o     o     o     o     o     o     o     o     o     o
POST enterprises.edit_more        -         s     o     o     o     o     o     o     o     o     o     o
GET  enterprises.edit_more        buyer     s     o     n     n     o     o     f     f     f     f     f
POST enterprises.edit_more        buyer     s     o     n     n     o     o     f     f     f     f     f
GET  enterprises.edit_more        hidden    s     n     n     n     n     n     n     n     o     o     f
POST enterprises.edit_more        hidden    s     n     n     n     n     n     n     n     o     o     f
GET  enterprises.assist           -         s     f     f     f     o     o     o     o     o     o     f
POST enterprises.assist           in_v      s     f     f     f     o     o     u     u     u     u     f
GET  enterprises.confirm          -         s     o     o     o     f     f     f     f     f     f     f
POST enterprises.confirm          -         s     o     o     o     f     f     f     f     f     f     f
GET  enterprises.index            -         s     f     f     f     o     o     o     o     o     o     o
GET  listings.search              -         s     f     f     f     o     o     o     o     o     o     o
GET  enterprises.show             buyer     s     o     n     n     o     o     o     o     o     o     o
GET  enterprises.show             hidden    s     n     n     n     n     n     n     n     o     o     o
GET  enterprises.show             drafted   s     n     n     n     o     o     n     n     n     n     o
GET  enterprises.show             waiting   s     n     n     n     o     o     n     n     n     n     o
POST enterprises.verify           buyer     s     f     f     f     o     o     f     f     f     f     f
POST enterprises.verify           hidden    s     f     f     f     n     n     n     n     o     o     f
POST enterprises.verify           waiting   s     f     f     f     f     f     n     n     n     n     f

GET  listings.register_resume     -         s     o     o     o     f     f     f     f     f     f     f
GET  listings.register_needs      -         s     o     o     o     f     f     f     f     f     f     f
POST listings.register_needs      -         s     o     o     o     f     f     f     f     f     f     f
GET  listings.register_offers     -         s     o     o     o     f     f     f     f     f     f     f
POST listings.register_offers     -         s     o     o     o     f     f     f     f     f     f     f
GET  listings.register_consent    -         s     o     o     o     f     f     f     f     f     f     f
POST listings.register_consent    -         s     o     o     o     f     f     f     f     f     f     f
GET  listings.register_done       -         s     o     o     o     f     f     f     f     f     f     f
GET  listings.mine                -         s     o     o     o     f     f     f     f     f     f     f
GET  listings.new                 -         s     o     o     o     f     f     f     f     f     f     f
POST listings.new                 -         s     o     o     o     f     f     f     f     f     f     f
GET  listings.edit                need      s     o     n     n     o     o     f     f     f     f     f
POST listings.edit                need      s     o     n     n     o     o     f     f     f     f     f
GET  listings.edit                hidden    s     n     n     n     n     n     n     n     o     o     f
POST listings.edit                hidden    s     n     n     n     n     n     n     n     o     o     f
POST listings.close               need      s     o     n     n     o     o     f     f     f     f     f
POST listings.close               hidden    s     n     n     n     n     n     n     n     o     o     f
POST listings.renew               need      s     o     n     n     o     o     f     f     f     f     f
POST listings.renew               hidden    s     n     n     n     n     n     n     n     o     o     f
GET  listings.assist              buyer     s     f     f     f     o     o     f     f     f     f     f
POST listings.assist              buyer     s     f     f     f     o     o     f     f     f     f     f
GET  listings.assist              hidden    s     f     f     f     n     n     n     n     o     o     f
POST listings.assist              hidden    s     f     f     f     n     n     n     n     o     o     f

GET  missions.index               -         s     o     o     o     o     o     o     o     o     o     o
GET  missions.show                one       s     o     o     o     o     o     o     o     n     n     o
GET  missions.show                two       s     n     n     o     n     n     o     o     o     o     o
GET  missions.show                draft     s     n     n     n     o     o     o     o     n     n     o
GET  missions.show                past      s     o     o     o     o     o     o     o     n     n     o
GET  missions.new                 -         s     f     f     f     o     f     o     f     o     f     o
POST missions.new                 v_to_h    s     f     f     f     o     f     o     f     u     f     o
GET  missions.edit                one       s     f     f     f     o     f     o     f     n     f     o
POST missions.edit                one       s     f     f     f     o     f     o     f     n     f     o
GET  missions.edit                two       s     f     f     f     n     f     o     f     o     f     o
POST missions.edit                two       s     f     f     f     n     f     o     f     o     f     o
GET  missions.edit                past      s     f     f     f     f     f     f     f     n     f     f
POST missions.edit                past      s     f     f     f     f     f     f     f     n     f     f
POST missions.open                draft     s     f     f     f     o     f     o     f     n     f     o
POST missions.open                one       s     f     f     f     c     f     c     f     n     f     c
POST missions.hold                one       s     f     f     f     o     f     o     f     n     f     o
POST missions.hold                two       s     f     f     f     n     f     o     f     o     f     o
POST missions.hold                draft     s     f     f     f     c     f     c     f     n     f     c
POST missions.join                one       s     o     o     o     f     f     f     f     f     f     f
POST missions.join                two       s     n     n     o     f     f     f     f     f     f     f
POST missions.join                draft     s     n     n     n     f     f     f     f     f     f     f
GET  missions.participants        one       s     f     f     f     o     o     o     o     n     n     o
GET  missions.participants        two       s     f     f     f     n     n     o     o     o     o     o
GET  missions.participants        past      s     f     f     f     n     n     n     n     n     n     n
GET  missions.add_participant     one       s     f     f     f     o     f     o     f     n     f     f
POST missions.add_participant     one_spare s     f     f     f     o     f     f     f     n     f     f
GET  missions.add_participant     two       s     f     f     f     n     f     o     f     o     f     f
POST missions.add_participant     two_spare s     f     f     f     n     f     f     f     f     f     f
GET  missions.add_participant     past      s     f     f     f     f     f     f     f     n     f     f
POST missions.add_participant     past_spare s    f     f     f     f     f     f     f     n     f     f
POST missions.remove_participant  one_neighbour s f     f     f     o     f     f     f     n     f     f
POST missions.remove_participant  one_far   s     f     f     f     n     f     n     f     n     f     f
POST missions.remove_participant  two_far   s     f     f     f     n     f     f     f     o     f     f

POST matching.run                 one       s     f     f     f     o     f     o     f     n     f     f
POST matching.run                 two       s     f     f     f     n     f     o     f     o     f     f
POST matching.run                 draft     s     f     f     f     f     f     f     f     n     f     f
GET  matching.progress            one       s     f     f     f     o     o     o     o     n     n     o
GET  matching.progress            two       s     f     f     f     n     n     o     o     o     o     o
GET  matching.queue               one       s     f     f     f     o     o     o     o     n     n     o
GET  matching.queue               two       s     f     f     f     n     n     o     o     o     o     o
GET  matching.exposure            one       s     f     f     f     o     o     o     o     n     n     o
GET  matching.exposure            two       s     f     f     f     n     n     o     o     o     o     o
POST matching.decide              one_open  s     f     f     f     o     f     o     f     n     f     f
POST matching.decide              two_two   s     f     f     f     n     f     o     f     o     f     f
POST matching.decide              one_two   s     f     f     f     n     f     n     f     n     f     f
POST matching.decide              one_twin  s     f     f     f     n     f     n     f     n     f     f
POST matching.decide              twin_one  s     f     f     f     n     f     n     f     n     f     f
POST matching.undo                batch     s     f     f     f     o     f     n     f     n     f     f
GET  matching.show                one       s     f     f     f     o     o     o     o     n     n     o
GET  matching.show                two       s     f     f     f     n     n     o     o     o     o     o
GET  matching.partners            -         s     o     o     o     f     f     f     f     f     f     f
GET  matching.missing             -         s     o     o     o     f     f     f     f     f     f     f
POST matching.answer              one       s     o     n     o     f     f     f     f     f     f     f
POST matching.answer              two       s     n     n     n     f     f     f     f     f     f     f
POST matching.answer              open      s     n     n     n     f     f     f     f     f     f     f

GET  deals.index                  one       s     f     f     f     o     o     o     o     n     n     o
GET  deals.index                  two       s     f     f     f     n     n     o     o     o     o     o
GET  deals.new                    one       s     f     f     f     f     o     f     o     f     n     f
POST deals.new                    one       s     f     f     f     f     o     f     o     f     n     f
GET  deals.new                    two       s     f     f     f     f     n     f     o     f     o     f
POST deals.new                    two       s     f     f     f     f     n     f     o     f     o     f
POST deals.new                    one_firms_of_two s f  f     f     f     u     f     u     f     n     f
GET  deals.new                    one_pair_of_two s f   f     f     f     n     f     n     f     n     f
GET  deals.new                    one_pair_of_twin s f  f     f     f     n     f     n     f     n     f
POST deals.new                    one_pair_of_two s f   f     f     f     n     f     n     f     n     f
POST deals.new                    draft     s     f     f     f     f     f     f     f     f     n     f
POST deals.new                    past      s     f     f     f     f     f     f     f     f     n     f
GET  deals.show                   one       s     o     n     o     o     o     o     o     n     n     o
GET  deals.show                   two       s     n     n     n     n     n     o     o     o     o     o
GET  deals.correct                one       s     f     f     f     f     o     f     o     f     n     f
POST deals.correct                one       s     f     f     f     f     o     f     o     f     n     f
GET  deals.correct                two       s     f     f     f     f     n     f     o     f     o     f
POST deals.correct                two       s     f     f     f     f     n     f     o     f     o     f
GET  deals.void                   one       s     f     f     f     f     o     f     o     f     n     f
POST deals.void                   one       s     f     f     f     f     o     f     o     f     n     f
POST deals.void                   two       s     f     f     f     f     n     f     o     f     o     f
GET  deals.mine                   -         s     o     o     o     f     f     f     f     f     f     f

GET  learning.index               -         s     f     f     f     f     f     f     f     f     f     o
GET  learning.progress            -         s     f     f     f     f     f     f     f     f     f     o
POST learning.train               -         s     f     f     f     f     f     f     f     f     f     o
GET  learning.show                retired   s     f     f     f     f     f     f     f     f     f     o
GET  learning.use                 retired   s     f     f     f     f     f     f     f     f     f     o
POST learning.use                 retired   s     f     f     f     f     f     f     f     f     f     o
POST learning.use                 in_use    s     f     f     f     f     f     f     f     f     f     c
GET  learning.cold_start          -         s     f     f     f     f     f     f     f     f     f     o
POST learning.cold_start          -         s     f     f     f     f     f     f     f     f     f     o

GET  evaluation.totals            one       s     f     f     f     o     o     o     o     n     n     o
GET  evaluation.totals            two       s     f     f     f     n     n     o     o     o     o     o
GET  evaluation.totals            past      s     f     f     f     o     o     o     o     n     n     o
GET  evaluation.export            one_xlsx  s     f     f     f     o     o     o     o     n     n     o
GET  evaluation.export            two_xlsx  s     f     f     f     n     n     o     o     o     o     o
GET  evaluation.export            two_csv   s     f     f     f     n     n     o     o     o     o     o
GET  evaluation.history           -         o     o     o     o     o     o     o     o     o     o     o
"""
# Changes that the trail does not keep: nothing of a deal, decision, role, consent, firm, mission or setting.
NOT_IN_TRAIL = {
    "web.set_language", "accounts.sign_in", "accounts.enter_code", "accounts.send_again", "accounts.sign_out",
    "accounts.staff_sign_in", "accounts.second_factor", "accounts.set_up_second_factor", "accounts.end_other_sessions",
    "accounts.change_password", "enterprises.confirm",  # the password is wrong here, the firm confirmed already
    "listings.register_needs", "listings.register_offers", "listings.register_consent",  # the registration is over
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    method: str
    endpoint: str
    thing: str
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} {self.thing}"


def rows() -> list[Row]:
    """Return the table."""
    lines = [line.split() for line in TABLE.splitlines() if line.startswith(("GET", "POST"))]
    return [Row(*line[:3], dict(zip(WHO, line[3:], strict=True))) for line in lines]


def outcome(answer: TestResponse) -> str:
    """Return the letter of an answer; a status that the table has no letter for stays a number."""
    if answer.status_code == 303:
        return "s" if answer.location.partition("?")[0] in ("/sign-in", "/staff/sign-in") else "o"
    return {200: "o", 422: "u", 409: "c", 403: "f", 404: "n"}.get(answer.status_code, str(answer.status_code))


def address(world: World, endpoint: str, thing: str) -> str:
    """Return the address of a route for a thing."""
    with world.app.test_request_context():
        return str(world.app.url_for(endpoint, **arguments(world, endpoint, thing)))


def arguments(world: World, endpoint: str, thing: str) -> dict[str, Any]:
    """Return what an address needs: `one_far` is mission one with a thing called far."""
    found = world.rows
    first, _, rest = thing.partition("_")
    match endpoint.partition(".")[0], endpoint:
        case _, "static":
            return {"filename": "css/tokens.css"}
        case "accounts", _:
            people = {"officer": "office_v", "owner": "party", "admin": "admin"}
            return {"person_id": found.people[people[thing]].id} if thing in people else {}
        case _, "enterprises.edit_more":
            return {"enterprise": found.firms[thing].id} if thing != "-" else {}
        case _, "enterprises.show" | "enterprises.verify" | "listings.assist":
            return {"enterprise_id": found.firms[thing].id}
        case "listings", _:
            return {"listing_id": found.listings[thing].id} if thing != "-" else {}
        case _, "matching.show" | "matching.answer":
            return {"proposal_id": found.proposals[thing].id}
        case "learning", _:
            return {"model_id": found.models[thing].id} if thing in found.models else {}
        case _, "matching.undo":
            return {"batch_id": found.batch_id}
        case _, "deals.show" | "deals.correct" | "deals.void":
            return {"deal_id": found.deals[thing].id}
        case _, "missions.remove_participant":
            return {"mission_id": found.missions[first].id, "enterprise_id": found.firms[rest].id}
        case _, "evaluation.export":
            return {"mission_id": found.missions[first].id, "format": rest}
        case _, "deals.new" if rest.startswith("pair_of_"):
            pair = found.proposals[rest.removeprefix("pair_of_")]
            return {"mission_id": found.missions[first].id, "proposal": pair.id}
        case "missions" | "matching" | "deals" | "evaluation", _ if first in found.missions:
            return {"mission_id": found.missions[first].id}
    return {}


def goods(**changes: Any) -> dict[str, str]:
    """Fields of an offer or a need."""
    return {
        "key": ids.new_id(), "title": "Kopra", "commodity_code": "kopra", "quantity": "3", "unit_code": "ton",
        "period": "month", **changes,
    }


def signed(seller: Any, buyer: Any, **changes: Any) -> dict[str, str]:
    """Fields of a deal."""
    return {
        "key": ids.new_id(), "seller_id": seller.id, "buyer_id": buyer.id, "commodity_code": "kopra", "goods": "Kopra",
        "quantity": "1000", "unit_code": "kg", "unit_price_amount": "9500", "value_amount": "", "value_reason": "",
        "term": "spot", "kind": "commitment", "form_number": "PKT-9", "signed_on": "2027-04-15", "note": "", **changes,
    }


def planned(world: World, visiting: str, hosting: str) -> dict[str, str]:
    """Fields of a mission."""
    return {
        "name": "Misi Baru", "held_on": date(2027, 4, 15).isoformat(), "venue": "Aula", "host_city": "Kota",
        "visiting_province_code": visiting, "hosting_province_code": hosting, "opens_at": "08.00", "closes_at": "17.00",
        "cutoff_at": "17.00", "slot_minutes": "20", "slot_count": "18", "table_count": "27",
    }


def staff(**changes: str) -> dict[str, str]:
    """Fields of a staff account."""
    return {
        "name": "Petugas Baru", "email": "baru@contoh.example", "phone": "", "role": "organiser",
        "province_code": HOSTING, **changes,
    }


def place(world: World, province: str) -> str:
    """Code of a regency."""
    with world.taken_back() as session:
        return regency_of(session, province)


def body(world: World, row: Row) -> dict[str, Any]:
    """Return what the form of a row sends when it is filled in well."""
    filler = BODIES.get(row.endpoint)
    return filler(world, row.thing) if filler else {}


def _deal(world: World, thing: str) -> dict[str, str]:
    firms = world.rows.firms
    is_two = thing in ("two", "one_firms_of_two", "one_pair_of_two")
    # Checked already: a deal of the same two firms exists, and a person has to say that this one is another.
    seen = {"is_checked": "y", "seen": f"same_deal:{world.rows.deals['two' if is_two else 'one'].id}"}
    pair = (firms["near"], firms["far"]) if is_two else (firms["seller"], firms["buyer"])
    return signed(*pair, quantity="7", form_number="") | seen


BODIES: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "web.set_language": lambda world, _: {"locale": "en"},
    "accounts.sign_in": lambda world, _: {"identity": "0812-9999-0001"},
    "accounts.staff_sign_in": lambda world, _: {"email": "tidak@ada.example", "password": "empat kata yang salah"},
    "accounts.me": lambda world, _: {"name": "Nama Baru", "locale": "id"},
    "accounts.change_consents": lambda world, _: {"partners": "y", "press": "y"},
    "accounts.change_password": lambda world, _: {
        "old": "bukan kata sandinya", "password": "kuda baterai jepit benar", "repeat": "kuda baterai jepit benar",
    },
    "accounts.new_staff": lambda world, _: staff(),
    "accounts.edit_staff": lambda world, _: staff(),
    "accounts.block_person": lambda world, _: {"reason": "pindah tugas"},
    "accounts.reset_sign_in": lambda world, _: {"reason": "ganti HP"},
    "enterprises.register": lambda world, _: {
        "name": "UD Nama Lain", "regency_code": place(world, VISITING), "trade_side": "both",
    },
    "enterprises.edit_more": lambda world, _: {"workers": "7", "about": "Usaha keluarga"},
    "enterprises.assist": lambda world, _: {
        "name": "UD Dibantu", "regency_code": place(world, VISITING), "trade_side": "sells",
        "phone": "0812-9999-0002", "owner_name": "Bu Contoh",
    },
    "enterprises.verify": lambda world, _: {"is_verified": "yes"},
    "listings.new": lambda world, _: goods(),
    "listings.assist": lambda world, _: goods(),
    "listings.edit": lambda world, _: goods(quantity="5"),
    "missions.new": lambda world, _: planned(world, VISITING, HOSTING),
    "missions.edit": lambda world, thing: planned(world, VISITING if thing != "two" else ELSEWHERE, HOSTING),
    "missions.add_participant": lambda world, thing: {
        "enterprises": world.rows.firms[thing.partition("_")[2]].id, "nominated_by": "Kadin", "funded_by": "own",
    },
    "missions.remove_participant": lambda world, _: {"reason": "sakit"},
    "matching.decide": lambda world, thing: {
        "ids": world.rows.proposals[thing.partition("_")[2]].id,
        "decision": "accept" if thing == "one_open" else "pin",
    },
    "learning.use": lambda world, _: {"reason": "lebih cocok"},
    "learning.cold_start": lambda world, _: {"reason": "belum yakin"},
    "matching.answer": lambda world, _: {"answer": "want"},
    "deals.new": _deal,
    "deals.correct": lambda world, thing: _deal(world, thing) | {"version": "2", "reason": "salah ketik"},
    "deals.void": lambda world, _: {"reason": "batal", "version": "2"},
}


def test_every_route_and_method_has_a_row(world: World) -> None:
    routes = {
        (method, rule.endpoint) for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    tabled = {(row.method, row.endpoint) for row in rows()}

    assert routes - tabled == set(), "a new route needs a row in the table"
    assert tabled - routes == set(), "the table names routes that are gone"


@pytest.mark.parametrize("row", rows(), ids=str)
def test_everybody_gets_what_the_table_says(world: World, row: Row) -> None:
    path, form = address(world, row.endpoint, row.thing), body(world, row) if row.method == "POST" else None
    found, traces = {}, []
    for who, expected in row.cells.items():
        with world.taken_back():
            before = world.trail_length()
            answer = world.ask(who, row.method, path, form)
            found[who] = outcome(answer)
            is_written = world.trail_length() > before
            changes = row.method == "POST" and expected == "o" and row.endpoint not in NOT_IN_TRAIL
            if is_written != changes:
                traces.append((who, "left a trace" if is_written else "left none"))

    assert found == row.cells
    assert traces == [] or _nothing_to_change(row, traces), traces


def _nothing_to_change(row: Row, traces: list[tuple[str, str]]) -> bool:
    """Allowed acts that change nothing: who takes part joins again, staff have no firm, an answer stays the same."""
    idle = {
        ("missions.join", "one"): set(WHO), ("matching.answer", "one"): set(WHO),
        ("enterprises.register", "-"): set(WHO[4:]), ("enterprises.edit_more", "-"): set(WHO[4:]),
    }
    return all(fault == "left none" and who in idle.get((row.endpoint, row.thing), ()) for who, fault in traces)


@pytest.mark.parametrize("endpoint", [
    "missions.show", "missions.participants", "matching.queue", "matching.exposure", "deals.index", "evaluation.totals",
    "evaluation.export",
])
def test_pages_of_a_mission_hold_nothing_of_another(world: World, endpoint: str) -> None:
    """Mission and twin have the same provinces, firms and pair: only ids, and the sums, tell them apart."""
    found, ending = world.rows, "_csv" if endpoint == "evaluation.export" else ""
    for thing, other in (("one", "twin"), ("twin", "one"), ("one", "two"), ("two", "one")):
        path = address(world, endpoint, f"{thing}{ending}")
        page = world.ask("organiser_h", "GET", path, query_string={"state": "all"} if endpoint == "matching.queue" else {})
        alien = (found.missions[other].id, found.proposals[other].id, found.deals[other].id)

        assert page.status_code == 200
        assert not [one for one in alien if one in page.text.replace(address(world, "matching.queue", other), "")], thing


def test_sums_of_a_mission_are_its_own(world: World) -> None:
    with world.taken_back():
        form = _deal(world, "one") | {"quantity": "123", "unit_price_amount": "1000", "unit_code": "ton"}
        seen = form["seen"]
        for _ in range(3):  # a deal far from the usual is asked about once more
            answer = world.ask("office_h", "POST", address(world, "deals.new", "one"), form | {"seen": seen})
            seen = ",".join([seen, *re.findall(r"(?:price|value|same_deal|same_number):[\w.]+", answer.text)])
        shown = {
            thing: world.ask("office_h", "GET", address(world, "evaluation.export", f"{thing}_csv")).text.count("\n")
            for thing in ("one", "two", "twin")
        }

    assert answer.status_code == 303
    assert shown == {"one": 3, "two": 2, "twin": 2}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND"])
def test_no_other_verb_is_answered(world: World, method: str) -> None:
    answered = []
    for row in rows():
        status = world.ask("admin", method, address(world, row.endpoint, row.thing), {}).status_code
        if status not in (400, 405):
            answered.append((str(row), status))

    assert answered == []


def test_reading_pages_writes_nothing_at_all(world: World) -> None:
    """The session refuses changes of objects; this sees statements too."""
    written: list[str] = []

    def watch(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", watch)
    try:
        for row in rows():
            who = next((name for name, cell in row.cells.items() if cell == "o"), None)
            if row.method == "GET" and who:
                with world.taken_back():
                    world.ask(who, "GET", address(world, row.endpoint, row.thing))
    finally:
        event.remove(world.database.engine, "before_cursor_execute", watch)

    assert written == []
