// OpenAI's Agents SDK.
import { Agent, OpenAIProvider, Runner, tool } from "@openai/agents";
import WebSocket from "ws";
import { z } from "zod";
import { all, key, question, run, url } from "./contract.js";

globalThis.WebSocket ??= WebSocket; // Node before 22 has none of its own.

const runner = (options) =>
  new Runner({
    modelProvider: new OpenAIProvider({ baseURL: url, apiKey: key, ...options }),
    tracingDisabled: true,
  });
const agent = (options) => new Agent({ name: "Assistant", model: "gpt-4o-mini", ...options });

await run({
  async chat() {
    return (await runner().run(agent(), question)).finalOutput;
  },

  async stream() {
    return all((await runner().run(agent(), question, { stream: true })).toTextStream());
  },

  async tool() {
    let asked;
    const weather = tool({
      name: "weather",
      description: "The weather of a city",
      parameters: z.object({ city: z.string() }),
      execute: ({ city }) => ((asked = city), "sunny"),
    });
    const text = (await runner().run(agent({ tools: [weather] }), question)).finalOutput;
    return { city: asked, text };
  },

  async structured() {
    const outputType = z.object({ name: z.string(), population: z.number().int() });
    return (await runner().run(agent({ outputType }), question)).finalOutput;
  },

  async websocket() {
    const provider = new OpenAIProvider({ baseURL: url, apiKey: key, useResponsesWebSocket: true });
    const runner = new Runner({ modelProvider: provider, tracingDisabled: true });
    const text = (await runner.run(agent(), question)).finalOutput;
    await provider.close();
    return text;
  },
});
