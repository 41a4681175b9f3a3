"""Bring what owners type into one spelling, cut it into words and phrases. No stemming.

Stemming breaks trade words ("peternakan", "pengeringan"); spelling variants, abbreviations and doubled words are
enough for whole-word matching, and character n-grams take the rest.
"""

import re
import unicodedata
from functools import lru_cache


def word_set(words: str) -> frozenset[str]:
    """Return the words of a blank-separated list as a set."""
    return frozenset(words.split())


# Variants of everyday and trade words -> the spelling used for matching. Words of single commodities that are not
# mere spelling ("brambang", "ngafi") belong to the commodity list, not here.
SPELLINGS: dict[str, str] = {
    # abbreviations
    "brg": "barang", "krg": "karung", "utk": "untuk", "unt": "untuk", "bwt": "buat", "dgn": "dengan",
    "dg": "dengan", "yg": "yang", "tdk": "tidak", "gak": "tidak", "ga": "tidak", "nggak": "tidak",
    "blm": "belum", "sdh": "sudah", "udh": "sudah", "jg": "juga", "sm": "sama", "dr": "dari",
    "kpd": "kepada", "pd": "pada", "krn": "karena", "bs": "bisa", "hrs": "harus", "hrg": "harga",
    "jml": "jumlah", "uk": "ukuran", "ukr": "ukuran", "sz": "ukuran", "size": "ukuran", "bgs": "bagus",
    "kmsn": "kemasan", "kms": "kemasan", "bks": "bungkus", "btl": "botol", "ltr": "liter", "lt": "liter",
    "kilogram": "kg", "kilo": "kg", "kgs": "kg", "gr": "gram", "grm": "gram", "tn": "ton", "kw": "kuintal",
    "kwt": "kuintal", "kwintal": "kuintal", "lbr": "lembar", "btg": "batang", "bh": "buah", "zak": "sak",
    "kont": "kontainer", "kntr": "kontainer", "container": "kontainer", "bln": "bulan", "mgg": "minggu",
    "mg": "minggu", "thn": "tahun", "hr": "hari", "ato": "atau", "atw": "atau", "deng": "dengan",
    "dng": "dengan", "pake": "pakai", "pke": "pakai", "dll": "lainnya", "dsb": "lainnya", "dst": "lainnya",
    "dkk": "lainnya", "jd": "jadi", "tsb": "tersebut", "spt": "seperti", "sprt": "seperti", "tgl": "tanggal",
    "pc": "pcs", "pce": "pcs",
    # spelling of everyday words
    "kwalitas": "kualitas", "qualitas": "kualitas", "kualitet": "kualitas", "kwalitet": "kualitas",
    "ijin": "izin", "sertipikat": "sertifikat", "komoditi": "komoditas", "suplier": "supplier",
    "suppliyer": "supplier", "pemasok": "supplier", "suplayer": "supplier", "eksport": "ekspor",
    "export": "ekspor", "kardus": "dus", "karton": "dus", "kerdus": "dus", "doos": "dus",
    "packing": "kemasan", "pengepakan": "kemasan", "kemas": "kemasan", "merk": "merek", "fresh": "segar",
    "frozen": "beku", "fozen": "beku", "frozzen": "beku", "froze": "beku", "froozen": "beku",
    "dried": "kering", "dry": "kering", "organic": "organik", "premiun": "premium", "vacum": "vakum",
    "vacuum": "vakum", "vakuum": "vakum", "frezer": "freezer", "frizer": "freezer", "kripik": "keripik",
    "krupuk": "kerupuk", "kropok": "kerupuk", "meubel": "mebel", "meubeler": "mebel", "furnitur": "mebel",
    "furniture": "mebel", "mebeler": "mebel",
    # spelling of goods
    "cengkeh": "cengkih", "cengke": "cengkih", "cengkek": "cengkih", "cingkeh": "cengkih",
    "cengkik": "cengkih", "vannamei": "vaname", "vanamei": "vaname", "vannamai": "vaname",
    "panami": "vaname", "vanname": "vaname", "vanami": "vaname", "telor": "telur", "tellur": "telur",
    "endog": "telur", "holtikultura": "hortikultura", "hortikultur": "hortikultura",
    "holtikultur": "hortikultura", "kartas": "kertas", "tampa": "tempat", "carcas": "karkas", "carcass": "karkas",
    "karkes": "karkas", "trasi": "terasi", "cabe": "cabai", "cabay": "cabai", "lombok": "cabai",
    "brokoly": "brokoli", "broccoli": "brokoli", "kol": "kubis", "duren": "durian", "jerok": "jeruk",
    "kedele": "kedelai", "kedelei": "kedelai", "jagong": "jagung", "jagun": "jagung", "bras": "beras",
    "berass": "beras", "gulo": "gula", "klopo": "kelapa", "klapa": "kelapa", "kopera": "kopra",
    "copra": "kopra", "kopro": "kopra", "kakau": "kakao", "cacao": "kakao", "cocoa": "kakao",
    "coklat": "cokelat", "coffee": "kopi", "vanila": "vanili", "vanilla": "vanili", "panili": "vanili",
    "paneli": "vanili", "kulitmanis": "kayu manis", "jae": "jahe", "kunir": "kunyit", "laos": "lengkuas",
    "sereh": "serai", "serei": "serai", "iwak": "ikan", "ikang": "ikan", "fish": "ikan",
    "cekalang": "cakalang", "tongkoll": "tongkol", "tunna": "tuna", "gurame": "gurami", "gurameh": "gurami",
    "cumi-cumi": "cumi", "cotonii": "cottonii", "cotoni": "cottonii", "cottoni": "cottonii",
    "kotoni": "cottonii", "euchema": "eucheuma", "mutu": "kualitas", "minyk": "minyak",
    "migor": "minyak goreng", "bamer": "bawang merah", "baput": "bawang putih", "terigo": "terigu",
    "trigu": "terigu", "garem": "garam", "uyah": "garam", "rabuk": "pupuk", "pellet": "pelet",
    "sement": "semen", "genting": "genteng", "spandex": "spandek", "triplek": "tripleks",
    "triplex": "tripleks", "plywood": "tripleks", "polywood": "tripleks", "rottan": "rotan",
    "suvenir": "souvenir", "sovenir": "souvenir", "styrofoam": "gabus", "sterofoam": "gabus",
    "styrofom": "gabus", "sterofom": "gabus", "elpiji": "lpg", "shoun": "soun", "sohun": "soun",
    "yoghurt": "yogurt", "yogurth": "yogurt", "nuget": "nugget", "naget": "nugget", "sossis": "sosis",
    "kerudung": "jilbab", "hijab": "jilbab",
    # vowels and endings of the eastern Malay
    "talor": "telur", "kalapa": "kelapa", "basar": "besar", "kacil": "kecil", "tampurung": "tempurung",
    "karing": "kering", "garing": "kering", "kring": "kering", "sayor": "sayur", "tarigu": "terigu", "baras": "beras",
    "areng": "arang", "bibi": "bibit", "sadiki": "sedikit", "kelpa": "kelapa", "gedhang": "pisang", "gedang": "pisang",
    "alumunium": "aluminium", "stenlis": "stainless", "stainles": "stainless", "sambel": "sambal",
}  # fmt: skip

