"""What the words ask for: a pure reading of a prompt into tags, colours and an order of importance."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAGS = {
    # places
    "city": "city cityscape skyline town downtown urban metropolis skyscraper building street alley tokyo york",
    "mountain": "mountain mountains alps peak peaks cliff valley canyon hill hills landscape fjord volcano",
    "ocean": "ocean sea beach coast shore wave waves island bay harbor harbour sail boat ship lighthouse",
    "lake": "lake river pond water reflection waterfall",
    "forest": "forest woods wood jungle tree trees pine woodland grove",
    "desert": "desert dune dunes sahara sand oasis pyramid pyramids mars",
    "space": "space galaxy planet planets nebula cosmos universe cosmic astronaut orbit saturn alien spaceship",
    "garden": "flower flowers garden rose roses tulip tulips meadow blossom blossoms bouquet daisy lavender sunflower "
    "sunflowers poppy poppies orchid field bloom spring",
    # things
    "person": "portrait person girl woman man boy face lady people human self selfie queen king princess hero samurai "
    "warrior model child elf wizard witch",
    "hair": "hair haired",
    "male": "man men boy king prince samurai guy gentleman male father grandfather wizard",
    "cat": "cat kitten kitty feline cats",
    "dog": "dog puppy hound corgi dogs wolf fox husky retriever",
    "car": "car sportscar automobile vehicle truck porsche ferrari racecar lambo taxi convertible",
    "house": "house cottage cabin hut home farm barn village lodge",
    "castle": "castle palace fortress tower ruins temple cathedral",
    "boat": "boat ship sail sailboat yacht",
    "lighthouse": "lighthouse",
    "cube": "cube box sphere ball cubes",
    "moon": "moon moonlight moonlit lunar",
    "stars": "star stars starry milky constellation",
    "aurora": "aurora northern borealis",
    "birds": "bird birds seagull seagulls crane raven",
    # time and weather
    "night": "night midnight nocturnal dark darkness evening nighttime moonlight moonlit starry",
    "sunset": "sunset dusk golden twilight sundown",
    "dawn": "dawn sunrise morning daybreak",
    "day": "day noon sunny daylight afternoon summer bright",
    "rain": "rain rainy storm stormy wet drizzle thunderstorm",
    "fog": "fog foggy mist misty haze hazy smoke",
    "snow": "snow snowy winter blizzard ice icy frozen christmas arctic glacier",
    "autumn": "autumn fall october maple",
    # styles
    "neon": "neon cyberpunk synthwave vaporwave futuristic blade glowing holographic retrowave",
    "watercolor": "watercolor watercolour aquarelle gouache",
    "anime": "anime manga ghibli cartoon cel",
    "oil": "oil impressionist impressionism monet painterly gogh acrylic brushstrokes",
    "pixel": "pixel pixelart 8bit voxel retro",
    "minimal": "minimal minimalist minimalistic simple flat poster vector",
    "pastel": "pastel soft dreamy gentle kawaii",
    "mono": "monochrome grayscale greyscale noir bw",
    "pencil": "sketch pencil drawing charcoal lineart",
    "vintage": "vintage sepia old antique analog",
    "abstract": "abstract pattern texture fractal geometric surreal swirl swirls psychedelic",
}
_BY_WORD: dict[str, tuple[str, ...]] = {}
for _tag, _words in _TAGS.items():
    for _word in _words.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _tag)

COLORS: dict[str, tuple[float, float, float]] = {
    "red": (0.86, 0.12, 0.12),
    "crimson": (0.72, 0.06, 0.16),
    "scarlet": (0.90, 0.14, 0.08),
    "orange": (0.96, 0.50, 0.10),
    "amber": (0.98, 0.66, 0.14),
    "yellow": (0.98, 0.82, 0.16),
    "gold": (0.92, 0.70, 0.22),
    "green": (0.20, 0.62, 0.28),
    "emerald": (0.06, 0.60, 0.42),
    "lime": (0.60, 0.86, 0.18),
    "teal": (0.08, 0.56, 0.56),
    "turquoise": (0.18, 0.76, 0.74),
    "cyan": (0.12, 0.78, 0.90),
    "blue": (0.14, 0.36, 0.84),
    "navy": (0.07, 0.13, 0.38),
    "indigo": (0.26, 0.18, 0.66),
    "purple": (0.52, 0.22, 0.74),
    "violet": (0.56, 0.30, 0.84),
    "lavender": (0.70, 0.62, 0.90),
    "magenta": (0.88, 0.14, 0.62),
    "pink": (0.96, 0.50, 0.68),
    "rose": (0.90, 0.36, 0.46),
    "brown": (0.44, 0.27, 0.16),
    "ginger": (0.85, 0.45, 0.16),
    "white": (0.93, 0.93, 0.92),
    "silver": (0.72, 0.75, 0.80),
    "grey": (0.50, 0.52, 0.55),
    "gray": (0.50, 0.52, 0.55),
    "black": (0.07, 0.07, 0.09),
    "blonde": (0.88, 0.72, 0.42),
}


@dataclass(frozen=True)
class Theme:
    """`tags` in the order they were said; `colors` by what they were said of, "" for the rest."""

    tags: tuple[str, ...]
    colors: dict[str, tuple[float, float, float]]

    def has(self, *tags: str) -> bool:
        return any(tag in self.tags for tag in tags)

    def color(self, tag: str) -> tuple[float, float, float] | None:
        """The colour said of a thing, or any colour said at all."""
        return self.colors.get(tag) or self.colors.get("")


def read(prompt: str, negative: str = "") -> Theme:
    """Tags and colours of a prompt; what the negative prompt names is left out."""
    unwanted = {tag for word in _words_of(negative) for tag in _tags_of(word)}
    words = _words_of(prompt)
    tags = dict.fromkeys(tag for word in words for tag in _tags_of(word) if tag not in unwanted)
    if re.search(r"black (and|&|n) white", prompt.lower()):
        tags["mono"] = None
        words = [word for word in words if word not in ("black", "white")]
    return Theme(tuple(tags), _colors_of(words))


def _words_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _tags_of(word: str) -> tuple[str, ...]:
    return _BY_WORD.get(word) or _BY_WORD.get(word.removesuffix("s")) or ()


def _colors_of(words: list[str]) -> dict[str, tuple[float, float, float]]:
    """A colour belongs to the first known thing among the three words after it."""
    found: dict[str, tuple[float, float, float]] = {}
    for place, word in enumerate(words):
        if word not in COLORS:
            continue
        owners = [tag for later in words[place + 1 : place + 4] for tag in _tags_of(later)]
        found.setdefault(owners[0] if owners else "", COLORS[word])
        if word != "rose":
            found.setdefault("", COLORS[word])
    return found
