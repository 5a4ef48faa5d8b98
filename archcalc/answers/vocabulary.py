"""The words of answers in the languages in which people write them: units, scales, and what is said around
a number without changing it. All are in small letters, without accents; a lone dot behind a word is no
part of it."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import category, normalize

from ..amounts import SCALES, TIMES

# What a scale multiplies by: those of ``archcalc.amounts``, picoseconds of a time among them, and those of
# other languages.
FACTORS = {**SCALES, **TIMES, "10^4": 10**4, "10^8": 10**8, "lakh": 10**5, "crore": 10**7}


def folded(text: str) -> str:
    """A text in small letters, without accents. The ``à`` between two sizes stays."""
    if text.isascii():
        return text.lower()
    kept = []
    for part in text.lower().split("à"):
        signs = [sign for sign in normalize("NFKD", part) if category(sign) != "Mn"]
        kept.append(normalize("NFC", "".join(signs)))
    return "à".join(kept)


def _table(**rows: str) -> dict[str, str]:
    """Each word of a row, with the row's name."""
    return {folded(word): name for name, words in rows.items() for word in words.split()}


def _words(*lines: str) -> tuple[str, ...]:
    return tuple([folded(word.strip()) for line in lines for word in line.split("|") if word.strip()])


# Unit words, each with what it counts.
UNITS = {
    **_table(
        bytes="byte bytes octet octets oktett байт байта байтов バイト 字节",
        bits="bit bits бит битов 比特 ビット",
        macs="""mac macs madd madds mult-add mult-adds multiply-add multiply-adds multiplication
            multiplications mults multiply-accumulates multiply-accumulate multiplikationen multiplicaciones
            multiplicacoes moltiplicazioni умножений 乘加""",
        flops="flop flops флоп флопс",
        operations="""op ops operation operations operationen rechenoperationen operaciones operacion
            operazioni operacoes operaties operationer operacje операций операции 操作 运算 演算""",
        params="""bias biases biais sesgos param params parameter parameters weight weights parametern
            parametre parametres
            parametro parametros parametri parametrow parametrar parametrit параметр параметра параметров
            параметры gewicht gewichte gewichten poids peso pesos pesi веса весов パラメータ パラメーター
            参数 參數 参数量 매개변수 파라미터""",
        values="""value values neuron neurons unit units activation activations float floats number
            numbers element elements feature features wert werte werten neuronen aktivierungen elemente
            valeur valeurs neurone neurones valor valores neurona neuronas valori neuroni нейронов
            значений 值 个 個""",
        pixels="px pixel pixels pixeln piksel pixeles piksele пикселей пиксель пикселя 像素 ピクセル 픽셀",
    ),
    "weights and biases": "params",
}
# A billion is 10^9 in English alone; where another language tells itself by its ending, it is 10^12.
SCALE_WORDS = {
    **_table(
        K="""k thousand thousands kilo tsd tausend tausende mille milliers mila mil-es tis tisic tys
            tysiecy tusen tusind tuhat tuhatta mii χιλιαδες
            duizend bin ezer ribu nghin ngan тыс тис тысяч тысячи тысяча
            千 천""",
        M="""m mn mln mio mega million millions millionen millon millones milhao milhoes milione milioni
            milionu milliom millio miljoonaa miljoona millioner milioane milion εκατομμυρια εκατομμυριο
            miljoen miljoenen miljoner milionow miliony milion milyon juta trieu миллион миллиона
            миллионов млн 百万 백만""",
        G="""g bn giga billion billions mrd mld md milliarde milliarden milliard milliards miliardi
            miliardo millardo miljard miljarder miliardy miliard milyar bilhao bilhoes млрд миллиард
            миллиардов 十亿 十億""",
        T="t trillion tera billones",
        Ki="ki kibi",
        Mi="mi mebi",
        Gi="gi gibi",
        Ti="ti tebi",
        lakh="lakh lakhs",
        crore="crore crores cr",
    ),
    **dict.fromkeys(("万", "萬", "만"), "10^4"),
    **dict.fromkeys(("億", "亿", "억"), "10^8"),
}
# Words with two meanings, and a word that has one, for each: a thousand in Spanish and Portuguese, a
# million in English.
TWO_MEANINGS = {"mil": ("thousand", "million")}
# French writes an o for the octet, which is a byte; "Mio" is that, or German for a million.
OCTETS = {
    "o": ("", "bytes"),
    **{f"{scale}o": (scale.upper(), "bytes") for scale in "kmgt"},
    **{f"{scale}io": (f"{scale.upper()}i", "bytes") for scale in "kgt"},
}

