"""Say a sentence in the plain words that all tables know: `ditch the bench` -> `remove the bench`. Pure.

People have a hundred verbs for taking something out and as many hints that ask for it (`do we need the bench?`). Each
class of them is gathered here once and said as one verb, so that splitting, reading and editing need to know only that.
"""

from __future__ import annotations

import re

_THE = r"(?:the|that|those|this|these|his|her|its|their|my|our|all (?:of )?(?:the|those|these)|any|every|both)"
_A = r"(?:an?|some|a few|a couple of|two|three|four|five|six|several|many|more|a (?:little|bit of|lot of|hint of|touch of|bunch of)|lots of|plenty of)"
#: What is no part of a picture: work that goes on, pictures as a whole, and what sliders move.
_NO_PART = (
    r"(?! (?:render(?:ing)?|job|run|task|picture|image|photo|one|ones|last|previous|first|second|third|changes?|idea|plan|request|queue|effect|filter"
    r"|version|colou?rs?|contrast|saturation|brightness|warmth|sharpness|blur|(?:top|bottom|left|right)|edges?|sides?|seed|steps?|prompt|rest|same|way|time|both)\b)"
)
_PART = rf"(?P<what>{_THE}{_NO_PART}(?: [\w'-]+){{1,6}}?)"
_A_PICTURE = r"(?![\w' -]*\b(?:picture|image|photo|drawing|painting|portrait|illustration|sketch|logo|poster|wallpaper|icon|version)s? (?:of|for|with|showing)\b)"
_NEW = rf"(?P<what>{_A_PICTURE}{_A} [\w' -]+?)"
_THERE = r"(?: (?:in|into|on|to|from|out of) (?:it|this|that|there|here|the (?:picture|image|photo|scene|shot|frame|mix))| (?:up|down|over|in|out|back) (?:t?here)| there| (?:in|at|on) the (?:back|front|background|foreground)(?:ground)?)?"
_END = r"[\s.!?]*$"

_OUT = (
    r"(?:ditch|kill(?: off)?|lose|axe|nix|bin|dump|zap|banish|scrap|chuck(?: out)?|toss(?: out)?|throw (?:out|away)|wipe(?: out| away)?|rub out|scrub(?: out)?|"
    r"clear (?:out|away)|cut out|edit out|photoshop out|paint out|crop out|strip(?: out| away| off)?|knock out|get rid of|do away with|rid (?:us|me) of|skip|omit|"
    r"eliminate|drop|pull out|yank out|take out|take away|take off|leave out|leave off|hide|spare me|exclude|subtract)"
)
_NEEDLESS = (
    r"(?:(?:can|could|should|must|has to|have to|needs? to|may|might as well) (?:really )?(?:go|disappear|vanish|leave|be (?:gone|removed|dropped|deleted|cut|erased|left out))(?: away)?"
    r"|(?:is|are) (?:\w+ )?(?:unnecessary|not necessary|not needed|superfluous|pointless|distracting|annoying|out of place|in the way|one too many|too much of a distraction)"
    r"|(?:isn't|aren't|is not|are not) (?:really )?(?:needed|necessary|helping|working|doing it)"
    r"|(?:really )?(?:bothers?|annoys?|bugs?|distracts?|irritates?|ruins?|spoils?)(?: (?:me|it|the \w+))?|(?:doesn't|don't|does not|do not) (?:belong|fit|need to be)(?: (?:in )?t?here)?"
    r"|(?:i|we) (?:can|could) (?:do|live) without)"
)
_GOOD = (
    r"(?:would|might|could|will) (?:also |really |probably |surely )?(?:be (?:really |very |so )?(?:nice|great|lovely|good|cool|perfect|fun|better|welcome|neat|sweet|awesome|an improvement)"
    r"|suit (?:it|this|that|him|her|them|the \w+)(?: \w+)?|look (?:\w+ )?(?:nice|good|great|lovely|cool|better|perfect)(?: (?:on|in|with|there).*)?|work(?: (?:well|better|nicely))?(?: here)?"
    r"|fit(?: (?:in|well|better|nicely))?|go (?:\w+ )?(?:well|nicely|better)(?: (?:with|together|there).*)?|help(?: (?:it|here))?|do (?:it )?(?:good|wonders)|do the trick|finish it off|improve it|make (?:it|this) (?:nicer|better|perfect))"
    r"|wouldn't (?:hurt|go amiss|be bad|be out of place|harm)"
)
_LIKING = (
    r"(?:i )?(?:wouldn't|would not) (?:mind|say no to|object to)|i could (?:use|go for)|(?:it|this|that|the (?:picture|scene|image)) (?:could|might) (?:use|do with|stand|take|benefit from)|i(?:'d| would) (?:welcome|love to see|be happy with)"
    r"|i(?:'m| am) (?:missing|in the mood for)|i miss|(?:what's|what is) missing is|all (?:it|this) (?:needs|wants) is|let there be|(?:it|this) (?:is|'s) (?:crying out|begging|asking) for|there (?:should|could|ought to) be"
)
_IN = r"(?:throw in|chuck in|toss in|pop in|drop in|stick in|work in|squeeze in|sneak in|slip in|bring in|sprinkle(?: in)?|scatter|slap on|stick on|whack in|plonk|plop|stick|slap|pop|throw|chuck|draw in|paint in|feature|introduce|mix in|attach)"
_FOR = r"(?:for|with|by|against|out for|over for)"


