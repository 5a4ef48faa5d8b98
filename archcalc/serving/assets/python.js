/** A worker that answers the editor with Python: Pyodide from the folder that the teacher named. */

const PYODIDE = "{{PYODIDE}}";

/** What the site has forbidden meanwhile, as the browser reports it. */
let forbidden = "";
self.addEventListener("securitypolicyviolation", (event) => {
  forbidden = `: the Content-Security-Policy of this site forbids ${event.blockedURI} by ${event.effectiveDirective}`;
});

/** Fail at once where the site forbids what Python is made of: Pyodide itself would say nothing. */
async function needWebAssembly() {
  try {
    await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  } catch (error) {
    throw new Error(
      "Python cannot start: the Content-Security-Policy of this site forbids WebAssembly. Its script-src lacks" +
        ` 'wasm-unsafe-eval' (${error.message})`,
    );
  }
}

function pyodideFault(error) {
  return new Error(
    `Pyodide cannot be loaded from ${PYODIDE}${forbidden}: unpack its release there, or write this folder again` +
      ` with --pyodide PLACE (${error.message})`,
  );
}

async function start() {
  await needWebAssembly();
  let python;
  try {
    const { loadPyodide } = await import(`${PYODIDE}pyodide.mjs`);
    python = await loadPyodide({ indexURL: new URL(PYODIDE, self.location.href).href });
  } catch (error) {
    await new Promise((done) => setTimeout(done)); // what is forbidden is reported after it failed
    throw pyodideFault(error);
  }
  const packed = await fetch("archcalc.zip");
  if (!packed.ok) {
    throw new Error("archcalc.zip is not beside this page");
  }
  python.unpackArchive(await packed.arrayBuffer(), "zip", { extractDir: "/archcalc" });
  return python.runPython(`
import json, sys
sys.path.insert(0, "/archcalc")
from archcalc.serving.answering import answer, fault_record

def answered(question):
    try:
        return json.dumps(answer(json.loads(question)))
    except Exception as error:
        return json.dumps(fault_record(error))

answered
`);
}

start().then(
  (answer) => {
    self.addEventListener("message", (event) => self.postMessage({ answer: answer(event.data) }));
    self.postMessage({ ready: true });
  },
  (error) => self.postMessage({ fault: String(error.message ?? error) }),
);
