/** A worker that answers the editor with Python: Pyodide from the folder that the teacher named. */

const PYODIDE = "{{PYODIDE}}";

async function start() {
  const { loadPyodide } = await import(`${PYODIDE}pyodide.mjs`).catch((error) => {
    throw new Error(
      `Pyodide cannot be loaded from ${PYODIDE}: unpack its release there, or write this folder again with --pyodide` +
        ` PLACE (${error.message})`,
    );
  });
  const python = await loadPyodide({ indexURL: new URL(PYODIDE, self.location.href).href });
  const packed = await fetch("archcalc.zip");
  if (!packed.ok) {
    throw new Error("archcalc.zip is not beside this page");
  }
  python.unpackArchive(await packed.arrayBuffer(), "zip", { extractDir: "/archcalc" });
  return python.runPython(`
import json, sys
sys.path.insert(0, "/archcalc")
from archcalc.serving.answering import answer
lambda question: json.dumps(answer(json.loads(question)))
`);
}

const started = start();

self.addEventListener("message", async (event) => {
  const { number, question } = event.data;
  try {
    const answer = await started;
    self.postMessage({ number, answer: answer(question) });
  } catch (error) {
    self.postMessage({ number, fault: String(error.message ?? error) });
  }
});
