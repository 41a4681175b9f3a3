"""Ranking a mission, deciding about its proposals, answering them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import isfinite
from typing import Any

import numpy as np
from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.algorithms.chances import PARTS, score_with
from app.algorithms.explanations import Explanation, explain_all
from app.algorithms.pairs import Reason
from app.algorithms.ranker import Ranking
from app.kit import audit, jobs
from app.kit.errors import Conflict, NotAllowed, NotFound, Refused
from app.kit.ids import new_id
from app.listings.models import Listing
from app.listings.values import Side
from app.matching import policy, queries
from app.matching.models import DecisionBatch, PartnerAnswer, Proposal, RankingRun
from app.matching.values import (
    UNDO_GRACE_SECONDS,
    UNDO_SECONDS,
    Answer,
    Decision,
    Fit,
    NotReason,
    Outcome,
    PairSide,
    ProposalState,
    RejectReason,
)
from app.missions.models import Mission
from app.missions.values import MissionState

LIST_LENGTH = 10  # proposals for each need and for each offer
BATCH_ROWS = 1000
Report = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A finished ranking that is not stored yet."""

    started_at: datetime
    model_version: str
    need_count: int
    offer_count: int
    pair_count: int
    unmet_need_count: int
    rows: Sequence[dict[str, Any]]


def rank_mission(session: Session, *, mission: Mission, now: datetime, progress: Report | None = None) -> RankingRun:
    """Propose the best pairs of a mission; decisions, pins and answers of earlier rankings stay."""
    ranked = prepare_ranking(session, mission=mission, now=now, progress=progress)
    return store_ranking(session, mission=mission, ranked=ranked, now=now)


def prepare_ranking(session: Session, *, mission: Mission, now: datetime, progress: Report | None = None) -> Ranked:
    """Rank and explain without writing anything, so that nobody waits for a lock meanwhile."""
    report = progress or (lambda percent: None)
    report(2)
    market = queries.market_of(session, mission.id, now)
    report(20)
    ranker = queries.ranker(session).fit(market.offers, market.needs)
    ranking = ranker.rank(LIST_LENGTH, order="market", on_progress=lambda share: report(20 + round(40 * share)))
    explanations = explain_all(ranking)
    report(80)
    rows = list(_rows(market, ranking, explanations))
    report(90)
    return Ranked(
        started_at=now, model_version=ranker.model.version, rows=rows, need_count=len(market.needs),
        offer_count=len(market.offers), pair_count=_compared_pairs(market),
        unmet_need_count=len(market.needs) - len(np.unique(ranking.need_index)),
    )


def _compared_pairs(market: queries.Market) -> int:
    """Return the number of pairs across provinces."""
    offers: dict[str, int] = {}
    for offer in market.offers:
        offers[offer.province] = offers.get(offer.province, 0) + 1
    return sum(len(market.offers) - offers.get(need.province, 0) for need in market.needs)


def _rows(
    market: queries.Market, ranking: Ranking, explanations: Sequence[Explanation]
) -> Iterator[dict[str, Any]]:
    carries = {part: ranking.score - score_with(ranking.parts, part, 0.0, ranking.model) for part in PARTS}
    costs = {part: score_with(ranking.parts, part, 1.0, ranking.model) - ranking.score for part in PARTS}
    for i, said in enumerate(explanations):
        yield {
            "need_id": market.need_ids[ranking.need_index[i]], "offer_id": market.offer_ids[ranking.offer_index[i]],
            "score": float(ranking.score[i]), "buyer_chance": float(ranking.buyer_chance[i]),
            "seller_chance": float(ranking.seller_chance[i]), "fit": Fit(str(ranking.level[i])),
            "rank_for_need": int(ranking.rank_for_need[i]) or None,
            "rank_for_offer": int(ranking.rank_for_offer[i]) or None,
            "parts": {
                "value": {part: round(float(ranking.parts[part][i]), 4) for part in PARTS},
                "known": {part: bool(ranking.known[part][i]) for part in PARTS},
                "carries": {part: round(float(carries[part][i]), 4) for part in PARTS},
                "costs": {part: round(float(costs[part][i]), 4) for part in PARTS},
                "km": _whole(ranking.facts["km"][i]), "days": _whole(ranking.facts["age_days"][i]),
            },
            "reasons": [_plain(reason) for reason in said.reasons], "weakness": _plain(said.weakness),
            "seller_fix": _plain(said.seller_fix), "buyer_fix": _plain(said.buyer_fix), "is_current": True,
        }


