/** A checkpoint in the folder of its run. */
import { type Checkpoint, type CheckpointKind, checkpointFile } from './checkpoint.js';
import type { TrainingConfig } from './config/sections.js';
import type { RunFolder } from './run-folder.js';

/**
 * Writes the checkpoint of a step, makes it the best one where its step is the best, and removes all but the last few.
 * Returns its path.
 * @throws InputError ('diverged') when a value of the state is not finite, ('file') when it cannot be written; in both
 * cases the files that were there stay as they were
 */
export async function saveCheckpoint<Config extends TrainingConfig>(
  run: RunFolder,
  checkpoint: Checkpoint<Config>,
  kind: CheckpointKind<Config>,
): Promise<string> {
  const { step, best, config } = checkpoint;
  const path = await run.writeCheckpoint(step, await checkpointFile(checkpoint, kind));
  if (best?.step === step) await run.markBest(step);
  await run.dropCheckpoints(config.run.keepCheckpoints);
  return path;
}
