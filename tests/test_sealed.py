"""Any change of the bytes of a sealed edition is found, by two verifiers (E5, F1 to F5, F8)."""

from __future__ import annotations

import gzip
import re
import unicodedata
import zipfile
from io import BytesIO
from itertools import combinations

import pytest

import seals
from bareme import files
from bareme.audit.names import fault_of, twins
from bareme.audit.sealed import Head, hash_of, packed, unpack
from bareme.cli import run

SMALL = seals.sealed("2023", after=seals.sealed("2022"))
MANIFEST = SMALL.index(b"\n", SMALL.index(b"\nmanifest ") + 1) + 1
PLACES = [each.name for each in seals.opened(SMALL).entries for _ in each.data]
"""Which file each byte after the manifest belongs to."""


def assert_found(data: bytes) -> list[str]:
    """Both verifiers find that this is not what was sealed; what ours says of it."""
    wrong = unpack("x", data)[1]
    said = [f"{each.code} {each.message}" for each in wrong]

    assert said, data
    assert {each.span.file for each in wrong} == {"x"}
    assert {each[:4] for each in said} <= {"E601", "P601"}
    assert seals.status_alone(data) == (2 if said[0].startswith("E") else 1)
    return said


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def test_the_small_one_is_what_it_should_be():
    assert (seals.status_of(SMALL), seals.status_alone(SMALL)) == (0, 0)
    assert len(SMALL) < 2_000
    assert len(PLACES) == len(SMALL) - MANIFEST


def test_every_bit_that_is_flipped_is_found_and_its_file_named():
    for at in range(len(SMALL)):
        for bit in range(8):
            said = assert_found(flipped(SMALL, at, bit))
            if at >= MANIFEST:
                assert len(said) == 1
                assert f"`{PLACES[at - MANIFEST]}`" in said[0]
            elif at >= len("bareme.sealed/1\n"):
                assert "manifest" in said[0]


def test_every_byte_that_is_removed_is_found_and_its_file_named():
    for at in range(len(SMALL)):
        said = assert_found(SMALL[:at] + SMALL[at + 1 :])
        if at >= MANIFEST:
            assert "1 byte missing" in said[0]
            assert f"`{PLACES[at - MANIFEST]}`" in said[0]


def test_every_byte_that_is_put_in_is_found():
    for at in range(len(SMALL) + 1):
        for byte in (b"\n", b"0", SMALL[at : at + 1] or b"\n"):
            said = assert_found(SMALL[:at] + byte + SMALL[at:])
            if at > MANIFEST:
                assert "1 byte too many" in said[0]


@pytest.mark.long
def test_every_byte_put_in_anywhere_is_found():
    for at in range(len(SMALL) + 1):
        for byte in range(256):
            assert_found(SMALL[:at] + bytes([byte]) + SMALL[at:])


def test_every_prefix_is_found():
    for at in range(len(SMALL)):
        said = assert_found(SMALL[:at])
        if at > MANIFEST:
            assert f"{len(SMALL) - at} byte" in said[0]
            assert PLACES[at - MANIFEST] in said[0]


@pytest.mark.parametrize(
    "around", [(b" ", b""), (b"\xef\xbb\xbf", b""), (b"", b"\n"), (b"", b"\0")]
)
def test_nothing_may_stand_before_or_after(around):
    before, after = around
    assert_found(before + SMALL + after)


# ---- twenty files: names, lengths and contents are bound to each other (F5)

TWENTY = seals.sealed(
    "2023",
    {
        "rules/norms/norms.bareme": seals.RULES.replace("index", "index "),
        **{
            f"rules/norms/more{n}.bareme": f"index more{n}\n    indicator a{n}\n        given\n"
            for n in range(4)
        },
        **{
            f"profiles/norms/2023/e{n:02}.yaml": seals.profile("Yes", "No", f"E{n:02}")
            for n in range(14)
        },
    },
)
LISTED = re.findall(rb"^(\d+) ([0-9a-f]{64}) (.+)$", TWENTY, re.MULTILINE)


def test_there_are_twenty_files():
    assert len(LISTED) == 20
    assert seals.status_of(TWENTY) == seals.status_alone(TWENTY) == 0


def put_together(listed: list[tuple[bytes, bytes, bytes]], contents: list[bytes]) -> bytes:
    """The same manifest with other lines for its files, its own hash kept; then contents."""
    head = TWENTY[: TWENTY.index(LISTED[0][0] + b" " + LISTED[0][1])]
    last = re.search(rb"^manifest [0-9a-f]{64}\n", TWENTY, re.MULTILINE)
    lines = b"".join(b" ".join(each) + b"\n" for each in listed)
    return head + lines + last[0] + b"".join(contents)


