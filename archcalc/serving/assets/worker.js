/** Whom the editor asks: Python in a worker of this page. It answers one question after the other. */

/** Seconds that an answer takes at most: then Python is ended, and starts again. */
const SECONDS = JSON.parse(document.getElementById("data").textContent).seconds;
const STARTING = "Python starts in this page: that takes some seconds …";

const state = document.getElementById("state");
let worker = null;
/** Questions that wait, the first of them on its way: what to ask, and whom to tell. */
const open = [];
let ready = false;
let late = null;

function start() {
  ready = false;
  state.textContent = STARTING;
  try {
    worker = new Worker("python.js", { type: "module" });
  } catch (error) {
    end(new Error(refused(error.message)));
    return;
  }
  worker.addEventListener("message", ({ data }) => {
    if (data.ready) {
      ready = true;
      state.textContent = "";
      send();
    } else if (data.fault !== undefined) {
      end(new Error(data.fault));
    } else {
      const { done } = finished();
      done(JSON.parse(data.answer));
      send();
    }
  });
  worker.addEventListener("error", (event) => end(new Error(refused(event.message))));
}

/** Why there is no worker: from a disk a browser has none, and a site may refuse it. */
function refused(words) {
  if (window.location.protocol === "file:") {
    return "a page that is opened from disk cannot run Python: serve its folder, as in python -m http.server";
  }
  const why = words ? ` (${words})` : "";
  return `this page may not run python.js, which lies beside it: either it is not there, or the Content-Security-Policy of this site lacks worker-src 'self'${why}`;
}

function finished() {
  clearTimeout(late);
  return open.shift();
}

/** Nothing is answered any more; the next question tries again. */
function end(error) {
  clearTimeout(late);
  worker?.terminate();
  worker = null;
  for (const { failed } of open.splice(0)) {
    failed(error);
  }
}

/** Send the first question that waits. */
function send() {
  if (!ready || !open.length) {
    return;
  }
  worker.postMessage(JSON.stringify(open[0].question));
  late = setTimeout(() => {
    const { done } = finished();
    worker.terminate();
    const message = `this takes longer than ${SECONDS} seconds: it is not computed here`;
    done({ nets: null, net: null, diagnostics: [{ severity: "error", message, line: null, help: null }] });
    start();
  }, 1000 * SECONDS);
}

/** Ask a question; the first answer waits until Python has started. */
export function ask(question) {
  return new Promise((done, failed) => {
    open.push({ question, done, failed });
    if (worker === null) {
      start();
    } else if (open.length === 1) {
      send();
    }
  });
}
