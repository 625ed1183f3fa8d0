"""Checks sealed editions of Barème with Python's own library alone: `python verify_sealed.py FILE…`

It checks what docs/sealed.md lays down: the one form of the bytes, names, hashes and figures, and
that several files, the oldest first, are a chain. It does not score: `bareme verify` does. Exit
status: 0 all holds; 1 changed, or not of this chain; 2 nothing honest has written this.
"""

import hashlib
import json
import re
import sys
import unicodedata

FORMAT = b"bareme.sealed/1"
MOST_BYTES, MOST_FILES, MOST_MANIFEST, LONGEST_NAME = 256 << 20, 10_000, 16 << 20, 400
SHA = "[0-9a-f]{64}"
HEADS = (
    ("framework", r"[^\n]+"),
    ("edition", r"[^\n]+"),
    ("date", r"none|[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"),
    ("engine", r"bareme [0-9A-Za-z.+-]{1,64}"),
    ("language", r"[1-9][0-9]{0,3}"),
    ("settings", r"digits [1-9][0-9]{0,5}, bits [1-9][0-9]{0,8}"),
    ("previous", rf"none|{SHA} [^\n]+"),
    ("files", r"[1-9][0-9]{0,8}"),
)
HIDDEN = re.compile(  # Unicode's Cc, Cf, Zl, Zp and Cs, and every space but the plain one
    "[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f\ud800-\udfff]"
)
DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])([. ].*)?", re.I)
TEXT = r'"(?:[ !#-\[\]-~]|\\(?:["\\bfnrt]|u[0-9a-f]{4}))*"'
FIELD = rf'"[a-z_]+":(?:{TEXT}|-?(?:0|[1-9][0-9]{{0,8}})|true|false)'
OF = ("figure", "question", "entity", "unit", "part")  # what a line is about
FLAT = re.compile(rf"\{{{FIELD}(?:,{FIELD})*\}}")


class Changed(Exception):
    """The bytes are not what was sealed, or not of this chain: exit status 1."""


class Refused(Exception):
    """This is no sealed edition: exit status 2."""


def sha(data):
    return hashlib.sha256(data).hexdigest()


def check(condition, wrong, said):
    if not condition:
        raise wrong(said)


def bad_name(name):
    """Whether a name does not mean one file on every system."""
    return (
        len(name) > LONGEST_NAME
        or bool(HIDDEN.search(name) or re.search(r'[\\:*?"<>|]', name))
        or not unicodedata.is_normalized("NFC", name)
        or any(
            not part or part[0] in ". ~" or part[-1] in ". " or DEVICE.fullmatch(part)
            for part in name.split("/")
        )
    )


def belongs(framework, name):
    """Whether a sealed edition of this framework has a file of this name."""
    top, *below = name.split("/")
    if below[:1] != [framework]:
        return name == "figures.jsonl"
    if top == "rules":
        return len(below) == 2 and name.endswith(".bareme")
    evidence = below[2:3] == ["evidence"] and len(below) > 3
    return top == "profiles" and (len(below) == 3 or evidence)


def check_names(head, names):
    before = head["previous"].partition(" ")[2]
    for each in (head["framework"], head["edition"], *filter(None, [before])):
        check("/" not in each and not bad_name(each), Refused, f"the name {each!r}")
    seen = {}
    for name in names:
        fit = not bad_name(name) and belongs(head["framework"], name)
        check(fit, Refused, f"a file of the name {name!r}")
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            whole = "/".join(parts[:depth])
            what = (whole, depth < len(parts))  # a folder, or the file itself
            folded = unicodedata.normalize("NFC", whole.casefold())
            twin = seen.setdefault(folded, what)
            check(twin == what, Refused, f"{name!r} and {twin[0]!r} are one name on some systems")
    check(names == sorted(set(names)), Refused, "files that are not once, in order of their names")
    check("figures.jsonl" in names, Refused, "no figures.jsonl")


