"""What a picture has one of: a style, a time of day, a season, a weather, an expression. Pure patterns."""

from __future__ import annotations

import re

#: Of each group a picture has one: what is asked for takes the place of what was there.
GROUPS: dict[str, str] = {
    "style": r"(?:(?:an? |as an? |in |in the |drawn as an? |painted as an? )?(?:style of [\w' -]+?(?=,|$)|(?:[\w'-]+ ){0,2}?(?:painting|drawing|sketch|print|illustration|photograph|picture) by [\w' -]+?(?=,|$)|(?:[\w'-]+ ){1,2}painting|(?:oils?|pencil|ink|charcoal|acrylics?|crayons?|pastels?)(?=,| instead$|$)|(?:\w+ )?(?:oil painting|oil paint|water-?colou?rs?"
    r"(?: painting| illustration| sketch)?|pencil (?:sketch|drawing)|charcoal(?: drawing| sketch)?|ink (?:drawing|sketch|wash)|anime(?: style)?|manga"
    r"|cartoon(?: style)?|comic(?: book)?(?: style| strip)?|pixel art|line art|vector art|flat illustration|3d render|photo(?:graph)?(?!graph)"
    r"(?=,|$)|photorealistic|realistic photo|film photo|impressionist(?: painting)?|pop art|linocut(?: print)?|woodcut(?: print)?|pastel(?: drawing)?"
    r"|claymation|low poly|origami|mosaic|stained glass|art nouveau(?: poster)?|art deco(?: poster)?|ukiyo-e|sketch(?=,|$)|engraving|gouache))"
    r"(?: style| look)?)",
    "time": r"(?:(?:at|by|during|in the|in|on a|under a|, )? ?(?:night(?:-?time)?|nightfall|dawn|dusk|twilight|sunrise|sunset|noon|midday|midnight|"
    r"golden hour|blue hour|moonlight|day-?time|daylight|broad daylight|early morning|morning|afternoon|evening|day)\b(?: light| sky)?)",
    "season": r"(?:(?:in|during|on a|an?)? ?(?:the )?(?:early |late )?(?:winter|summer|spring|autumn|fall)(?:'s)?(?:-?time)?(?: day| morning| evening| landscape)?\b)",
    "expression": r"(?:(?:looking|with an?|and|,)? ?(?:very )?(?:sad|happy|angry|smil(?:e|es|ing)|crying|laughing|frown(?:ing|s)?|gloomy|cheerful|"
    r"scared|surprised|grinning|bored)\b(?: face| expression| smile| look)?)",
    "weather": r"(?:(?:in|under|on|during|with|an?)? ?(?:the |a |an )?(?:heavy |falling |thick |light )?(?:rain(?:y day|y|ing|storm)?|snow(?:y|ing|storm|fall)?|fog(?:gy)?|"
    r"mist(?:y)?|storm(?:y)?|thunderstorm|sunshine|sunny(?: day)?|blizzard|overcast|hail)\b(?! (?:globe|man|mountain|leopard|owl|forest|boots|coat|drops?))"
    r"(?: weather| sky| day)?)",
}
PATTERNS = {name: re.compile(rf"(?<!\w){pattern}", re.I) for name, pattern in GROUPS.items()}
#: `an oil painting of`: a style that leads.
STYLE_OF = re.compile(rf"^(?P<style>{GROUPS['style']}) of ", re.I)
