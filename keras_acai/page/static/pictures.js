// Pictures as bytes (height, width, colours), from and to canvases.

// Paints n pictures side by side on a canvas, which gets their size.
export function paint(canvas, pixels, [height, width, colours], n = 1, gap = 0) {
  canvas.width = n * width + (n - 1) * gap;
  canvas.height = height;
  const context = canvas.getContext("2d");
  for (let each = 0; each < n; each++) {
    const size = height * width * colours;
    const part = pixels.subarray(each * size, (each + 1) * size);
    context.putImageData(toImageData(part, width, height, colours), each * (width + gap), 0);
  }
}

function toImageData(pixels, width, height, colours) {
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * i + channel] = pixels[colours === 1 ? i : 3 * i + channel];
    }
    image.data[4 * i + 3] = 255;
  }
  return image;
}

// The samples of a model: a picture with n of them side by side → array of pixels.
export async function samples(url, n, shape) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
  return Array.from({ length: n }, (_, i) => crop(bitmap, i * shape[1], 0, shape[1], shape[0], shape));
}

// A file of any picture → pixels: turned upright, cropped to its middle and resized.
export async function fromFile(file, shape) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    return await fromSource(bitmap, bitmap.width, bitmap.height, shape);
  } finally {
    bitmap.close();
  }
}

// A picture or canvas → pixels: cropped to its middle and resized.
export async function fromSource(source, width, height, shape) {
  const aspect = shape[1] / shape[0];
  const cutWidth = Math.min(width, height * aspect);
  const cutHeight = cutWidth / aspect;
  const [left, top] = [(width - cutWidth) / 2, (height - cutHeight) / 2].map(Math.floor);
  const size = [cutWidth, cutHeight].map((side) => Math.max(1, Math.floor(side)));
  // Apart: browsers that crop and resize at once pick single pixels, whatever the quality asked for.
  const middle = await createImageBitmap(source, left, top, ...size);
  const options = { resizeWidth: shape[1], resizeHeight: shape[0], resizeQuality: "high" };
  const small = await createImageBitmap(middle, options);
  const pixels = crop(small, 0, 0, shape[1], shape[0], shape);
  middle.close();
  small.close();
  return pixels;
}

function crop(source, left, top, width, height, [, , colours]) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white"; // behind transparent pictures
  context.fillRect(0, 0, width, height);
  context.drawImage(source, left, top, width, height, 0, 0, width, height);
  return fromRgba(context.getImageData(0, 0, width, height).data, colours);
}

function fromRgba(rgba, colours) {
  const pixels = new Uint8Array((rgba.length / 4) * colours);
  for (let i = 0; i < rgba.length / 4; i++) {
    const [red, green, blue] = rgba.subarray(4 * i, 4 * i + 3);
    if (colours === 1) {
      pixels[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    } else {
      pixels.set([red, green, blue], 3 * i);
    }
  }
  return pixels;
}

export function inverted(pixels) {
  return pixels.map((value) => 255 - value);
}
