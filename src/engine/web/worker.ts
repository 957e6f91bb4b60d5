/** The web worker that owns onnxruntime-web. */
import { chooseDevice } from '../choose.js';
import type { NumberedRequest } from '../messages.js';
import { serve } from '../serve.js';
import { webPlatform, webRuntime } from './device.js';

const serving = serve(
  async (settings) => {
    const chosen = await chooseDevice(settings.device, webPlatform(settings));
    return { runtime: await webRuntime(chosen.device, settings), chosen };
  },
  (answer, handedOver) => self.postMessage(answer, { transfer: handedOver }),
);
self.addEventListener('message', ({ data }: MessageEvent<NumberedRequest>) => serving(data));
