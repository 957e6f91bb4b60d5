/** Files as a page reads them. */
import { readData } from '../../../browser/read-data.js';
import { base64 } from '../../../core/base64.js';
import type { ReadPage } from '../read-page.js';

const page: ReadPage = {
  async read(address, kind) {
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    try {
      const decoded = await readData(bytes, address, kind);
      const values = decoded.kind === 'images' ? decoded.image.data : Float32Array.from(decoded.stored.data);
      const shape = decoded.kind === 'images' ? decoded.image.shape : decoded.stored.shape;
      const channels = decoded.kind === 'images' ? decoded.image.channels : 1;
      return { shape, channels, values: base64(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) };
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  },
};
Object.assign(globalThis, { reading: page });
