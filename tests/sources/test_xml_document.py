"""The source ``xml``: records streamed by path, their bytes and places, the limits, and what is refused."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.errors import LimitError, SemanticsError, SourceError
from semantics.plan.model import ClassLayout, Layout, SlotLayout
from semantics.records import Record
from semantics.sources import EACH, Limits, ReadOptions, Selector, open_source, parse_selector_path, source_format
from semantics.sources.structure import record_slices
from semantics.sources.xml_document import read_again, xml_records

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def records(
    document: bytes | str, path: str = "rs.r[*]", *, block: int | None = None, encoding: str = "utf-8", **options: Any
) -> list[Record]:
    """The records of a document under a path, given in blocks of so many bytes."""
    raw = document if isinstance(document, bytes) else document.encode(encoding)
    step = block or max(len(raw), 1)
    pieces = (raw[start : start + step] for start in range(0, len(raw), step))
    asked = ReadOptions((Selector(parse_selector_path(path), options.pop("cls", None)),), **options)
    return list(xml_records(pieces, "d.xml", asked))


def data(document: bytes | str, path: str = "rs.r[*]", **options: Any) -> list[Any]:
    """The data of the records, which must have no fault."""
    found = records(document, path, **options)
    assert [record.fault for record in found] == [None] * len(found)
    return [record.data for record in found]


def faults(document: bytes | str, path: str = "rs.r[*]", **options: Any) -> list[str | None]:
    """The code of each record's fault."""
    return [record.fault and record.fault.code for record in records(document, path, **options)]


def ended(document: bytes | str, path: str = "rs.r[*]", **options: Any) -> str:
    """The code of what ended the reading."""
    with pytest.raises(SemanticsError) as caught:
        records(document, path, **options)
    return caught.value.diagnostics[0].code


def layout(*slots: SlotLayout, namespaces: dict[str, str] | None = None, **more: Any) -> Layout:
    """One class R with these slots."""
    return Layout(namespaces=namespaces or {}, classes={"R": ClassLayout(name="R", iri="urn:R", slots=slots, **more)})


def test_an_annotation_says_in_which_attribute_values_are() -> None:
    """What else an element of a scalar has is an object beside it; the class designates itself."""
    asked = layout(
        SlotLayout(name="kind"),
        SlotLayout(name="count", primitive="integer"),
        SlotLayout(name="names", many=True),
        SlotLayout(name="_names", many=True, holds="R"),
        SlotLayout(name="part", holds="R"),
        values="value",
        designator="is",
    )
    document = (
        '<rs><r><kind value="a"/><count value="3"/><names value="x"/><names id="n"><kind value="b"/></names>'
        '<part><count id="c" value="4"/></part></r><r><kind>a</kind></r></rs>'
    )
    found = records(document, layout=asked, cls="R")
    assert [record.fault and record.fault.code for record in found] == [None, "SRC059"]
    assert found[0].data == {
        "is": "R", "kind": "a", "count": 3, "names": ["x"], "_names": [{"is": "R", "id": "n", "kind": "b"}],
        "part": {"is": "R", "count": 4, "_count": {"id": "c"}},
    }  # fmt: skip


def test_a_step_may_be_any_element_whose_name_tells_the_class() -> None:
    """By its local name."""
    asked = Selector(parse_selector_path("rs.r.*"), class_by="xml_name")
    found = xml_records(iter([b"<rs><r><a/></r><r><b/></r><s><c/></s></rs>"]), "d.xml", ReadOptions((asked,)))
    assert [record.class_name for record in found] == ["a", "b"]


# -- records and their places ----------------------------------------------------------------------


def test_xml_is_told_by_its_name() -> None:
    """Compressed or not."""
    assert source_format("a.xml") == source_format("a.XML.gz") == "xml"