_LEAD = re.compile(
    r"^(?:(?:yes|yeah|yep|yup|ok(?:ay)?|so|oh|ooh+|oo+h?|ah+|aha|hm+|hmm+|mm+|nah|no no|nope|well|btw|by the way|tbh|to be honest|honestly|frankly|actually|ugh+|argh+|yikes|er+m*|um+|lol|haha+|right so|alright|"
    r"on second thoughts?|come to think of it|if (?:i'm|i am) (?:being )?honest|one (?:more|last|other) thing|quick (?:one|thing|idea)|fun idea|(?:new |another |just an )?idea|thought|and now|and then|oh and|and also|and|but|now|"
    r"(?:can|could|would) you do me a favou?r and|do me a favou?r and|be a dear and|be so kind (?:as to|and)|feel free to|see if you can|i need you to|you (?:should|could|might want to)|we (?:should|could)|let's|let us|"
    r"(?:it )?(?:might|would|could) be (?:nice|good|fun|cool|great|best) to|i(?:'d| would) be (?:so |very )?grateful if you (?:could|would)|i(?:'d| would) appreciate it if you (?:could|would)|any (?:way|chance) you (?:could|can|would)|"
    r"is there (?:any|a) (?:way|chance) (?:to|you (?:can|could)|we (?:can|could))|would you be (?:able|so kind as) to|(?:i was )?(?:hoping|wondering if) you (?:could|would|can)|maybe(?: you could)?|perhaps(?: you could)?|please|pls|plz|simply)"
    r"\b[\s,:;.!-]+)+(?=\S+ \S|\w)", re.I
)
_TAIL = re.compile(
    r"(?:[,;.!?-]+\s*(?:yeah|yes|no|right|okay|ok)|[\s,;.!?-]+(?:will you|would you|could you|can you|won't you|mate|buddy|dude|(?<=[,!.] )man|bro|thx|thanks?(?: you)?(?: so much)?|cheers|ta|tbh|imo|imho|lol|haha+|i think|i guess|i'd say|i suppose|i feel|honestly|"
    r"to be honest|actually|though|i reckon|if you (?:can|could|would|like|want)|if (?:that's|it's) (?:ok(?:ay)?|alright|possible|fine|cool)(?: with you)?|please|pls|plz|after all|for once|for a change|for me))+[\s.!?]*$", re.I
)


def _table(*rules: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.I), plain) for pattern, plain in rules)


