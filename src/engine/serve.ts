/** Answers an engine's requests one after the other, on the thread that computes. */
import type { PeerGroup, Peers } from '../core/peers.js';
import type { Tensor } from '../core/tensor.js';
import type { ChosenDevice } from './choose.js';
import { createHost, type Host } from './host.js';
import { type NumberedRequest, ownMemory, type Reply, type StartSettings } from './messages.js';
import type { Runtime } from './runtime.js';

/** A runtime on the device that was chosen. */
export interface StartedRuntime {
  readonly runtime: Runtime;
  readonly chosen: ChosenDevice;
  /** The processes that it computes with; none where absent. */
  readonly group?: PeerGroup;
}

/** The answer to `start`. */
export interface Started extends ChosenDevice {
  readonly peers: Pick<Peers, 'rank' | 'size' | 'name'> | null;
}

/**
 * Takes requests; the first must be `start`.
 * @param start chooses the device and makes the runtime
 * @param reply hands an answer to the caller, and with it the memory of results
 */
export function serve(
  start: (settings: StartSettings) => Promise<StartedRuntime>,
  reply: (answer: Reply, handedOver: ArrayBuffer[]) => void,
): (request: NumberedRequest) => void {
  let host: Host | undefined;
  const answer = async (request: NumberedRequest): Promise<unknown> => {
    if (request.kind !== 'start') return host!.handle(request);
    const { runtime, chosen, group } = await start(request.settings);
    host = createHost(runtime, group);
    const peers = group ? { rank: group.rank, size: group.size, name: group.name } : null;
    return { ...chosen, peers } satisfies Started;
  };
  const explain = (error: unknown, request: NumberedRequest) =>
    request.kind === 'start' || !host ? (error as Error).message : host.explain(error, request);
  let queue: Promise<void> = Promise.resolve();
  return (request) => {
    queue = queue.then(async () => {
      const { id } = request;
      try {
        const value = await answer(request);
        reply({ id, value }, resultsOf(request, value));
      } catch (error) {
        reply({ id, error: explain(error, request) }, []);
      }
    });
  };
}

/** The memory of what was computed for the caller. */
function resultsOf({ kind }: NumberedRequest, value: unknown): ArrayBuffer[] {
  if (kind === 'run') return ownMemory(Object.values(value as Record<string, Tensor>).map(({ data }) => data));
  return kind === 'get' ? ownMemory([(value as Tensor).data]) : [];
}