DOCUMENT = (
    '\ufeff<?xml version="1.0"?>\n<!-- <r/> -->\n<rs>\n <r/><r a=">/&gt;">/></r>\n <r ><b/></r\n >'
    "<r><!--/>--></r><r><![CDATA[/>]]></r>é<r><é>ü</é></r></rs>\n"
)
PIECES = [
    "<r/>",
    '<r a=">/&gt;">/></r>',
    "<r ><b/></r\n >",
    "<r><!--/>--></r>",
    "<r><![CDATA[/>]]></r>",
    "<r><é>ü</é></r>",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("block", [1, 7, 10_000])
def test_each_record_has_its_exact_bytes_byte_and_line(encoding: str, block: int) -> None:
    """Whatever the encoding, the form of its tags, and the blocks in which the bytes come."""
    whole = DOCUMENT.encode(encoding)
    found = records(whole, block=block)
    assert [record.raw for record in found] == [piece.encode(encoding) for piece in PIECES]
    for record in found:
        assert record.raw is not None
        assert record.byte is not None
        assert whole[record.byte :].startswith(record.raw)
        assert record.line == DOCUMENT[: len(whole[: record.byte].decode(encoding))].count("\n") + 1
    assert [record.pointer for record in found] == [f"/rs/r/{n}" for n in range(6)]
    assert [record.number for record in found] == [1, 2, 3, 4, 5, 6]


def test_a_record_is_read_again_from_its_bytes_alone() -> None:
    """What it needs of the document around it (namespaces, encoding) comes with it, as plain data."""
    document = (
        f'<p:rs xmlns:p="urn:p&amp;" xmlns="urn:q" {XSI}><p:r xmlns:z="urn:z"><z:n xsi:nil="1"/><k>ü</k></p:r></p:rs>'
    )
    for encoding in ("utf-8", "utf-16-le"):
        (record,) = records(document, encoding=encoding)
        assert record.raw is not None
        assert record.envelope is not None
        again = read_again(record.raw, record.envelope, "d.xml", ReadOptions(), "R")
        assert (again.data, again.raw, again.class_name) == (record.data, record.raw, "R")
    assert read_again(b"null", {"format": "xml"}, "d.xml", ReadOptions(), None).fault is not None
    assert read_again(b"<a/><b/>", {"format": "xml"}, "d.xml", ReadOptions(), None).fault is not None


def test_paths_begin_with_the_root_and_stars_change_nothing() -> None:
    """An element that stands several times is a list; without a path the root is the record."""
    document = "<a><b><c>1</c></b><b><c>2</c></b></a>"
    assert data(document, "a.b") == data(document, "a[*].b[*]") == [{"c": "1"}, {"c": "2"}]
    assert data(document, "a") == [{"b": [{"c": "1"}, {"c": "2"}]}]
    assert data(document, "") == [{"b": [{"c": "1"}, {"c": "2"}]}]
    assert [record.pointer for record in records(document, "")] == [None]
    assert [record.pointer for record in records(document, "a.b")] == ["/a/b", "/a/b/1"]


def test_an_empty_envelope_holds_no_records_and_another_document_is_an_error() -> None:
    """What holds none is told from what could not hold any."""
    assert records("<rs/>") == []
    assert records("<rs><other/></rs>") == []
    assert ended("<xs><r/></xs>") == "SRC006"
    assert ended("") == "SRC002"


def test_records_in_a_namespace_that_is_not_declared_are_not_passed_over_in_silence() -> None:
    """The root's namespace is known, others are declared by the schema, as a prefix."""
    document = '<rs xmlns="urn:a"><r xmlns="urn:b"/></rs>'
    with pytest.raises(SourceError) as caught:
        records(document)
    assert "urn:b" in str(caught.value.diagnostics[0].hint)
    known = Layout(namespaces={"b": "urn:b#"}, classes={})
    assert data(document, layout=known) == data(document, "rs.b:r", layout=known) == [{}]
    assert data(document, 'rs."{urn:b}r"') == [{}]


def test_selectors_tell_by_keys_and_records_may_hold_records() -> None:
    """The outer record first, then those inside of it; what fits no selector is a record too."""
    document = '<rs><r kind="A"><s><n>1</n></s></r><r><s><n>2</n></s></r><r/><r no="1"/></rs>'
    options = ReadOptions(
        (
            Selector(("rs", "r"), class_by="kind"),
            Selector(("rs", "r", "s"), "S", has=("n",), unless=("m",)),
        )
    )
    found = list(xml_records(iter([document.encode()]), "d.xml", options))
    assert [(record.class_name, record.pointer) for record in found] == [
        ("A", "/rs/r"),
        ("S", "/rs/r/s"),
        ("S", "/rs/r/1/s"),
        (None, "/rs/r/2"),
        (None, "/rs/r/3"),
    ]


def test_the_first_selector_that_fits_tells_the_class() -> None:
    """One that asks for keys before one that takes everything; in JSON and in XML."""
    asks, takes = Selector(("a", EACH), "A", has=("x",)), Selector(("a", EACH), "B")
    for chosen, classes in (((asks, takes), ["A", "B"]), ((takes, asks), ["B", "B"])):
        slices = record_slices(b'{"a": [{"x": 1}, {"y": 1}]}', chosen)
        assert [found.class_name for found in slices] == classes
        inside = tuple(Selector(("rs", *selector.path), selector.class_name, None, selector.has) for selector in chosen)
        found = xml_records(iter([b"<rs><a><x>1</x></a><a/></rs>"]), "d.xml", ReadOptions(inside))
        assert [record.class_name for record in found] == classes


# -- limits ----------------------------------------------------------------------------------------


def _deep(levels: int) -> str:
    return "<a>" * levels + "</a>" * levels


def test_a_record_over_a_limit_is_rejected_by_itself() -> None:
    """Its neighbours are read; its bytes are kept unless they are what is too much."""
    small = Limits(depth=5, attributes=3, field_bytes=10, keys=4, record_bytes=200)
    bad = {
        "SRC021": f"<r>{_deep(5)}</r>",
        "SRC056": '<r a="1" b="2" c="3" d="4"/>',
        "SRC044": f"<r><a>{'x' * 11}</a></r>",
        "SRC022": "<r><a/><b/><c/><d/><e/></r>",
        "SRC024": f"<r>{'<a>12345</a>' * 20}</r>",
    }
    for block in (None, 3):
        found = records(f"<rs>{''.join(bad.values())}<r><a>1</a></r></rs>", limits=small, block=block)
        assert [record.fault and record.fault.code for record in found] == [*bad, None]
        for record, piece in zip(found, bad.values(), strict=False):
            assert record.raw == (None if len(piece) > 200 else piece.encode())
        assert found[-1].data == {"a": "1"}


def test_attributes_over_the_limit_inside_a_record_and_of_an_empty_one() -> None:
    """Where the record ends is known in each form."""
    wide = 'a="1" b="2" c="3" d="4"'
    pieces = [f"<r {wide}/>", f"<r {wide}>/></r>", f"<r><x {wide}/></r>", f"<r {wide}><x/></r>", "<r/>"]
    found = records(f"<rs>{''.join(pieces)}</rs>", limits=Limits(attributes=3))
    assert [record.raw for record in found] == [piece.encode() for piece in pieces]
    assert [bool(record.fault) for record in found] == [True, True, True, True, False]


def test_what_is_too_much_outside_of_records_ends_the_reading() -> None:
    """Levels, attributes, namespaces, and a tag that never ends."""
    assert ended(f"<rs>{_deep(200)}</rs>") == "SRC055"
    assert ended('<rs a="1" b="2"><r/></rs>', limits=Limits(attributes=1)) == "SRC056"
    assert ended('<rs xmlns:a="u:a" xmlns:b="u:b"><r/></rs>', limits=Limits(attributes=1)) == "SRC056"
    endless = (b"<rs><!--" if n == 0 else b"x" * 1000 for n in range(1000))
    with pytest.raises(LimitError):
        list(xml_records(endless, "d.xml", ReadOptions(limits=Limits(record_bytes=10_000))))


def test_memory_holds_one_record() -> None:
    """Ten times the records take no more memory."""

    def blocks(count: int) -> Iterator[bytes]:
        yield b"<rs>"
        for number in range(count // 100):
            yield b"".join(
                b'<r id="%d"><name>somebody</name><x><y>1</y></x></r>' % (number * 100 + n) for n in range(100)
            )
        yield b"</rs>"

    def peak(count: int) -> int:
        tracemalloc.start()
        options = ReadOptions((Selector(("rs", "r")),))
        assert sum(1 for _ in xml_records(blocks(count), "d.xml", options)) == count
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    peak(1_000)
    assert peak(20_000) < peak(2_000) + 100_000


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<rs><r></rs>", "SRC050"),
        ("<rs><r/></rs><rs/>", "SRC050"),
        ("<rs><p:r/></rs>", "SRC050"),
        ("<rs><r>&nbsp;</r></rs>", "SRC050"),
        ("<rs><r", "SRC050"),
        ('{"rs": []}', "SRC050"),
        (b"<rs><r>\xff</r></rs>", "SRC003"),
        (b"PK\x03\x04 a spreadsheet", "SRC003"),
        ('<?xml version="1.0" encoding="UTF-7"?><rs/>', "SRC052"),
        ('<?xml version="1.0" encoding="windows-1252"?><rs/>', "SRC052"),
        ("<!DOCTYPE rs><rs/>", "SRC051"),
        ('<!DOCTYPE rs [<!ENTITY a "b">]><rs>&a;</rs>', "SRC051"),
    ],
)
def test_what_is_refused(document: str | bytes, code: str) -> None:
    """Whatever nobody can read on from, or what would be more than the document holds."""
    assert ended(document) == code


