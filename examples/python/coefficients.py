"""Fitted coefficients with their intervals, as a pandas table.

    pip install pandas
    python coefficients.py http://127.0.0.1:8080 [SWEEP]

The address is that of `scalelaw up` or `scalelaw web`. Where it asks for a token, SCALELAW_TOKEN holds one that
`scalelaw token create` made.
"""

import io
import os
import sys
import urllib.parse
import urllib.request

import pandas


def rows(base, path, **query):
    """All rows of a list, whole, through its NDJSON stream."""
    address = f"{base}{path}?{urllib.parse.urlencode({'format': 'ndjson', **query})}"
    request = urllib.request.Request(address)
    if token := os.environ.get("SCALELAW_TOKEN"):
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as answer:
        return pandas.read_json(io.BytesIO(answer.read()), lines=True, dtype={"fit": str})


def main():
    base = sys.argv[1].rstrip("/")
    query = {"sweep": sys.argv[2]} if len(sys.argv) > 2 else {}
    table = rows(base, "/coefficients", **query)
    if table.empty:
        sys.exit("no stored fit answers to this")
    columns = ["sweep", "metric", "group", "rule", "law", "value", "lower", "upper", "n_used", "fit"]
    alphas = table[table.coefficient == "alpha"][columns]
    print(alphas.to_string(index=False))


if __name__ == "__main__":
    main()
