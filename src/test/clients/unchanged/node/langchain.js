// LangChain.
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";
import { all, key, question, run, url } from "./contract.js";

const settings = { apiKey: key, configuration: { baseURL: url } };
const model = new ChatOpenAI({ ...settings, model: "gpt-4o-mini" });

await run({
  async chat() {
    return (await model.invoke(question)).text;
  },

  async stream() {
    return (await all(await model.stream(question))).map((piece) => piece.text);
  },

  async tool() {
    const weather = tool(() => "sunny", { name: "weather", schema: z.object({ city: z.string() }) });
    const able = model.bindTools([weather]);
    const wanted = await able.invoke(question);
    const result = await weather.invoke(wanted.tool_calls[0]);
    const answer = await able.invoke([{ role: "user", content: question }, wanted, result]);
    return { city: wanted.tool_calls[0].args.city, text: answer.text };
  },

  async embedding() {
    return (await new OpenAIEmbeddings({ ...settings, model: "text-embedding-3-small" }).embedQuery(question)).length;
  },

  async structured() {
    return model.withStructuredOutput(z.object({ name: z.string(), population: z.number().int() })).invoke(question);
  },
});
