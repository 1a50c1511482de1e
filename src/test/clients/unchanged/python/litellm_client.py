"""LiteLLM as a library."""

import json

import litellm
from pydantic import BaseModel

from contract import KEY, QUESTION, URL, WEATHER, run

ASKED = {"model": "openai/gpt-4o-mini", "api_base": URL, "api_key": KEY}
MESSAGES = [{"role": "user", "content": QUESTION}]


class City(BaseModel):
    name: str
    population: int


def chat():
    return litellm.completion(**ASKED, messages=MESSAGES).choices[0].message.content


def stream():
    return [chunk.choices[0].delta.content or "" for chunk in litellm.completion(**ASKED, messages=MESSAGES, stream=True)]


def tool():
    wanted = litellm.completion(**ASKED, messages=MESSAGES, tools=[WEATHER]).choices[0].message
    call = wanted.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    answer = litellm.completion(**ASKED, messages=[*MESSAGES, wanted, result], tools=[WEATHER])
    return {"city": json.loads(call.function.arguments)["city"], "text": answer.choices[0].message.content}


def embedding():
    answer = litellm.embedding(model="openai/text-embedding-3-small", input=[QUESTION], api_base=URL, api_key=KEY)
    return len(answer.data[0]["embedding"])


def structured():
    answer = litellm.completion(**ASKED, messages=MESSAGES, response_format=City)
    return City.model_validate_json(answer.choices[0].message.content).model_dump()


run(chat=chat, stream=stream, tool=tool, embedding=embedding, structured=structured)
