"""Pydantic AI."""

from pydantic import BaseModel
from pydantic_ai import Agent, Embedder
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from contract import KEY, QUESTION, URL, run

provider = OpenAIProvider(base_url=URL, api_key=KEY)
model = OpenAIChatModel("gpt-4o-mini", provider=provider)


class City(BaseModel):
    name: str
    population: int


async def chat():
    return (await Agent(model).run(QUESTION)).output


async def stream():
    async with Agent(model).run_stream(QUESTION) as answer:
        return [piece async for piece in answer.stream_text(delta=True, debounce_by=None)]


async def tool():
    agent = Agent(model)
    asked = []

    @agent.tool_plain
    def weather(city: str) -> str:
        asked.append(city)
        return "sunny"

    return {"text": (await agent.run(QUESTION)).output, "city": asked[0]}


async def embedding():
    embedder = Embedder(OpenAIEmbeddingModel("text-embedding-3-small", provider=provider))
    return len((await embedder.embed_query(QUESTION)).embeddings[0])


async def structured():
    return (await Agent(model, output_type=City).run(QUESTION)).output.model_dump()


run(chat=chat, stream=stream, tool=tool, embedding=embedding, structured=structured)