def _whole(fact: float) -> int | None:
    return round(float(fact)) if isfinite(fact) else None


def _plain(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "params": reason.params}


def store_ranking(session: Session, *, mission: Mission, ranked: Ranked, now: datetime) -> RankingRun:
    """Write a ranking: new pairs are added, known ones get their new numbers, vanished ones leave the queue.

    A pair that somebody decided about or pinned stays in sight even when the ranking no longer proposes it.
    """
    run = RankingRun(
        id=new_id(), mission_id=mission.id, model_version=ranked.model_version, need_count=ranked.need_count,
        offer_count=ranked.offer_count, proposal_count=len(ranked.rows), unmet_need_count=ranked.unmet_need_count,
        pair_count=ranked.pair_count, started_at=ranked.started_at, ended_at=now,
    )
    session.add(run)
    session.flush()
    rows = _write_rows(session, mission.id, run.id, ranked.rows)
    session.execute(
        update(Proposal)
        .where(
            Proposal.mission_id == mission.id, Proposal.run_id != run.id, Proposal.is_pinned.is_(False),
            Proposal.state == ProposalState.PROPOSED,
        )
        .values(is_current=False).execution_options(synchronize_session=False)
    )
    _forget_rows(session)
    audit.record(
        session, actor=None, action="mission.rank", subject=("mission", mission.id), now=now,
        after={
            "run": run.id, "model": run.model_version, "proposals": len(rows), "unmet_needs": ranked.unmet_need_count,
        },
    )
    session.flush()
    return run


