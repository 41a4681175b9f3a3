"""Forms of goods: what kind of thing a commodity is, and in which state it is traded.

The kind (raw, processed, seed, feed, tool, ...) belongs to the commodity; the state (live, fresh, frozen, dried, ...)
is usually only said in the text. Whether another state still serves is a judgment for each pair of states, so it is
kept as data: `STATE_SERVES`.
"""

from collections.abc import Iterator, Sequence

from app.algorithms.text import phrases

KINDS: tuple[str, ...] = ("raw", "processed", "byproduct", "seed", "feed", "tool", "packaging", "service")
STATES: tuple[str, ...] = ("live", "fresh", "frozen", "dried", "smoked", "salted", "powder", "liquid")
FORMS: tuple[str, ...] = KINDS + STATES

_STATE_WORDS: dict[str, str] = {
    "hidup": "live", "segar": "fresh", "basah": "fresh", "beku": "frozen", "kering": "dried", "dikeringkan": "dried",
    "asap": "smoked", "asapan": "smoked", "fufu": "smoked", "panggang": "smoked", "asin": "salted",
    "bubuk": "powder", "serbuk": "powder", "tepung": "powder", "cair": "liquid",
}  # fmt: skip

# Words after which a state belongs to something else: "untuk bumbu bubuk", "tanpa es beku", "bukan kering".
_ASIDE = frozenset({"untuk", "bukan", "tanpa", "buat", "guna", "jadi", "menjadi", "pakai", "bahan", "kontainer", "box"})

# (asked, offered) -> how far the offered state serves, in [0, 1]. Symmetric unless both directions are listed;
# pairs that are missing serve at 0.2: another product.
_SERVES: dict[tuple[str, str], float] = {
    ("fresh", "frozen"): 0.5,
    ("frozen", "fresh"): 0.45,
    ("fresh", "live"): 0.7,
    ("live", "fresh"): 0.35,
    ("live", "frozen"): 0.25,
    ("frozen", "live"): 0.4,
    ("fresh", "dried"): 0.3,
    ("dried", "fresh"): 0.35,
    ("dried", "smoked"): 0.6,
    ("smoked", "dried"): 0.45,
    ("dried", "salted"): 0.7,
    ("salted", "dried"): 0.7,
    ("salted", "smoked"): 0.35,
    ("dried", "powder"): 0.4,
    ("powder", "dried"): 0.5,
    ("powder", "liquid"): 0.3,
}
OTHER_STATE = 0.2
OTHER_KIND = 0.0


def state_of(text: str) -> str | None:
    """Return the state that `text` names first; None where it names none, or fresh as well as frozen.

    Parameters
    ----------
    text : str
        A title, a line break, a description; the title is read first.

    Returns
    -------
    str or None
        A member of `STATES`.

    Examples
    --------
    >>> state_of("IKAN CAKALANG SEGAR\\npakai es curah")
    'fresh'
    >>> state_of("cakalang segar, bisa juga beku") is None
    True
    >>> state_of("kayu merbau") is None
    True
    >>> state_of("kerapu, bukan beku") is None
    True
    """
    return state_in(phrases(text))


def state_in(parsed: Sequence[tuple[str, ...]]) -> str | None:
    """Return `state_of` for a text that was already cut into phrases.

    >>> state_in([("ikan", "beku"), ("asap",)])
    'frozen'
    """
    found = list(_states_in(parsed))
    if found and {"fresh", "frozen"} <= set(found):
        return None  # either will do
    return found[0] if found else None


def _states_in(parsed: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for phrase in parsed:
        for position, word in enumerate(phrase):
            if word in _ASIDE:
                break
            if word in _STATE_WORDS and (position > 0 or len(phrase) == 1 or word != "tepung"):
                yield _STATE_WORDS[word]


def state_serves(asked: str, offered: str) -> float:
    """Return how far goods in state `offered` serve a need for state `asked`, in [0, 1].

    >>> state_serves("fresh", "frozen"), state_serves("dried", "dried"), state_serves("live", "powder")
    (0.5, 1.0, 0.2)
    """
    if asked == offered:
        return 1.0
    return _SERVES.get((asked, offered), OTHER_STATE)


def kind_serves(asked: str, offered: str) -> float:
    """Return 1.0 for the same kind, else 0.0: a raw material is not its product and the other way round.

    >>> kind_serves("raw", "processed")
    0.0
    """
    return 1.0 if asked == offered else OTHER_KIND