_EXCHANGED = _table(
    (rf"^(?:swap|put|drop|sub|bring|stick|throw|place|pop) (?:in )?(?P<new>an? [\w' -]+?) (?:in )?(?:where|in place of|in the place of|instead of|in lieu of|to replace) (?P<old>{_THE} [\w' -]+?)(?: (?:is|was|are|were|stands?|sits?)(?: (?:now|standing|sitting))?)?{_END}", r"replace \g<old> with \g<new>"),
    (rf"^(?:swap|sub|substitute) in (?P<new>[\w' -]+?) for (?P<old>{_THE} [\w' -]+?){_END}", r"replace \g<old> with \g<new>"),
    (rf"^(?:trade|switch|sub|change|swap|exchange|substitute)(?: out| up)? (?P<old>{_THE} [\w' -]+?) {_FOR} (?P<new>[\w' -]+?){_END}", r"replace \g<old> with \g<new>"),
    (rf"^(?P<old>{_THE} [\w' -]+?) (?:becomes?|turns? into|transforms? into|(?:should|could|can|must|might|shall) (?:become|turn into|be (?:replaced (?:by|with)|swapped for|turned into|exchanged for))|(?:should|could|must) rather be) (?P<new>an? [\w' -]+?|[\w'-]+s){_END}", r"replace \g<old> with \g<new>"),
    (rf"^(?:let|have) (?P<old>{_THE} [\w' -]+?) (?:be|become|turn into) (?P<new>an? [\w' -]+?|[\w'-]+s){_END}", r"replace \g<old> with \g<new>"),
    (rf"^(?:instead of|in place of|rather than) (?P<old>{_THE} [\w' -]+?),? (?:put|use|draw|show|have|i want|i'd like|give me|make it|paint|let's have)? ?(?P<new>(?:an?|some|two|three) [\w' -]+?){_END}", r"replace \g<old> with \g<new>"),
    (rf"^(?:i(?:'d| would) (?:rather|prefer|sooner)(?: have| see)?|better|rather) (?P<new>an? [\w' -]+?) (?:to|than|over|instead of) (?P<old>{_THE} [\w' -]+?){_END}", r"replace \g<old> with \g<new>"),
    (rf"^(?P<new>an? [\w' -]+?) (?:where|in) (?P<old>{_THE} [\w' -]+?)(?:'s place| (?:is|was|are|were|stands?|sits?)){_END}", r"replace \g<old> with \g<new>"),
)  # fmt: skip
_CUT_OUT = _table(
    (rf"^(?:please )?(?:cut out|isolate|knock out) (?:the|its|my) (?:main )?(?:subject|foreground|motif)(?: (?:of|in|from) (?:it|this|that|the (?:picture|photo|image)))?{_END}", r"remove the background"),
    (rf"^(?:please )?cut (?:the|its|my) (?:main )?(?:subject|foreground|motif) out(?: of (?:it|this|that|the (?:picture|photo|image)))?{_END}", r"remove the background"),
)  # fmt: skip
_REMOVED = _table(
    (rf"^{_OUT} {_PART}{_THERE}{_END}", r"remove \g<what>"),
    (rf"^{_OUT} (?P<what>(?!it\b|that\b|this\b|them\b|him\b|her\b|everything\b|colou?rs?\b)[\w'-]+s)(?: (?:please|entirely|altogether|completely))?{_END}", r"remove \g<what>"),
    (rf"^(?:take|cut|edit|crop|photoshop|get|paint|leave|wipe|keep) {_PART} (?:out|away|off|outta here)(?: of (?:it|there|here|this|the \w+))?{_END}", r"remove \g<what>"),
    (rf"^(?:make|have|let) {_PART} (?:disappear|vanish|go away|gone|leave){_END}", r"remove \g<what>"),
    (rf"^(?:i|we) (?:can|could|would|'d) (?:do|live|be (?:happy|happier|fine|better off)) without {_PART}{_THERE}{_END}", r"remove \g<what>"),
    (rf"^(?:it|this|that|the (?:picture|image|scene)|everything)(?:'d| would| might| could|'s| is) (?:be |look |work )?(?:much |way |far |a lot )?(?:better|nicer|cleaner|stronger|fine|good)(?: off)? without {_PART}{_THERE}{_END}", r"remove \g<what>"),
    (rf"^(?:do|does) (?:we|i|it|he|she|they|you|the \w+) (?:really |actually |even )?(?:need|want|have to have|think we need) {_PART}{_THERE}{_END}", r"remove \g<what>"),
    (rf"^(?:what(?:'s| is| are)|why(?:'s| is| are)|who(?:'s| is)) {_PART} (?:doing|for|even (?:doing|for))(?: (?:there|here|in it|in there))?\?[\s.!?]*$", r"remove \g<what>"),
    (rf"^(?:nobody|no one|no-one|who|we (?:don't|do not)|i (?:don't|do not)|it (?:doesn't|does not)|you (?:don't|do not)) (?:really )?needs? {_PART}{_THERE}{_END}", r"remove \g<what>"),
    (rf"^(?:i(?:'m| am) (?:not (?:a fan of|keen on|into|fond of|sure about|so sure about)|tired of|sick of|over|done with)|away with|off with|down with|enough (?:of|with)|begone,?|bye(?:[- ]bye)?,? (?:to )?|goodbye,? (?:to )?) ?{_PART}{_THERE}{_END}", r"remove \g<what>"),
    (rf"^{_PART} {_NEEDLESS}{_END}", r"remove \g<what>"),
    (rf"^{_PART} ?[,:-]+ ?(?:remove|delete|out|away|gone|off|kill|lose|ditch|bin)(?: (?:it|them))?{_END}", r"remove \g<what>"),
    (rf"^(?:sans|minus|same(?: thing)? (?:but )?sans) (?:the )?(?P<what>[\w'-]+(?: [\w'-]+){{0,2}}){_END}", r"remove the \g<what>"),
)  # fmt: skip
_ADDED = _table(
    (rf"^{_IN} {_NEW}(?P<where>{_THERE}|,? (?:in|on|at|behind|next to|beside|under|over|above|around|near|by|to) [\w' -]+){_END}", r"add \g<what>\g<where>"),
    (rf"^(?:{_LIKING}) {_NEW}(?P<where>{_THERE}){_END}", r"add \g<what>\g<where>"),
    (rf"^(?:maybe |perhaps |i think |i feel like )?{_NEW} (?:{_GOOD}){_END}", r"add \g<what>"),
    (rf"^(?:maybe |perhaps |i think |i feel like )?(?P<what>(?!it\b|this\b|that\b|there\b|something\b|which\b|the\b|what\b|who\b|how\b|\d|.*\b(?:portrait|landscape|format|square|wide)\b)[\w'-]+(?: [\w'-]+){{0,3}}?) (?:{_GOOD}){_END}", r"make it \g<what>"),
    (rf"^(?:i was|i'm|i am|i've been|was) (?:picturing|imagining|envisioning|thinking of|seeing|hoping for) (?:it|this|that|him|her|them|everything)(?: (?:more )?(?:as|like|to be))? (?P<what>(?:at|in|on|by|after|before|during|under|as|with|a|an)\b[\w' -]+?){_END}", r"make it \g<what>"),
)  # fmt: skip

