"""Colour grades: .cube files."""

import numpy as np
import pytest

from webcam_pix2pix.grade import Grade, read_cube


def cube(path, side=3, change=lambda r, g, b: (r, g, b), head="", rows=None):
    steps = [i / (side - 1) for i in range(side)]
    lines = [" ".join(f"{v:.6f}" for v in change(r, g, b)) for b in steps for g in steps for r in steps]
    path.write_text(
        f'TITLE "a test"\n# words\n{head}LUT_3D_SIZE {side}\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n' + "\n".join(lines[:rows]) + "\n"
    )
    return path


def test_a_grade_changes_every_colour_and_keeps_what_it_does_not_change(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    same = Grade(cube(tmp_path / "same.cube", 17))
    assert same.name == "same" and (same(image) == image).all()
    turned = Grade(cube(tmp_path / "turned.cube", change=lambda r, g, b: (b, 1 - g, r / 2)))(image).astype(int)
    expected = np.stack([image[..., 2], 255 - image[..., 1], image[..., 0] / 2], 2)
    assert np.abs(turned - expected).max() <= 1
    bent = Grade(cube(tmp_path / "bent.cube", 2, lambda r, g, b: (r * g, g, b)))(np.uint8([[[128, 128, 0]]]))  # between the entries
    assert abs(int(bent[0, 0, 0]) - 64) <= 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: cube(p, rows=20), "20 colours, expected 27"),
        (lambda p: p.write_text("hello"), "no LUT_3D_SIZE"),
        (lambda p: p.write_text("LUT_1D_SIZE 4\n"), "a 1D LUT"),
        (lambda p: p.write_text("LUT_3D_SIZE 999999\n"), "a number from 2 to 129"),
        (lambda p: p.write_text("LUT_3D_SIZE 2\n0 0 nan\n"), "line 2"),
        (lambda p: p.write_text("LUT_3D_SIZE 2\n0 0\n"), "expected three numbers"),
        (lambda p: p.write_text("LUT_3D_SIZE 2\n" + "0 0 0\n" * 9), "more than 8 colours"),
        (lambda p: p.write_bytes(bytes(range(256))), "cube"),
        (lambda p: p.write_text("LUT_3D_SIZE 2\nDOMAIN_MAX 4 4 4\n" + "0 0 0\n" * 8), "from 0 to 1"),
    ],
)
def test_what_is_no_grade_is_refused_in_one_line(tmp_path, make, words):
    make(tmp_path / "g.cube")
    with pytest.raises(ValueError, match=words) as error:
        read_cube(tmp_path / "g.cube")
    assert "g.cube" in str(error.value) and "\n" not in str(error.value)