def test_every_pair_of_files_that_is_swapped_is_found():
    contents = [each.data for each in seals.opened(TWENTY).entries]
    assert put_together(LISTED, contents) == TWENTY
    for one, other in combinations(range(20), 2):
        swapped = list(contents)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        listed = list(LISTED)
        listed[one], listed[other] = listed[other], listed[one]
        names = list(LISTED)
        names[one] = (*LISTED[one][:2], LISTED[other][2])
        names[other] = (*LISTED[other][:2], LISTED[one][2])

        said = assert_found(put_together(LISTED, swapped))  # their contents
        if len(contents[one]) == len(contents[other]):
            assert [LISTED[at][2].decode() in " ".join(said) for at in (one, other)] == [True] * 2
        assert_found(put_together(listed, contents))  # their lines
        assert_found(put_together(names, contents))  # their names


def test_every_file_that_is_renamed_taken_out_or_doubled_is_found():
    contents = [each.data for each in seals.opened(TWENTY).entries]
    for at, (length, sha256, name) in enumerate(LISTED):
        for listed in (
            [*LISTED[:at], (length, sha256, name + b"x"), *LISTED[at + 1 :]],
            [*LISTED[:at], *LISTED[at + 1 :]],
            [*LISTED[: at + 1], *LISTED[at:]],
        ):
            assert_found(put_together(listed, contents))
        assert_found(put_together(LISTED, [*contents[:at], *contents[at + 1 :]]))
        assert_found(put_together(LISTED, [*contents[: at + 1], *contents[at:]]))


def test_a_byte_moved_over_a_border_is_found():
    contents = [each.data for each in seals.opened(TWENTY).entries]
    for at in range(19):
        (a, a_sha, a_name), (b, b_sha, b_name) = LISTED[at : at + 2]
        lengths = (b"%d" % (int(a) - 1), b"%d" % (int(b) + 1))
        moved = [(lengths[0], a_sha, a_name), (lengths[1], b_sha, b_name)]
        assert_found(put_together([*LISTED[:at], *moved, *LISTED[at + 2 :]], contents))


@pytest.mark.parametrize("line", ["framework norms", "edition 2023", "date none", "engine bareme",
                                  "language 1", "settings digits 50", "previous none"])  # fmt: skip
def test_what_the_manifest_says_is_bound(line):
    changed = line[:-1] + chr(ord(line[-1]) + 1)
    assert TWENTY.count(f"\n{line}".encode()) == 1
    assert_found(TWENTY.replace(f"\n{line}".encode(), f"\n{changed}".encode()))


# ---- files that nothing honest has written (F2, F3, F4): every hash is right

NOR = " profiles/norms/2023/nor.yaml"
RULES = " rules/norms/norms.bareme"
SIZE = f"\n{len(seals.RULES)} "


def named(name: str) -> bytes:
    return seals.with_manifest(SMALL, RULES, f" {name}")


def many(count: int) -> bytes:
    head, data = seals.opened(SMALL).head, dict(seals.opened(SMALL).files)
    return packed(head, data | {f"rules/norms/r{n}.bareme": b"" for n in range(count)})


