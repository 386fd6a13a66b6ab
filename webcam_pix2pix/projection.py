"""The painting on a screen or a projector: fit, mirrored, turned, with its corners where they belong; the test pattern."""

from dataclasses import dataclass

import cv2
import numpy as np

from msa.knob import knob

FITS = ("letterbox", "fill", "stretch")
TURNS = ("0", "90", "180", "270")
ROTATIONS = {"90": cv2.ROTATE_90_CLOCKWISE, "180": cv2.ROTATE_180, "270": cv2.ROTATE_90_COUNTERCLOCKWISE}
SCALINGS = ("smooth", "pixels")
BACKGROUNDS = {"black": (0, 0, 0), "grey": (64, 64, 64), "white": (255, 255, 255), "green": (0, 177, 64), "blue": (0, 71, 187)}
NEARLY = 0.01  # shapes that differ by less than this share are taken for the same: no hairline at the edge
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))  # corners where they are by themselves
LINE = cv2.LINE_AA

Corners = tuple[tuple[float, float], ...]  # top left, top right, bottom right, bottom left; shares of width and height of the screen


@dataclass(frozen=True)
class Screen:
    """How the output window shows the painting."""

    fit: str = knob("letterbox", "Letterbox: all of the painting, with bars. Fill: no bars, edges are cut. Stretch: no bars, its shape "
                    "changes", choices=FITS)
    mirror: bool = knob(False, "Mirror the painting on the output, for projection from behind")
    rotate: str = knob("0", "Turn the painting clockwise, for a screen that stands on its side", choices=TURNS, unit="°")
    scaling: str = knob("smooth", "Smooth, or pixels: sharp squares", choices=SCALINGS)
    background: str = knob("black", "Colour beside the painting; green and blue for keying in another program", choices=tuple(BACKGROUNDS))
    corners: str = knob("", "Places of the four corners, for a projector that stands askew; move them with View, Move the corners. "
                        "Empty: the whole screen")
    fade_s: float = knob(0.5, "Time of a blackout to come and to go. 0: at once", limits=(0.0, 10.0), unit="s")


def corners_of(text: str) -> Corners:
    """"x,y x,y x,y x,y" -> four corners; anything that makes no convex shape gives those of the whole screen."""
    try:
        corners = tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in text.split()))
        return corners if len(corners) == 4 and is_convex(corners) else SQUARE
    except ValueError:
        return SQUARE


def text_of(corners: Corners) -> str:
    """What corners_of() reads; "" for the whole screen."""
    return "" if corners == SQUARE else " ".join(f"{x:.5f},{y:.5f}" for x, y in corners)


def is_convex(corners: Corners) -> bool:
    """Whether an image can be shown between the corners: in order, no dent, none on top of another, near the screen."""
    turns = []
    for k in range(4):
        (ax, ay), (bx, by), (cx, cy) = corners[k], corners[(k + 1) % 4], corners[(k + 2) % 4]
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return all(turn > 1e-4 for turn in turns) and all(-1 <= value <= 2 for corner in corners for value in corner)


def projected(image: np.ndarray, size: tuple[int, int], screen: Screen) -> tuple[np.ndarray, int, int]:
    """`image` for a screen of `size` (width, height, pixels): (image to draw, left, top); beside it is the background.

    image: HxWx3 RGB uint8. Gives RGB uint8 that lies inside of the screen.
    """
    if screen.mirror:
        image = cv2.flip(image, 1)
    if screen.rotate != "0":
        image = cv2.rotate(image, ROTATIONS[screen.rotate])
    left, top, width, height = _placed(image, size, screen.fit)
    corners = corners_of(screen.corners)
    if corners == SQUARE:
        x0, y0, x1, y1 = max(0, left), max(0, top), min(size[0], left + width), min(size[1], top + height)
        return _cut(image, (width, height), (x0 - left, y0 - top, x1 - x0, y1 - y0), screen.scaling), x0, y0
    return _pinned(image, size, (left, top, width, height), corners, screen), 0, 0


