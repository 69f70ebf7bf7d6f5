import gzip
import io
import zipfile

import pytest

from deskstream_platform.errors import PlatformError
from deskstream_platform.replay.rows import read_rows
from deskstream_platform.replay.steps import Kind

OPEN = "HD-1;2024-03-30T22:50:00+01:00;nora;Open;;Printer on fire;Zoë;whole site;;;"
WORKING = "HD-1;2024-03-30T23:50:00+01:00;nora;Working;;;;;;;"


def kinds(tale):
    return [step.kind for step in tale.steps]


def zipped(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def whole(header):
    return b"\n".join([header, OPEN.encode(), WORKING.encode(), b""])


@pytest.mark.parametrize(
    "disguise",
    [
        lambda log: b"\xef\xbb\xbf" + log,
        lambda log: log.replace(b"\n", b"\r\n"),
        lambda log: log.replace(b"\n", b"\r\n\r\n"),
        gzip.compress,
        lambda log: zipped(log=log),
    ],
    ids=["byte order mark", "CRLF", "empty lines", "gzip", "zip"],
)
def test_a_log_in_another_wrapping_tells_the_same(told, header, disguise):
    tale = told(disguise(whole(header)))
    assert tale.refused == []
    assert kinds(tale) == [Kind.LOG, Kind.START]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "HD-1;yesterday;nora;Working;;;;;;;",
            "Changed is 'yesterday': it is no time of the form iso.",
        ),
        ("HD-1;;nora;Working;;;;;;;", "Changed is '': it is no time of the form iso."),
        (
            "HD-1;2024-03-30T23:10:00;nora;Working;;;;;;;",
            "Changed is '2024-03-30T23:10:00': it names no offset, and the mapping names no zone.",
        ),
        (
            "HD-1;0001-01-01T00:00:00+01:00;nora;Working;;;;;;;",
            "Changed is '0001-01-01T00:00:00+01:00': it is too early or too late.",
        ),
        (";2024-03-30T23:10:00Z;nora;Working;;;;;;;", "Key is empty, so it is about no ticket."),
        ("HD-1;2024-03-30T23:10:00Z", "It has 2 cells, the header has 11."),
        (f"{WORKING};more", "It has 12 cells, the header has 11."),
        (
            WORKING.replace("nora", '"no"ra'),
            "It is no row of cells: ';' expected after '\"'.",
        ),
        (
            WORKING.replace("nora", "x" * (1 << 20) + "x"),
            "It is no row of cells: field larger than field limit (1048576).",
        ),
        (WORKING.replace("nora", "no\0ra"), "It holds a NUL character."),
        (
            WORKING.replace("Working", "Dreaming"),
            "Status is 'Dreaming', Sub-status is '', for which the mapping has no state.",
        ),
        (
            "HD-1;2024-03-30T23:10:00Z;nora;Working;;;;huge;;;",
            "Severity is 'huge', for which the mapping has no meaning.",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_and_the_rest_goes_on(told, row, reason):
    tale = told([OPEN, row, WORKING])
    assert [(one.line, one.reason) for one in tale.refused] == [(3, reason)]
    assert kinds(tale) == [Kind.LOG, Kind.START]
    assert tale.rows == 3


def test_bytes_of_another_encoding_refuse_their_row_only(told, header):
    tale = told(whole(header) + "HD-2;2024-03-30T23:10:00Z;Zoë;Open;;;;;;;\n".encode("latin-1"))
    assert [(one.line, one.reason) for one in tale.refused] == [
        (
            4,
            (
                "It holds bytes that are not written in the encoding of the file; "
                "name another one in [file] of the mapping."
            ),
        )
    ]
    assert kinds(tale) == [Kind.LOG, Kind.START]


def test_a_log_in_the_encoding_that_its_mapping_names(told, header, another_mapping):
    file = another_mapping.file.model_copy(update={"encoding": "latin-1"})
    tale = told(
        whole(header).decode().encode("latin-1"), another_mapping.model_copy(update={"file": file})
    )
    assert tale.steps[0].fields["caller"] == "Zoë"


def test_a_row_out_of_order_is_told_when_it_was(told):
    tale = told([WORKING, OPEN])
    assert kinds(tale) == [Kind.LOG, Kind.START]
    assert [step.line for step in tale.steps] == [3, 2]


def test_rows_of_one_moment_are_told_in_the_order_of_the_file(told):
    tale = told([OPEN.replace("HD-1", "HD-2"), OPEN])
    assert [step.ticket for step in tale.steps] == ["HD-2", "HD-1"]


def test_a_row_of_several_lines_is_refused_by_its_first(told):
    several = WORKING.replace("Working;", 'Dreaming;"of\nsheep"').replace(";;;;;;;", ";;;;;;")
    tale = told([OPEN, several, WORKING.replace("nora;Working", "nora;Absent")])
    assert [one.line for one in tale.refused] == [3, 5]


def test_blanks_around_a_word_mean_nothing(told):
    tale = told([OPEN, WORKING.replace("Working", " Working ")])
    assert kinds(tale) == [Kind.LOG, Kind.START]


@pytest.fixture
def berlin(another_mapping):
    time = another_mapping.time.model_copy(update={"zone": "Europe/Berlin"})
    return another_mapping.model_copy(update={"time": time})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-07-01T12:00:00", "2024-07-01T10:00:00+00:00"),
        ("2024-07-01T12:00:00+05:00", "2024-07-01T07:00:00+00:00"),
        ("2024-10-27T02:30:00", "2024-10-27T00:30:00+00:00"),
    ],
    ids=["in the zone", "with an offset", "the first pass of an hour that occurs twice"],
)
def test_a_time_without_offset_is_meant_in_the_zone_of_the_mapping(told, berlin, written, meant):
    tale = told([OPEN.replace("2024-03-30T22:50:00+01:00", written)], berlin)
    assert tale.steps[0].at.isoformat() == meant


