// The page: two pictures, a slider, and what each model makes of them.

import { Network, mix } from "./networks.js";
import * as pad from "./pad.js";
import * as pictures from "./pictures.js";

const STEPS = Array.from({ length: 11 }, (_, i) => i / 10);
const GAP = 2; // pixels between the pictures of a strip

const main = document.querySelector("main");
const slider = document.querySelector("#alpha");
const ends = [...document.querySelectorAll(".end")];
const opened = new Map(); // entry → promise of its networks and samples
let current = null; // { entry, networks, samples, pixels: [a, b], codes: [[a, b], …] }

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function say(text, isError = false) {
  const status = document.querySelector("#status");
  status.textContent = text;
  status.classList.toggle("error", isError);
}

// Runs a task; whatever goes wrong is shown on the page.
async function attempt(task) {
  try {
    await task();
  } catch (error) {
    console.warn(error);
    say(`That did not work: ${error.message}`, true);
  }
}

function open(entry) {
  if (!opened.has(entry)) {
    const loading = load(entry);
    opened.set(entry, loading);
    loading.catch(() => opened.delete(entry)); // the next click tries again
  }
  return opened.get(entry);
}

async function load(entry) {
  const [samples, ...networks] = await Promise.all([
    pictures.samples(`./${entry.networks[0].folder}/samples.png`, entry.samples, entry.shape),
    ...entry.networks.map((network) => Network.open(network, entry.shape)),
  ]);
  return { entry, networks, samples };
}

let wanted = null; // the entry that was chosen last

async function choose(entry) {
  wanted = entry;
  say(`Loading ${entry.title} …`);
  const found = await open(entry);
  if (wanted !== entry) return;
  const pixels = [0.3, 0.8].map((share) => found.samples[Math.floor(share * found.samples.length)]);
  current = { ...found, pixels, codes: [] };
  showSamples();
  showNetworks();
  await changed();
  say("");
}

function showSamples() {
  const { samples, pixels, entry } = current;
  ends.forEach((end, side) => {
    const buttons = samples.map((sample, i) => {
      const canvas = element("canvas");
      pictures.paint(canvas, sample, entry.shape);
      const button = element("button", { type: "button", title: `Sample ${i + 1}` }, canvas);
      button.setAttribute("aria-label", `Sample ${i + 1}`);
      button.setAttribute("aria-pressed", sample === pixels[side]);
      button.addEventListener("click", () => attempt(() => use(side, sample)));
      return button;
    });
    end.querySelector(".samples").replaceChildren(...buttons);
  });
}

function showNetworks() {
  const mixes = current.networks.map(({ label }) =>
    element("figure", {}, element("canvas"), element("figcaption", {}, label, element("small"))),
  );
  document.querySelector(".mixes").replaceChildren(...mixes);
  const strips = current.networks.map(({ label }) =>
    element("figure", {}, element("figcaption", { textContent: label }), element("canvas")),
  );
  document.querySelector(".strips").replaceChildren(...strips);
}

// Makes pixels one of the two pictures.
async function use(side, pixels) {
  current.pixels[side] = pixels;
  ends[side].querySelectorAll(".samples button").forEach((button, i) => {
    button.setAttribute("aria-pressed", current.samples[i] === pixels);
  });
  say("");
  await changed();
}

// Encodes both pictures, and draws all that depends on them.
async function changed() {
  const { networks, pixels, entry } = current;
  ends.forEach((end, side) => pictures.paint(end.querySelector(".picture"), pixels[side], entry.shape));
  const codes = [];
  for (const network of networks) {
    codes.push([await network.encode(pixels[0]), await network.encode(pixels[1])]);
  }
  current.codes = codes;
  await drawMixes();
  await drawStrips();
}

let drawing = false;
let stale = false;

// Draws the mixtures at the slider; a move in the meantime is drawn next.
async function drawMixes() {
  stale = true;
  if (drawing) return;
  drawing = true;
  try {
    while (stale) {
      stale = false;
      await drawOnce(slider.valueAsNumber);
    }
  } finally {
    drawing = false;
  }
}

async function drawOnce(share) {
  const { networks, codes, entry } = current;
  const start = performance.now();
  const figures = [...document.querySelectorAll(".mixes figure")];
  const mixtures = [];
  for (const [i, network] of networks.entries()) {
    mixtures.push(await network.decode(mix(...codes[i], [share])));
    pictures.paint(figures[i].querySelector("canvas"), mixtures[i], entry.shape);
  }
  document.querySelector("#share").textContent = `${Math.round(100 * share)} % of B`;
  main.dispatchEvent(new CustomEvent("mixed", { detail: performance.now() - start }));
  const critic = networks.find((network) => network.hasCritic);
  if (!critic) return;
  for (const [i, pixels] of mixtures.entries()) {
    const [alpha] = await critic.estimateAlpha(pixels);
    const percent = Math.round(100 * Math.min(Math.max(alpha, 0), 0.5));
    figures[i].querySelector("small").textContent = `critic: ${percent} % mixed`;
  }
}

async function drawStrips() {
  const { networks, codes, entry } = current;
  const canvases = document.querySelectorAll(".strips canvas");
  for (const [i, network] of networks.entries()) {
    const pixels = await network.decode(mix(...codes[i], STEPS), STEPS.length);
    pictures.paint(canvases[i], pixels, entry.shape, STEPS.length, GAP);
  }
  main.dispatchEvent(new CustomEvent("drawn"));
}

function listen() {
  slider.addEventListener("input", () => current && attempt(drawMixes));
  ends.forEach((end, side) => {
    const input = end.querySelector("input[type=file]");
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = ""; // the same file may be chosen again
      if (file && current) upload(side, file);
    });
    const shape = () => current.entry.shape;
    const act = (name, action) =>
      end.querySelector(name).addEventListener("click", () => current && action());
    act(".draw", () => pad.open(shape(), (pixels) => attempt(() => use(side, pixels))));
    act(".invert", () => attempt(() => use(side, pictures.inverted(current.pixels[side]))));
    end.addEventListener("dragover", (event) => event.preventDefault());
    end.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file && current) upload(side, file);
    });
  });
}

async function upload(side, file) {
  let pixels;
  try {
    pixels = await pictures.fromFile(file, current.entry.shape);
  } catch {
    say(`${file.name} is not a picture that this browser reads.`, true);
    return;
  }
  attempt(() => use(side, pixels));
}

function showEntries(entries) {
  const labels = entries.map((entry, i) => {
    const radio = element("input", { type: "radio", name: "model", checked: i === 0 });
    radio.addEventListener("change", () => attempt(() => choose(entry)));
    return element("label", { title: entry.name }, radio, element("span", { textContent: entry.title }));
  });
  document.querySelector("#models").append(...labels);
}

async function start() {
  listen();
  const entries = await (await fetch("./models.json")).json();
  showEntries(entries);
  await choose(entries[0]);
  if ("serviceWorker" in navigator) await navigator.serviceWorker.register("./sw.js");
}

attempt(start);
