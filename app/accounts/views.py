"""Pages for signing in, for oneself and for the accounts of others."""

from collections.abc import Callable
from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    after_this_request,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, login_user, logout_user

from app.accounts import actions, policy, queries
from app.accounts.forms import (
    ROLE_LABELS,
    ChangePasswordForm,
    CodeForm,
    ConsentsForm,
    FreshForm,
    MeForm,
    PeopleFilter,
    ReasonForm,
    RenewForm,
    SecondFactorForm,
    SetUpForm,
    SignInForm,
    StaffForm,
    StaffSignInForm,
)
from app.accounts.models import Person
from app.accounts.values import DEMO_PASSWORD, PasswordTry, Purpose, Role
from app.config import Settings
from app.kit import clock, codes, proofs
from app.kit.errors import Refused
from app.kit.ids import new_id
from app.kit.messages import newest_messages
from app.kit.tries import TooManyTries
from app.regions import queries as regions
from app.web import access
from app.web.database import database, get_session
from app.web.filters import language
from app.web.i18n import remember_language
from app.web.paging import page_of
from app.web.refusals import back_with, safe_next
from app.web.sign_in import SignedIn

bp = Blueprint("accounts", __name__)
PERSON = "/staff/<string(length=20):person_id>"
ISSUER = "Titik Temu"
# What this browser's signed cookie holds between two steps.
NEXT_CODE, CODE, SENT_TO, PENDING = "next_code", "code", "sent_to", "pending"
PENDING_SECONDS = 300
Answer = ResponseReturnValue | None
SHOWN_MESSAGES = 30


def load_person(token: str) -> SignedIn | None:
    """Return who is signed in with this browser's token, for Flask-Login; the demo's invented people in a demo only."""
    person = queries.person_behind(get_session(), token, clock.now())
    if person is None or (person.is_demo and not _settings().is_demo):
        return None
    return SignedIn(person, token)


@bp.record
def _attach(state: BlueprintSetupState) -> None:
    state.app.extensions["load_person"] = load_person


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _code_key() -> bytes:
    return proofs.code_key(_settings().secret_key)


