// openai 6 and later.
import OpenAI from "openai";
import { ResponsesWS } from "openai/resources/responses/ws";
import { all, key, question, run, url } from "./contract.js";

const client = new OpenAI({ baseURL: url, apiKey: key });
const model = "gpt-4o-mini";
const messages = [{ role: "user", content: question }];
const weather = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const city = {
  type: "json_schema",
  json_schema: {
    name: "city",
    strict: true,
    schema: {
      type: "object",
      properties: { name: { type: "string" }, population: { type: "integer" } },
      required: ["name", "population"],
      additionalProperties: false,
    },
  },
};

await run({
  async chat() {
    return (await client.chat.completions.create({ model, messages })).choices[0].message.content;
  },

  async stream() {
    const chunks = await all(await client.chat.completions.create({ model, messages, stream: true }));
    return chunks.map((chunk) => chunk.choices[0].delta.content ?? "");
  },

  async tool() {
    let asked;
    const runner = client.chat.completions.runTools({
      model,
      messages,
      tools: [
        {
          type: "function",
          function: { ...weather.function, parse: JSON.parse, function: (given) => ((asked = given.city), "sunny") },
        },
      ],
    });
    const text = await runner.finalContent();
    return { city: asked, text };
  },

  async embedding() {
    const answer = await client.embeddings.create({ model: "text-embedding-3-small", input: question });
    return answer.data[0].embedding.length;
  },

  async structured() {
    const answer = await client.chat.completions.parse({ model, messages, response_format: city });
    return answer.choices[0].message.parsed;
  },

  websocket() {
    const socket = new ResponsesWS(client);
    return new Promise((done, fail) => {
      socket.on("error", fail);
      socket.on("response.completed", ({ response }) => {
        socket.close();
        done(response.output[0].content[0].text);
      });
      socket.send({ type: "response.create", model, input: question });
    });
  },
});
