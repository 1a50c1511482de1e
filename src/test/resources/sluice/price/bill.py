"""Works out again what the calls of a ledger cost, from their tokens and a copy of OpenAI's published prices.

Shares nothing with the gateway: exact decimals, its own table, its own reading of the ledger (SQLite).
Usage: bill.py LEDGER; prints one line of JSON.
"""
import json
import sqlite3
import sys
from decimal import Decimal

# https://developers.openai.com/api/docs/pricing on 2026-11-29: dollars for a million tokens of input, cached input, output.
PRICES = {
    ("gpt-4o", "default"): ("2.50", "1.25", "10.00"),
    ("gpt-4o", "priority"): ("4.25", "2.125", "17.00"),
    ("gpt-4o-mini", "default"): ("0.15", "0.075", "0.60"),
    ("gpt-4o-mini", "priority"): ("0.25", "0.125", "1.00"),
    ("gpt-5", "default"): ("1.25", "0.125", "10.00"),
    ("gpt-5", "flex"): ("0.625", "0.0625", "5.00"),
    ("gpt-5", "priority"): ("2.50", "0.25", "20.00"),
    ("o3", "default"): ("2.00", "0.50", "8.00"),
    ("o3", "flex"): ("1.00", "0.25", "4.00"),
    ("o3", "priority"): ("3.50", "0.875", "14.00"),
}
PICO_PER_MILLION = Decimal(10) ** 12 / Decimal(10) ** 6

total = Decimal(0)
wrong = []
rows = 0
query = ("SELECT id, asked_model, served_model, service_tier, input_tokens, cached_tokens, output_tokens, picodollars FROM call")
for call, asked, served, tier, tokens_in, cached, tokens_out, booked in sqlite3.connect(sys.argv[1]).execute(query):
    rows += 1
    used = tokens_in + tokens_out
    price = PRICES[(served or asked, tier or "default")] if used else ("0", "0", "0")
    plain, from_cache, out = (Decimal(each) for each in price)
    cost = ((tokens_in - cached) * plain + cached * from_cache + tokens_out * out) * PICO_PER_MILLION
    total += cost
    if cost != booked:
        wrong.append([call, str(cost), booked])
print(json.dumps({"rows": rows, "picodollars": str(total.normalize()), "wrong": wrong[:5]}))
