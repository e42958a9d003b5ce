"""From words to the list of strokes that make the picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from . import (
    abstract,
    animals,
    city,
    finish,
    flowers,
    land,
    portrait,
    sky,
    space,
    style,
    things,
    trees,
    water,
    weather,
)
from .canvas import Array, Canvas
from .craft import Craft
from .noise import Chance
from .palette import choose
from .words import Theme, read

Stroke = Callable[[Canvas], None]
Step = Callable[[Craft, Canvas], None]


def compose(prompt: str, negative: str, chance: Chance, aspect: float) -> list[Stroke]:
    """Strokes in the order they are painted, from the sky to the grain."""
    craft = make_craft(read(prompt, negative), chance, aspect)
    steps = [
        *_place(craft),
        *_things(craft),
        *_weather(craft),
        finish.bloom,
        finish.grade,
        *style.style_steps(craft),
    ]
    return [partial(step, craft) for step in steps]


def recompose(
    prompt: str, negative: str, chance: Chance, aspect: float, source: Array, denoise: float
) -> list[Stroke]:
    """Strokes that restyle a source picture (float32, height x width x 3) by the words."""
    craft = make_craft(read(prompt, negative), chance, aspect)
    return style.restyle(craft, source, denoise, _weather(craft))


def make_craft(theme: Theme, chance: Chance, aspect: float) -> Craft:
    """Settle the palette, the horizon and where the light comes from."""
    rng = chance.of("composition")
    horizon = float(rng.uniform(0.66, 0.76) if theme.has("city") else rng.uniform(0.56, 0.68))
    palette = choose(theme, chance.of("palette"))
    side = rng.uniform(0.26, 0.42) if rng.random() < 0.5 else rng.uniform(0.58, 0.74)
    low = theme.has("sunset", "dawn") and not palette.dark
    height = rng.uniform(0.62, 0.86) if low else rng.uniform(0.26, 0.50)
    return Craft(theme, palette, chance, aspect, horizon, float(side) * aspect, float(height) * horizon)


def _place(craft: Craft) -> list[Step]:
    """The picture's setting: the first place that was named, else one for the first thing."""
    for tag in craft.theme.tags:
        if tag in _PLACES:
            return _PLACES[tag](craft)
    for tag in craft.theme.tags:
        if tag in _SETTINGS:
            return _SETTINGS[tag](craft)
    if craft.theme.has("night", "sunset", "dawn", "day", "rain", "fog", "birds", "autumn", "neon", "snow"):
        return _hills(craft)
    return [abstract.base, abstract.veils, abstract.discs]


def _things(craft: Craft) -> list[Step]:
    """What stands in front."""
    steps: list[Step] = []
    for tag in craft.theme.tags:
        if tag == "person":
            steps += [portrait.wanderer] if _has_place(craft) else [portrait.figure]
        elif tag in _THINGS:
            afloat = tag in ("house", "cat", "dog") and craft.theme.has("lake", "ocean")
            steps += [*([land.bank] if afloat else []), *_THINGS[tag]]
    return steps


def _has_place(craft: Craft) -> bool:
    return any(tag in _PLACES for tag in craft.theme.tags)


def _weather(craft: Craft) -> list[Step]:
    falling: dict[str, Step] = {"fog": weather.fog, "rain": weather.rain, "snow": weather.snow}
    steps = [step for tag, step in falling.items() if craft.theme.has(tag)]
    return [*steps, weather.dream] if craft.theme.has("pastel") else steps


def _sky(craft: Craft) -> list[Step]:
    steps: list[Step] = [sky.gradient]
    if craft.dark and not craft.theme.has("fog", "rain"):
        steps.append(sky.stars)
        if craft.theme.has("stars") or craft.chance.of("milky?").random() < 0.4:
            steps.insert(1, sky.milky_way)
    if craft.theme.has("aurora"):
        steps.append(sky.aurora)
    if not craft.theme.has("rain", "fog", "aurora"):
        steps.append(sky.sun)
    if not (craft.dark and craft.theme.has("stars", "aurora")):
        steps.append(sky.clouds)
    return steps