# Spellings of more than one word, replaced before the text is cut.
_JOINED = (
    (re.compile(r"\bp[\s.\-]?i[\s.\-]?r[\s.\-]?t\b"), "pirt"),
    (re.compile(r"\bready\s+stock?\b"), "stok"),
    (re.compile(r"\bayam\s+kartas\b"), "ayam karkas"),
    (re.compile(r"\btanjung\s+perak\b"), "surabaya"),
)

# Words that carry no goods: function words, words of trading, packing, amount and praise.
STOPWORDS: frozenset[str] = word_set(
    """
    ada adalah agar aja akan anda aneka apa asal asli atau atas bagi bagus banyak barang baru beberapa beli belum
    berbagai bermutu bersih besar biasa bisa boleh buat bukan bulan butuh cari cepat cocok contoh cukup dalam dan
    dari datang dekat dengan di dibutuhkan dicari dijual dapat dus eceran gram grosir guna hanya harga hari harus
    hubungi ini isi itu jadi jangan jenis jika jual juga jumlah kalau kami karena karung kebutuhan kecil kemasan
    kepada kg kirim kita komoditas kontainer kuintal kualitas lagi lain lainnya langsung lebih lembar lengkap liter
    lokal lumayan macam maksimal maks maka mana mau melayani membeli membutuhkan memiliki mencari menerima menjual
    menyediakan merek minggu minimal minta mohon monggo murah mulai musim nego nya oleh order pack pada pakai partai
    paket pasar pcs pembelian penawaran penjualan per perlu persen pesanan pesan produk produksi punya ready rutin
    saja sak sama sampai sampel sangat satu saya sebagai secara sedang sedia segala sekali sekitar selalu semua
    sendiri seperti serta setiap siap stok sudah super supaya supplier tahan tahun tanpa telah terbaik tersedia
    tetap tiap tidak ton tiga tanggal tersebut ukuran unit untuk usaha yaitu yang wajib dua the and for of in with
    need sell buy adol dodolan golek kulakan wonten bungkus botol toples pouch
    """
)

_STRONG = re.compile(r"[;|()\[\]{}:•·*\n\r!?\"=<>–—~_]|(?<!\d)[,.]|[,.](?!\d)|\s-\s|\s-|-\s")
_WEAK = re.compile(r"[&+]|(?<!\d)/|/(?!\d)")
_DOUBLED = re.compile(r"\b([a-z]{3,})2(an|nya)?\b")
_NUMBER_UNIT = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z][a-z])(?=\d)")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|[a-z0-9]+(?:[-'][a-z0-9]+)*")
_CONJUNCTIONS = frozenset({"dan", "serta", "atau", "and", "or", "maupun", "plus", "sama"})
_PLAIN = re.compile(r"[a-z]+(?: [a-z]+)*")
_JOINING = frozenset({"pirt", "p", "i", "r", "t", "ready", "kartas", "perak", "irt"})  # words of _JOINED
_MAX_CHARACTERS = 4_000  # longer texts are pasted catalogs; their start names the goods


