import { LostError } from "./lost.js";

/** Whom the editor asks: the server that the page is from. */
export async function ask(question) {
  const response = await fetch("answer", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
  }).catch(() => {
    throw new LostError("the server does not answer: start it again; what is typed stays here.");
  });
  if (response.status === 404) {
    throw new LostError("the server was started again, and has a new address; what is typed stays here.");
  }
  if (!response.ok) {
    throw new Error((await response.text()).trim());
  }
  return response.json();
}
