/** What the browser's own decoder makes of an image. */

/**
 * Stored values as RGBA bytes: colour profiles are ignored, EXIF orientation is applied.
 * @throws DOMException where the file is damaged
 */
export async function decodedPixels(bytes: Uint8Array, type: string): Promise<ImageData> {
  const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
  const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), options);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}
