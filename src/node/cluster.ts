/**
 * This process as one of several that a launcher of MPI has started for one run. Rank 0 writes the run folder, prints
 * and decides; the others read, compute, and say nothing but why they end.
 */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess } from '../cluster/end-process.js';
import { deathOf, type Herald, speaksFirst, startHerald } from '../cluster/herald.js';
import { type Launch, launchOf } from '../cluster/launcher.js';
import { prepareEnvironment } from '../cluster/mpi/environment.js';
import { type Member, startWatch, type Watch } from '../cluster/watch.js';
import { InputError } from '../core/errors.js';
import type { Engine, StartEngine } from '../engine/index.js';
import { askedThreads, ownCores } from '../system/own-cores.js';
import { checkpointNames } from '../train/checkpoint-choice.js';
import type { TrainingConfig } from '../train/config/sections.js';
import type { TrainingHost } from '../train/host.js';
import { RunFolder } from '../train/run-folder.js';
import { checkShares } from '../train/together.js';
import { FolderStore } from './folder-store.js';
import { readerOf } from './reader-store.js';

/** In ms. */
const FAREWELL = 1000;

export interface ClusterOptions {
  /** The MPI library; found by its usual names where absent. */
  readonly library?: string | undefined;
  /** Told in rank 0 of all processes, when they have found each other. */
  readonly onStart?: ((library: string, members: readonly Member[]) => void) | undefined;
}

/** A run that this process shares with others. */
export class Cluster {
  readonly launch: Launch;
  readonly #folder: string;
  readonly #library: string | undefined;
  readonly #onStart: ClusterOptions['onStart'];
  #watch: Watch | undefined;
  #herald: Herald | undefined;
  /** A folder that is made by the first to tell of a death. */
  #mark = '';

  constructor(folder: string, launch: Launch, { library, onStart }: ClusterOptions = {}) {
    this.launch = launch;
    this.#folder = folder;
    this.#library = library;
    this.#onStart = onStart;
  }

  /** Whether this process writes and prints. */
  get leads(): boolean {
    return this.launch.rank === 0;
  }

  runFolder(): RunFolder {
    const store = new FolderStore(this.#folder);
    return new RunFolder(this.leads ? store : readerOf(store));
  }

  /** A host whose engine computes with the others. */
  host<Host extends TrainingHost>(host: Host): Host {
    return { ...host, shared: true, startEngine: (options) => this.#start(host.startEngine, options) };
  }

  /**
   * A new run's configuration: where it does not say how many samples are computed at once, each process computes its
   * share of the batch at once.
   * @throws InputError ('config') where the processes cannot share the batch evenly
   */
  config<Config extends TrainingConfig>(config: Config): Config {
    const { size, micro } = config.batch;
    checkShares(micro === 0 ? size : size / micro, this.launch.size, size);
    return micro === 0 ? { ...config, batch: { size, micro: size / this.launch.size } } : config;
  }

  /** A folder for what this process alone keeps. */
  scratch(): string {
    return this.leads ? this.#folder : join(tmpdir(), `cover-rank-${this.launch.rank}-${process.pid}`);
  }

  /** Ends the part of this process: well, or with an error that ends all. */
  end(error?: unknown): void {
    this.#herald?.dismiss();
    this.#watch?.end(error !== undefined);
  }

  async #start(startEngine: StartEngine, options: Parameters<StartEngine>[0] = {}): Promise<Engine> {
    const perTask = process.env.SLURM_CPUS_PER_TASK;
    const threads =
      options.threads || askedThreads() || ownCores(this.launch.local, perTask === undefined ? null : Number(perTask));
    const peers = this.#library === undefined ? {} : { library: this.#library };
    prepareEnvironment();
    const engine = await startEngine({ ...options, threads, peers });
    this.#watch = await startWatch(engine.peers!, {
      onLost: (member) => this.#lost(member),
      onEnded: () => {
        this.#herald?.dismiss();
        endProcess(1);
      },
      onBlind: (reason) =>
        console.error(`rank ${this.launch.rank} cannot watch rank 0 (${reason}): only the launcher notices its end`),
    });
    const { members, token } = this.#watch;
    this.#mark = join(this.#folder, `died-${token}`);
    this.#herald = startHerald(members[this.launch.rank]!, join(this.#folder, 'checkpoints'), this.#mark);
    // Launchers tell of deaths by this signal, by which Node would open a port for its debugger.
    process.on('SIGUSR1', () => {});
    if (this.leads) this.#onStart?.(engine.peers!.name, members);
    return engine;
  }

  #lost(member: Member): void {
    if (speaksFirst(this.#mark)) {
      const last = this.#lastCheckpoint();
      const next = last
        ? `The last checkpoint is ${last}. Go on with --resume, with as many processes or another number.`
        : 'No checkpoint was written yet: start the run again.';
      process.stderr.write(`\nerror: ${deathOf(member)}\n  ${next}\n`);
      this.#herald?.tidy();
    } else this.#herald?.dismiss();
    this.#watch?.end(true);
    // The others are told, and a pipe takes the message, before this process ends.
    setTimeout(() => endProcess(1), FAREWELL);
  }

  #lastCheckpoint(): string | undefined {
    const folder = join(this.#folder, 'checkpoints');
    try {
      const name = checkpointNames(readdirSync(folder)).at(-1);
      return name && join(folder, name);
    } catch {
      return undefined;
    }
  }
}

/** The launch that this process belongs to; null where it is alone. `off` says that it is to be alone. */
export function clusterOf(folder: string, mpi?: string, onStart?: ClusterOptions['onStart']): Cluster | null {
  const launch = mpi === 'off' ? null : launchOf();
  if (mpi !== undefined && mpi !== 'off' && !launch) {
    throw new InputError(
      'cluster',
      `--mpi ${mpi}: expected to be started by a launcher of MPI with others, found none of its variables`,
      'Example: mpirun -n 4 npx cover pretrain xrays/ -o runs/first',
    );
  }
  return launch && new Cluster(folder, launch, { library: mpi, onStart });
}