def _write_rows(
    session: Session, mission_id: str, run_id: str, found: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Add new pairs and give known ones their new numbers; return the rows with their ids."""
    known = {(need, offer): key for key, need, offer in session.execute(
        select(Proposal.id, Proposal.need_id, Proposal.offer_id).where(Proposal.mission_id == mission_id)
    )}
    keys = [known.get((row["need_id"], row["offer_id"])) for row in found]
    rows = [row | {"id": key or new_id(), "run_id": run_id} for key, row in zip(keys, found, strict=True)]
    fresh = {"mission_id": mission_id, "state": ProposalState.PROPOSED, "is_pinned": False}
    for batch in _batches(row | fresh for key, row in zip(keys, rows, strict=True) if key is None):
        session.execute(insert(Proposal), batch)
    for batch in _batches(row for key, row in zip(keys, rows, strict=True) if key is not None):
        session.execute(update(Proposal), batch)
    return rows


def _forget_rows(session: Session) -> None:
    for seen in [row for row in session if isinstance(row, Proposal)]:
        session.expire(seen)


@dataclass(frozen=True, slots=True)
class RankedListing:
    """The pairs of one listing in one mission, not stored yet."""

    mission_id: str
    listing_id: str
    rows: Sequence[dict[str, Any]]


def prepare_listing(
    session: Session, *, listing: Listing, changed_at: datetime, now: datetime
) -> list[RankedListing]:
    """Rank one new or changed listing in every ranked mission that its firm takes part in, without writing.

    Missions that were ranked after the change are left out.
    """
    found = []
    for mission in queries.participating_missions(session, listing.enterprise_id):
        run = queries.last_run(session, mission.id)
        if mission.state is MissionState.OPEN and run is not None and run.started_at <= changed_at:
            found.append(RankedListing(mission.id, listing.id, _rows_of_one(session, mission.id, listing, now)))
    return found


def _rows_of_one(session: Session, mission_id: str, listing: Listing, now: datetime) -> list[dict[str, Any]]:
    market = queries.market_of(session, mission_id, now)
    is_need = listing.side is Side.NEED
    ids = market.need_ids if is_need else market.offer_ids
    if listing.id not in ids:
        return []  # withdrawn, or its firm is no longer ready
    place = ids.index(listing.id)
    one = (market.needs if is_need else market.offers)[place]
    ranker = queries.ranker(session).fit(market.offers, market.needs)
    others = market.offers if is_need else market.needs
    ranking = ranker.rank_one(one, "need" if is_need else "offer", max(1, len(others)))
    alone = (
        queries.Market(market.offer_ids, market.offers, (listing.id,), (one,)) if is_need
        else queries.Market((listing.id,), (one,), market.need_ids, market.needs)
    )
    lists = queries.listed_scores(session, mission_id, listing)
    rows = [_placed(row, lists, is_need=is_need) for row in _rows(alone, ranking, explain_all(ranking))]
    return [row for row in rows if row["rank_for_need"] or row["rank_for_offer"]]


def _placed(row: dict[str, Any], lists: Mapping[str, Sequence[float]], *, is_need: bool) -> dict[str, Any]:
    """Return a row with its places in both lists, by score; None where it is beyond a list."""
    own, other, partner = (
        ("rank_for_need", "rank_for_offer", row["offer_id"]) if is_need
        else ("rank_for_offer", "rank_for_need", row["need_id"])
    )
    above = sum(score >= row["score"] for score in lists.get(partner, ()))
    return row | {
        own: row[own] if row[own] <= LIST_LENGTH else None, other: above + 1 if above < LIST_LENGTH else None
    }


def store_listing(session: Session, *, ranked: RankedListing, now: datetime) -> None:
    """Write the pairs of one listing; all others, and what people decided, pinned or answered, stay."""
    run = queries.last_run(session, ranked.mission_id)
    if run is None:
        return
    rows = _write_rows(session, ranked.mission_id, run.id, ranked.rows)
    session.execute(
        update(Proposal)
        .where(
            Proposal.mission_id == ranked.mission_id, Proposal.id.not_in([row["id"] for row in rows]),
            or_(Proposal.need_id == ranked.listing_id, Proposal.offer_id == ranked.listing_id),
            Proposal.is_pinned.is_(False), Proposal.state == ProposalState.PROPOSED,
        )
        .values(is_current=False).execution_options(synchronize_session=False)
    )
    _forget_rows(session)
    audit.record(
        session, actor=None, action="mission.rank", subject=("mission", ranked.mission_id), now=now,
        after={"run": run.id, "listing": ranked.listing_id, "proposals": len(rows)},
    )
    session.flush()


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def request_ranking(session: Session, *, actor: Person, mission: Mission, now: datetime) -> jobs.Job:
    """Promise a ranking in the background; a second one has to wait for the first."""
    if not policy.can_decide(actor, mission):
        raise NotAllowed(_l("Hanya panitia kedua provinsi yang bisa mencocokkan, selama misi masih terbuka."))
    # Two clicks at once would both see no running job: the mission row makes the second one wait.
    session.execute(select(Mission.id).where(Mission.id == mission.id).with_for_update())
    newest = jobs.newest_job(session, queries.RANK_JOB, mission.id)
    if is_running(newest):
        raise Conflict(_l("Pencocokan masih berjalan. Tunggu sampai selesai, halaman ini boleh ditutup."))
    audit.record(
        session, actor=actor, action="mission.request_ranking", subject=("mission", mission.id), now=now
    )
    return jobs.promise(
        session, queries.RANK_JOB, subject=mission.id, now=now, by=actor.id, mission_id=mission.id
    )


def is_running(job: jobs.Job | None) -> bool:
    """Tell whether a job is promised or at work."""
    return job is not None and job.state in (jobs.JobState.QUEUED, jobs.JobState.RUNNING)


def decide(
    session: Session, *, actor: Person, mission: Mission, ids: Sequence[str], decision: Decision,
    reason: RejectReason | None, seen_at: datetime, now: datetime,
) -> Outcome:
    """Accept, reject, pin or reset proposals in one act that can be undone for half a minute.

    Rows that somebody else decided after the page was shown, and pairs in which both firms already agreed and that
    would be turned down, are passed over; when nothing else is left, the act is a Conflict.
    """
    if not policy.can_decide(actor, mission):
        raise NotAllowed(_l("Hanya panitia kedua provinsi yang bisa memutuskan, selama misi masih terbuka."))
    if decision is Decision.REJECT and reason is None:
        raise Refused(_l("Pilih alasan menolak, supaya pencocokan berikutnya lebih baik."), field="reason")
    pairs = queries.pairs_to_decide(session, mission.id, ids)
    if not pairs:
        raise NotFound(_l("Usulan ini tidak ada lagi."))
    open_pairs = [pair.proposal for pair in pairs if not _is_taken(pair, actor, decision, seen_at)]
    if not open_pairs:
        raise Conflict(_why_taken(pairs[0], decision))
    earlier = {row.id: changed for row in open_pairs if (changed := _apply(row, actor, decision, reason, now))}
    batch_id = _keep(session, actor, mission, decision, reason, earlier, now) if earlier else None
    return Outcome(batch_id, changed=len(earlier), passed_over=len(pairs) - len(open_pairs))


def _is_taken(pair: queries.Pair, actor: Person, decision: Decision, seen_at: datetime) -> bool:
    row = pair.proposal
    is_others = row.decided_at is not None and row.decided_at > seen_at and row.decided_by_id != actor.id
    return is_others or (pair.is_agreed and decision in (Decision.REJECT, Decision.RESET))


def _why_taken(pair: queries.Pair, decision: Decision) -> Any:
    if pair.is_agreed and decision in (Decision.REJECT, Decision.RESET):
        return _l("Kedua usaha sudah saling mau. Hubungi mereka dulu sebelum membatalkan.")
    return _l("Petugas lain baru saja memutuskan usulan ini. Muat ulang halamannya.")


def _apply(
    row: Proposal, actor: Person, decision: Decision, reason: RejectReason | None, now: datetime
) -> dict[str, Any] | None:
    """Change one row; return how it stood before and stands now, or None when nothing changed."""
    before = _snapshot(row)
    if decision is Decision.ACCEPT:
        row.state, row.reject_reason = ProposalState.ACCEPTED, None
    elif decision is Decision.REJECT:
        row.state, row.reject_reason = ProposalState.REJECTED, reason
    elif decision is Decision.RESET:
        row.state, row.reject_reason = ProposalState.PROPOSED, None
    else:
        row.is_pinned = decision is Decision.PIN
    if _snapshot(row) == before:
        return None
    row.decided_by_id, row.decided_at = actor.id, now
    return {"before": before, "after": _snapshot(row)}


def _snapshot(row: Proposal) -> dict[str, Any]:
    return {
        "state": row.state.value, "reject_reason": row.reject_reason.value if row.reject_reason else None,
        "is_pinned": row.is_pinned, "decided_by_id": row.decided_by_id,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
    }


def _facts(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {name: snapshot[name] for name in ("state", "reject_reason", "is_pinned")}


def _keep(
    session: Session, actor: Person, mission: Mission, decision: Decision, reason: RejectReason | None,
    earlier: dict[str, dict[str, Any]], now: datetime,
) -> str:
    batch = DecisionBatch(
        id=new_id(), mission_id=mission.id, decided_by_id=actor.id, decided_at=now, earlier=earlier
    )
    session.add(batch)
    for proposal_id, change in earlier.items():
        audit.record(
            session, actor=actor, action=f"proposal.{decision.value}", subject=("proposal", proposal_id), now=now,
            before=_facts(change["before"]), after=_facts(change["after"]) | {"batch": batch.id},
            reason=reason.value if reason else "",
        )
    session.flush()
    return batch.id


def undo(session: Session, *, actor: Person, batch: DecisionBatch, now: datetime) -> Outcome:
    """Take back decisions of one act; rows that were changed or answered since stay and are counted."""
    if not policy.can_undo(actor, batch):
        raise NotAllowed(_l("Hanya yang memutuskan yang bisa mengurungkan."))
    session.refresh(batch, with_for_update=True)
    if batch.undone_at is not None:
        raise Conflict(_l("Keputusan ini sudah diurungkan."))
    if now > batch.decided_at + timedelta(seconds=UNDO_SECONDS + UNDO_GRACE_SECONDS):
        raise Conflict(_l("Waktu mengurungkan sudah lewat. Ubah usulannya satu per satu di antrean."))
    rows = session.scalars(
        select(Proposal).where(Proposal.id.in_(batch.earlier)).order_by(Proposal.id).with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    answered = set(session.scalars(
        select(PartnerAnswer.proposal_id)
        .where(PartnerAnswer.proposal_id.in_(batch.earlier), PartnerAnswer.answered_at >= batch.decided_at)
    ))
    untouched = [
        row for row in rows if row.id not in answered and _snapshot(row) == batch.earlier[row.id]["after"]
    ]
    for row in untouched:
        _restore(session, row, actor, batch, now)
    batch.undone_at = now
    session.flush()
    return Outcome(batch.id, changed=len(untouched), passed_over=len(batch.earlier) - len(untouched))


def _restore(session: Session, row: Proposal, actor: Person, batch: DecisionBatch, now: datetime) -> None:
    now_is, before = _snapshot(row), batch.earlier[row.id]["before"]
    row.state, row.is_pinned = ProposalState(before["state"]), before["is_pinned"]
    row.reject_reason = RejectReason(before["reject_reason"]) if before["reject_reason"] else None
    row.decided_by_id = before["decided_by_id"]
    row.decided_at = datetime.fromisoformat(before["decided_at"]) if before["decided_at"] else None
    audit.record(
        session, actor=actor, action="proposal.undo", subject=("proposal", row.id), now=now,
        before=_facts(now_is), after=_facts(before) | {"batch": batch.id},
    )


def answer(
    session: Session, *, actor: Person, pair: queries.Pair, answer: Answer, reason: NotReason | None, now: datetime
) -> None:
    """Say Mau, Boleh or Bukan for the owner's side of an accepted pair; it can be changed until both agree."""
    side = queries.side_of(actor, pair)
    firm = (pair.proposal.need if side is PairSide.BUYER else pair.proposal.offer).enterprise
    if not policy.can_answer(actor, firm):
        raise NotAllowed(_l("Hanya pemilik usaha yang bisa menjawab."))
    if pair.proposal.state is not ProposalState.ACCEPTED or not _takes_answers(pair.proposal.mission):
        raise Conflict(_l("Calon mitra ini tidak menunggu jawaban lagi."))
    if answer is Answer.NOT and reason is None:
        raise Refused(_l("Pilih alasannya, supaya usulan berikutnya lebih pas."), field="reason")
    if pair.is_agreed and answer is not pair.says(side):
        raise Conflict(_l("Anda berdua sudah saling mau. Bila batal, kabari mitra Anda atau panitia."))
    kept = reason if answer is Answer.NOT else None
    if answer is pair.says(side) and kept == pair.reason(side):
        return
    _write_answer(session, actor, pair, side, answer, kept, now)


def _takes_answers(mission: Mission) -> bool:
    return mission.state in (MissionState.OPEN, MissionState.HELD)


def _write_answer(
    session: Session, actor: Person, pair: queries.Pair, side: PairSide, answer: Answer, reason: NotReason | None,
    now: datetime,
) -> None:
    before, before_reason = pair.says(side), pair.reason(side)
    row = session.scalar(
        select(PartnerAnswer).where(PartnerAnswer.proposal_id == pair.proposal.id, PartnerAnswer.side == side)
    )
    row = row or PartnerAnswer(id=new_id(), proposal_id=pair.proposal.id, side=side)
    row.answer, row.reason, row.answered_by_id, row.answered_at = answer, reason, actor.id, now
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action="proposal.answer", subject=("proposal", pair.proposal.id), now=now,
        before={"side": side.value, "answer": before.value, "reason": before_reason} if before else None,
        after={"side": side.value, "answer": answer.value, "reason": reason.value if reason else None},
    )
