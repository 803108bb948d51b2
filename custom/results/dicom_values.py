"""Whether DICOM allows the values that a result takes over; those of other systems often are not what it allows."""

from __future__ import annotations

import re

from pydicom import DataElement, config
from pydicom.datadict import dictionary_has_tag, dictionary_VM
from pydicom.multival import MultiValue
from pydicom.valuerep import CUSTOMIZABLE_CHARSET_VR, STR_VR, validate_value

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LINE_ENDS = str.maketrans("", "", "\t\n\f\r")  # which texts may have
TEXTS = ("LT", "ST", "UT")
DATE_OR_TIME_RANGE = re.compile(r".*-")  # in queries alone
NAME_COMPONENTS = 5
ENUMERATED = {
    "PatientSex": ("M", "F", "O"),
    "PatientSexNeutered": ("ALTERED", "UNALTERED"),
    "PatientIdentityRemoved": ("YES", "NO"),
    "QualityControlSubject": ("YES", "NO"),
    "SmokingStatus": ("YES", "NO", "UNKNOWN"),
    "BurnedInAnnotation": ("YES", "NO"),
}


def is_allowed(element: DataElement) -> bool:
    """Tell whether DICOM allows an element's value, and all values in it where it is a sequence.

    Args:
        element: with its text decoded.
    """
    if element.VR == "SQ":
        return all(is_allowed(nested) for item in element.value for nested in item)
    values = element.value if isinstance(element.value, MultiValue | list) else [element.value]
    if len(values) > 1 and dictionary_has_tag(element.tag) and dictionary_VM(element.tag) == "1":
        return False
    if element.VR not in STR_VR:
        return True
    return all(_is_allowed_text(element.keyword, element.VR, str(value or "")) for value in values)


def _is_allowed_text(keyword: str, representation: str, value: str) -> bool:
    if not value:
        return True
    try:
        validate_value(representation, value, config.RAISE)
    except ValueError:
        return False
    if keyword in ENUMERATED:
        return value in ENUMERATED[keyword]
    if representation in CUSTOMIZABLE_CHARSET_VR:
        shown = value.translate(LINE_ENDS) if representation in TEXTS else value
        return CONTROL.search(shown) is None and (representation != "PN" or _has_few_components(value))
    return representation not in ("DA", "TM") or DATE_OR_TIME_RANGE.match(value) is None


def _has_few_components(name: str) -> bool:
    return all(group.count("^") < NAME_COMPONENTS for group in name.split("="))
