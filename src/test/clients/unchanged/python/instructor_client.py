"""Instructor."""

import itertools

import instructor
import openai
from pydantic import BaseModel

from contract import KEY, QUESTION, URL, run

client = instructor.from_openai(openai.OpenAI(base_url=URL, api_key=KEY))
ASKED = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": QUESTION}]}


class City(BaseModel):
    name: str
    population: int


class Weather(BaseModel):
    """The weather of a city."""

    city: str


def chat():
    return client.create(response_model=str, **ASKED)


def stream():
    names = [city.name or "" for city in client.create_partial(response_model=City, **ASKED)]
    return [later[len(name) :] for name, later in itertools.pairwise(["", *names])]


def tool():
    return {"city": client.create(response_model=Weather, **ASKED).city}


def structured():
    return client.create(response_model=City, **ASKED).model_dump()


run(chat=chat, stream=stream, tool=tool, structured=structured)
