// Prints, as JSON, what the AsyncAPI parser has against each document named on the command line.
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

const ERROR = 0;

async function faults(path) {
  const found = await new Parser().validate(readFileSync(path, "utf8"), { source: path });
  return found
    .filter(({ severity }) => severity === ERROR)
    .map(({ message, path: where }) => `${where.join(".")}: ${message}`);
}

Promise.all(process.argv.slice(2).map(faults)).then((found) => console.log(JSON.stringify(found)));
