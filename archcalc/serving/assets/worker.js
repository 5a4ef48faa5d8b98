/** Whom the editor asks: Python in a worker of this page. */

const worker = new Worker("python.js", { type: "module" });
const open = new Map();
let last = 0;

worker.addEventListener("message", (event) => {
  const { number, answer, fault } = event.data;
  const [done, failed] = open.get(number);
  open.delete(number);
  if (fault === undefined) {
    done(JSON.parse(answer));
  } else {
    failed(new Error(fault));
  }
});
worker.addEventListener("error", (event) => {
  for (const [, failed] of open.values()) {
    failed(new Error(event.message || "Python did not start"));
  }
  open.clear();
});

/** Ask a question; the first answer waits until Python has started. */
export function ask(question) {
  last += 1;
  if (last === 1) {
    document.getElementById("state").textContent = "Python starts in this page: that takes some seconds …";
  }
  const number = last;
  const promise = new Promise((done, failed) => open.set(number, [done, failed]));
  worker.postMessage({ number, question: JSON.stringify(question) });
  return promise;
}
