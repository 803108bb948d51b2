import pytest

from custom.terminal import print_line

NAME = "scan[red]:a:1/" + "long" * 50 + ":x:.png"


@pytest.mark.parametrize("error", [False, True])
def test_names_of_files_are_printed_as_they_are(capsys, error):
    print_line(f"wrote {NAME}", style="red", error=error)
    printed = capsys.readouterr()
    assert (printed.err if error else printed.out) == f"wrote {NAME}\n"
    assert (printed.out if error else printed.err) == ""
