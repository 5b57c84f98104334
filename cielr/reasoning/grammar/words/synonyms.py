"""What things are also called: other names, names that take in others, and nouns that say a shape."""

from __future__ import annotations

from ....core.inflection import word_set

SYNONYMS = (
    {"man", "guy", "gentleman", "dude", "fellow", "bloke", "male"},
    {"woman", "lady", "female", "gal"},
    {"child", "kid"},
    {"person", "human", "somebody", "someone"},
    {"picture", "photo", "painting", "poster", "picture frame"},
    {"cup", "mug"},
    {"car", "automobile", "auto"},
    {"bike", "bicycle", "cycle"},
    {"motorbike", "motorcycle"},
    {"plane", "airplane", "aeroplane", "aircraft"},
    {"sofa", "couch", "settee"},
    {"table", "desk", "dining table", "tabletop"},
    {"tv", "television", "screen", "monitor"},
    {"phone", "telephone", "smartphone", "cellphone", "cell phone", "mobile phone", "mobile"},
    {"plate", "dish", "saucer"},
    {"dog", "puppy", "doggie", "pup"},
    {"cat", "kitten", "kitty"},
    {"bird", "birdie"},
    {"rock", "stone", "boulder"},
    {"lamp", "light"},
    {"disc", "disk", "circle", "ball", "sphere"},
    {"bag", "handbag", "purse"},
    {"fridge", "refrigerator"},
    {"glasses", "eyeglasses", "spectacles"},
    {"backpack", "rucksack"},
    {"rug", "carpet"},
    {"remote", "remote control"},
    {"ship", "boat"},
    {"donut", "doughnut"},
    {"trash can", "garbage can", "rubbish bin", "bin", "dustbin"},
    {"traffic light", "stoplight", "traffic signal"},
    {"football", "soccer ball"},
    {"plant", "potted plant", "houseplant"},
    {"pants", "trousers"},
    {"laptop", "notebook computer", "laptop computer"},
)
"""Names for one thing, used only where the scene has no object of the very name. A dog is no animal here: what needs
knowledge is not read by rule."""
KINDS = {
    "person": {"man", "guy", "gentleman", "dude", "fellow", "bloke", "woman", "lady", "child", "kid", "boy", "girl"},
    "human": {"man", "guy", "gentleman", "dude", "fellow", "bloke", "woman", "lady", "child", "kid", "boy", "girl"},
    "child": {"boy", "girl"},
    "kid": {"boy", "girl"},
}
"""What a word takes in besides: a woman is a person. Never the other way: who is a man is not said of a person."""
SHAPE_NOUNS = {
    "circle": "round",
    "disc": "round",
    "disk": "round",
    "square": "square",
    "rectangle": "rectangular",
    "triangle": "triangular",
    "oval": "oval",
    "ellipse": "oval",
}
"""Nouns that say a shape and nothing else."""
PEOPLE = frozenset(
    {"person", "human", "man", "woman", "child", "boy", "girl", "baby", "lady", "guy", "kid", "gentleman", "player"}
    | {"grandma", "grandpa", "grandmother", "grandfather", "mother", "father", "mom", "dad", "mum", "sister", "brother"}
    | {"aunt", "uncle", "son", "daughter", "wife", "husband", "friend", "toddler", "teenager", "snowman", "soldier"}
    | {"bride", "groom", "king", "queen", "dancer", "singer", "waiter", "chef", "surfer", "skier", "rider", "worker"}
)
"""Words for somebody, of whom "him" and "her" may be said."""
BEASTS = frozenset(
    {"dog", "cat", "bear", "monkey", "horse", "lion", "tiger", "rabbit", "bird", "elephant", "cow", "goat", "fox"}
)
"""Animals that are posed and worn like people."""
CLOTHES = word_set(
    """shorts sweater costume dress suit shirt t-shirt jacket coat hat uniform tuxedo gown pajamas pyjamas jean
    trouser skirt hoodie robe armor armour swimsuit bikini kimono apron vest scarf outfit overalls raincoat
    satin silk velvet leather glasses sunglass sunglasses tie necktie boot boots shoe shoes glove gloves cap
    helmet beard moustache mustache necklace earring bag backpack sock sari headscarf headband bowtie goggles
    mask ring watch bracelet jeans trousers pants clothing clothes attire blouse jersey cardigan jumper garb
    top bodysuit jumpsuit leotard tunic polo blazer parka poncho turban kilt cloak cape shawl legging"""
)
"""What somebody has on."""
