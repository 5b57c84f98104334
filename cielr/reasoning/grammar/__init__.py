"""Reading an instruction without a language model: words, then noun phrases, then sentences, then what they mean.

In: a scene and a text. Out: a plan, or the sentence that says which word is not understood. Open `reader.py` first.
"""
