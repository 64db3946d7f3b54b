import { MEASURED_SIDE } from "./quality";

export interface Pixels {
  /** Of the picture as it came. */
  width: number;
  height: number;
  /** A smaller copy of it. */
  copy: ImageData;
}

/** Decodes a picture. Throws when it cannot be. */
export async function pixelsOf(picture: Blob): Promise<Pixels> {
  const bitmap = await createImageBitmap(picture);
  try {
    const { width, height } = bitmap;
    return { width, height, copy: smaller(bitmap, MEASURED_SIDE) };
  } finally {
    bitmap.close();
  }
}

function smaller(bitmap: ImageBitmap, side: number): ImageData {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