def _placed(image: np.ndarray, size: tuple[int, int], fit: str) -> tuple[int, int, int, int]:
    """Left, top, width, height of the image on the screen; it may reach beyond."""
    (width, height), (h, w) = size, image.shape[:2]
    if fit == "stretch" or abs(w * height / (h * width) - 1) < NEARLY:
        return 0, 0, width, height
    scale = (min if fit == "letterbox" else max)(width / w, height / h)
    shown = max(1, round(w * scale)), max(1, round(h * scale))
    return (width - shown[0]) // 2, (height - shown[1]) // 2, *shown


def _cut(image: np.ndarray, size: tuple[int, int], part: tuple[int, int, int, int], scaling: str) -> np.ndarray:
    """The part (left, top, width, height) of the image brought to `size`."""
    (width, height), (x, y, w, h), (rows, columns) = size, part, image.shape[:2]
    if (w, h) != (width, height):
        sx, sy = columns / width, rows / height
        image = image[round(y * sy):max(round(y * sy) + 1, round((y + h) * sy)), round(x * sx):max(round(x * sx) + 1, round((x + w) * sx))]
    if image.shape[:2] == (h, w):
        return np.ascontiguousarray(image)
    smaller = h * w < image.shape[0] * image.shape[1]
    how = cv2.INTER_NEAREST if scaling == "pixels" else cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return cv2.resize(image, (w, h), interpolation=how)


def _pinned(image: np.ndarray, size: tuple[int, int], place: tuple[int, int, int, int], corners: Corners, screen: Screen) -> np.ndarray:
    """The screen as it would be without corners, drawn between them."""
    (width, height), (left, top, w, h), (rows, columns) = size, place, image.shape[:2]
    pin = cv2.getPerspectiveTransform(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32),
                                      np.array([(x * width, y * height) for x, y in corners], np.float32))
    onto = np.array([[w / columns, 0, left], [0, h / rows, top], [0, 0, 1]])
    pixels = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # OpenCV counts from the middle of a pixel
    matrix = np.linalg.inv(pixels) @ pin @ onto @ pixels
    how = cv2.INTER_NEAREST if screen.scaling == "pixels" else cv2.INTER_LINEAR
    colour = BACKGROUNDS[screen.background]
    shown = cv2.warpPerspective(image, matrix, size, flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=colour)
    if screen.fit == "fill" and (left < 0 or top < 0):  # what would be beyond the screen without corners
        inside = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(inside, np.array([(round(x * width), round(y * height)) for x, y in corners], np.int32), 255)
        shown[inside == 0] = colour
    return shown


def pattern(width: int, height: int, name: str = "") -> np.ndarray:
    """A grid, a circle, edges, grey steps and colours, to place and to focus a projector. name: written into it. RGB uint8."""
    image = np.full((height, width, 3), 24, np.uint8)
    step, thin = max(8, min(width, height) // 12), max(1, min(width, height) // 400)
    for x in range(width // 2 % step, width, step):
        cv2.line(image, (x, 0), (x, height), (90, 90, 90), thin)
    for y in range(height // 2 % step, height, step):
        cv2.line(image, (0, y), (width, y), (90, 90, 90), thin)
    middle = width // 2, height // 2
    cv2.circle(image, middle, min(width, height) // 2 - 2 * thin, (235, 235, 235), 2 * thin, LINE)
    for start, end in (((0, 0), (width - 1, height - 1)), ((0, height - 1), (width - 1, 0))):
        cv2.line(image, start, end, (150, 150, 150), thin, LINE)
    colours = [(grey, grey, grey) for grey in range(0, 256, 51)] + [(220, 40, 40), (40, 200, 60), (50, 90, 230)]
    for k, colour in enumerate(colours):
        left = middle[0] + round((k - len(colours) / 2) * step * 0.8)
        cv2.rectangle(image, (left, middle[1] + step), (left + round(step * 0.8), middle[1] + 2 * step), colour, -1)
    cv2.rectangle(image, (0, 0), (width - 1, height - 1), (255, 255, 255), 2 * thin)
    text, scale = f"{name}  {width} x {height}".strip(), min(width, height) / 900
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, max(1, 2 * thin))
    at = middle[0] - wide // 2, middle[1] - step
    cv2.rectangle(image, (at[0] - high, at[1] - 2 * high), (at[0] + wide + high, at[1] + high), (24, 24, 24), -1)
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (235, 235, 235), max(1, 2 * thin), LINE)
    return image