# Said of a number without changing it, in front of a unit or behind one.
FILLERS = frozenset(
    _words(
        "total | in total | totals | altogether | overall | exactly | learnable | trainable | all",
        "insgesamt | gesamt | zusammen | genau | lernbare | trainierbare | lernbaren | trainierbaren",
        "au total | en tout | exactement | entrainables | entrainable | apprenables",
        "en total | exactamente | entrenables | aprendibles | no total | in totale | totaux | totales",
        "totali | всего | итого | 合计 | 共 | 总共",
        "次 | of | de | des | d | ' | di | von | 个 | 個 | つ | 개",
        "per image | pro bild | par image | por imagen",
    )
)
# What stands before an answer, or behind it, and says only that it is one.
LEADS = _words(
    "answer | ans | result | results | solution | output | outputs | value | values | output size",
    "output volume | output shape | size | volume | shape | number of parameters | number of params",
    "number of macs | total params | total parameters | params | parameters | macs | flops",
    "receptive field | memory | field of view | final answer | my answer | rf",
    "antwort | losung | ergebnis | ausgabe | ausgang | ausgabevolumen | volumen | grosse | parameter",
    "rezeptives feld | speicher | resultat | parameteranzahl | anzahl parameter | anzahl der parameter",
    "reponse | sortie | taille | parametres | champ recepteur | memoire | nombre de parametres",
    "respuesta | resultado | salida | tamano | parametros | campo receptivo | memoria",
    "risposta | risultato | uscita | parametri | dimensione | resposta | saida | resultaat | antwoord",
    "svar | odpowiedz | wynik | ответ | результат | выход | параметры | 答案 | 答 | 输出",
    "答え | 出力 | 정답",
)
HEDGES = _words(
    "i found | i find | i calculated | habe ich | ich erhalte | j'ai | tengo",
    "i think | i believe | i guess | i got | i get | we get | we have | you get | it is | it's | its",
    "should be | must be | probably | maybe | perhaps | it should be | it must be | i would say | i say",
    "that is | that's | this is | this gives | there are",
    "there is | it has | has | is | are | i computed",
    "ich glaube | ich denke | wahrscheinlich | vermutlich | vielleicht | ich habe | das sind | es sind",
    "das ist | ist | sind | ergibt | je pense | je crois | peut-etre | probablement | c'est | il y a",
    "on a | on obtient | creo que | pienso que | quizas | probablemente | son | es | hay | tal vez",
    "penso | credo | forse | sono | acho que | talvez | sao | думаю | наверное | я думаю | 我认为",
    "大概 | 是",
    "imo | i suppose | if i am not mistaken | hopefully",
)
ABOUTS = _words(
    "about | approx | approximately | ca | circa | roughly | around | nearly | almost | c | approx of",
    "etwa | ungefahr | rund | zirka | knapp | cirka | environ | env | approximativement | a peu pres",
    "aproximadamente | aprox | unos | unas | alrededor de | cerca de | mas o menos | quasi | около",
    "примерно | 约 | 約 | 大约 | 大約 | およそ | 약",
)
# Behind them stands what follows from what was before them.
CONCLUSIONS = _words(
    "so | thus | hence | therefore | gives | makes",
    "yields | equals | is | are | we get | i get | you get",
    "results in | resulting in | totals | in total | total",
    "wait | no wait | actually | correction | sorry",
    "no: | no, | nope | oops | i mean | i meant | nein: | nein, | non: | non, | quatsch | nee,",
    "finally | answer | the answer is | final | final answer | ergibt | macht | daher | somit | folglich",
    "also ist | insgesamt | ist gleich | gleich | donc",
    "soit | ce qui donne | ainsi | au total | entonces",
    "por lo tanto | luego | da | igual a | portanto | logo",
    "quindi | dunque | итого | значит | 所以 | 因此 | 得",
    "which is | that is | it is | then it is",
)
# Behind them stands a remark on what was before them.
REMARKS = frozenset(
    _words(
        "because | since | as | with | where | when | for",
        "if | given | using | after | before | at | in | on",
        "weil | da wegen | mit | wobei | denn | bei | nach",
        "car | parce | avec | puisque | ou l'on | porque | con",
        "ya | com | perche | потому | с | because of | due | from | via | by",
    )
)
# Words that make another thing of the number beside them: half of the law is that they are asked about.
CHOICES = frozenset(
    _words(
        "or | oder | ou | o | oppure | или | 或 | not",
        "nicht | pas | kein | no | non | nao | не | vs | versus",
        "either | neither | nor | between | zwischen | entre | tra | wrong | except | instead | rather",
    )
)
CHANGES = frozenset(
    _words(
        "per | each | every | pro | je | par | por | cada | chaque | times | fois | plus | minus | moins",
        "half | twice | double | triple | thrice | than | least | most | squared | cubed | less | more",
        "bis | hasta | over | divided | halb | hundred | dozen | hundert | cent | percent | prozent",
        "min | max | minimum | maximum | mindestens | hochstens | minimo | maximo | upper | lower | bound",
        "square | root | power | log | log2 | sqrt",
    )
)
# Of those, the words by which a remark tells what there is of each: `432, one filter per channel`.
EACH = frozenset(_words("per | each | every | pro | je | par | por | cada | chaque"))


def longest_first(words: Iterable[str]) -> list[str]:
    """Words in an order in which none hides a longer one in an alternative of a pattern."""
    return sorted(words, key=lambda word: (-len(word), word))


# Settings of a layer: a number beside one of these is that setting's, and no second answer.
SETTINGS = frozenset(
    _words(
        "stride | strides | pad | padding | padded | kernel | kernels | filter | filters",
        "dilation | dilated",
        "channel | channels | batch | layer | layers | window | windows | groups | fp | float | bit | bits",
        "schritt | schrittweite | polsterung | kern | kanal | kanale | kanalen | schicht | fenster | filtern",
        "pas | noyau | filtre | filtres | canal | canaux | couche | fenetre | remplissage | paso | nucleo",
        "relleno | filtro | filtros | canales | capa | ventana | passo | canali | filtri | strato | canais",
        "шаг | ядро | фильтр | фильтров | канал | каналов | слой | 步长 | 步幅 | 填充 | 卷积核 | 通道 | 层",
    )
)
