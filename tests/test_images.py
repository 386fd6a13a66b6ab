"""Image files of every kind: colour, transparency, damage, depth. What is expected is worked out here, not by the reader."""

import io
import os
import struct
import threading

import cv2
import numpy as np
import pytest
from footage import photo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from msa.images import decode, decode_image, encode_image, encode_jpeg, parse_ground, read_image, shrunk
from msa.images.complaints import complaints

SIZE = (320, 240)


def encoded(kind: str, image: np.ndarray | None = None, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(cv2.resize(photo(3), SIZE) if image is None else image).save(file, kind, **options)
    return file.getvalue()


def refused(data: bytes, name: str = "a.file") -> str:
    with pytest.raises(OSError) as error:
        decode_image(data, name)
    text = str(error.value)
    assert text.startswith(f"{name}: ") and "\n" not in text
    return text


# ------------------------------------------------------------------------------------------------------------------------------ colour

PRIMARIES = {"p3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), "adobe": ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060)),
             "srgb": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))}
WHITE = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
D50 = np.array([0.9642, 1.0, 0.8249])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def to_xyz(name: str) -> np.ndarray:
    """RGB of some primaries -> XYZ, 3x3, white D65."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in PRIMARIES[name]]).T
    return columns * np.linalg.solve(columns, WHITE)


def profile(name: str, gamma: float = 2.2) -> bytes:
    """An ICC profile of version 2: three primaries and a gamma."""
    adapt = np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ D50) / (BRADFORD @ WHITE)) @ BRADFORD
    matrix = adapt @ to_xyz(name)

    def xyz(values) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(4 + 4 + 2 + 1 + 67)
    tags = {b"desc": text + bytes(-len(text) % 4), b"wtpt": xyz(D50), b"rXYZ": xyz(matrix[:, 0]), b"gXYZ": xyz(matrix[:, 1]),
            b"bXYZ": xyz(matrix[:, 2]), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve, b"cprt": b"text\0\0\0\0none\0\0\0\0"}
    table, body, place = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, value in tags.items():
        table += tag + struct.pack(">II", place + len(body), len(value))
        body += value
    head = struct.pack(">I4sI4s4s4s12s4s", 0, b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp") + bytes(28)
    head += struct.pack(">3i", *(round(v * 65536) for v in D50)) + bytes(48)
    return struct.pack(">I", len(head) + len(table) + len(body)) + head[4:] + table + body


def as_srgb(colour: tuple[int, int, int], name: str, gamma: float = 2.2) -> np.ndarray:
    linear = np.linalg.solve(to_xyz("srgb"), to_xyz(name) @ (np.array(colour) / 255) ** gamma).clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind, options", [("PNG", {}), ("JPEG", {"quality": 95, "subsampling": 0}), ("WEBP", {"lossless": True}),
                                           ("TIFF", {}), ("AVIF", {"quality": 95, "subsampling": "4:4:4"})])
@pytest.mark.parametrize("name", ["p3", "adobe"])
def test_colour_profiles_become_srgb(kind, options, name):
    colour = (200, 90, 60)
    flat = np.full((32, 48, 3), colour, np.uint8)
    data = encoded(kind, flat, icc_profile=profile(name), **options)
    found = decode_image(data, "a")[16, 24].astype(int)
    assert np.abs(found - as_srgb(colour, name)).max() <= 5, found
    assert np.abs(found - colour).max() > 8
    unprofiled = decode_image(encoded(kind, flat, **options), "a")[16, 24].astype(int)
    assert np.abs(unprofiled - colour).max() <= 4, "no profile: sRGB"


def test_a_profile_that_is_srgb_changes_no_byte_and_a_broken_one_is_left_alone():
    from PIL import ImageCms
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (own, b"\0" * 200, profile("p3")[:300]):
        assert np.array_equal(decode_image(encoded("PNG", icc_profile=icc), "a"), decode_image(encoded("PNG"), "a"))


def test_a_profile_on_a_transparent_image():
    flat = np.full((8, 8, 4), (200, 90, 60, 255), np.uint8)
    flat[:4, :, 3] = 0
    found = decode_image(encoded("PNG", flat, icc_profile=profile("p3")), "a")
    assert found[0, 0].tolist() == [255, 255, 255] and np.abs(found[6, 6] - as_srgb((200, 90, 60), "p3")).max() <= 5


# ------------------------------------------------------------------------------------------------------------------------ transparency

def ink(mode: str) -> Image.Image:
    """Black ink on a ground that is transparent, and black under it."""
    alpha = Image.new("L", (32, 32), 0)
    alpha.paste(255, (8, 8, 24, 24))
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    image.putalpha(alpha)
    if mode == "P":
        flat = Image.new("P", (32, 32), 0)
        flat.putpalette([0, 0, 0, 0, 0, 0])
        flat.paste(1, (8, 8, 24, 24))
        flat.info["transparency"] = 0
        return flat
    if mode == "RGB":  # one colour is transparent
        flat = Image.new("RGB", (32, 32), (1, 2, 3))
        flat.paste((0, 0, 0), (8, 8, 24, 24))
        flat.info["transparency"] = (1, 2, 3)
        return flat
    return image.convert(mode)


@pytest.mark.parametrize("kind, mode", [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "RGB"), ("WEBP", "RGBA"), ("TIFF", "RGBA"),
                                        ("AVIF", "RGBA"), ("GIF", "P")])
def test_what_is_transparent_shows_the_ground(kind, mode):
    file = io.BytesIO()
    image = ink(mode)
    image.save(file, kind, **({"lossless": True} if kind == "WEBP" else {"transparency": image.info["transparency"]}
                              if "transparency" in image.info else {}))
    white, red = decode_image(file.getvalue(), "a"), decode_image(file.getvalue(), "a", parse_ground("#ff0000"))
    assert white[2, 2].min() > 250 and white[16, 16].max() < 6
    assert red[2, 2, 0] > 250 and red[2, 2, 1:].max() < 6 and red[16, 16].max() < 6


def test_half_transparent_pixels_are_mixed_and_opaque_ones_are_untouched():
    image = np.dstack([photo(1), np.full(photo(1).shape[:2], 255, np.uint8)])
    assert np.array_equal(decode_image(encoded("PNG", image), "a"), photo(1))
    image[..., 3] = 128
    mixed = photo(1) * (128 / 255) + 255 * (127 / 255)
    assert np.abs(decode_image(encoded("PNG", image), "a") - mixed).max() <= 1


def test_grounds():
    assert parse_ground("white") == (255, 255, 255) and parse_ground(" #102030") == (16, 32, 48)
    with pytest.raises(ValueError, match="'paper' is no colour"):
        parse_ground("paper")


# ------------------------------------------------------------------------------------------------------------------------------ damage

def hole(data: bytes, at: float = 0.5, length: int = 200) -> bytes:
    place = int(len(data) * at)
    return data[:place] + bytes(length) + data[place + length:]


JPEGS = {"plain": {}, "progressive": {"progressive": True}, "restart": {"restart_marker_rows": 1},
         "optimised": {"optimize": True, "quality": 92}}


@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
def test_jpegs_with_holes_are_refused_by_name_and_silently(options, capfd):
    data = encoded("JPEG", **options)
    for broken in (hole(data), hole(data, 0.75), data[:len(data) // 2] + b"\xff\xd9", data[:len(data) // 2] + data[len(data) // 2 + 300:]):
        assert "damaged JPEG image" in refused(broken)
    assert "cut short" in refused(data[:len(data) // 2])
    assert capfd.readouterr().err == "", "no nameless line of the decoder"


@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
def test_jpegs_with_anything_after_their_end_are_whole(options, capfd):
    data = encoded("JPEG", **options)
    whole = decode_image(data, "a")
    for longer in (data + os.urandom(3 * len(data)), data + data, data[:-2] + b"SEFT trailer of a panorama" * 40, data[:-2],
                   data[:-2] + bytes(50) + b"\xff\xd9"):
        assert np.array_equal(decode_image(longer, "a"), whole)
    assert capfd.readouterr().err == ""


def test_cmyk_with_a_profile_is_looked_at_too():
    from PIL import ImageCms
    image = Image.fromarray(cv2.resize(photo(3), SIZE)).convert("CMYK")
    file = io.BytesIO()
    image.save(file, "JPEG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())  # of no use, and left alone
    assert np.abs(decode_image(file.getvalue(), "a").astype(int) - cv2.resize(photo(3), SIZE)).mean() < 12
    assert "damaged JPEG" in refused(hole(file.getvalue()))


def test_the_end_of_a_thumbnail_is_not_the_end():
    """A thumbnail in the header brings an end marker of its own."""
    exif = b"\xff\xe1" + struct.pack(">H", 8 + 400) + b"Exif\0\0" + b"\xff\xd8thumbnail\xff\xd9".ljust(400, b"\0")
    data = encoded("JPEG")
    whole = data[:2] + exif + data[2:]
    assert np.array_equal(decode_image(whole, "a"), decode_image(data, "a"))
    assert "cut short" in refused(whole[:-len(data) // 2])


@pytest.mark.parametrize("kind, options", [("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {"compression": "tiff_adobe_deflate"}),
                                           ("TIFF", {"compression": "jpeg"}), ("PNG", {})])
def test_holes_elsewhere(kind, options, capfd):
    data = encoded(kind, **options)
    assert "damaged" in refused(hole(data)) and "damaged" in refused(data[:len(data) // 2])
    assert np.array_equal(decode_image(data + bytes(500), "a"), decode_image(data, "a"))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("info", [{}, {317: 2}, {278: 7}, {317: 2, 278: 1}, {274: 6}])
@pytest.mark.parametrize("mode", ["RGB", "L", "I;16", "RGBA"])
def test_deflated_tiffs_are_read_right_in_all_their_layouts(mode, info):
    image = photo(1)
    stored = {"RGB": image, "L": image[..., 0].copy(), "I;16": image[..., 0].astype(np.uint16) * 257,
              "RGBA": np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])}[mode]
    expected = image if mode in ("RGB", "RGBA") else np.repeat(image[..., :1], 3, 2)
    data = encoded("TIFF", stored, compression="tiff_adobe_deflate", tiffinfo=info)
    found = decode_image(data, "a")
    assert np.array_equal(found, np.rot90(expected, -1) if 274 in info else expected)
    assert "damaged TIFF" in refused(data[:8] + hole(data[8:], 0.3, 300))


def test_webp_cut_short():
    data = encoded("WEBP")
    assert "damaged WebP" in refused(data[:len(data) // 2])
    assert decode_image(data + b"x" * 999, "a").shape == (240, 320, 3)


def test_what_others_write_to_stderr_meanwhile_gets_there(capfd):
    with complaints() as said:
        os.write(2, b"a line of another thread\nCorrupt JPEG data: bad Huffman code\n")
    assert said == ["Corrupt JPEG data: bad Huffman code"] and capfd.readouterr().err == "a line of another thread\n"


def test_threads_do_not_mix_up_whose_file_is_damaged():
    good, bad = encoded("JPEG"), hole(encoded("JPEG"))
    results: list[bool] = []

    def work(data: bytes, expected: bool) -> None:
        for _ in range(20):
            try:
                decode_image(data, "a")
                results.append(expected)
            except OSError:
                results.append(not expected)

    threads = [threading.Thread(target=work, args=(data, expected)) for data, expected in ((good, True), (bad, False)) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 80 and all(results)


# ----------------------------------------------------------------------------------------------------------------------- depth and kind

def test_floats_and_32_bits_are_named_for_what_they_are(tmp_path, capfd):
    for name, dtype, text in (("f.tif", np.float32, "32-bit floats"), ("d.tif", np.float64, "64-bit floats"),
                              ("i.tif", np.int32, "32-bit signed whole numbers")):
        assert cv2.imwrite(str(tmp_path / name), (photo(1)[..., 0] / 255).astype(dtype))
        with pytest.raises(OSError, match=f"{name}: {text}, expected 8 or 16 bits per channel"):
            read_image(tmp_path / name)
    assert cv2.imwrite(str(tmp_path / "rgb.tif"), photo(1).astype(np.float32))
    with pytest.raises(OSError, match=r"rgb.tif: 32-bit floats"):
        read_image(tmp_path / "rgb.tif")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_twelve_bits_in_sixteen_are_reported(suffix):
    grey = photo(1)[..., 0].astype(np.uint16)
    dark, full = (cv2.imencode(suffix, values)[1].tobytes() for values in (grey * 16, grey * 257))
    assert "no value above 6 % of white" in decode(dark, "a").remark and decode(full, "a").remark == ""
    assert decode(cv2.imencode(suffix, (grey // 16).astype(np.uint8))[1].tobytes(), "a").remark == "", "8 bits may be dark"


def test_what_cannot_be_read_says_what_it_is(tmp_path):
    heic = struct.pack(">I4s4sI", 24, b"ftyp", b"heic", 0) + b"mif1heic" + bytes(99)
    raw = bytearray(encoded("TIFF"))
    assert "HEIC photograph" in refused(heic) and "pillow-heif" in refused(heic)
    assert "JPEG XL cannot be read; convert it" in refused(b"\xff\x0a" + bytes(99))
    assert "a film (MP4)" in refused(struct.pack(">I4s4sI", 24, b"ftyp", b"isom", 0) + bytes(99))
    assert "not an image" in refused(b"just words")
    preview = Image.fromarray(photo(1))
    file = io.BytesIO()
    preview.save(file, "TIFF", tiffinfo={254: 1})
    assert "only a preview" in refused(file.getvalue())
    assert decode_image(bytes(raw), "a").shape == (240, 320, 3)


def test_huge_images_are_refused_before_they_are_decoded():
    data = bytearray(encoded("PNG"))
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    assert "too large to open" in refused(bytes(data))


WHOLE = [encoded("JPEG", photo(1), icc_profile=profile("p3")),
         encoded("PNG", np.dstack([photo(1), photo(1)[..., 0]]), icc_profile=profile("p3")),
         encoded("TIFF", photo(1), compression="tiff_adobe_deflate"), encoded("WEBP", photo(1)), encoded("BMP", photo(1)),
         encoded("TIFF", photo(1), compression="tiff_lzw", icc_profile=profile("adobe"))]


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(WHOLE) - 1), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=8),
       st.integers(0, 9000))
def test_noise_gives_a_image_or_one_line(which, changes, end):
    data = bytearray(WHOLE[which])
    for place, value in changes:
        data[place % len(data)] = value
    cut = bytes(data[:max(1, end)])
    try:
        image = decode_image(cut, "noise")
    except OSError as error:
        assert str(error).startswith("noise: ") and "\n" not in str(error)
    else:
        assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3


def test_the_ground_of_transparent_images_in_the_live_source(tmp_path):
    from msa.capturer import Init
    from msa.capturer.opening import open_source
    (tmp_path / "clear.png").write_bytes(encoded("PNG", np.zeros((16, 16, 4), np.uint8)))
    for ground, level in (("white", 255), ("black", 0)):
        for source in (tmp_path, tmp_path / "clear.png"):
            assert (open_source(str(source), Init(ground=ground), live=False).read() == level).all()


def test_what_is_encoded_is_read_as_it_was():
    image = photo(0, SIZE)
    for suffix in (".png", ".bmp"):
        assert np.array_equal(decode_image(encode_image(image, suffix), "image"), image)
    small, large = encode_jpeg(image, 40), encode_jpeg(image, 95)
    assert len(small) < len(large) and np.abs(decode_image(large, "image").astype(int) - image).mean() < 4
    with pytest.raises(ValueError, match="70000x1 cannot be written as jpg"):
        encode_jpeg(np.zeros((1, 70000, 3), np.uint8), 90)
    with pytest.raises(ValueError, match="17000x1 cannot be written as webp"):
        encode_image(np.zeros((1, 17000, 3), np.uint8), ".webp")
    assert np.array_equal(decode_image(encode_image(image[..., :1]), "grey"), np.repeat(image[..., :1], 3, 2))


def test_a_thumbnail_keeps_its_shape_and_is_never_larger_than_the_image():
    image = np.full((60, 120, 3), 70, np.uint8)
    for (width, height), shape in (((40, 40), (20, 40)), ((400, 30), (30, 60)), ((200, 200), (60, 120)), ((1, 1), (1, 1))):
        small = shrunk(image, width, height)
        assert small.shape == (*shape, 3) and (small == 70).all()
