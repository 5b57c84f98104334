"""What a run says: tables with intervals beside published rows, a page with pictures, two runs compared.

In: the folder of a run, its dataset. Out: Markdown, CSV and one HTML page. Open `tables.py` first.
"""