def _city(craft: Craft) -> list[Step]:
    neon = craft.theme.has("neon")
    if neon and craft.chance.of("street?").random() < 0.5:
        return [*_sky(craft), *city.layers_of(city.street_layer, 4), city.street_lights, water.wet_ground]
    steps = _sky(craft)
    if neon and craft.chance.of("retro?").random() < 0.5:
        steps = [sky.gradient, sky.stars, city.retro_sun]
    wet = neon or craft.theme.has("rain")
    return [
        *steps,
        *city.layers_of(city.skyline_layer, 4),
        city.trails,
        water.wet_ground if wet else water.lake,
    ]


def _mountain(craft: Craft) -> list[Step]:
    front: list[Step] = (
        [partial(trees.conifer_row, near=0.9)] if craft.chance.of("pines?").random() < 0.6 else []
    )
    if craft.theme.has("lake"):
        return [*_sky(craft), land.mountains, water.lake, *front]
    return [*_sky(craft), land.mountains, *_birds(craft), *front]


def _ocean(craft: Craft) -> list[Step]:
    shore = craft.chance.of("beach?").random() < 0.45
    return [*_sky(craft), finish.haze, *_birds(craft), water.sea, *([water.beach] if shore else [])]


def _lake(craft: Craft) -> list[Step]:
    return [*_sky(craft), land.mountains, partial(trees.conifer_row, near=0.05), water.lake]


def _forest(craft: Craft) -> list[Step]:
    if craft.chance.of("inside?").random() < 0.55:
        return [trees.wood]
    rows: list[Step] = [partial(trees.conifer_row, near=near) for near in (0.0, 0.33, 0.66, 1.0)]
    return [*_sky(craft), finish.haze, *rows]


def _desert(craft: Craft) -> list[Step]:
    return [*_sky(craft), finish.haze, land.dunes]


def _space(craft: Craft) -> list[Step]:
    body = space.galaxy if craft.chance.of("galaxy?").random() < 0.4 else space.planet
    return [space.nebula, space.stars, body]


def _garden(craft: Craft) -> list[Step]:
    return [*_sky(craft), finish.haze, flowers.meadow, flowers.distant, flowers.front]


def _hills(craft: Craft) -> list[Step]:
    return [*_sky(craft), finish.haze, land.hills, trees.lone_tree]


def _open_hills(craft: Craft) -> list[Step]:
    return [*_sky(craft), finish.haze, land.hills]


def _village(craft: Craft) -> list[Step]:
    return [*_sky(craft), finish.haze, partial(trees.conifer_row, near=0.2), land.hills]


def _beyond(craft: Craft) -> list[Step]:
    return [*_sky(craft), land.mountains]


def _road(craft: Craft) -> list[Step]:
    behind = city.layers_of(city.skyline_layer, 4) if craft.dark else [land.mountains]
    return [*_sky(craft), *behind]


def _birds(craft: Craft) -> list[Step]:
    return [sky.birds] if not craft.dark and craft.chance.of("birds?").random() < 0.6 else []


_PLACES: dict[str, Callable[[Craft], list[Step]]] = {
    "space": _space,
    "city": _city,
    "mountain": _mountain,
    "lake": _lake,
    "ocean": _ocean,
    "forest": _forest,
    "desert": _desert,
    "garden": _garden,
}
_SETTINGS: dict[str, Callable[[Craft], list[Step]]] = {
    "person": lambda craft: [portrait.backdrop],
    "cube": lambda craft: [],
    "car": _road,
    "cat": _open_hills,
    "dog": _open_hills,
    "house": _village,
    "castle": _beyond,
    "moon": _beyond,
    "stars": _beyond,
    "aurora": _lake,
}
_THINGS: dict[str, list[Step]] = {
    "cat": [animals.ground_shadow, animals.cat],
    "dog": [animals.ground_shadow, animals.dog],
    "car": [things.road, things.car],
    "house": [things.house],
    "castle": [things.castle],
    "boat": [things.boat],
    "lighthouse": [things.lighthouse],
    "cube": [things.cube],
}
