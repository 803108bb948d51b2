import pytest

from custom.given_names import given_names


@pytest.mark.parametrize("given", ["dose,blur", ["dose", "blur"], ("dose", "blur")])
def test_one_text_or_several(given):
    assert given_names(given) == ["dose", "blur"]
