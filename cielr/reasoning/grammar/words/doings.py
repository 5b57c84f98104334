"""What somebody does and what is done to a thing: verbs, and words in -ing and -ed that are none."""

from __future__ import annotations

from .vocabulary import word_set

STATES = word_set(
    """coming going leaving entering peeking emerging be being have having wear wearing hold holding look looking
    appear seem sit sitting stand standing lie lying run running jump jumping walk walking smile smiling laugh
    laughing cry crying raise raising lift lifting lower lowering turn turning face facing bend bending fly flying
    sleep sleeping swim swimming dance dancing wave waving point pointing open opening close closing eat eating
    drink drinking read reading kneel kneeling crouch crouching lean leaning hug hugging play playing rest resting
    cross crossing tilt tilting nod nodding wink winking frown frowning stretch stretching show showing glow glowing
    spread spreading kick kicking throw throwing catch catching grin grinning bark barking yawn yawning climb
    climbing ride riding squat squatting float floating get become stick reach reaching move moving put putting gaze
    gazing stare staring touch touching flow flowing grow growing contain containing carry carrying clap clapping
    extend extending perch perched seated curl curled bow bowing howling roaring meowing purring growling sing
    singing shouting screaming yelling blushing sneezing whistling praying meditating kissing talking speaking
    saluting diving hopping crawling drooling licking chewing biting sniffing scratching wagging flapping galloping
    grazing blooming wilting sparkling dripping exploding chasing fighting hunting making pressing pushing pulling
    cutting falling rising shining following blocking swing swinging hitting hiding driving cooking petting feeding
    picking grabbing shaking pouring serving hanging laying rolling sliding surfing skiing skating sailing digging
    hovering watching admiring jogging cycling blowing using use sipping sip juggling juggle embracing embrace operating
    operate aiming aim bouncing bounce marching strolling stroll typing spraying travelling
    traveling exiting passing"""
)
"""Verbs of what somebody does or has on."""
DOINGS = STATES | word_set(
    """set go crash advertise spray miss glow make press push pull cut fall rise shine follow block bent swing hit hide
    drive cook pet feed pick grab shake pour serve hang lay roll slide surf ski skate sail hunt fight chase dig
    rear hover watch admire jog cycle blow kiss howl roar meow purr growl shout scream yell blush sneeze whistle pray
    meditate talk speak salute dive hop crawl drool lick chew bite sniff scratch wag flap gallop graze bloom wilt
    sparkle drip explode sing"""
)
"""The same with verbs that are nouns as well, for where somebody does it: "let the man swing the bat"."""
PARTICIPLES = word_set(
    """standing lying sitting located placed situated positioned hanging leaning resting parked perched seated
    walking running flying floating swimming riding driving held worn attached mounted displayed shown visible
    growing playing looking facing driving sailing lying laying kept stacked set seen appearing jumping crouching
    kneeling sleeping grazing posing pictured present"""
)
"""Words that say what a thing does where it is, and nothing of where."""
DOING_TO = word_set(
    """throwing kicking hitting chasing spraying travelling traveling using hugging kissing petting touching entering
    exiting passing grabbing licking chewing biting sniffing leaving"""
)
"""Words that say what something does, and to what: "eating cake"; part of no name."""
NOUNS_IN_ING = word_set(
    """building painting warning ceiling railing ring earring wing king string swing clothing wedding lighting morning
    evening sling spring icing frosting topping dressing pudding dumpling duckling sibling drawing carving
    engraving bedding awning siding flooring roofing paneling crossing stocking lettering writing thing
    something everything anything nothing covering opening setting
    landing parking lining marking clearing
    padding trimming stuffing greeting keyring offspring herring pilling gosling fledgling seedling sapling"""
)
NOUNS_IN_ED = word_set("bed shed sled seed weed reed bread thread head red moped biped speed")
