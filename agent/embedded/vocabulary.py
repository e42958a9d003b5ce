"""Which words of a clause name something to be seen. Pure.

`Make it much brighter` names nothing: it works on the whole picture. `Make the sky brighter` and `bright sky over Rome`
name things: the first changes a part of a picture, the second describes one. So a slider may only be moved for a clause
that leaves nothing over when the words of sliders, degrees, numbers and references are taken out.
"""

from __future__ import annotations

import re

from agent.embedded.references import ORDINALS
from agent.embedded.words import NUMBERS, RATIO_WORDS

_GRAMMAR = """
a an the this that these those it its it's i i'd i'm me my you your we us our them they he she and or but so
as at by for from in into of off on onto out over than to up down with without be is are was were been being
do does did not don't doesn't isn't can could would should will may might must have has had let lets let's
there here now then just only also too please thanks again still instead rather if so that which what how
like want need needs needed wish prefer think feel guess find look looks looking seem seems get gets getting becomes
become more less fewer most least much many lot lots bit little touch tad slightly somewhat subtly gently
smidge very really quite way far extremely super strongly dramatically significantly even further enough
some any all both each every same other another new version versions copy back something kind sort maybe
perhaps except excluding besides apart only rest others lot right hand half quarter third thirds quarters way ever well possible exact exactly precisely gets full fully full-on completely totally
entirely max maximum maxed strength slight subtle gentle hint touch dash tad separately keeping part portion about around until because hardly little-bit tiny-bit
"""
_COMMANDS = """
make makes making made turn turns turned set give gives put add adds apply use using change changes adjust convert
transform increase raise boost generate create draw paint render produce repaint crank bump push pull pump
reduce decrease lower drop lose shift lift bring take tone keep go try improve enhance fix
"""
_PICTURE = """
picture pictures image images photo photos photograph pic pics one ones result render drawing sketch
painting upload original source initial previous last latest newest final recent current whole entire
everything thing things scene frame canvas shot background-blur colour colours color colors coloured colored
tone tones tonality hue hues saturation vibrance vibrancy brightness exposure contrast warmth temperature
light lighting shadows highlights midtones blacks whites look effect filter mode format orientation aspect
ratio size sizes dimensions dimension resolution quality pixel pixels px width height wide high tall across
long side sides edge edges corner corners detail details percent degrees degree deg clockwise
counterclockwise counter anti anticlockwise left right top bottom middle center centre upside horizontal
horizontally vertical vertically sideways axis round gaussian radius strength amount factor times time fold x hd
uhd hdr megapixels print printing web online instagram screen wallpaper
"""
_SLIDERS = """
vibrant vivid colourful colorful pop pops punch punchy punchier lively livelier dull drab pale washed
lifeless loud louder garish gaudy oversaturated saturate saturated desaturate desaturated muted mute faded
fade bright brighter brightest brighten brightened lighten lighter overexposed underexposed dark darker
darken darkened dim dimmer flat contrasty contrasted warm warmer warmed cool cooler cold colder blue bluer
bluish yellow yellowish strong stronger intense rich richer weak weaker soft softer soften softened blur
blurred blurry blurrier blurring sharp sharper sharpen sharpened sharpening crisp crisper focus out-of-focus defocus
black white b w bw b&w black-and-white grey gray greyscale grayscale monochrome monochromatic sepia invert
inverted negative opposite crop cropped cropping trim trimmed cut cuts square squared rotate rotated
rotation flip flipped mirror mirrored mirroring resize resized scale scaled scaling upscale upscaled
upscaling upres upsize enlarge enlarged blow bigger big larger large smaller small shrink shrunk thumbnail
halve double doubled twice triple quadruple tilt tilted straighten upper lower hue downscale downsize upsample colourless colorless blow-up blowup enlargement super-resolution superresolution
"""
PLAIN = frozenset(
    f"{_GRAMMAR} {_COMMANDS} {_PICTURE} {_SLIDERS}".split()
) | frozenset(NUMBERS) | frozenset(RATIO_WORDS) | frozenset(ORDINALS)  # fmt: skip
_WORD = re.compile(r"(?<!\w)[^\W\d_][\w'&-]*")
_ASIDE = re.compile(
    r"\b(?:without|no|not|don't) (?:squash|stretch|distort|squish|warp|crop)\w*(?: it)?|\b(?:but )?keep(?:ing)? (?:the |its )?(?:proportions|"
    r"aspect(?: ratio)?|shape)\b|\b(?:(?:with )?no|remove|drop|lose|take out|without) (?:the |all |any )?colou?rs?$|\bi (?:want|need) (?:both|all)(?: \w+)?$",
    re.I,
)
_PURPOSE = re.compile(r"\b(?:for|so (?:that )?(?:i|we) can|so (?:that )?(?:it|he|she|they)\b|because|to use|to put)\b.*$", re.I)


def things(clause: str) -> list[str]:
    """The words that name or describe something to be seen, in order; empty for a wish about the whole picture."""
    words = _WORD.findall(_PURPOSE.sub("", _ASIDE.sub("", clause.lower())))
    return [word for word in words if not _plain(word)]


def _plain(word: str) -> bool:
    return (
        word in PLAIN
        or re.fullmatch(r"a\d{1,4}|x\d+", word) is not None
        or all(part in PLAIN for part in word.split("-"))
    )