def test_a_time_that_never_was_is_refused(told, berlin):
    tale = told([OPEN.replace("2024-03-30T22:50:00+01:00", "2024-03-31T02:30:00")], berlin)
    assert [one.reason for one in tale.refused] == [
        (
            "Changed is '2024-03-31T02:30:00': "
            "there was no such time in Europe/Berlin, where clocks went forward."
        )
    ]


def test_after_a_first_row_that_is_refused_a_ticket_begins_in_the_middle(told):
    assert kinds(told([OPEN.replace("whole site", "huge"), WORKING])) == [Kind.IMPORT]


def test_nothing_becomes_new_again(told):
    tale = told([OPEN, WORKING, OPEN.replace("22:50", "23:55")])
    assert [(one.line, one.reason) for one in tale.refused] == [
        (4, "HD-1 is in progress, and the process knows no way from there to new.")
    ]


def test_a_header_alone_tells_nothing(told):
    tale = told([])
    assert (tale.steps, tale.refused, tale.tickets) == ([], [], 0)


def test_a_long_title_is_cut(told):
    title = told([OPEN.replace("Printer", "P" * 300)]).steps[0].fields["title"]
    assert len(title) == 200
    assert title.endswith("P…")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty; a log begins with the names of its columns"),
        (b"Key;Changed\n", "has no column Assignee, Author, Outcome,"),
        (lambda header: header + b";Key\n", "has more than one column Key"),
        (
            lambda header: header + b'\nHD-1;"open\nHD-2;\n',
            "cannot be read on from line 2: a quotation mark that opens there is never closed",
        ),
        (lambda header: gzip.compress(header)[:-9], "cannot be unpacked"),
        (lambda header: b"PK\x03\x04" + header, "cannot be unpacked"),
        (zipped(), "holds nothing; a log is one file"),
        (
            lambda header: zipped(a=header, b=header),
            "holds a, b; a log is one file, alone in its archive",
        ),
    ],
    ids=["empty", "columns", "twice", "quote", "gzip", "no zip", "empty zip", "two files"],
)
def test_a_log_that_cannot_be_read_is_a_sentence(told, header, content, sentence):
    with pytest.raises(PlatformError, match=sentence):
        told(content(header) if callable(content) else content)


def test_a_log_in_an_encoding_that_cannot_be_is_a_sentence(told, header, another_mapping):
    file = another_mapping.file.model_copy(update={"encoding": "utf-16"})
    with pytest.raises(PlatformError, match="is not written in utf-16"):
        told(whole(header), another_mapping.model_copy(update={"file": file}))


def test_a_log_that_is_not_there_is_a_sentence(tmp_path, another_mapping):
    with pytest.raises(PlatformError, match="cannot be read: No such file or directory"):
        list(read_rows(tmp_path / "nowhere.csv", another_mapping))
