/** Files as a page reads them. */
import { readData } from '../../../browser/read-data.js';
import { base64 } from '../../../core/base64.js';
import type { ReadPage } from '../read-page.js';

const bytesAt = async (address: string) => new Uint8Array(await (await fetch(address)).arrayBuffer());

const page: ReadPage = {
  async read(address, kind) {
    try {
      const content = Array.isArray(address)
        ? new Map(await Promise.all(address.map(async (one: string) => [one, await bytesAt(one)] as const)))
        : await bytesAt(address as string);
      const decoded = await readData(content, String(address), kind);
      const values = decoded.kind === 'images' ? decoded.image.data : Float32Array.from(decoded.stored.data);
      const shape = decoded.kind === 'images' ? decoded.image.shape : decoded.stored.shape;
      const channels = decoded.kind === 'images' ? decoded.image.channels : 1;
      const affine = decoded.kind === 'images' ? [] : decoded.stored.affine;
      return {
        shape,
        channels,
        affine,
        values: base64(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
      };
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  },
};
Object.assign(globalThis, { reading: page });
