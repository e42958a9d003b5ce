"""Which language a message is in, when it is plainly not English, and what is said in it. Pure.

Names are no evidence: `the café Le Chat Noir` is English, and so is whatever stands in quotation marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.embedded.vocabulary import PLAIN


@dataclass(frozen=True)
class _Tongue:
    """Words that ask for something (two points), words with a meaning (one), the small ones that names have too (a half)."""

    asking: frozenset[str]
    content: frozenset[str]
    small: frozenset[str]


def _tongue(asking: str, content: str, small: str) -> _Tongue:
    return _Tongue(frozenset(asking.split()), frozenset(content.split()), frozenset(small.split()))


_TONGUES = {
    "es": _tongue(
        "haz hazlo hazla hazme hacer hazle quiero quisiera dibuja dibújame dibujar pinta píntame crea crear genera generar pon ponlo ponle "
        "añade agrega quita quítale cambia elimina borra recorta recórtalo gira gíralo voltea aclara aclárala oscurece puedes podrías "
        "necesito dame muéstrame hola gracias ayuda mejora convierte convierta hágalo deshaz cuánto cuesta vuelve amplía buenos buenas",
        "gato perro casa ciudad noche día foto imagen cielo mar montaña bosque mujer hombre niño niña rojo roja azul verde blanco blanca negro negra brillante "
        "brillo oscuro oscura claro clara grande pequeño pequeña fondo colores más menos mucho poco ahora también otro otra mejor favor "
        "durmiendo tejado cuadrado cuadrada playa sombrero árbol flores coche lluvia nieve vez segundo primera última",
        "el la los las un una unos unas de del en con sin para por y o que es lo le su al como muy este esta esto mi tu",
    ),
    "de": _tongue(
        "mach mache machst machen erstelle erzeuge generiere zeichne male zeig zeige füge entferne ändere drehe dreh schneide spiegle spiegel "
        "verkleinere vergrößere kannst könntest können möchte will hätte hallo danke bitte gib hilfe wandle umwandeln stelle stell setz setze tausche "
        "mal schärfer heller dunkler wärmer kälter größer kleiner bunter rückgängig zurück abbrechen hochskalieren wieviel guten",
        "bild foto katze hund haus stadt nacht himmel meer berg wald frau mann kind rot blau grün weiß schwarz schwarzweiß hell dunkel groß klein hintergrund "
        "farben mehr weniger viel bisschen jetzt auch noch andere anderes besser gerne nochmal schnee regen baum blumen auto hut zweite erste letzte "
        "nicht quadratisch rote roter rotes schwarze weiße kleine große",
        "der die das den dem des ein eine einen einem einer und oder mit ohne von vom im in am an auf zu zum zur für es ist sind ich du wir mir dir so was wie",
    ),
    "fr": _tongue(
        "fais faites dessine dessinez dessine-moi crée créer créez génère générer générez peins peindre ajoute ajoutez enlève supprime retire recadre "
        "recadre-la recadre-le tourne retourne rends rend-la rend-le rends-la rends-le agrandis réduis peux peux-tu pourrais pourrais-tu pouvez voudrais "
        "veux aimerais bonjour salut merci aide montre montre-moi donne donne-moi mets remplace annule éclaircis assombris combien efface bonsoir",
        "chat chien maison ville nuit jour ciel mer montagne forêt femme homme enfant rouge bleu bleue vert verte blanc blanche noir noire lumineux lumineuse "
        "sombre clair claire grand grande petit petite fond couleurs moins beaucoup peu maintenant aussi encore autre meilleur plaît carré chapeau "
        "arbre fleurs voiture pluie neige deuxième première dernière image-là plage",
        "le la les un une des du de d'un d'une en dans sur avec sans pour par et ou que qui est c'est l'image ce cette ces mon ma mes s'il te plus moi",
    ),
    "pt": _tongue(
        "faça faz fazer desenhe desenha desenhar crie criar gere gerar pinte adicione adiciona acrescente remova remove tire corte recorte gire vire deixe "
        "deixa mude muda quero queria gostaria preciso pode poderia podes obrigado obrigada olá oi ajuda mostre coloque coloca aumente diminua clareie "
        "escureça desfaça quanto custa transforme transforma melhore bom",
        "gato cachorro cão casa cidade noite dia foto imagem céu mar montanha floresta mulher homem criança vermelho vermelha azul verde branco branca preto "
        "preta brilhante escuro escura claro clara grande pequeno pequena fundo cores mais menos muito pouco agora também outro outra melhor favor "
        "dormindo telhado quadrado chapéu árvore flores carro chuva neve vez segunda primeira última praia",
        "o a os as um uma uns umas de do da dos das em no na nos nas com sem para por e ou que é isso isto este esta meu minha seu sua ao",
    ),
    "it": _tongue(
        "fai fammi fare disegna disegnami dipingi crea creare genera generare aggiungi togli rimuovi cambia ritaglia ruota rendi rendilo rendila voglio vorrei "
        "puoi potresti ciao grazie aiuto mostrami mostra dammi metti annulla ingrandisci schiarisci scurisci quanto costa sai cosa buongiorno",
        "gatto cane casa città notte giorno foto immagine cielo mare montagna foresta donna uomo rosso rossa blu verde bianco bianca nero nera luminoso luminosa "
        "scuro scura chiaro grande piccolo piccola sfondo colori più meno molto poco adesso anche altro altra meglio favore cappello albero fiori neve",
        "il lo la i gli le un uno una un' un'immagine di del della in con senza per e o che è questo questa mio mia su al come",
    ),
    "nl": _tongue("maak teken schilder genereer wil kun graag alsjeblieft bedankt hallo verwijder voeg geef toon draai", "kat hond huis stad nacht foto afbeelding rood meer minder donkerder lichter", "de het een van en met op voor is dit"),
}  # fmt: skip
_SCRIPTS = (("ja", "぀-ヿ"), ("zh", "一-鿿㐀-䶿"), ("ru", "Ѐ-ӿ"))
_FAR = "\u024f"  # the end of the Latin letters that English texts borrow from
OTHER = "other"


def language(text: str) -> str | None:
    """`es`, `de`, `fr`, `pt`, `ru`, `zh`, `ja`, `it`, `nl` or `other`; None for English, and for what might be."""
    text = re.sub(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|„[^“”]*[“”]", " ", text)
    letters = [c for c in text if c.isalpha()]
    if letters and sum(c > _FAR for c in letters) / len(letters) > 0.3:
        return next((name for name, span in _SCRIPTS if re.search(f"[{span}]", text)), OTHER)
    words = _words(text)
    scores = {name: _score(words, tongue) for name, tongue in _TONGUES.items()}
    scores["de"] += _nouns(text, _TONGUES["de"])
    best = max(scores, key=lambda name: scores[name])
    foreign = frozenset[str]().union(*(t.asking | t.content | t.small for t in _TONGUES.values()))
    english = sum((word in PLAIN and word not in foreign) or word in _ENGLISH for word in words)
    return best if scores[best] >= 2 and scores[best] > english else None


def foreign(text: str) -> bool:
    """Whether it is plainly not English."""
    return language(text) is not None


#: Words of other languages that English has too: no better evidence than the small ones.
_ALSO_ENGLISH = frozenset(
    ["remove", "male", "mal", "will", "change", "pose", "dame", "chat", "car", "noir", "grand", "hut", "rot", "hell", "crop", "more", "come", "mode", "note", "plus", "fond", "rend", "mar", "pop", "kind", "baum"]
)
_ENGLISH = frozenset(["the", "and", "of", "with", "make", "this", "that", "it", "is", "for", "to", "my", "on", "at", "by", "from", "please", "poster", "movie"])


def _words(text: str) -> list[str]:
    """In small letters, without what is written like a name in the middle of a sentence."""
    found = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text)
    shouted = text.isupper()
    return [word.lower().replace("’", "'") for number, word in enumerate(found) if number == 0 or shouted or not word[0].isupper()]


def _score(words: list[str], tongue: _Tongue) -> float:
    asking = sum(2 for word in words if word in tongue.asking - _ALSO_ENGLISH)
    content = sum(1 for word in words if word in tongue.content - _ALSO_ENGLISH)
    small = sum(0.5 for word in words if word in tongue.small or word in _ALSO_ENGLISH & (tongue.asking | tongue.content))
    return asking + content + small if asking + content else 0.0


def _nouns(text: str, german: _Tongue) -> float:
    """German writes its nouns like names: half a point each, where they are known and something small goes before."""
    pairs = re.findall(r"\b([a-zäöüß]+)\s+([A-ZÄÖÜ][a-zäöüß]+)\b", text)
    return sum(1 for small, noun in pairs if small in german.small - _SHARED and noun.lower() in german.content - _ALSO_ENGLISH)


_SHARED = frozenset(["in", "am", "was", "so", "die", "an"])
_GREETINGS = {
    "es": "Sin un modelo de lenguaje solo entiendo inglés. Puedo dibujar bocetos y editar imágenes (color, recorte, tamaño, giro, desenfoque): "
    "escríbelo en inglés, por ejemplo “make it brighter”. Con un modelo conectado (STATIONTHIS_MODEL) puedes escribirme en español.",
    "de": "Ohne Sprachmodell verstehe ich nur Englisch. Ich kann Skizzen malen und Bilder bearbeiten (Farben, Zuschnitt, Größe, Drehen, Schärfe): "
    "Schreib es auf Englisch, zum Beispiel „make it brighter“. Mit einem angeschlossenen Modell (STATIONTHIS_MODEL) geht es auch auf Deutsch.",
    "fr": "Sans modèle de langage, je ne comprends que l'anglais. Je peux dessiner des esquisses et retoucher des images (couleurs, recadrage, "
    "taille, rotation, netteté) : dites-le en anglais, par exemple « make it brighter ». Avec un modèle connecté (STATIONTHIS_MODEL), "
    "vous pourrez m'écrire en français.",
    "pt": "Sem um modelo de linguagem só entendo inglês. Posso desenhar esboços e editar imagens (cores, corte, tamanho, rotação, nitidez): "
    "escreva em inglês, por exemplo “make it brighter”. Com um modelo conectado (STATIONTHIS_MODEL) você pode escrever em português.",
    "ru": "Без языковой модели я понимаю только английский. Я умею рисовать эскизы и править картинки (цвет, кадрирование, размер, поворот, "
    "резкость): напишите это по-английски, например «make it brighter». Если подключить модель (STATIONTHIS_MODEL), можно писать по-русски: "
    "сейчас же я знаю лишь английский язык.",
    "zh": "没有连接语言模型时，我只懂英语（英文）。我可以画草图，也可以编辑图片（颜色、裁剪、大小、旋转、清晰度）：请用英文写，例如 “make it brighter”。"
    "连接一个模型（STATIONTHIS_MODEL）之后，就可以用中文和我说话。",
    "ja": "言語モデルが接続されていないため、今は英語しか分かりません。スケッチを描いたり、画像を編集したり（色、切り抜き、サイズ、回転、シャープさ）できます。"
    "「make it brighter」のように英語で書いてください。モデル（STATIONTHIS_MODEL）を接続すれば、日本語でも話せます。",
    "it": "Senza un modello linguistico capisco solo l'inglese. So disegnare schizzi e ritoccare immagini (colori, ritaglio, dimensioni, rotazione, "
    "nitidezza): scrivilo in inglese, per esempio “make it brighter”. Con un modello collegato (STATIONTHIS_MODEL) puoi scrivermi in italiano.",
    "nl": "Zonder taalmodel begrijp ik alleen Engels. Ik kan schetsen tekenen en afbeeldingen bewerken (kleur, bijsnijden, formaat, draaien): schrijf "
    "het in het Engels, bijvoorbeeld “make it brighter”. Met een aangesloten model (STATIONTHIS_MODEL) kan het ook in het Nederlands.",
}  # fmt: skip
_IN_ENGLISH = (
    "Without a language model I understand English only. I can draw sketches and edit pictures: please say it in English, or connect a "
    "model (STATIONTHIS_MODEL) and write in your own language."
)


def honest(text: str) -> str:
    """What the person is told, in their own language where it is one of those; English stands below it for the others."""
    return _GREETINGS.get(language(text) or OTHER, _IN_ENGLISH)
