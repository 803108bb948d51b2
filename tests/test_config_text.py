import pytest
from monai.bundle import ConfigParser

from custom.config_text import plain_text


@pytest.mark.parametrize(
    "text",
    [
        "a#b/c.json",
        "$HOME",
        "@eaDir/x",
        "%20",
        "2024",
        "1e5",
        "2024_01_15",
        'it\'s \\#1 "@x" %y $z',
        "ü#1\n",
        "plain",
        "",
    ],
)
def test_a_config_gives_texts_as_they_are(text):
    parser = ConfigParser(
        {"path": plain_text(text), "file": "$@path + '/model.pt'", "several": plain_text([text, "b"])}
    )
    assert parser.get_parsed_content("path") == text
    assert parser.get_parsed_content("file") == text + "/model.pt"
    assert parser.get_parsed_content("several") == [text, "b"]


@pytest.mark.parametrize("value", [3, 0.5, None, True, "output/model.pt", "a b [1]", {"a": "#"}])
def test_what_no_config_changes_stays(value):
    assert plain_text(value) is value
