// The models of the page: ONNX files, run by onnxruntime-web.

import * as ort from "./runtime/ort.wasm.min.mjs";

ort.env.wasm.numThreads = 1; // needs no special headers of the server
ort.env.wasm.wasmPaths = new URL("./runtime/", import.meta.url).href;

// The addresses of a network's files.
export function filesOf({ folder, critic }) {
  const parts = ["encoder", "decoder", ...(critic ? ["critic"] : [])];
  return Object.fromEntries(parts.map((part) => [part, `./${folder}/${part}.onnx`]));
}

export class Network {
  // Opens a model: its encoder, its decoder and, for ACAI, its critic.
  static async open(facts, shape) {
    const opening = Object.entries(filesOf(facts)).map(async ([part, url]) => [
      part,
      await ort.InferenceSession.create(url),
    ]);
    const sessions = Object.fromEntries(await Promise.all(opening));
    return new Network(sessions, facts.label, shape, facts.codeShape);
  }

  constructor(sessions, label, shape, codeShape) {
    Object.assign(this, { sessions, label, shape, codeShape });
  }

  get hasCritic() {
    return "critic" in this.sessions;
  }

  // Pixels of n pictures, Uint8Array → codes, Float32Array.
  async encode(pixels, n = 1) {
    const images = new ort.Tensor("uint8", pixels, [n, ...this.shape]);
    return (await this.sessions.encoder.run({ images })).codes.data;
  }

  // Codes, Float32Array → pixels of n pictures, Uint8Array.
  async decode(codes, n = 1) {
    const tensor = new ort.Tensor("float32", codes, [n, ...this.codeShape]);
    return (await this.sessions.decoder.run({ codes: tensor })).images.data;
  }

  // Pixels of n pictures → the critic's estimates of α, Float32Array.
  async estimateAlpha(pixels, n = 1) {
    const images = new ort.Tensor("uint8", pixels, [n, ...this.shape]);
    return (await this.sessions.critic.run({ images })).alpha.data;
  }
}

// Mixtures (1 − α)·a + α·b of two codes, one after the other.
export function mix(a, b, shares) {
  const codes = new Float32Array(shares.length * a.length);
  shares.forEach((share, row) => {
    for (let i = 0; i < a.length; i++) {
      codes[row * a.length + i] = (1 - share) * a[i] + share * b[i];
    }
  });
  return codes;
}
