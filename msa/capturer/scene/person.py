"""Who is in the room: the colours of skin, hair and clothes, and what else tells two people apart."""

from dataclasses import dataclass

from .brush import Colour


@dataclass(frozen=True)
class Person:
    """One person. Colours are RGB 0..255."""

    skin: Colour = (226, 172, 138)
    skin_light: Colour = (248, 208, 174)
    skin_dark: Colour = (150, 92, 72)
    palm: Colour = (226, 172, 138)
    line: Colour = (84, 46, 40)  # outlines of the face
    hair: Colour = (60, 36, 28)
    hair_dark: Colour = (32, 19, 18)
    hair_light: Colour = (126, 80, 52)
    lips: Colour = (184, 84, 78)
    iris: Colour = (72, 96, 88)
    wool: Colour = (178, 122, 44)
    wool_dark: Colour = (96, 58, 28)
    linen: Colour = (236, 230, 214)
    curls: bool = False  # short curly hair instead of long hair in a bun
    beard: bool = False
    glasses: bool = False
    pearls: bool = True  # in the ears


FIRST = Person()
SECOND = Person(skin=(126, 80, 56), skin_light=(166, 114, 84), skin_dark=(70, 42, 32), palm=(164, 114, 88), line=(38, 22, 20),
                hair=(38, 32, 32), hair_dark=(18, 15, 16), hair_light=(92, 82, 80), lips=(126, 66, 60), iris=(70, 44, 28),
                wool=(52, 92, 116), wool_dark=(24, 44, 62), linen=(228, 226, 222), curls=True, beard=True, glasses=True, pearls=False)
