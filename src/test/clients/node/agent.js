// A chat that calls a tool, as a stream, with the Vercel AI SDK.
import { createOpenAI } from "@ai-sdk/openai";
import { isStepCount, streamText, tool } from "ai";
import { z } from "zod";

const call = JSON.parse(process.argv[2]);
const openai = createOpenAI({ baseURL: call.base, apiKey: call.key });
const asked = [];

const weather = tool({
  description: "The weather of a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    asked.push(city);
    return "sunny";
  },
});

const model = call.api === "responses" ? openai(call.model) : openai.chat(call.model);
const result = streamText({ model, prompt: call.prompt, tools: { weather }, stopWhen: isStepCount(3) });
let text = "";
for await (const part of result.textStream) {
  text += part;
}
console.log(JSON.stringify({ asked, text, steps: (await result.steps).length }));
