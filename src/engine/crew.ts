/**
 * Several engines as one, each with a part of the threads: for runs that do not wait for each other, such as those of
 * many small images. An operator of a small map is too little work to be shared by all threads; an image for each is
 * not. Every engine has every program and state, so what is kept in memory is kept by each.
 */
import type { Engine } from './engine.js';

/**
 * Starts an engine for each of `size`, and runs a program on the one that has least to do.
 * @throws InputError when one of them does not start
 */
export async function startCrew(start: () => Promise<Engine>, size: number): Promise<Engine> {
  const starting = Array.from({ length: size }, start);
  const begun = await Promise.allSettled(starting);
  const engines = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const ended = () => Promise.all(engines.map((engine) => engine.close()));
  if (engines.length < size) await ended();
  // Throws what the first that failed has thrown.
  const [first] = await Promise.all(starting);
  if (!first || size === 1) return first!;
  /** How much each was asked to run and has not, with the one in front that was asked longest ago. */
  const turns = engines.map((engine, index) => ({ engine, index, waiting: 0 }));
  /** The numbers of a program in each engine. */
  const programs: number[][] = [];
  const everyone = <T>(ask: (engine: Engine, index: number) => Promise<T>) => Promise.all(engines.map(ask));
  return {
    device: first.device,
    target: first.target,
    passedOver: first.passedOver,
    peers: null,
    atOnce: size,
    async load(model, { optimise = true } = {}) {
      programs.push(await everyone((engine) => engine.load(model, { optimise })));
      return programs.length - 1;
    },
    async unload(program) {
      await everyone((engine, index) => engine.unload(programs[program]![index]!));
    },
    async run(program, feeds, options = {}) {
      const handles = programs[program]!;
      if (options.update && Object.keys(options.update).length > 0) {
        const own = { ...options, handOver: false };
        return (await everyone((engine, index) => engine.run(handles[index]!, feeds, own)))[0]!;
      }
      const least = Math.min(...turns.map((turn) => turn.waiting));
      const turn = turns.find(({ waiting }) => waiting === least)!;
      turns.push(...turns.splice(turns.indexOf(turn), 1));
      turn.waiting++;
      try {
        return await turn.engine.run(handles[turn.index]!, feeds, options);
      } finally {
        turn.waiting--;
      }
    },
    async setState(name, value) {
      await everyone((engine) => engine.setState(name, value));
    },
    async clearState(name, shape) {
      await everyone((engine) => engine.clearState(name, shape));
    },
    getState: (name) => first.getState(name),
    async close() {
      await ended();
    },
  };
}