def test_a_doctype_is_passed_over_where_the_operator_says_so(tmp_path: Path) -> None:
    """One that declares nothing; what it points to is not opened, and its entities stay unknown."""
    (tmp_path / "rs.dtd").write_text('<!ENTITY a "from the file">')
    allowed = Limits(doctype=True)
    head = f'<!DOCTYPE rs SYSTEM "{tmp_path / "rs.dtd"}">'
    assert data(f"{head}<rs><r><a>1</a></r></rs>", limits=allowed) == [{"a": "1"}]
    assert ended(f"{head}<rs><r><a>&a;</a></r></rs>", limits=allowed) == "SRC051"
    assert ended('<!DOCTYPE rs [<!ENTITY a "b">]><rs/>', limits=allowed) == "SRC051"


def test_latin_1_is_read_where_it_is_declared() -> None:
    """XML tells its encoding, so that nothing is guessed."""
    document = '<?xml version="1.0" encoding="ISO-8859-1"?><rs><r><a>ü</a></r></rs>'.encode("latin-1")
    (record,) = records(document)
    assert record.data == {"a": "ü"}
    assert record.raw is not None
    assert record.envelope is not None
    assert read_again(record.raw, record.envelope, "d.xml", ReadOptions(), None).data == {"a": "ü"}


