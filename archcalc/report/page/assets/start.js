import { draw } from "./main.js";
import { followAddress } from "./address.js";

/** The page of one network: its record stands in the page. */

draw(JSON.parse(document.getElementById("data").textContent));
followAddress();
document.documentElement.dataset.ready = "true";
