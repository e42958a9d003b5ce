"""Whether a text is plainly not English. Pure."""

from __future__ import annotations

import re

#: Words that ask for something, in languages that are not English: one is enough.
_ASKING = (
    "hazme|haz|quiero|dibuja|dibújame|pinta|crear?|genera|generar?|erstelle|erzeuge|zeichne|male|mach|mache|"
    "zeig|dessine|fais|crée|créer|"
    "générer?|peins|disegna|dipingi|faça|desenhe|gere|maak|teken|narysuj|stwórz|rita|tegn|piirrä|çiz|"
    "vykresli|desenează"
)
_SMALL = (
    "el|una|un|para|con|por|der|die|das|dem|den|ein|eine|einen|einer|und|mit|von|im|bild|bitte|une|avec|dans|"
    "sur|le|les|des|du|il|che|di|"
    "immagine|imagen|imagem|um|uma|com|het|een|van|met|obraz|och|og|noche|nuit|nacht|gato|chat|katze|gatto|"
    "ciudad|ville|stadt|más|mas|moi|mir"
)
_ENGLISH = r"\b(?:the|a|an|of|in|on|it|with|and|make|to|this|at|is|for|by)\b"
_FAR = "\u024f"  # the end of the Latin letters that English texts borrow from


def foreign(text: str) -> bool:
    """Another script, or the small words of another language in more places than those of English."""
    letters = [c for c in text if c.isalpha()]
    if letters and sum(c > _FAR for c in letters) / len(letters) > 0.3:
        return True
    asking = len(re.findall(rf"\b(?:{_ASKING})\b", text, re.I))
    small = len(re.findall(rf"\b(?:{_SMALL})\b", text, re.I))
    english = len(re.findall(_ENGLISH, text, re.I))
    return small + 2 * asking >= 2 and small + asking > english and small > 0