def read_manifest(data):
    """The heads of the manifest, the files that it lists, and the bytes behind it."""
    check(data.startswith(b"bareme.sealed/"), Refused, "no sealed edition")
    check(data.split(b"\n", 1)[0] == FORMAT, Refused, "another format than bareme.sealed/1")
    end = data.find(b"\nmanifest ", 0, MOST_MANIFEST) + 1
    last = data[end : end + 74]
    whole = end and re.fullmatch(rf"manifest {SHA}\n".encode(), last)
    check(whole, Changed, "the manifest: it has no end")
    check(sha(data[:end]) == last[9:-1].decode(), Changed, "the manifest: another hash")
    try:
        lines = data[:end].decode("utf-8").split("\n")[1:-1]
    except UnicodeDecodeError:
        raise Refused("a manifest that is no UTF-8 text") from None
    head = {}
    for at, (key, form) in enumerate(HEADS):
        found = re.fullmatch(f"{key} ({form})", lines[at] if at < len(lines) else "")
        check(found, Refused, f"a manifest without its line `{key}`")
        head[key] = found[1]
    listed = []
    for line in lines[len(HEADS) :]:
        found = re.fullmatch(rf"(0|[1-9][0-9]{{0,9}}) ({SHA}) ([^\n]+)", line)
        check(found, Refused, f"the line {line!r} of the manifest")
        listed.append((int(found[1]), found[2], found[3]))
    check(int(head["files"]) == len(listed), Refused, "another number of files than it lists")
    check(len(listed) <= MOST_FILES, Refused, "too many files")
    check(sum(each[0] for each in listed) <= MOST_BYTES, Refused, "too many bytes")
    check_names(head, [each[2] for each in listed])
    return head, listed, data[end + 74 :]


def check_figures(head):
    """Figures are flat JSON, one a line, written in one way, and are of this edition."""
    lines, seen = head["figures"].decode("utf-8", "replace").split("\n"), set()
    check(lines.pop() == "", Changed, "figures.jsonl does not end a line")
    for number, line in enumerate(lines, 1):
        fields = json.loads(line) if FLAT.fullmatch(line) else None
        again = json.dumps(fields, sort_keys=True, separators=(",", ":"))
        check(line == again, Changed, f"figures.jsonl, line {number}: not in its one form")
        key = tuple(str(fields.get(each, "")) for each in OF)
        check(number == 1 or key not in seen, Changed, f"figures.jsonl, line {number}: twice")
        seen |= {key} if number > 1 else set()
    first = json.loads(lines[0]) if lines else {}
    check(first.get("format") == "bareme.figures/1", Changed, "figures.jsonl: another format")
    of, ours = [(each.get("framework"), each.get("edition")) for each in (first, head)]
    check(of == ours, Changed, f"mix-and-match: figures of {of}, in a manifest of {ours}")


def read(data):
    """Check the bytes of one sealed edition; its heads, its figures, the hash of the whole file."""
    check(len(data) <= MOST_BYTES + MOST_MANIFEST, Refused, "too many bytes")
    head, listed, rest = read_manifest(data)
    at, figures = 0, b""
    for length, digest, name in listed:
        piece = rest[at : at + length]
        check(sha(piece) == digest, Changed, f"{name}: another hash")
        at, figures = at + length, piece if name == "figures.jsonl" else figures
    check(len(rest) == at, Changed, f"{abs(len(rest) - at)} bytes too many or missing")
    return {**head, "figures": figures, "sha256": sha(data)}


def check_next(chain, data):
    """Check one more edition of a chain, which it becomes the last of; what is known of it."""
    chain.append(this := read(data))
    check_figures(this)
    if len(chain) > 1:
        check_link(chain[:-1], this)
    return this


def check_link(before, this):
    """Whether an edition follows those before it, the last of which is the one right before."""
    last, (link, _, edition) = before[-1], this["previous"].partition(" ")
    links = [each["previous"].partition(" ")[0] for each in before]
    known = [each["sha256"] for each in before]
    order = [this["edition"] if this["date"] == "none" else this["date"],
             last["edition"] if last["date"] == "none" else last["date"]]  # fmt: skip
    same = this["framework"] == last["framework"]
    check(same, Changed, "mix-and-match: of another framework than the one before")
    if link != last["sha256"]:
        check(this["sha256"] not in known + links, Changed, "rollback: it was there before")
        check(not edition or link not in known + links, Changed, "fork: a second successor")
    check(link != last["sha256"] or edition == last["edition"], Changed, "mix-and-match: its link")
    check(order[0] >= order[1], Changed, "rollback: older than the one before it")
    check(link == last["sha256"], Changed, "gap: the edition that it comes after is missing")


def main(paths):
    status, chain = (0, []) if paths else (2, [])
    for path in paths:
        try:
            with open(path, "rb") as file:
                this = check_next(chain, file.read(MOST_BYTES + MOST_MANIFEST + 1))
            said = f"whole, of {this['framework']} {this['edition']}, sha256 {this['sha256']}"
        except (Changed, Refused, OSError) as wrong:
            status, said = max(status, 1 if isinstance(wrong, Changed) else 2), str(wrong)
        print(ascii(f"{path}: {said}")[1:-1])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
