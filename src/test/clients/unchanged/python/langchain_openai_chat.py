"""LangChain."""

from langchain_core.messages import HumanMessage
from langchain_core.tools import tool as as_tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from contract import KEY, QUESTION, URL, run

model = ChatOpenAI(model="gpt-4o-mini", base_url=URL, api_key=KEY)


class City(BaseModel):
    name: str
    population: int


@as_tool
def weather(city: str) -> str:
    """The weather of a city."""
    return "sunny"


def chat():
    return model.invoke(QUESTION).text


def stream():
    return [piece.text for piece in model.stream(QUESTION)]


def tool():
    able = model.bind_tools([weather])
    wanted = able.invoke(QUESTION)
    call = wanted.tool_calls[0]
    answer = able.invoke([HumanMessage(QUESTION), wanted, weather.invoke(call)])
    return {"city": call["args"]["city"], "text": answer.text}


def embedding():
    # Its check of lengths would fetch a tokenizer from elsewhere.
    embeddings = OpenAIEmbeddings(
        model="text-embedding-3-small", base_url=URL, api_key=KEY, check_embedding_ctx_length=False
    )
    return len(embeddings.embed_query(QUESTION))


def structured():
    return model.with_structured_output(City).invoke(QUESTION).model_dump()


run(chat=chat, stream=stream, tool=tool, embedding=embedding, structured=structured)
