"""The public list of goods, and the two fragments that forms ask for while somebody types."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.commodities import queries
from app.web import access
from app.web.database import get_session
from app.web.fields import clean

bp = Blueprint("commodities", __name__)
LONGEST_QUERY = 80
FOUND_ON_THE_LIST = 40


@bp.get("/commodities")
@access.public
def index() -> ResponseReturnValue:
    goods, typed = queries.catalogue(get_session()), _typed()
    found = goods.find(typed, FOUND_ON_THE_LIST) if typed else []
    return render_template("commodities/index.html", catalogue=goods, query=typed, found=found)


@bp.get("/commodities/suggest")
@access.public
def suggest() -> ResponseReturnValue:
    goods, typed = queries.catalogue(get_session()), _typed()
    return render_template(
        "commodities/_suggestions.html", catalogue=goods, query=typed, found=goods.find(typed), chosen=""
    )


@bp.get("/commodities/units")
@access.public
def units() -> ResponseReturnValue:
    goods = queries.catalogue(get_session())
    options = goods.unit_options(request.args.get("commodity_code"))
    return render_template("commodities/_units.html", options=options)


def _typed() -> str:
    return (clean(request.args.get("q")) or "")[:LONGEST_QUERY]
