"""OpenAI's Agents SDK."""

from agents import Agent, OpenAIProvider, RunConfig, Runner, function_tool
from pydantic import BaseModel

from contract import KEY, QUESTION, URL, run

asked = []


class City(BaseModel):
    name: str
    population: int


@function_tool
def weather(city: str) -> str:
    asked.append(city)
    return "sunny"


def agent(**settings):
    return Agent(name="Assistant", model="gpt-4o-mini", **settings)


def provided(**settings):
    provider = OpenAIProvider(base_url=URL, api_key=KEY, **settings)
    return RunConfig(model_provider=provider, tracing_disabled=True)


async def chat():
    return (await Runner.run(agent(), QUESTION, run_config=provided())).final_output


async def stream():
    events = Runner.run_streamed(agent(), QUESTION, run_config=provided()).stream_events()
    return [
        event.data.delta
        async for event in events
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    ]


async def tool():
    answer = await Runner.run(agent(tools=[weather]), QUESTION, run_config=provided())
    return {"city": asked[0], "text": answer.final_output}


async def structured():
    return (await Runner.run(agent(output_type=City), QUESTION, run_config=provided())).final_output.model_dump()


async def websocket():
    return (await Runner.run(agent(), QUESTION, run_config=provided(use_responses_websocket=True))).final_output


run(chat=chat, stream=stream, tool=tool, structured=structured, websocket=websocket)