def fold(text: str) -> str:
    """Return `text` in lower case, compatibility forms unified, accents and emoji gone.

    >>> fold("Cengkèh ＫＥＲＩＮＧ 🌿")
    'cengkeh kering  '
    """
    if text.isascii():  # most are; the same result, several times faster
        return text[:_MAX_CHARACTERS].lower()
    text = unicodedata.normalize("NFKD", text[:_MAX_CHARACTERS]).casefold()
    return "".join(" " if ord(c) > 0x24F else c for c in text if not unicodedata.combining(c))


def phrases(text: str) -> list[tuple[str, ...]]:
    """Cut `text` at punctuation and conjunctions into phrases of normalized words.

    Numbers are words of their own. A doubled word ("oleh-oleh", "oleh2") stays one word, so that "gula-gula"
    (sweets) is never "gula" (sugar).

    Parameters
    ----------
    text : str
        As typed; only the first 4,000 characters count.

    Returns
    -------
    list of tuples of str
        In reading order; empty phrases are left out.

    Examples
    --------
    >>> phrases("Jual cengkeh 25kg, oleh2 & gula-gula")
    [('jual', 'cengkih', '25', 'kg'), ('oleh-oleh',), ('gula-gula',)]
    >>> phrases("Bandeng/patin dan udang")
    [('bandeng',), ('patin',), ('udang',)]
    """
    return [phrase for clause in clauses(text) for phrase in clause]


def clauses(text: str) -> list[list[tuple[str, ...]]]:
    """Cut `text` like `phrases`, keeping together what "and", "or", "&" or "/" joins.

    >>> clauses("pakan kerapu/kakap, garam")
    [[('pakan', 'kerapu'), ('kakap',)], [('garam',)]]
    """
    text = fold(text)
    for pattern, word in _JOINED:
        text = pattern.sub(word, text)
    text = _DOUBLED.sub(r"\1-\1\2", text)
    text = _NUMBER_UNIT.sub(" ", text)
    found = ([p for part in _WEAK.split(piece) for p in _joined_phrases(part)] for piece in _STRONG.split(text))
    return [clause for clause in found if clause]


def _joined_phrases(text: str) -> list[tuple[str, ...]]:
    found: list[list[str]] = [[]]
    for raw in _TOKEN.findall(text):
        if raw in _CONJUNCTIONS:
            found.append([])
        else:
            found[-1].extend(_words_of(raw))
    return [tuple(words) for words in found if words]


def tokens(text: str) -> tuple[str, ...]:
    """Return all normalized words of `text` in reading order.

    >>> tokens("Beras PREMIUM kwalitas bagus, krg 25")
    ('beras', 'premium', 'kualitas', 'bagus', 'karung', '25')
    """
    if _PLAIN.fullmatch(text) and _CONJUNCTIONS.isdisjoint(raws := text.split(" ")) and _JOINING.isdisjoint(raws):
        return tuple(word for raw in raws for word in _words_of(raw))  # the lists of goods are mostly such phrases
    return tuple(word for phrase in phrases(text) for word in phrase)


def normalise(text: str) -> str:
    """Return `text` in one spelling, words separated by single blanks.

    >>> normalise("TELOR ayam; Cengkèh,  P-IRT")
    'telur ayam cengkih pirt'
    """
    return " ".join(tokens(text))


def content_words(normalised: str) -> list[str]:
    """Return the words of an already normalized text that can name goods: no stopwords, no numbers.

    >>> content_words("jual cengkih kering 25 kg")
    ['cengkih', 'kering']
    """
    return [w for w in normalised.split() if len(w) > 1 and w not in STOPWORDS and not w[0].isdigit()]


def character_ngrams(normalised: str) -> list[str]:
    """Return the 3- to 5-grams of each content word, padded with a blank on both sides.

    Same n-grams as scikit-learn's ``char_wb``, remembered for each word: words repeat, texts do not.

    >>> character_ngrams("teri")
    [' te', 'ter', 'eri', 'ri ', ' ter', 'teri', 'eri ', ' teri', 'teri ']
    """
    return [gram for word in content_words(normalised) for gram in _ngrams_of(word)]


@lru_cache(maxsize=50_000)
def _ngrams_of(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1))


@lru_cache(maxsize=50_000)
def _words_of(raw: str) -> tuple[str, ...]:
    """Return the normalized words of one raw word: usually one, two for "siap-kirim"."""
    if raw in SPELLINGS:
        return tuple(SPELLINGS[raw].split())
    head, dash, tail = raw.partition("-")
    if dash and head.isalpha() and len(head) > 2 and tail in (head, head + "an", head + "nya"):
        same = SPELLINGS.get(head, head)
        return (f"{same}-{same}an" if tail.endswith("an") and tail != head else f"{same}-{same}",)
    if dash or "'" in raw:
        return tuple(word for piece in re.split(r"[-']", raw) if piece for word in _words_of(piece))
    if len(raw) >= 7 and raw.endswith("nya"):
        return _words_of(raw[:-3])
    return (raw,)