# -- values ----------------------------------------------------------------------------------------


def test_slots_of_a_class_say_what_a_text_is() -> None:
    """Lists, numbers, texts that stand for none, objects by their identifier, and what is open."""
    slots = (
        SlotLayout(name="n", primitive="integer", collapsed=True, missing=("NA",)),
        SlotLayout(name="many", many=True),
        SlotLayout(name="by", many=True, holds="R", key="id"),
        SlotLayout(name="id"),
        SlotLayout(name="any", open=True),
    )
    read = layout(*slots, identifier="id")
    document = (
        '<rs><r n="NA"><many>a</many><by id="1"><n> 3 </n></by><by id="2"/><any><x>1</x></any><any>2</any></r></rs>'
    )
    assert data(document, layout=read, cls="R") == [
        {"n": "NA", "many": ["a"], "by": {"1": {"id": "1", "n": 3}, "2": {"id": "2"}}, "any": [{"x": "1"}, "2"]}
    ]
    assert faults('<rs><r><by id="1"/><by id="1"/></r><r><by/></r></rs>', layout=read, cls="R") == ["SRC062", "SRC062"]
    assert faults("<rs><r><any>a<b/></any></r><r n='x'/></rs>", layout=read, cls="R") == ["SRC053", "SRC058"]
    assert [record.fault.location.pointer for record in records("<rs><r n='x'/></rs>", layout=read, cls="R") if record.fault and record.fault.location] == ["/rs/r/0/n"]  # fmt: skip


def test_attributes_of_a_scalar_stand_beside_it() -> None:
    """Nothing is lost: they are keys of their own, which the ledger counts."""
    read = layout(SlotLayout(name="name"))
    assert data('<rs><r><name xml:lang="en">Ann</name></r></rs>', layout=read, cls="R") == [
        {"name": "Ann", "name@{http://www.w3.org/XML/1998/namespace}lang": "en"}
    ]


def test_the_class_that_an_element_names_is_read() -> None:
    """By xsi:type or a designator; only one that the class is or has below it."""
    below = ClassLayout(
        name="S", iri="urn:S", slots=(SlotLayout(name="n", primitive="integer"), SlotLayout(name="kind"))
    )
    above = ClassLayout(name="R", iri="urn:R", slots=(SlotLayout(name="kind"),), below=("S",), designator="kind")
    read = Layout(namespaces={}, classes={"R": above, "S": below})
    document = (
        f'<rs {XSI}><r xsi:type="S"><n>1</n></r><r kind="S"><n>2</n></r><r xsi:type="T"/><r xsi:type="a b"/></rs>'
    )
    found = records(document, layout=read, cls="R")
    assert [record.data for record in found] == [{"xsi_type": "S", "n": 1}, {"kind": "S", "n": 2}, None, None]
    assert [record.fault and record.fault.code for record in found[2:]] == ["SRC061", "SRC061"]


# -- what is written is read -----------------------------------------------------------------------

NAMES = st.text("abcxyzé_", min_size=1, max_size=4)
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12)
TREES = st.recursive(
    TEXTS,
    lambda below: st.one_of(
        st.dictionaries(NAMES, below, min_size=1, max_size=4),
        st.dictionaries(NAMES, st.lists(below.filter(lambda value: not isinstance(value, list)), min_size=2, max_size=3),
                        min_size=1, max_size=2),
    ),
    max_leaves=12,
)  # fmt: skip


