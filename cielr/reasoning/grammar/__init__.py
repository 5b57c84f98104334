"""Reading an instruction without a language model.

In: a scene and a text. Out: a plan, or the sentence that says which word is not understood. Open `reader.py` first.
"""
