/** Answers an engine's requests one after the other, on the thread that computes. */
import type { ChosenDevice } from './choose.js';
import { createHost, type Host } from './host.js';
import type { NumberedRequest, Reply } from './messages.js';
import type { Runtime } from './runtime.js';

/** A runtime on the device that was chosen. */
export interface StartedRuntime {
  readonly runtime: Runtime;
  readonly chosen: ChosenDevice;
}

/**
 * Takes requests; the first must be `start`.
 * @param start chooses the device and makes the runtime
 * @param reply hands an answer to the caller
 */
export function serve(
  start: () => Promise<StartedRuntime>,
  reply: (answer: Reply) => void,
): (request: NumberedRequest) => void {
  let host: Host | undefined;
  const answer = async (request: NumberedRequest): Promise<unknown> => {
    if (request.kind !== 'start') return host!.handle(request);
    const { runtime, chosen } = await start();
    host = createHost(runtime);
    return chosen;
  };
  const explain = (error: unknown, request: NumberedRequest) =>
    request.kind === 'start' || !host ? (error as Error).message : host.explain(error, request);
  let queue: Promise<void> = Promise.resolve();
  return (request) => {
    queue = queue.then(async () => {
      const { id } = request;
      try {
        reply({ id, value: await answer(request) });
      } catch (error) {
        reply({ id, error: explain(error, request) });
      }
    });
  };
}
