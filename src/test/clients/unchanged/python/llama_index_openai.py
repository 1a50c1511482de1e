"""LlamaIndex."""

from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI
from pydantic import BaseModel

from contract import KEY, QUESTION, URL, run

model = OpenAI(model="gpt-4o-mini", api_base=URL, api_key=KEY)
asked = []


class City(BaseModel):
    """A city."""

    name: str
    population: int


def weather(city: str) -> str:
    """The weather of a city."""
    asked.append(city)
    return "sunny"


def chat():
    return model.chat([ChatMessage(role="user", content=QUESTION)]).message.content


def stream():
    return [piece.delta or "" for piece in model.stream_chat([ChatMessage(role="user", content=QUESTION)])]


def tool():
    model.predict_and_call([FunctionTool.from_defaults(weather)], user_msg=QUESTION)
    return {"city": asked[0]}


def embedding():
    return len(OpenAIEmbedding(model="text-embedding-3-small", api_base=URL, api_key=KEY).get_query_embedding(QUESTION))


def structured():
    return model.as_structured_llm(City).complete(QUESTION).raw.model_dump()


run(chat=chat, stream=stream, tool=tool, embedding=embedding, structured=structured)
