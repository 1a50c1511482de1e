// The AI SDK by Vercel.
import { createOpenAI } from "@ai-sdk/openai";
import { embed, generateObject, generateText, isStepCount, streamText, tool } from "ai";
import { z } from "zod";
import { all, key, question, run, url } from "./contract.js";

const openai = createOpenAI({ baseURL: url, apiKey: key });
const model = openai("gpt-4o-mini");

await run({
  async chat() {
    return (await generateText({ model, prompt: question })).text;
  },

  async stream() {
    return all(streamText({ model, prompt: question }).textStream);
  },

  async tool() {
    let asked;
    const weather = tool({
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => ((asked = city), "sunny"),
    });
    const { text } = await generateText({ model, prompt: question, tools: { weather }, stopWhen: isStepCount(3) });
    return { city: asked, text };
  },

  async embedding() {
    return (await embed({ model: openai.embedding("text-embedding-3-small"), value: question })).embedding.length;
  },

  async structured() {
    const schema = z.object({ name: z.string(), population: z.number().int() });
    return (await generateObject({ model, prompt: question, schema })).object;
  },
});