_SLIDER = (
    r"(?P<slider>colou?rs?|saturation|vibrance|vibrancy|brightness|contrast|warmth|light|lighting|exposure|sharpness|clarity|colou?r|lights|highlights|blacks|tones?|blur|sepia)"
)
_UPWARD = (
    r"(?:crank|ramp|jack|dial|amp|pump|bump|beef|kick|push|turn|boost|raise|lift|punch|juice|step|notch|hike|whack|pull|bring|up|increase|strengthen|heighten|intensify|amplify|max(?: out)?)"
)
_DOWNWARD = (
    r"(?:ease (?:off|up|back)(?: on)?|back off(?: on)?|go (?:easy|easier|light|lighter|gentle) on|take the edge off|rein in|tame|cut (?:back|down)(?: on)?|calm(?: down)?|knock (?:back|down)|tone (?:down)?|dampen|curb|soften|"
    r"lessen|dial (?:back|down)|scale back|bring down|turn down|pull (?:back|down)|take down|play down|hold back(?: on)?|lighten up on|subdue)"
)
_MUCH = r"(?P<much>,? (?:right|way|all the way|a lot|a notch|a bit|a little|a touch|a tad|slightly|loads|massively|to the max))?"
_MOVED = _table(
    (rf"^{_DOWNWARD} (?:the |its |on the )?{_SLIDER}{_MUCH}{_END}", r"less \g<slider>\g<much>"),
    (rf"^(?:turn|dial|knock|take|bring|tone|pull|scale|push|ramp|calm) (?:the |its )?{_SLIDER}{_MUCH} (?:down|back|off){_MUCH.replace('much', 'more')}{_END}", r"less \g<slider>\g<much>\g<more>"),
    (rf"^{_UPWARD}(?: up)? (?:the |its )?{_SLIDER}{_MUCH}(?: (?:up|higher))?{_MUCH.replace('much', 'more')}{_END}", r"more \g<slider>\g<much>\g<more>"),
    (rf"^(?:give|make|get|have)(?: me)? (?:it )?(?:(?P<much>a (?:little|bit|touch|tad)(?: bit)?|some|much|a lot|even|way) )?more (?:of )?(?:oomph|zing|zip|kick|bite|verve|life|sparkle|pizzazz|zest|vigou?r|energy){_END}", r"make it \g<much> more vibrant"),
    (rf"^(?:(?:it|this) )?(?:(?:give|make)(?: it)?|needs|could use|wants|lacks|is lacking) (?:(?P<much>a (?:little|bit|touch|tad|dash|hint)(?: bit)?(?: of)?|some|more|much more|a lot(?: more| of)?|even more) )?(?:oomph|zing|zip|kick|bite|verve|life|sparkle|pizzazz|zest|vigou?r){_END}", r"make it \g<much> more vibrant"),
    (rf"^(?:drain|suck|knock|pull|take|bleed|wash|strip|leach|remove) (?:all |out )?(?:the |its )?colou?rs?(?: out)?(?: (?:of|from|out of) (?:it|this|that|the \w+))?{_END}", r"make it black-and-white"),
    (rf"^(?:let|bring|get|put|pour) (?P<much>(?:a (?:little|bit|touch|tad)(?: bit)?|some|much|a lot|lots|even|way) )?(?:more|some|of) light (?:in(?:to it)?|through|on it){_END}", r"\g<much>more light"),
)  # fmt: skip
_LOOKS = (
    r"(?:dark|dim|murky|bright|pale|dull|drab|flat|cold|cool|chilly|icy|warm|yellow|orange|blue|bluish|yellowish|blurry|blurred|soft|fuzzy|garish|loud|saturated|colou?rful|vivid|"
    r"washed[- ]out|harsh|light|overexposed|underexposed|grey|gray|lifeless|faded)"
)
_DEGREE = r"(?P<much>a (?:wee |little |tiny )?bit|a little|a touch|a tad|slightly|somewhat|rather|quite|pretty|very|really|way|far|much|kinda|kind of|sort of|awfully|terribly|horribly|all|just)"
_COMPLAINTS = _table(
    (rf"^(?:i (?:find|think|feel)(?: that| like)? )?(?:it|this|that|the (?:whole )?(?:picture|image|photo|thing|result|scene|look))(?:'s| is| looks| seems| feels| came out| turned out| comes across as|)? (?:{_DEGREE} )(?:on the )?(?P<how>{_LOOKS})(?: side)?(?: (?:to me|for (?:my taste|me)|imo|here|though|now))?{_END}", r"it is \g<much> too \g<how>"),
    (rf"^i find (?:it|this|that) (?P<how>{_LOOKS}){_END}", r"it is too \g<how>"),
    (rf"^(?:why(?:'s| is| does) (?:it|this|that|everything)|how come (?:it|this|that)(?:'s| is)?)(?: look| all| come out| turn out)* (?:so|this|that|too) (?P<how>{_LOOKS})[\s,;.?!]+.*\b(?:fix|sort|mend|correct|change|help|improve|do something|adjust)\b.*$", r"it is too \g<how>"),
)  # fmt: skip
_AGAIN = _table(
    (r"^(?:another|one more)(?: one| version)?,? but (?P<how>.+)$", r"the same but \g<how>"),
    (r"^(?:(?:any chance (?:of|for)|can (?:i|we) (?:have|get|see)|give me|show me|let me (?:see|have)|i(?:'d| would) like|i want|do|make|let's (?:have|see|do))(?: me)? )?(?P<n>an?|another|one|a couple(?: of)?|two|three|four|a few|some|several|\d)? ?(?:others?|more)(?: of (?:those|these|them|that|this))?(?: (?:just )?like (?:this|that|it|these|those)(?: one)?)?" + _END, r"\g<n> more like this"),
    (r"^(?:the )?same (?:thing|picture|one|again|idea|prompt|deal),? (?P<n>one|two|three|four|five|\d|a few|a couple of)(?: more)? times?(?: (?:more|over|again))?" + _END, r"\g<n> variations of it"),
    (r"^(?:do|make|draw|paint|run|repeat|give me) (?:it|that|this|the same)(?: again)?,? (?P<n>one|two|three|four|five|\d|a few|a couple of) (?:more|extra|further)? ?times?(?: (?:more|over|again))?" + _END, r"\g<n> variations of it"),
    (r"^(?:(?:give|take) (?:it|this|that) |have |take |let's have |i'd like )?(?:another|one more|a fresh|a new|a second) (?:whirl|spin|shot|go|try|stab|bash|crack|roll|attempt|round|pass|take)(?: (?:at|of) (?:it|this|that))?" + _END, r"try again"),
    (r"^(?:reshuffle|shuffle|re-?spin|encore|re-?roll(?: (?:it|that))?|run (?:it|that) (?:back|again)|spin (?:it|again)|roll again|(?:have|do) (?:it )?over|do-?over|repeat that)" + _END, r"try again"),
)  # fmt: skip
_PAINTED = _table(
    (r"^(?:back|ease|dial|pull|rein|tone|throttle|scale) (?:(?:it|that|this) )?(?:off|back|down|in)(?: on (?:it|that))?,? (?P<much>a (?:wee |tiny |little )?bit|a little|a touch|a tad|slightly|somewhat)" + _END, r"a bit less"),
    (r"^(?:stick|keep|stay|hew|adhere|follow|listen)(?: (?:more|much|a bit|a lot|far))*(?: (?:strictly|closely|closer|literally|tightly|faithfully|precisely|true|exactly))*(?: to)? (?:the |my |what i )(?:prompt|words|description|text|wrote|said|asked for|instructions)(?: (?:more|much|a bit|a lot))*(?: (?:strictly|closely|literally|tightly|faithfully|precisely|exactly))?(?: this time)?" + _END, r"higher guidance"),
    (r"^(?:be (?:more|a bit|a little) (?:creative|free|loose)(?:r)? (?:with|about)|take (?:the|my) (?:prompt|words|description) less (?:literally|strictly)|(?:stick|keep|follow) (?:less|not so) (?:strictly|closely|literally)(?: to)? (?:the|my) (?:prompt|words|description)).*$", r"lower guidance"),
)  # fmt: skip
_ON_A_PICTURE = (*_EXCHANGED, *_CUT_OUT, *_REMOVED, *_MOVED, *_COMPLAINTS, *_AGAIN, *_PAINTED, *_ADDED)


_CALLED = {
    "color": "saturation", "colors": "saturation", "light": "brightness", "lights": "brightness", "lighting": "brightness", "exposure": "brightness",
    "highlights": "brightness", "vibrancy": "vibrance", "clarity": "sharp", "sharpness": "sharp", "tone": "contrast", "tones": "contrast", "blacks": "contrast",
}  # fmt: skip
_MOVES = re.compile(rf"^(?P<way>more|less) {_SLIDER}\b", re.I)


def _slider(found: re.Match[str]) -> str:
    """What people call a slider, by the name that it has."""
    name = found["slider"].lower().replace("colour", "color")
    return f"{found['way']} {_CALLED.get(name, name)}"


def said(sentence: str) -> str:
    """A sentence about a picture that is there, in plain words; as it was where no class knows it."""
    inner = _TAIL.sub("", _LEAD.sub("", sentence)) or sentence
    for pattern, plain in _ON_A_PICTURE:
        if found := pattern.match(inner):
            return _MOVES.sub(_slider, re.sub(r"\s+", " ", found.expand(plain)).strip())
    return inner if re.search(r"\w", inner) else sentence
