// A dialog to draw a picture in, white on black.

import { fromSource } from "./pictures.js";

const dialog = document.querySelector("#pad");
const canvas = dialog.querySelector("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });
const SIZE = 256; // pixels of the longer side
let drawn = () => {};
let last = null;

// Opens the pad; calls `done` with a function of a shape, (height, width, colours), that returns the
// pixels of the drawing, unless it is cancelled.
export function open([height, width], done) {
  canvas.width = Math.round(SIZE * Math.min(1, width / height));
  canvas.height = Math.round(SIZE * Math.min(1, height / width));
  clear();
  drawn = () => done((shape) => fromSource(canvas, canvas.width, canvas.height, shape));
  dialog.showModal();
}

function clear() {
  context.fillStyle = "black";
  context.fillRect(0, 0, canvas.width, canvas.height);
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

function stroke(event) {
  const here = place(event);
  context.strokeStyle = "white";
  context.lineWidth = Math.min(canvas.width, canvas.height) / 14;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...last);
  context.lineTo(...here);
  context.stroke();
  last = here;
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  last = place(event);
  stroke(event);
});
canvas.addEventListener("pointermove", (event) => last && stroke(event));
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, () => (last = null));
}
dialog.querySelector(".clear").addEventListener("click", clear);
dialog.querySelector(".cancel").addEventListener("click", () => dialog.close());
dialog.querySelector(".use").addEventListener("click", () => {
  dialog.close();
  drawn();
});
