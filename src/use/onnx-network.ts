/** A fine-tuned network from an ONNX file of `cover export`: all that is needed is in its metadata. */
import { InputError } from '../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import type { Device, Engine } from '../engine/index.js';
import { type FinetuneConfig, finetuneSchema, type Task } from '../finetune/config.js';
import { refuseExternalData } from '../onnx/external-data.js';
import { onnxMetadata } from '../onnx/metadata.js';
import { storedConfig } from '../train/stored-settings.js';
import type { NetworkHost } from './network.js';

export interface OnnxNetwork {
  readonly config: FinetuneConfig;
  readonly device: Device;
  /** How many runs it does at the same time. */
  readonly atOnce: number;
  /** @param image `[C, ...S]` in [0, 1], of the extents that the network takes; @returns its probabilities */
  run(image: Tensor): Promise<Tensor>;
  close(): Promise<void>;
}

/** An ONNX file that has been read. */
export interface OnnxFile {
  readonly bytes: Uint8Array;
  /** Its name, for messages. */
  readonly source: string;
}

/** More values go into no network that a file of `cover export` holds. */
const MOST_VALUES = 2 ** 31;

/**
 * @param start begins the engine, once the file is known to be one of this task; it ends with the network
 * @throws InputError ('file') when it is no ONNX model or keeps values elsewhere, ('checkpoint') when it is no network
 * of `cover export` for this task
 */
export async function openOnnxNetwork(file: OnnxFile, task: Task, host: NetworkHost): Promise<OnnxNetwork> {
  const { bytes, source } = file;
  const { config, scale, offset } = factsOf(file, task);
  refuseExternalData(bytes, source);
  const engine = await host.startEngine(config.data.size);
  try {
    const program = await loaded(engine, file);
    return {
      config,
      device: engine.device,
      atOnce: engine.atOnce ?? 1,
      close: () => engine.close(),
      async run({ shape, data: values }) {
        const stored = values.map((value) => value * scale + offset);
        const { probabilities } = await engine.run(program, { image: tensor([1, ...shape], stored) });
        if (!probabilities) throw damaged(source);
        return tensor(probabilities.shape.slice(1), probabilities.data);
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function loaded(engine: Engine, { bytes, source }: OnnxFile): Promise<number> {
  try {
    return await engine.load(bytes);
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new InputError('file', `${source}: ONNX Runtime cannot load it (${reason})`, 'Export it again.', { cause });
  }
}

function factsOf({ bytes, source }: OnnxFile, task: Task) {
  const metadata = onnxMetadata(bytes, source);
  const found = metadata.get('task');
  if (found !== task) {
    throw new InputError(
      'checkpoint',
      `${source}: expected a network for ${task}, found ${found ? `one for ${found}` : 'another ONNX model'}`,
      'Write it with cover export RUN --onnx FILE, from a run of cover finetune.',
    );
  }
  const { success, data: config } = finetuneSchema.safeParse(storedConfig(metadata.get('config')));
  const scale = Number(metadata.get('scale') ?? metadata.get('maximum'));
  const offset = Number(metadata.get('offset') ?? 0);
  if (!success || config.task !== task || !(scale > 0 && scale < Infinity) || !Number.isFinite(offset)) {
    throw damaged(source);
  }
  const { data, views } = config;
  const largest = Math.max(sizeOf(data.size), sizeOf(views.crop)) * data.channels;
  if (views.crop.length < 2 || largest > MOST_VALUES) throw damaged(source);
  return { config, scale, offset };
}

function damaged(source: string): InputError {
  return new InputError(
    'checkpoint',
    `${source}: expected the metadata of cover export, found damaged ones`,
    'Export it again.',
  );
}