def zipped(data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("norms-2023.sealed", data)
    return out.getvalue()


HOSTILE = {
    "up and out": named("rules/norms/../../etc/passwd.bareme"),
    "up": named("rules/norms/../norms/x.bareme"),
    "here": named("rules/norms/./norms.bareme"),
    "from the root": named("/rules/norms/norms.bareme"),
    "two slashes": named("rules//norms/norms.bareme"),
    "a slash at the end": named("rules/norms/norms.bareme/"),
    "a backslash": named("rules/norms/..\\..\\x.bareme"),
    "a drive": named("C:/rules/norms/norms.bareme"),
    "an alternate stream": named("rules/norms/norms.bareme:x.bareme"),
    "a pattern": named("rules/norms/*.bareme"),
    "home": named("rules/norms/~root.bareme"),
    "a device": named("rules/norms/NUL.bareme"),
    "a device in small letters": named("rules/norms/com1.bareme"),
    "a device as a folder": named("rules/aux/norms.bareme"),
    "a device with a high digit": named("rules/norms/LPT¹.bareme"),
    "hidden": named("rules/norms/.norms.bareme"),
    "a point at the end": named("rules/norms./norms.bareme"),
    "a space at the end": named("rules/norms /norms.bareme"),
    "a NUL": named("rules/norms/no\0rms.bareme"),
    "an escape": named("rules/norms/no\x1b[2Jrms.bareme"),
    "a bidi mark": named("rules/norms/no\u202erms.bareme"),
    "no width": named("rules/norms/no\u200brms.bareme"),
    "a no-break space": named("rules/norms/no\u00a0rms.bareme"),
    "an accent apart": named("rules/norms/e\u0301.bareme"),
    "far too long": named(f"rules/norms/{'x' * 400}.bareme"),
    "no UTF-8": named("rules/norms/\udcff.bareme"),
    "of another framework": named("rules/forms/norms.bareme"),
    "rules in a folder": named("rules/norms/more/norms.bareme"),
    "no rules": named("rules/norms/norms.py"),
    "somewhere else": named("secrets/norms/norms.bareme"),
    "evidence that is a folder": named("profiles/norms/2023/evidence/"),
    "a profile in a folder": named("profiles/norms/2023/more/nor.yaml"),
    "no figures": seals.with_manifest(SMALL, " figures.jsonl", " profiles/a/b/figures"),
    "the other way round": seals.with_manifest(SMALL, NOR, " rules/norms/z.bareme"),
    "more files than listed": seals.with_manifest(SMALL, "files 3", "files 4"),
    "fewer files than listed": seals.with_manifest(SMALL, "files 3", "files 2"),
    "a leading zero": seals.with_manifest(SMALL, SIZE, f"\n0{SIZE[1:]}"),
    "a length below 0": seals.with_manifest(SMALL, SIZE, "\n-1 "),
    "a length in Arabic digits": seals.with_manifest(SMALL, SIZE, "\n٣ "),
    "9 GB": seals.with_manifest(SMALL, SIZE, "\n9000000000 "),
    "more digits than a length has": seals.with_manifest(SMALL, SIZE, f"\n{'9' * 60} "),
    "a hash in capitals": seals.with_manifest(
        SMALL, hash_of(seals.RULES.encode()), hash_of(seals.RULES.encode()).upper()
    ),
    "two spaces": seals.with_manifest(SMALL, RULES, f" {RULES}"),
    "CRLF": seals.with_manifest(SMALL, "\ndate none", "\r\ndate none"),
    "a line more": seals.with_manifest(SMALL, "\ndate none", "\ndate none\nuser root"),
    "a line missing": seals.with_manifest(SMALL, "\ndate none", ""),
    "lines in another order": seals.with_manifest(
        SMALL, "edition 2023\ndate none", "date none\nedition 2023"
    ),
    "a date in words": seals.with_manifest(SMALL, "date none", "date July"),
    "another engine": seals.with_manifest(SMALL, "engine bareme", "engine other"),
    "no language": seals.with_manifest(SMALL, "language 1", "language 0"),
    "a link of half a hash": seals.with_manifest(SMALL, "previous ", "previous 12 "),
    "a link to a path": seals.with_manifest(SMALL, " 2022\nfiles", " ../2022\nfiles"),
    "a framework that leads out": seals.with_manifest(SMALL, "framework norms", "framework ../x"),
    "an edition that leads out": seals.with_manifest(SMALL, "edition 2023", "edition a/b"),
    "too many files": many(10_001),
    "a zip": zipped(SMALL),
    "gzip": gzip.compress(SMALL, mtime=0),
    "nothing": b"",
    "zeros": bytes(1_000_000),
    "a thousand to one": gzip.compress(bytes(10_000_000), mtime=0),
    "the next format": SMALL.replace(b"sealed/1", b"sealed/2", 1),
}
HOSTILE["a file and a folder"] = packed(
    seals.opened(SMALL).head,
    {
        **seals.opened(SMALL).files,
        "profiles/norms/2023/evidence/a": b"",
        "profiles/norms/2023/evidence/a/b": b"",
    },
)
HOSTILE["twins in case"] = packed(
    seals.opened(SMALL).head, {**seals.opened(SMALL).files, "rules/norms/NORMS.bareme": b""}
)
HOSTILE["folders that are twins in case"] = packed(
    seals.opened(SMALL).head,
    {
        **seals.opened(SMALL).files,
        "profiles/norms/2022a/x.yaml": b"",
        "profiles/norms/2022A/y.yaml": b"",
    },
)
HOSTILE["figures left out"] = packed(
    seals.opened(SMALL).head, {"rules/norms/norms.bareme": seals.RULES.encode()}
)
HOSTILE["a file twice"] = seals.with_manifest(
    seals.with_manifest(SMALL, "files 3", "files 4"),
    SIZE,
    f"\n0 {hash_of(b'')} rules/norms/norms.bareme{SIZE}",
)


@pytest.mark.parametrize("what", HOSTILE)
def test_what_nothing_honest_has_written_is_refused(what, tmp_path, capfd):
    assert len(HOSTILE) >= 28
    data = HOSTILE[what]
    (tmp_path / "x.sealed").write_bytes(data)

    assert run(["-C", str(tmp_path), "verify", "x.sealed"]) == 2
    out, err = capfd.readouterr()
    assert out == ("Not verified. Nothing was recomputed.\n")
    assert err.startswith("x.sealed:1:1: error E60")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", err)
    assert all(len(line) <= 500 for line in err.splitlines())
    assert seals.status_alone(data) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["x.sealed"]


def test_one_edition_has_one_form():
    """What is read is what would be written; there is no second way to write the same."""
    for data in (SMALL, TWENTY):
        read = seals.opened(data)
        assert packed(read.head, read.files) == data


def test_the_order_of_files_is_that_of_code_points():
    head = Head("norms", "2023", "", "1", 1, "digits 50, bits 65536", None)
    names = ["figures.jsonl", "profiles/norms/2023/Z.yaml", "profiles/norms/2023/a.yaml",
             "profiles/norms/2023/é.yaml", "profiles/norms/2023/𝒂.yaml"]  # fmt: skip
    data = packed(head, dict.fromkeys(reversed(names), b""))

    assert [each.name for each in seals.opened(data).entries] == names
    assert seals.stand_alone().read_manifest(data)[0]["edition"] == "2023"


def test_names_are_judged_alike_by_both_verifiers():
    alone = seals.stand_alone()
    for point in [*range(0x3000), 0xFEFF, 0xFFF9, 0x110BD, 0x1D173, 0xE0001, 0x1F600]:
        for name in (f"a{chr(point)}b", f"{chr(point)}b", f"a/{chr(point)}", f"con{chr(point)}"):
            if chr(point) not in "\n/":
                assert bool(fault_of(name)) == alone.bad_name(name), ascii(name)


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        (["a", "b"], False),
        (["a", "A"], True),
        (["straße", "strasse"], True),
        (["x/a", "X/b"], True),
        (["x", "x/b"], True),
        (["x", "X/b"], True),
        (["x/a", "x/b", "x/c/d"], False),
        ([unicodedata.normalize("NFC", "é"), "É"], True),
    ],
)
def test_twins(names, alike):
    assert bool(list(twins(names))) is alike


