import { draw } from "./main.js";

/** The page of one network: its record stands in the page. */

draw(JSON.parse(document.getElementById("data").textContent));
document.documentElement.dataset.ready = "true";
