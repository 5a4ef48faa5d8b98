/** Whom the editor asks: the server that the page is from. */
export async function ask(question) {
  const response = await fetch("answer", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
  });
  if (!response.ok) {
    throw new Error((await response.text()).trim());
  }
  return response.json();
}