# ---- the file that is read


def test_what_is_no_regular_file_is_refused(tmp_path, capfd):
    (tmp_path / "folder.sealed").mkdir()
    assert run(["-C", str(tmp_path), "verify", "folder.sealed"]) == 2
    assert run(["-C", str(tmp_path), "verify", "nothing.sealed"]) == 2
    said = capfd.readouterr().err

    assert "folder.sealed:1:1: error E007" in said
    assert "nothing.sealed:1:1: error E007" in said


def test_a_file_past_every_limit_is_not_read(tmp_path, capfd):
    with (tmp_path / "huge.sealed").open("wb") as file:
        file.truncate(300 << 20)

    assert run(["-C", str(tmp_path), "verify", "huge.sealed"]) == 2
    assert "huge.sealed:1:1: error E008" in capfd.readouterr().err


# ---- the verifier that needs Python alone (F8)


def test_it_is_short_and_needs_python_alone():
    text = files.stand_alone_verifier()
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))

    assert len(text.splitlines()) <= 200
    assert imported <= {"hashlib", "json", "re", "sys", "unicodedata"}


def test_it_is_printed(capfd):
    assert run(["verify", "--stand-alone"]) == 0
    assert capfd.readouterr().out == files.stand_alone_verifier()


def test_it_runs_by_itself(tmp_path, capfd):
    (tmp_path / "a.sealed").write_bytes(SMALL)
    (tmp_path / "b.sealed").write_bytes(SMALL[:-1])
    main = seals.stand_alone().main

    assert main([str(tmp_path / "a.sealed")]) == 0
    assert main([str(tmp_path / "b.sealed"), str(tmp_path / "a.sealed")]) == 1
    assert main([str(tmp_path / "none.sealed")]) == 2
    assert main([]) == 2
    assert hash_of(SMALL) in capfd.readouterr().out
