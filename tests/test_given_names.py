import pytest

from custom.given_names import given_names


@pytest.mark.parametrize("given", ["dose,blur", "dose, blur", ["dose", "blur"], ("dose", "blur")])
def test_one_text_or_several(given):
    assert given_names(given) == ["dose", "blur"]


@pytest.mark.parametrize(("given", "name"), [(5, "5"), (0.5, "0.5"), (None, "None")])
def test_what_is_no_text_is_one_name(given, name):
    assert given_names(given) == [name]
