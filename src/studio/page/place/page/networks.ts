/** The network that is asked: one at a time is open, since WebAssembly's memory is small. */
import { openAtlas, openNetwork, openSegmenter } from '../../../../browser/networks';
import { OpfsStore } from '../../../../browser/opfs-store';
import { checkpointNames } from '../../../../train/checkpoint-choice';
import type { Network } from '../../../../use/network';
import type { Segmenter } from '../../../../use/segmentation/segment';
import { runPath } from './run-records';

export interface Networks {
  /** Asks the pretrained network of a run; one question after the other. */
  ask<T>(run: string, question: (network: Network) => Promise<T>): Promise<T>;
  /** The same of a fine-tuned one. */
  segmenting<T>(run: string, question: (segmenter: Segmenter) => Promise<T>): Promise<T>;
  /** The same of an atlas by a pretrained one. @param folder a dataset, which does not change */
  laying<T>(run: string, folder: string, question: (segmenter: Segmenter) => Promise<T>): Promise<T>;
}

interface Opened {
  readonly key: string;
  readonly network: Promise<{ close(): Promise<void> }>;
}

/** @param assets the absolute address of the folder with the runtime's files */
export function networksOf(assets: string): Networks {
  let turn: Promise<unknown> = Promise.resolve();
  let opened: Opened | undefined;

  /** A run that trains on has newer weights: its network is opened again for another checkpoint. */
  const opening = async <N extends { close(): Promise<void> }>(
    kind: string,
    run: string,
    open: (source: string) => Promise<N>,
  ): Promise<N> => {
    const checkpoints = checkpointNames(await new OpfsStore(runPath(run)).list('checkpoints'));
    const key = [kind, run, ...checkpoints].join(' ');
    if (opened?.key === key) return opened.network as Promise<N>;
    await opened?.network.then((one) => one.close()).catch(() => {});
    const network = open(runPath(run));
    opened = { key, network };
    network.catch(() => {
      opened = undefined;
    });
    return network;
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const answer = turn.then(work);
    turn = answer.catch(() => {});
    return answer;
  };
  const options = { assets };
  const atlas = async (source: string, folder: string) => (await openAtlas(source, { folder }, options)).segmenter;
  return {
    ask: (run, question) =>
      inTurn(async () => question(await opening('network', run, (source) => openNetwork(source, options)))),
    segmenting: (run, question) =>
      inTurn(async () => question(await opening('segmenter', run, (source) => openSegmenter(source, options)))),
    laying: (run, folder, question) =>
      inTurn(async () => question(await opening(`atlas ${folder}`, run, (source) => atlas(source, folder)))),
  };
}