def written(name: str, value: Any) -> str:
    """A plain tree as XML; texts whose key has an even length stand in attributes."""
    if isinstance(value, list):
        return "".join(written(name, item) for item in value)
    if isinstance(value, str):
        return f"<{name}>{escape(value)}</{name}>"
    attributes = {key: item for key, item in value.items() if isinstance(item, str) and len(key) % 2 == 0}
    head = "".join(f" {key}={quoteattr(item)}" for key, item in attributes.items())
    inner = "\n".join(written(key, item) for key, item in value.items() if key not in attributes)
    return f"<{name}{head}>\n{inner}</{name}>"


@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=4), st.integers(1, 60))
def test_what_is_written_is_read(tree: dict[str, Any], block: int) -> None:
    """Any tree of texts, in blocks of any size."""
    document = f"<rs>{written('r', tree)}{written('r', tree)}</rs>"
    assert data(document, block=block) == [tree, tree]


@given(st.binary(max_size=60), st.integers(1, 20))
def test_any_bytes_give_records_or_an_error(noise: bytes, block: int) -> None:
    """Nothing else is ever raised."""
    for document in (noise, b"<rs><r>" + noise + b"</r></rs>"):
        try:
            records(document, block=block)
        except SemanticsError:
            pass


def test_the_records_of_the_published_files_are_read(shared: Path) -> None:
    """ISO 20022, SIRI, EPCIS, UBL, CII and ESPI: every document by its root, with its exact bytes."""
    seen = 0
    for folder in ("iso20022_camt", "uk_bods", "epcis", "en16931_invoice", "greenbutton_espi"):
        for path in sorted((shared / "sources" / folder).rglob("*.xml")):
            (record,) = open_source(path, "xml")
            assert record.fault is None, path
            assert record.raw is not None
            assert path.read_bytes().rstrip().endswith(record.raw)
            seen += 1
    assert seen > 40


# -- elements around others ------------------------------------------------------------------------

AROUND = layout(
    SlotLayout(name="id"),
    SlotLayout(name="more", around="wrapper"),
    SlotLayout(name="tags", many=True, around="items"),
    SlotLayout(name="parts", many=True, holds="R", around="items"),
)


def test_a_wrapper_holds_slots_of_the_object_around_it() -> None:
    """However deep it is nested, and wherever the slots stand."""
    found = data("<rs><r><more><more><id>1</id></more><x>2</x></more></r><r><more/></r></rs>", cls="R", layout=AROUND)
    assert found == [{"id": "1", "x": "2"}, {}]


def test_an_element_around_the_values_of_a_slot_is_no_value() -> None:
    document = """<rs><r><tags n="2"><t>a</t><u>b</u></tags><parts><p><id>1</id></p><p><tags/></p></parts></r></rs>"""
    assert data(document, cls="R", layout=AROUND) == [{"tags@n": "2", "tags": ["a", "b"], "parts": [{"id": "1"}, {}]}]


def test_an_element_may_have_another_name_than_its_slot() -> None:
    named = layout(SlotLayout(name="notes", many=True, names=("note",)))
    assert data("<rs><r><note>a</note><note>b</note></r></rs>", cls="R", layout=named) == [{"notes": ["a", "b"]}]


def test_text_in_an_element_around_others_rejects() -> None:
    assert faults("<rs><r><tags>a</tags></r><r><more>b</more></r></rs>", cls="R", layout=AROUND) == ["SRC059", "SRC059"]
    twice = "<rs><r><more><id>1</id></more><id>2</id></r></rs>"
    assert faults(twice, cls="R", layout=AROUND) == ["SRC054"]


# -- names that differ from those of the slots -----------------------------------------------------


def test_annotations_say_how_elements_are_called() -> None:
    """Further names of a slot, and names in snake case, declared or not; what two wrappers say alike counts once."""
    asked = layout(
        SlotLayout(name="total_area", primitive="integer"),
        SlotLayout(name="kind"),
        SlotLayout(name="walls", many=True, names=("wall",)),
        SlotLayout(name="report_header", around="wrapper"),
        snake=True,
    )
    document = (
        "<rs><r><Report-Header><Kind>a</Kind><Other-Thing><Of-It>x</Of-It></Other-Thing></Report-Header><Kind>a</Kind>"
        "<Wall>w</Wall><Wall>v</Wall><Total-Area>55</Total-Area></r>"
        "<r><Report-Header><Kind>a</Kind></Report-Header><Kind>b</Kind></r></rs>"
    )
    found = records(document, layout=asked, cls="R")
    assert [record.fault and record.fault.code for record in found] == [None, "SRC054"]
    assert found[0].data == {"kind": "a", "other_thing": {"of_it": "x"}, "walls": ["w", "v"], "total_area": 55}
