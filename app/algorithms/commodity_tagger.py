"""Find commodities in what owners type: whole words, longest match, head before modifier.

Indonesian puts the head first: "pakan ikan" is feed, "oven pengering kopra" an oven. Words after a head, after a
word such as "untuk" (for) or in a packing role are named in passing and score low.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from app.algorithms.commodity_tree import CommodityTree
from app.algorithms.goods_finder import GoodsFinder
from app.algorithms.text import SPELLINGS, STOPWORDS, clauses, fold, tokens, word_set

# Heads of goods that are something else than the commodity that follows ("mesin peniris minyak goreng").
HEAD_WORDS: frozenset[str] = word_set(
    """
    abon abu air alat ampas arang asinan balsem bata batik batok benih benur bibit bingkai box briket bros budidaya
    bungkil buku cairan cermin cetakan cobek cold cool daun dodol es etalase freezer gagang gantungan garam getah
    gula-gula hiasan jamu jaring jasa kandang kaos kap kapal kaus keju kepala keramba keranjang kerajinan keripik
    kerupuk kompor kosmetik kotak kue kuliner kulit kulkas kursi lampu lem lilin limbah lotion makanan manisan masker
    meja mesin mi mie minuman minyak mobil motif obat oven pabrik pakan parfum parutan pelatihan pelet pemanggang
    pembersih pembungkus pemeras pemotong pendingin pengawet pengering pengolah pengolahan pengupas pengurai peniris
    penggiling penyulingan perahu perangkap permen pestisida pisau pot pupuk racun rak rendaman roti rumah sabun sabut
    salep sambal sampo sari selai selendang serabut shampo sirip sirup skincare souvenir stik susu syal tali tanah tas
    tebu teh telur tempat tempurung tenun tepung terasi topi truk tulang umpan vitamin wadah wisata

    angkut angkutan anakan ayakan bantu bantuan bibi bikin boneka buku cetak cuci ekstrak filter gambar giling gilingan
    indukan inkubator instalasi isian jaket kandang kapsul kemitraan kertas kolam kursus label maklon makloon mainan
    onderdil ongkos panggangan parutan pasang pemarut pembasmi pemecah pemeras pendampingan pengangkutan pengharum
    penghancur pengurusan penitipan penyimpanan perangkap perbaikan pewangi pewarna pompa poster racun rental sablon
    semai seragam sertifikasi servis service sewa simpan sparepart stiker timbangan titip topping tungku urus vaksin

    gudang ikm kelompok nelayan pedagang pengrajin perajin petani tani toko ukm umkm warung
    """
)

# Nouns of doing ("penangkapan ikan", "pengering kopra") are heads as well.
_DOING_NOUN = re.compile(r"pe(?:ng|ny|n|m|r|l)?[a-z]{5,}")

# What follows these is the use, the origin or a comparison, not the goods.
PASSING_WORDS: frozenset[str] = word_set(
    """
    untuk buat bagi guna kangge dari bekas rasa varian motif bukan tanpa ganti pengganti seperti selain pakai memakai
    dengan campur campuran tujuan bahan aroma beraroma isian pelengkap pendamping sejenis pasca olah rangka
    racikan ramuan komposisi for utk gawe ganti bekal
    """
)

_REPLACING_WORDS = word_set("ganti pengganti")

# After these, goods are what is made, and what is asked or offered is what they are made of.
MATERIAL_WORDS: frozenset[str] = word_set("bahan bahannya baku")
MATERIALS_OF = "bahan:"  # code of the group of goods that a product is made of

# Words that name goods only where they stand alone between commas: "beras, gula, minyak".
_ALONE = {"minyak": "minyak goreng", "daging": "daging sapi", "ayam": "ayam karkas", "tepung": "tepung terigu"}

# The next goods stand for themselves again.
_SEEKING_WORDS = word_set("butuh membutuhkan cari mencari perlu memerlukan")
_RESTART_WORDS = _SEEKING_WORDS | word_set("jual menjual dijual ada tersedia sedia menyediakan")

# Goods that mostly occur as packing; they count only when the title starts with them.
PACK_WORDS: frozenset[str] = word_set(
    "bal botol bungkusan box cup drum dus ember gelas jerigen jirigen karung kemasan keranjang kontainer kotak krat "
    "mika pack palet peti plastik pouch reefer sachet sak standing toples tray vakum"
)

# Ordinary words that are one letter away from a commodity, or from a typo of one: never corrected.
ORDINARY_WORDS: frozenset[str] = STOPWORDS | frozenset(SPELLINGS.values()) | word_set(
    """
    bahan bahannya barang batasan batangan belanja belahan berasal besaran bermanfaat campuran daerah
    dagangan dagingan desain gerakan hasilnya kabupaten kebun kepala keluarga kelapangan kemarau kelompok kepulauan
    kiriman kualiti kumpulan lapangan lautan makanan material mentega musiman nelayan pabrikan pelabuhan pelaku
    pemerintah pengusaha perairan perusahaan petani pilihan provinsi sarana selatan selama seluruh sekarang tangkap
    tanaman tengah terakhir timuran ukiran umkmnya unggulan wilayah utara barat timur santai bantal bantuan gudang
    kampung kantor kapasitas kencang kentara lemari mangrove mandiri merata semangat sampah
    """
)  # fmt: skip

_TITLE_SCORE, _DESCRIPTION_LEAD, _DESCRIPTION_SCORE = 1.0, 0.8, 0.65
_FUZZY, _ASIDE = 0.8, 0.3
_OTHER_HEAD = 0.8  # a guess whose good has another head is never sure enough to be proposed
_FUZZY_LETTERS, _LONGEST_WORD = 6, 30
_TYPED = re.compile("[a-z0-9]+")


class Tag(NamedTuple):
    """A commodity (or family) named in a text.

    `start` is the position of the first word in the whole text; `score` is in (0, 1]: at least 0.5 when the text is
    about these goods, below when they are only named in passing.
    """

    code: str
    surface: str
    start: int
    score: float
    is_family: bool = False
    is_title: bool = True


class Suggestion(NamedTuple):
    """A commodity for the type-ahead, and the word by which it was found."""

    code: str
    surface: str


class _Entry(NamedTuple):
    """A known phrase; an ambiguous one ("gula merah") names several goods, the most usual first."""

    words: tuple[str, ...]
    codes: tuple[str, ...]
    surface: str
    is_family: bool

    @property
    def code(self) -> str:
        return self.codes[0]


@dataclass(slots=True)
class _Phrase:
    """What is known while one phrase is read, and what the next phrase inherits."""

    is_title: bool
    may_be_pack: bool
    aside: bool
    head_seen: bool
    of_material: bool = False
    found: list[Tag] = field(default_factory=list)

    def base(self, *, leads: bool) -> float:
        if self.is_title:
            return _TITLE_SCORE
        return _DESCRIPTION_LEAD if leads else _DESCRIPTION_SCORE

    def skip(self, word: str, *, leads: bool) -> bool:
        """Read past a word that is no commodity; return whether the phrase has still not said anything."""
        if word in _SEEKING_WORDS:  # "pabrik briket butuh arang batok": who seeks stands before
            self.found[:] = [tag._replace(score=round(tag.score * _ASIDE, 4)) for tag in self.found]
            self.head_seen = False
        self.aside = (self.aside or word in PASSING_WORDS) and word not in _RESTART_WORDS
        is_new = word in _RESTART_WORDS or word in _REPLACING_WORDS
        self.of_material = (self.of_material or word in MATERIAL_WORDS) and not is_new
        self.head_seen = self.head_seen or _is_head(word)
        return leads and word in STOPWORDS


class CommodityTagger:
    """Tag texts with commodities and complete what is typed into the commodity field.

    Parameters
    ----------
    surfaces : sequence of (surface, code)
        Names, synonyms and local words; the first surface of a code is its name. A surface that is given for several
        codes names all of them.
    families : sequence of (surface, code of a family or a group)
        Words that name goods as a whole ("rempah", "isi warung").
    tree : CommodityTree, optional
        Lets the narrower of two neighbors win ("ikan cakalang") and lists without commas pass ("layang selar teri").

    Examples
    --------
    >>> tagger = CommodityTagger([("ikan", "ikan"), ("pakan ikan", "pakan-ikan"), ("arang", "arang")])
    >>> [tag.code for tag in tagger.tag("Pakan ikan apung")]
    ['pakan-ikan']
    >>> tagger.tag("barang pecah belah")
    []
    >>> tagger.suggest("pak")
    ['pakan-ikan']
    """

    def __init__(
        self,
        surfaces: Sequence[tuple[str, str]],
        families: Sequence[tuple[str, str]] = (),
        tree: CommodityTree | None = None,
    ) -> None:
        self.tree = tree or CommodityTree()
        self._entries: dict[tuple[str, ...], _Entry] = {}
        self._wholes: dict[tuple[str, ...], _Entry] = {}  # phrases that name goods and a family or group as well
        self._names: dict[str, str] = {}
        self._by_raw: list[tuple[str, Suggestion]] = []
        for surface, code in surfaces:
            self._add(surface, code, is_family=False)
        for surface, code in families:
            self._add(surface, code, is_family=True)
        self._longest: dict[str, int] = {}
        for words in self._entries:
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))
        self._vocabulary = {word for words in self._entries for word in words}
        self._finder: GoodsFinder | None = None

    @cached_property
    def _near(self) -> "_NearWords":
        return _NearWords(word for word in self._vocabulary if word.isalpha())

    @cached_property
    def _by_word(self) -> list[tuple[str, Suggestion]]:
        return sorted({(word, found) for text, found in self._by_raw for word in _typed_words(text)})

    def tag(self, text: str) -> list[Tag]:
        """Return the commodities that `text` names, in reading order.

        Parameters
        ----------
        text : str
            Title, a line break, description. Text after the first line break scores lower.

        Returns
        -------
        list of Tag
            Empty when nothing is known. Take `score` >= 0.5 for what the text is about.
        """
        title, _, description = text.partition("\n")
        found, start = self._tag_part(title, 0, is_title=True, may_be_pack=True)
        is_open = all(tag.score < 0.5 for tag in found)
        more, _ = self._tag_part(description, start, is_title=False, may_be_pack=is_open)
        return found + more

    def guess(self, text: str) -> list[tuple[str, float]]:
        """Return the goods nearest to a text that names none: up to two (code, confidence), best first.

        Words after "untuk" (for) and the like say what the goods are for and do not count.
        """
        if self._finder is None:
            surfaces: dict[str, list[tuple[str, ...]]] = {}
            for words, entry in self._entries.items():
                for code in () if entry.is_family else entry.codes:
                    surfaces.setdefault(code, []).append(words)
            self._finder = GoodsFinder(surfaces)
        title, _, description = text.partition("\n")
        said = self._said(title)
        guesses = self._finder.guess(said, self._said(description))
        head = next((word for word in said if word not in STOPWORDS), "")
        if not _is_head(head):
            return guesses
        return [
            (code, confidence if head in self._words_of_code(code) else round(confidence * _OTHER_HEAD, 4))
            for code, confidence in guesses
        ]

    def _words_of_code(self, code: str) -> set[str]:
        return {word for words, entry in self._entries.items() if code in entry.codes for word in words}

    def _said(self, text: str) -> list[str]:
        said: list[str] = []
        for phrase in (phrase for clause in clauses(text) for phrase in clause):
            for word in self._corrected(phrase)[0]:
                if word in PASSING_WORDS and word not in MATERIAL_WORDS:
                    break
                said.append(word)
        return said

    def suggest(self, query: str, limit: int = 8) -> list[str]:
        """Return codes whose name or synonym has a word that starts with `query`, best first.

        Several words must all be found. Shorter than two letters gives nothing.
        """
        return [found.code for found in self.suggestions(query, limit)]

    def suggestions(self, query: str, limit: int = 8) -> list[Suggestion]:
        """Return `suggest` with the word by which each commodity was found."""
        typed = _typed_words(query)
        if limit <= 0 or sum(map(len, typed)) < 2:
            return []
        found = self._starting_with(typed) | self._starting_with(list(tokens(query)))
        if not found and (near := self._near.one_like(typed[-1])):
            found = self._starting_with([*typed[:-1], near])
        wanted = " ".join(typed)
        best: dict[str, Suggestion] = {}
        for suggestion in sorted(found, key=lambda s: self._suggestion_order(s, wanted)):
            best.setdefault(suggestion.code, suggestion)
        return list(best.values())[:limit]

    def _add(self, surface: str, code: str, *, is_family: bool) -> None:
        words = tokens(surface)
        if not words:
            return
        entry = self._entries.setdefault(words, _Entry(words, (code,), surface, is_family))
        if entry.is_family == is_family and code not in entry.codes:
            self._entries[words] = entry._replace(codes=(*entry.codes, code))
        elif is_family and not entry.is_family:
            self._wholes.setdefault(words, _Entry(words, (code,), surface, True))
        if not is_family:
            self._names.setdefault(code, surface)
            self._by_raw.append((surface, Suggestion(code, surface)))
            self._by_raw.append((" ".join(words), Suggestion(code, surface)))

    def _suggestion_order(self, found: Suggestion, wanted: str) -> tuple[int, bool, int, str, str]:
        surface = " ".join(_typed_words(found.surface))
        closeness = 0 if surface == wanted else 1 if surface.startswith(wanted) else 2
        is_synonym = self._names[found.code] != found.surface
        return closeness, is_synonym, len(surface), surface, found.code

    def _starting_with(self, typed: list[str]) -> set[Suggestion]:
        found: set[Suggestion] | None = None
        for word in sorted(set(typed), key=len, reverse=True):
            if found is not None and not found:
                break
            here: set[Suggestion] = set()
            for position in range(bisect_left(self._by_word, (word,)), len(self._by_word)):
                if not self._by_word[position][0].startswith(word):
                    break
                here.add(self._by_word[position][1])
            found = here if found is None else found & here
        return found or set()

    def _tag_part(self, text: str, start: int, *, is_title: bool, may_be_pack: bool) -> tuple[list[Tag], int]:
        found: list[Tag] = []
        is_first = may_be_pack
        for sentence in _sentences(text):
            aside = False
            for clause in clauses(sentence):
                head_seen = of_material = False
                for phrase in clause:
                    run = _Phrase(is_title, is_first, aside, head_seen, of_material)
                    self._tag_phrase(phrase, run)
                    found.extend(tag._replace(start=tag.start + start) for tag in run.found)
                    aside, head_seen, of_material, is_first = run.aside, run.head_seen, run.of_material, False
                    start += len(phrase)
        return found, start

    def _tag_phrase(self, phrase: tuple[str, ...], run: "_Phrase") -> None:
        words, fuzzy = self._corrected(phrase)
        if len(words) == 1 and words[0] in _ALONE and (words[0],) not in self._entries:
            words = list(tokens(_ALONE[words[0]]))
        leads, position = True, 0
        while position < len(words):
            entry = self._longest_at(words, position)
            if entry is None:
                leads = run.skip(words[position], leads=leads)
                position += 1
                continue
            if run.of_material and not self._is_material(run, entry) and self._put_materials(run, entry, position):
                leads = False
                position += len(entry.words)
                continue
            score = run.base(leads=leads)
            if not fuzzy.isdisjoint(range(position, position + len(entry.words))):
                score *= _FUZZY
            is_pack = entry.words[0] in PACK_WORDS and not (leads and run.may_be_pack)
            if self._is_material(run, entry):
                run.found[:] = [tag for tag in run.found if not tag.code.startswith(MATERIALS_OF)]
            elif run.aside or run.head_seen or is_pack:
                score *= _ASIDE
            else:
                score *= self._beside(run.found, entry)
            run.found.extend(
                Tag(code, entry.surface, position, round(score, 4), entry.is_family, run.is_title)
                for code in entry.codes
            )
            run.of_material = run.of_material or (entry.is_family and entry.words[0] in MATERIAL_WORDS)
            if whole := self._wholes.get(entry.words):
                run.found.append(Tag(whole.code, whole.surface, position, round(score, 4), True, run.is_title))
            leads = False
            position += len(entry.words)
        self._restore_list(run)

    def _is_material(self, run: "_Phrase", entry: _Entry) -> bool:
        """Return True for the good that is named after the product that is made of it ("bahan sabun VCO")."""
        return any(
            tag.code.startswith(MATERIALS_OF) and self.tree.is_member(code, tag.code)
            for tag in run.found for code in entry.codes
        )

    def _put_materials(self, run: "_Phrase", entry: _Entry, position: int) -> bool:
        """Tag what the named product is made of ("bahan baku tahu"); return False where that is not known."""
        codes = [MATERIALS_OF + code for code in entry.codes if MATERIALS_OF + code in self.tree.groups]
        score = run.base(leads=False)
        if codes:  # "bahan pokok bikin tahu" asks for what tofu is made of
            run.found[:] = [tag._replace(score=_ASIDE) if tag.is_family else tag for tag in run.found]
        run.found.extend(Tag(code, entry.surface, position, score, True, run.is_title) for code in codes)
        return bool(codes)

    def _restore_list(self, run: "_Phrase") -> None:
        """Let a phrase of three or more goods in a row be a list ("beras gula minyak"), unless a head comes first."""
        found = run.found
        if len({tag.start for tag in found}) < 3 or run.aside or run.head_seen:
            return
        if tokens(found[0].surface)[0] in HEAD_WORDS:
            return
        ends = [tag.start + len(tokens(tag.surface)) for tag in found]
        starts = [tag.start for tag in found]
        if all(tag.start in (end, start) for start, end, tag in zip(starts, ends, found[1:], strict=False)):
            least = run.base(leads=False)
            found[:] = [tag._replace(score=max(tag.score, least)) for tag in found]

    def _beside(self, found: list[Tag], entry: _Entry) -> float:
        """Return the factor for a second commodity in one phrase; a wider first one steps back."""
        accepted = [place for place, tag in enumerate(found) if tag.score >= 0.5]
        if not accepted:
            return 1.0
        first = found[accepted[-1]]
        head = tokens(first.surface)[0]
        if first.code == entry.code:
            return 1.0
        if first.is_family and not entry.is_family:
            is_unknown = entry.code not in self.tree.families
            is_wider = (is_unknown or self.tree.is_member(entry.code, first.code)) and head not in HEAD_WORDS
        else:
            is_wider = self.tree.is_kind_of(entry.code, first.code)
        if is_wider:
            found[accepted[-1]] = first._replace(score=round(first.score * _ASIDE, 4))
            return 1.0
        family = self.tree.families.get(entry.code)
        is_list = family is not None and family == self.tree.families.get(first.code) and head not in HEAD_WORDS
        return 1.0 if is_list else _ASIDE

    def _longest_at(self, words: Sequence[str], position: int) -> _Entry | None:
        for size in range(min(self._longest.get(words[position], 0), len(words) - position), 0, -1):
            entry = self._entries.get(tuple(words[position : position + size]))
            if entry is not None:
                return entry
        doubled, dash, tail = words[position].partition("-")
        if dash:  # "rempah-rempah" is many spices; "gula-gula" is not much sugar: only families have this plural
            entry = self._entries.get((doubled,)) or self._entries.get((doubled + "an",))
            if entry is not None and entry.is_family:
                return entry
        return None

    def _corrected(self, phrase: tuple[str, ...]) -> tuple[list[str], set[int]]:
        words, fuzzy = list(phrase), set()
        for position, word in enumerate(words):
            if word in self._vocabulary or word in ORDINARY_WORDS or word in HEAD_WORDS or word in PASSING_WORDS:
                continue
            if near := self._near.one_like(word):
                words[position] = near
                fuzzy.add(position)
        return words, fuzzy


class _NearWords:
    """Words at edit distance 1 (one letter added, lost, changed or two neighbors swapped)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_deletion: dict[str, set[str]] = {}
        for word in words:
            if len(word) >= _FUZZY_LETTERS - 1:
                for key in _deletions(word):
                    self._by_deletion.setdefault(key, set()).add(word)

    def one_like(self, word: str) -> str | None:
        """Return the only word near `word`; None when there is none, more than one, or `word` is short."""
        if not _FUZZY_LETTERS <= len(word) <= _LONGEST_WORD or not word.isalpha():
            return None
        near = {w for key in _deletions(word) for w in self._by_deletion.get(key, ()) if _is_one_edit(w, word)}
        near = {w for w in near if w[0] == word[0]}
        return near.pop() if len(near) == 1 else None


def _is_head(word: str) -> bool:
    return word in HEAD_WORDS or (word not in STOPWORDS and _DOING_NOUN.fullmatch(word) is not None)


def _deletions(word: str) -> Iterator[str]:
    yield word
    for position in range(len(word)):
        yield word[:position] + word[position + 1 :]


def _is_one_edit(a: str, b: str) -> bool:
    if len(a) > len(b):
        a, b = b, a
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return len(b) - len(a) == 1 and a[start:] == b[start + 1 :]
    changed = a[start + 1 :] == b[start + 1 :]
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return changed or swapped


def _sentences(text: str) -> list[str]:
    return [s for line in text.splitlines() for s in line.replace(";", ". ").split(". ")]


def _typed_words(text: str) -> list[str]:
    """Return the words of `text` as typed, only folded: the last one may be half a word."""
    if text.isascii():
        return _TYPED.findall(text.lower())
    return [w for w in "".join(c if c.isalnum() else " " for c in fold(text)).split() if w]