def _network() -> str:
    """Return the neighbourhood of the asking address: /24, or /64 in IPv6. Proxies count only when configured."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network((address, 24 if address.version == 4 else 64), strict=False))


def _after() -> str | None:
    """Return where to go after signing in, when the address names a page of this site."""
    return safe_next("") or None


def _submitted(form: Any, act: Callable[[], Answer]) -> tuple[Answer, int]:
    """Do what a valid form asks for; return the answer, or None and the status of showing the form (again)."""
    if not form.is_submitted():
        return None, 200
    if not form.validate():
        return None, 422
    try:
        return act(), 200
    except Refused as refusal:
        return None, _refusal(form, refusal)


def _refusal(form: Any, refusal: Refused) -> int:
    """Attach a refusal to its field (or the form's first one) and return the status of the page."""
    field = form[refusal.field] if refusal.field in form else next(iter(form))
    field.errors = [*field.errors, str(refusal.message)]
    if isinstance(refusal, TooManyTries):
        current_app.logger.warning("tries refused: %s from %s", request.endpoint, _network())
        after_this_request(partial(_retry_after, refusal.seconds))
    return refusal.status


def _retry_after(seconds: int, response: Response) -> Response:
    response.headers["Retry-After"] = str(seconds)
    return response


def _wrong(form: Any, message: str) -> None:
    """Say that a code or password is wrong. The page keeps status 200, so that the counters are committed."""
    field = form.code if "code" in form else next(iter(form))
    field.errors = [*field.errors, message]
    if "code" in form:
        # A code that failed helps nobody any more: the next one is typed into an empty field.
        form.code.data = ""
    current_app.logger.info("sign-in failed: %s from %s", request.endpoint, _network())


def _page(template: str, status: int, **values: Any) -> ResponseReturnValue:
    return render_template(template, **values), status


def _let_in(person: Person, *, next_url: str | None = None) -> ResponseReturnValue:
    """Start this browser anew as a signed-in one: nothing of before, the CSRF token included, stays valid."""
    token = actions.start_session(get_session(), person=person, now=clock.now())
    session.clear()
    session.permanent = person.role is Role.OWNER
    login_user(SignedIn(person, token))
    return redirect(next_url or url_for("home.index"), 303)


# --- owners -----------------------------------------------------------------------------------------------------


@bp.route("/sign-in", methods=["GET", "POST"])
@access.public
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(safe_next(url_for("home.index")), 303)
    form = SignInForm()
    session.setdefault(NEXT_CODE, new_id())
    done, status = _submitted(form, lambda: _ask(form))
    return done or _page("accounts/sign_in.html", status, form=form, after=_after(), has_expired="_user_id" in session)


def _ask(form: SignInForm) -> ResponseReturnValue:
    identity, channel = form.wanted()
    if actions.carrier_for(_settings(), channel) is None:
        raise Refused(_("Kode belum bisa dikirim ke sini. Pakai cara lain, atau hubungi petugas."), field="identity")
    session[CODE] = actions.ask_code(
        get_session(), code_id=session[NEXT_CODE], identity=identity, channel=channel, network=_network(),
        key=_code_key(), now=clock.now(), replaces=session.get(CODE),
    )
    session[SENT_TO] = identity
    session[NEXT_CODE] = new_id()
    return redirect(url_for("accounts.enter_code", next=_after()), 303)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@access.public
def enter_code() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(safe_next(url_for("home.index")), 303)
    if CODE not in session:
        return back_with(_("Mulai dari sini: tulis nomor HP atau e-mail dulu."), "accounts.sign_in", "warn")
    form = CodeForm()
    done, status = _submitted(form, lambda: _check(form))
    if done is not None:
        return done
    wait = codes.seconds_to_wait(get_session(), session[SENT_TO], clock.now())
    return _page("accounts/enter_code.html", status, form=form, sent_to=session[SENT_TO], after=_after(), wait=wait)


def _check(form: CodeForm) -> Answer:
    checked = actions.check_code(
        get_session(), code_id=session[CODE], typed=form.code.data, network=_network(), key=_code_key(),
        now=clock.now(), locale=request.cookies.get("locale"),
    )
    if checked.person is None:
        left = checked.attempts_left
        _wrong(form, ngettext(
            "Kode belum cocok. Masih bisa dicoba %(num)s kali.", "Kode belum cocok. Masih bisa dicoba %(num)s kali.",
            left,
        ))
        return None
    return _let_in(checked.person, next_url=url_for("enterprises.register") if checked.is_new else _after())


@bp.post("/sign-in/again")
@access.public
def send_again() -> ResponseReturnValue:
    if CODE not in session:
        return redirect(url_for("accounts.sign_in"), 303)
    form = SignInForm(formdata=None, data={"identity": session[SENT_TO]})
    session.setdefault(NEXT_CODE, new_id())
    try:
        return _ask(form)
    except Refused as refusal:
        return back_with(str(refusal.message), "accounts.enter_code", "warn", next=_after())


@bp.post("/sign-out")
@access.public
def sign_out() -> ResponseReturnValue:
    if current_user.is_authenticated:
        actions.end_session(get_session(), token=current_user.get_id(), now=clock.now())
        logout_user()
    session.clear()
    return redirect(url_for("home.index"), 303)


# --- staff ------------------------------------------------------------------------------------------------------


@bp.route("/staff/sign-in", methods=["GET", "POST"])
@access.public
def staff_sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(safe_next(url_for("home.index")), 303)
    form = StaffSignInForm()
    done, status = _submitted(form, lambda: _check_password(form))
    return done or _page("accounts/staff_sign_in.html", status, form=form, after=_after())


def _check_password(form: StaffSignInForm) -> Answer:
    email, password = form.typed()
    tried = _password_try(email, password)
    person = None if tried is None else actions.pass_password(get_session(), email=email, tried=tried)
    if person is None:
        _wrong(form, _("E-mail atau kata sandi belum cocok."))
        return None
    after = _after()
    session.clear()
    until = clock.now().timestamp() + PENDING_SECONDS
    session[PENDING] = {"person": person.id, "proof": _proof(person), "until": until}
    is_set_up = person.totp_confirmed_at is not None
    step = "accounts.second_factor" if is_set_up else "accounts.set_up_second_factor"
    return redirect(url_for(step, next=after), 303)


def _password_try(email: str, typed: str) -> PasswordTry | None:
    """Count the try, then check with no transaction open: Argon2 is slow on purpose and writers must not wait."""
    get_session().rollback()
    with database().unit_of_work() as counting:
        tried = actions.open_password_try(counting, email=email, network=_network(), now=clock.now())
    return tried if proofs.password_fits(tried.password_hash, typed) else None


def _proof(person: Person) -> str:
    """Bind the pending state to the password that was typed: a changed one ends it."""
    return proofs.digest(person.password_hash or "")[:16]


def _pending() -> Person | None:
    """Return who typed a right password in this browser less than five minutes ago."""
    state = session.get(PENDING)
    if state is None or clock.now().timestamp() > state["until"]:
        return None
    person = queries.staff_by_id(get_session(), state["person"])
    return person if person is not None and _proof(person) == state["proof"] else None


def _start_over() -> ResponseReturnValue:
    session.pop(PENDING, None)
    return back_with(_("Mulai lagi dengan e-mail dan kata sandi."), "accounts.staff_sign_in", "warn", next=_after())


@bp.route("/staff/second-factor", methods=["GET", "POST"])
@access.public
def second_factor() -> ResponseReturnValue:
    person = _pending()
    if person is None or person.totp_confirmed_at is None:
        return _start_over()
    form = SecondFactorForm()
    done, status = _submitted(form, lambda: _check_second_factor(form, person))
    return done or _page("accounts/second_factor.html", status, form=form)


def _check_second_factor(form: SecondFactorForm, person: Person) -> Answer:
    now = clock.now()
    is_right = actions.pass_second_factor(
        get_session(), person=person, typed=form.code.data or "", network=_network(), now=now
    )
    if not is_right:
        _wrong(form, _("Kode belum cocok atau sudah terpakai. Tunggu kode berikutnya di aplikasi."))
        return None
    actions.record_staff_sign_in(get_session(), person=person, network=_network(), now=now)
    return _let_in(person, next_url=_after())


@bp.route("/staff/set-up", methods=["GET", "POST"])
@access.public
def set_up_second_factor() -> ResponseReturnValue:
    person = _pending()
    if person is None or person.totp_confirmed_at is not None or person.totp_secret is None:
        return _start_over()
    form, secret, name = SetUpForm(), person.totp_secret, person.email or person.name
    done, status = _submitted(form, lambda: _set_up(form, person))
    if done is not None:
        return done
    address = proofs.totp_uri(secret, name=name, issuer=ISSUER)
    return _page(
        "accounts/set_up_second_factor.html", status, form=form,
        picture=segno.make(address).svg_data_uri(scale=5, light="#fff"),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    )


def _set_up(form: SetUpForm, person: Person) -> Answer:
    after = _after()
    get_session().rollback()
    password_hash = proofs.hash_password(form.password.data)
    now = clock.now()
    recovery = actions.set_up_staff(
        get_session(), person=person, typed=form.code.data, password_hash=password_hash, network=_network(), now=now
    )
    if recovery is None:
        _wrong(form, _("Kode belum cocok. Periksa jam HP Anda, lalu tulis kode yang sedang tampil."))
        return None
    actions.record_staff_sign_in(get_session(), person=person, network=_network(), now=now)
    _let_in(person)
    return _page("accounts/new_recovery_codes.html", 200, codes=recovery, after=after)


# --- oneself ----------------------------------------------------------------------------------------------------


@bp.route("/me", methods=["GET", "POST"])
@access.signed_in
def me() -> ResponseReturnValue:
    person: Person = current_user.person
    form = MeForm(data={"name": person.name, "locale": person.locale or language()})
    done, status = _submitted(form, lambda: _change_me(form))
    return done or _me_page(form, status)


def _change_me(form: MeForm) -> Answer:
    details = form.details()
    actions.change_me(get_session(), actor=current_user.person, details=details, now=clock.now())
    response = redirect(url_for("accounts.me"), 303)
    remember_language(response, details.locale)
    return response


def _me_page(form: MeForm, status: int) -> ResponseReturnValue:
    person, reading = current_user.person, get_session()
    newest = queries.newest_consents(reading, person.id)
    by_password = policy.signs_in_by_password(person)
    answers = {purpose.value: purpose in newest and newest[purpose].is_given for purpose in Purpose}
    renew = RenewForm(formdata=None)
    renew.needs_code(not queries.is_fresh(reading, current_user.get_id(), clock.now()))
    return _page(
        "accounts/me.html", status, form=form, consents=ConsentsForm(formdata=None, data=answers), newest=newest,
        renew=renew,
        role_label=ROLE_LABELS[person.role], by_password=by_password, is_owner=person.role is Role.OWNER,
        codes_left=queries.count_recovery_codes(reading, person) if by_password else 0,
        others=queries.count_other_sessions(reading, person, current_user.get_id(), clock.now()),
    )


@bp.post("/me/consents")
@access.signed_in
def change_consents() -> ResponseReturnValue:
    form = ConsentsForm()
    if not form.validate_on_submit():
        abort(422)
    person = current_user.person
    actions.record_consents(get_session(), actor=person, person=person, answers=form.answers(), now=clock.now())
    return back_with(_("Izin Anda sudah disimpan."), "accounts.me")


@bp.post("/me/end-other-sessions")
@access.signed_in
def end_other_sessions() -> ResponseReturnValue:
    actions.end_sessions(
        get_session(), person=current_user.person, now=clock.now(), except_token=current_user.get_id()
    )
    return back_with(_("Semua HP dan komputer lain sudah dikeluarkan."), "accounts.me")


@bp.get("/me/data.json")
@access.signed_in
def my_data() -> ResponseReturnValue:
    response = jsonify(queries.own_data(get_session(), current_user.person))
    response.headers["Content-Disposition"] = 'attachment; filename="data-saya.json"'
    return response


@bp.route("/me/password", methods=["GET", "POST"])
@access.roles(Role.ORGANISER, Role.OFFICE, Role.ADMIN)
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    done, status = _submitted(form, lambda: _change_password(form))
    return done or _page("accounts/change_password.html", status, form=form)


def _change_password(form: ChangePasswordForm) -> Answer:
    old, new = form.typed()
    tried = _password_try(current_user.person.email, old)
    if tried is None:
        _wrong(form, _("Kata sandi sekarang belum cocok."))
        return None
    password_hash = proofs.hash_password(new)
    actions.change_password(
        get_session(), actor=current_user.person, tried=tried, password_hash=password_hash,
        token=current_user.get_id(), now=clock.now(),
    )
    return back_with(_("Kata sandi sudah diganti. Di tempat lain Anda dikeluarkan."), "accounts.me")


@bp.post("/me/recovery-codes")
@access.roles(Role.ORGANISER, Role.OFFICE, Role.ADMIN)
def new_recovery_codes() -> ResponseReturnValue:
    form = _fresh_form(RenewForm)
    if not form.validate_on_submit() or not _confirmed(form):
        return back_with(_("Kode dari aplikasi belum cocok."), "accounts.me", "warn")
    recovery = actions.renew_recovery_codes(get_session(), actor=current_user.person, now=clock.now())
    return _page("accounts/new_recovery_codes.html", 200, codes=recovery, after=None)


def _fresh_form(kind: type[Any], **values: Any) -> Any:
    """Return a form that asks for a code of the authenticator when this browser's last one is old."""
    form = kind(**values)
    form.needs_code(not queries.is_fresh(get_session(), current_user.get_id(), clock.now()))
    return form


def _confirmed(form: FreshForm) -> bool:
    """Check that code, where the form has one. A wrong one is counted, so the page keeps status 200."""
    if "code" not in form:
        return True
    is_right = actions.confirm_again(
        get_session(), person=current_user.person, token=current_user.get_id(), typed=form.code.data or "",
        network=_network(), now=clock.now(),
    )
    if not is_right:
        _wrong(form, _("Kode belum cocok atau sudah terpakai. Tunggu kode berikutnya di aplikasi."))
    return is_right


# --- accounts of others -----------------------------------------------------------------------------------------


@bp.get("/staff")
@access.roles(Role.ADMIN)
def staff() -> ResponseReturnValue:
    form = PeopleFilter(request.args)
    query = queries.people_seen_by(current_user.person, role=form.chosen_role(), words=(form.q.data or "")[:100])
    return _page("accounts/staff.html", 200, page=page_of(get_session(), query), form=form, role_labels=ROLE_LABELS)


@bp.route("/staff/new", methods=["GET", "POST"])
@access.roles(Role.ADMIN)
def new_staff() -> ResponseReturnValue:
    form = _staff_form()
    done, status = _submitted(form, lambda: _add_staff(form))
    return done or _page("accounts/new_staff.html", status, form=form)


def _add_staff(form: StaffForm) -> Answer:
    password, password_hash = _first_password()
    if not _confirmed(form):
        return None
    person = actions.add_staff(
        get_session(), actor=current_user.person, details=form.details(), password_hash=password_hash, now=clock.now()
    )
    return _first_password_page(person, password)


def _first_password() -> tuple[str, str]:
    """Return a random password and its hash, made while no transaction is open."""
    get_session().rollback()
    password = proofs.random_password()
    return password, proofs.hash_password(password)


def _first_password_page(person: Person, password: str) -> ResponseReturnValue:
    address = _settings().public_url + url_for("accounts.staff_sign_in")
    return _page("accounts/first_password.html", 200, person=person, password=password, address=address)


def _staff_form(**values: Any) -> StaffForm:
    form: StaffForm = _fresh_form(StaffForm, **values)
    form.offer_provinces([(province.code, province.name) for province in regions.provinces(get_session())])
    return form


def _managed(person_id: str) -> Person:
    found = queries.person_seen_by(get_session(), current_user.person, person_id)
    return found or abort(404)


@bp.route(PERSON, methods=["GET", "POST"])
@access.roles(Role.ADMIN)
def edit_staff(person_id: str) -> ResponseReturnValue:
    person = _managed(person_id)
    form = _staff_form(obj=person)
    done, status = _submitted(form, lambda: _change_staff(form, person))
    return done or _page(
        "accounts/edit_staff.html", status, person=person, form=form, role_label=ROLE_LABELS[person.role],
        is_staff=person.role is not Role.OWNER, can_manage=policy.can_manage_person(current_user.person, person),
    )


def _change_staff(form: StaffForm, person: Person) -> Answer:
    if not _confirmed(form):
        return None
    actions.change_staff(
        get_session(), actor=current_user.person, person=person, details=form.details(), now=clock.now()
    )
    return back_with(_("Akun %(name)s sudah disimpan.", name=person.name), "accounts.staff")


@bp.route(PERSON + "/block", methods=["GET", "POST"])
@access.roles(Role.ADMIN)
def block_person(person_id: str) -> ResponseReturnValue:
    person, form = _managed(person_id), _fresh_form(ReasonForm)
    done, status = _submitted(form, lambda: _block(form, person))
    return done or _page("accounts/block_person.html", status, person=person, form=form, called=_called(person))


def _block(form: ReasonForm, person: Person) -> Answer:
    if not _confirmed(form):
        return None
    change = actions.block_person if person.is_active else actions.unblock_person
    change(get_session(), actor=current_user.person, person=person, reason=form.reason.data or "", now=clock.now())
    now_is = _("boleh masuk lagi") if person.is_active else _("sudah diblokir")
    return back_with(f"{_called(person)}: {now_is}.", "accounts.edit_staff", person_id=person.id)


@bp.route(PERSON + "/reset", methods=["GET", "POST"])
@access.roles(Role.ADMIN)
def reset_sign_in(person_id: str) -> ResponseReturnValue:
    person, form = _managed(person_id), _fresh_form(ReasonForm)
    done, status = _submitted(form, lambda: _reset(form, person))
    return done or _page("accounts/reset_sign_in.html", status, person=person, form=form, called=_called(person))


def _reset(form: ReasonForm, person: Person) -> Answer:
    password, password_hash = _first_password()
    if not _confirmed(form):
        return None
    actions.reset_sign_in(
        get_session(), actor=current_user.person, person=person, password_hash=password_hash,
        reason=form.reason.data or "", now=clock.now(),
    )
    return _first_password_page(person, password)


def _called(person: Person) -> str:
    return person.name or person.phone or person.email or person.id


# --- demo -------------------------------------------------------------------------------------------------------


@bp.get("/demo/outbox")
@access.public
def outbox() -> ResponseReturnValue:
    if not _settings().is_demo:
        abort(404)
    reading, now = get_session(), clock.now()
    people = queries.demo_accounts(reading)
    return _page(
        "accounts/outbox.html", 200, messages=newest_messages(reading, SHOWN_MESSAGES), people=people,
        password=DEMO_PASSWORD, role_labels=ROLE_LABELS,
        codes={person.id: _current_code(person, proofs.totp_step(now)) for person in people},
    )


def _current_code(person: Person, step: int) -> str | None:
    """Return a code that will be taken now: the next one when the present one was used already."""
    if person.totp_secret is None or person.totp_last_step > step:
        return None
    return proofs.totp_code(person.totp_secret, max(step, person.totp_last_step + 1))
