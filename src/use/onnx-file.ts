/** A fine-tuned network from the ONNX file that `cover export` wrote: all that is needed is in its metadata. */
import { readFileSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { Device } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { type FinetuneConfig, finetuneSchema, type Task } from '../finetune/config.js';
import { onnxMetadata } from '../onnx/metadata.js';
import type { SegmenterOptions } from './segmentation/segment.js';

export interface OnnxNetwork {
  readonly config: FinetuneConfig;
  readonly device: Device;
  /** @param image `[C, ...S]` in [0, 1], of the extents that the file takes; @returns its probabilities */
  run(image: Tensor): Promise<Tensor>;
  close(): Promise<void>;
}

/** @throws InputError ('file') when it cannot be read, ('checkpoint') when it is no network of `cover export` for this task */
export async function openOnnxNetwork(path: string, task: Task, options: SegmenterOptions = {}): Promise<OnnxNetwork> {
  const bytes = readModel(path);
  const metadata = onnxMetadata(bytes, path);
  const parsed = finetuneSchema.safeParse(JSON.parse(metadata.get('config') ?? 'null'));
  const maximum = Number(metadata.get('maximum'));
  if (!parsed.success || parsed.data.task !== task || !(maximum > 0)) {
    throw new InputError(
      'checkpoint',
      `${path}: expected a network for ${task}, found ${metadata.get('task') ?? 'another ONNX model'}`,
      'Write it with cover export RUN --onnx FILE, from a run of cover finetune.',
    );
  }
  const engine = await startEngine({ device: 'cpu', ...options });
  const program = await engine.load(bytes);
  return {
    config: parsed.data,
    device: engine.device,
    close: () => engine.close(),
    async run({ shape, data: values }) {
      const stored = values.map((value) => value * maximum);
      const { probabilities } = await engine.run(program, { image: tensor([1, ...shape], stored) });
      return tensor(probabilities!.shape.slice(1), probabilities!.data);
    },
  };
}

function readModel(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new InputError('file', `${path}: could not be read (${(cause as Error).message})`, 'Check the path.', {
      cause,
    });
  }
}
