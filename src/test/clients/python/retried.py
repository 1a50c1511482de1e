"""A call whose SDK gives up waiting and repeats it, with one Idempotency-Key. Says what it got in the end as JSON."""

import json
import sys

import openai

call = json.loads(sys.argv[1])
client = openai.OpenAI(base_url=call["base"], api_key=call["key"], timeout=1, max_retries=20)
answer = client.chat.completions.with_raw_response.create(
    model=call["model"],
    messages=[{"role": "user", "content": call["prompt"]}],
    extra_headers={"Idempotency-Key": call["once"]},
)
print(json.dumps({
    "text": answer.parse().choices[0].message.content,
    "retries": answer.retries_taken,
    "did": answer.headers.get("x-sluice-cache"),
}), flush=True)
