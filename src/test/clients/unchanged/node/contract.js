// What every script here shares: the address and the key, and how it says what its client saw.
export const url = process.env.SLUICE_URL;
export const key = process.env.SLUICE_KEY;
export const question = "How is the weather in Oslo?";

// Does the cases that the command line names, and says of each what it saw or what it raised.
export async function run(cases) {
  for (const name of process.argv.slice(2)) {
    console.log(JSON.stringify({ case: name, ...(await outcome(cases[name])) }));
  }
}

async function outcome(one) {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  try {
    return { saw: await one(), seconds: seconds() };
  } catch (error) {
    return { raised: error.constructor.name, message: error.message, seconds: seconds() };
  }
}

// The pieces of a stream.
export async function all(pieces) {
  const seen = [];
  for await (const piece of pieces) {
    seen.push(piece);
  }
  return seen;
}
