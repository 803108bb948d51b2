import math

from custom.tables import markdown_table, number_cell, write_csv


def test_markdown():
    assert markdown_table(("a", "b"), [("x", 1), ("", "")]) == "| a | b |\n| --- | --- |\n| x | 1 |\n|  |  |"


def test_a_number_has_its_form_and_none_where_it_is_undefined():
    assert [number_cell(value, "+.1f") for value in (2.25, math.nan, None)] == ["+2.2", "", ""]


def test_what_is_undefined_stays_empty(tmp_path):
    write_csv(tmp_path / "new" / "a.csv", [{"b": 1.5, "a": math.nan}, {"b": None, "a": "x, y"}])
    assert (tmp_path / "new" / "a.csv").read_bytes() == b'b,a\r\n1.5,\r\n,"x, y"\r\n'


def test_columns_have_the_order_asked_for_and_may_be_missing_in_rows(tmp_path):
    write_csv(tmp_path / "a.csv", [{"b": 1}, {"a": 2}], columns=["a", "b"])
    assert (tmp_path / "a.csv").read_bytes() == b"a,b\r\n,1\r\n2,\r\n"


def test_no_rows(tmp_path):
    write_csv(tmp_path / "a.csv", [])
    assert (tmp_path / "a.csv").read_bytes() == b"\r\n"
