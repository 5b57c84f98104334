"""Reading an instruction without a language model: words, phrases, sentences, meaning, plan.

In: a scene and a text. Out: a plan, or the sentence that says which word is not understood. Open `reader.py` first.
"""
