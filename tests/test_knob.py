from dataclasses import dataclass

import pytest

from msa.knob import checked, knob, knobs


@dataclass(frozen=True)
class Group:
    on: bool = knob(True, "a switch")
    size: int = knob(3, "a size", limits=(0, 10), unit="px")
    weight: float = knob(0.5, "a weight", limits=(0.0, 1.0))
    method: str = knob("a", "a choice", choices=("a", "b"))


def test_knobs_come_in_order_with_what_is_known_of_them():
    assert list(knobs(Group)) == ["on", "size", "weight", "method"]
    assert knobs(Group())["size"][1].unit == "px"


@pytest.mark.parametrize(("name", "value", "result"), [
    ("on", "off", False), ("on", True, True), ("on", "1", True), ("size", "7", 7), ("size", 7.0, 7), ("weight", "0.537123", 0.537123),
    ("weight", 1, 1.0), ("method", "b", "b")])
def test_values_are_parsed_and_keep_their_digits(name, value, result):
    assert checked(Group(), name, value) == result
    assert type(checked(Group(), name, value)) is type(result)


@pytest.mark.parametrize(("name", "value", "words"), [
    ("on", "perhaps", ["on", "perhaps", "true or false"]), ("size", "11", ["size", "11", "0 to 10 px"]),
    ("size", "2.5", ["size", "whole number"]),
    ("size", True, ["size", "whole number"]),
    ("weight", "nan", ["weight", "nan"]), ("weight", "inf", ["weight", "inf"]),
    ("size", "inf", ["size", "whole number"]), ("weight", None, ["weight", "None"]), ("method", "c", ["method", "c", "a, b"]),
    ("sise", 1, ["sise", "no such setting", "size"])])
def test_a_bad_value_gets_one_line_that_names_it(name, value, words):
    with pytest.raises(ValueError) as error:
        checked(Group(), name, value)
    assert "\n" not in str(error.value)
    assert all(word in str(error.value) for word in words)
