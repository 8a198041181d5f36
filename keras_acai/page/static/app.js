// The page: two pictures, a slider, and what each model makes of them.

import { Network, filesOf, mix } from "./networks.js";
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

function forgetError() {
  if (document.querySelector("#status").classList.contains("error")) say("");
}

class Told extends Error {} // an error that is no surprise, in words for visitors

// Runs a task; whatever goes wrong is shown on the page.
async function attempt(task) {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof Told)) console.warn(error);
    say(error.message, true);
  }
}

function open(entry) {
  if (!opened.has(entry)) {
    const loading = load(entry);
    opened.set(entry, loading);
    loading.catch(() => opened.delete(entry)); // the next choice tries again
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
  const loading = `Loading ${entry.title} …`;
  say(loading);
  let found;
  try {
    found = await open(entry);
  } catch (error) {
    console.warn(error);
    if (wanted === entry) keepCurrent(entry);
    return;
  }
  if (wanted !== entry) return;
  const pixels = [0.3, 0.8].map((share) => found.samples[Math.floor(share * found.samples.length)]);
  current = { ...found, pixels, codes: [] };
  showSamples();
  showNetworks();
  await changed();
  if (document.querySelector("#status").textContent === loading) say("");
}

// Goes back to the models on the page, because others could not be loaded.
function keepCurrent(failed) {
  wanted = current?.entry;
  for (const [entry, radio] of radios) radio.checked = entry === wanted;
  say(`${failed.title} could not be loaded: choose it again, or reload the page.`, true);
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
    element("figure", {}, picture(`Mixture by ${label}`), element("figcaption", {}, label, element("small"))),
  );
  document.querySelector(".mixes").replaceChildren(...mixes);
  const strips = current.networks.map(({ label }) =>
    element("figure", {}, element("figcaption", { textContent: label }), picture(`From A to B by ${label}`)),
  );
  document.querySelector(".strips").replaceChildren(...strips);
}

function picture(label) {
  const canvas = element("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  return canvas;
}

const asked = [0, 0]; // how many pictures each side was asked to show

// Makes pixels one of the two pictures: an array, or an async function of the model's shape. Of
// several, the last one that was asked for is shown.
async function use(side, pixels) {
  const number = ++asked[side];
  let shown = current;
  if (typeof pixels === "function") {
    const read = pixels;
    do {
      shown = current;
      try {
        pixels = await read(shown.entry.shape);
      } catch (error) {
        if (number === asked[side]) throw error;
      }
    } while (shown !== current);
  }
  if (number !== asked[side]) return;
  current.pixels[side] = pixels;
  ends[side].querySelectorAll(".samples button").forEach((button, i) => {
    button.setAttribute("aria-pressed", current.samples[i] === pixels);
  });
  forgetError();
  await changed();
}

let changes = 0;

// Encodes both pictures, and draws all that depends on them, unless something changes again.
async function changed() {
  const number = ++changes;
  const { networks, pixels, entry } = current;
  ends.forEach((end, side) => pictures.paint(end.querySelector(".picture"), pixels[side], entry.shape));
  const codes = [];
  for (const network of networks) {
    codes.push([await network.encode(pixels[0]), await network.encode(pixels[1])]);
  }
  if (number !== changes) return;
  current.codes = codes;
  await drawMixes();
  if (number === changes) await drawStrips();
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
  const shown = current;
  const { networks, codes, entry } = shown;
  if (!codes.length) return;
  const start = performance.now();
  const figures = [...document.querySelectorAll(".mixes figure")];
  const mixtures = [];
  for (const [i, network] of networks.entries()) {
    mixtures.push(await network.decode(mix(...codes[i], [share])));
    if (shown !== current) return;
    pictures.paint(figures[i].querySelector("canvas"), mixtures[i], entry.shape);
  }
  const text = `${Math.round(100 * share)} % of B`;
  document.querySelector("#share").textContent = text;
  slider.setAttribute("aria-valuetext", text);
  main.dispatchEvent(new CustomEvent("mixed", { detail: performance.now() - start }));
  const critic = networks.find((network) => network.hasCritic);
  if (!critic) return;
  for (const [i, pixels] of mixtures.entries()) {
    const [alpha] = await critic.estimateAlpha(pixels);
    if (shown !== current) return;
    const percent = Math.round(100 * Math.min(Math.max(alpha, 0), 0.5));
    figures[i].querySelector("small").textContent = `critic: ${percent} % mixed`;
  }
}

async function drawStrips() {
  const shown = current;
  const { networks, codes, entry } = shown;
  const canvases = document.querySelectorAll(".strips canvas");
  for (const [i, network] of networks.entries()) {
    const pixels = await network.decode(mix(...codes[i], STEPS), STEPS.length);
    if (shown !== current) return;
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
    const act = (name, action) =>
      end.querySelector(name).addEventListener("click", () => current && action());
    act(".draw", () => pad.open(current.entry.shape, (read) => attempt(() => use(side, read))));
    act(".invert", () => attempt(() => use(side, pictures.inverted(current.pixels[side]))));
    const over = (isOver) => end.classList.toggle("over", isOver);
    end.addEventListener("dragover", () => over(true));
    end.addEventListener("dragleave", () => over(false));
    end.addEventListener("drop", (event) => {
      over(false);
      const [file] = event.dataTransfer.files;
      if (file && current) upload(side, file);
    });
  });
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => event.preventDefault()); // or the file would be opened
  }
}

function upload(side, file) {
  const read = (shape) =>
    pictures.fromFile(file, shape).catch(() => {
      throw new Told(`${file.name} is not a picture that this browser reads.`);
    });
  return attempt(() => use(side, read));
}

const radios = new Map(); // entry → its button

function showEntries(entries) {
  const labels = entries.map((entry, i) => {
    const radio = element("input", { type: "radio", name: "model", checked: i === 0 });
    radios.set(entry, radio);
    radio.addEventListener("change", () => attempt(() => choose(entry)));
    return element("label", { title: entry.name }, radio, element("span", { textContent: entry.title }));
  });
  document.querySelector("#models").append(...labels);
}

async function start() {
  listen();
  const response = await fetch("./models.json").catch(() => null);
  if (!response?.ok) throw new Told("The list of models could not be loaded: reload the page.");
  const entries = await response.json();
  showEntries(entries);
  await choose(entries[0]);
}

// The page works without a service worker, too, as long as there is a network.
async function keepOffline() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  const before = serviceWorker.controller;
  serviceWorker.addEventListener("controllerchange", () => before && location.reload());
  await serviceWorker.register("./sw.js");
  await serviceWorker.ready;
  for (const { networks } of opened.keys()) {
    const files = networks.flatMap((network) => Object.values(filesOf(network)));
    for (const url of [`./${networks[0].folder}/samples.png`, ...files]) {
      await fetch(url); // of models that were opened before the worker was there
    }
  }
}

attempt(start).then(keepOffline).catch(console.warn);
