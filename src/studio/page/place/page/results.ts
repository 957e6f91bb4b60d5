/** What a fine-tuned network of the page makes of the cases that it was trained and measured on. */
import { contentAt, layoutOf, readLabels } from '../../../../browser/dataset';
import { OpfsStore } from '../../../../browser/opfs-store';
import { readInput } from '../../../../browser/read-input';
import { InputError } from '../../../../core/errors';
import { meanDefined } from '../../../../core/statistics';
import type { Split } from '../../../../finetune/cases';
import { dataRecordIn } from '../../../../finetune/data-record';
import { recordedCases } from '../../../../finetune/recorded-cases';
import { classDices } from '../../../../finetune/segmentation/look';
import { RunFolder } from '../../../../train/run-folder';
import { segment } from '../../../../use/segmentation/segment';
import { inCanonical } from '../../../answers/prediction';
import { settingAt } from '../../../answers/summary';
import { UNPAINTED } from '../../../drawing/map';
import { noResults, type Results } from '../../../shared/protocol';
import type { PlaceCalls } from '../place';
import type { Networks } from './networks';
import { runPath, settingsOf } from './run-records';
import { imagesOf, readRecord } from './store';

interface Maps {
  readonly prediction: Uint8Array;
  readonly truth: Uint8Array;
}

/** Maps that are kept, in bytes. */
const MOST = 2 ** 28;

export function resultCalls(networks: Networks): Pick<PlaceCalls, 'results' | 'resultMaps'> {
  let results: Results | null = null;
  let maps = new Map<string, Maps>();
  let round = 0;

  const all = async (run: string, split: Split, own: number) => {
    const settings = await settingsOf(run);
    const source = String(settingAt(settings, 'data.source'));
    const named = settingAt(settings, 'data.removeIslands');
    const single = Array.isArray(named) ? named.map(String) : [];
    const store = new OpfsStore(source);
    const layout = await layoutOf(store, 'segmentation');
    const record = dataRecordIn(await new RunFolder(new OpfsStore(runPath(run))).record('data'));
    if (!record) throw new InputError('data', `${run}: expected the record of its cases, found none`);
    const cases = recordedCases(layout, source, record, split);
    // The images of a project lie beside its dataset, which the next training replaces.
    const images = await imagesOf(await readRecord(source.replace(/^labels\//, ''))).catch(() => null);
    const shown = cases.filter(({ id }) => images?.has(id));
    const found = { classes: layout.classes, single, total: shown.length, outside: cases.length - shown.length };
    results = { ...results!, ...found };
    let bytes = 0;
    for (const { id, image, label } of shown) {
      const content = await contentAt(store, image);
      const truth = await readLabels(store, label as string);
      const labels = await networks.segmenting(run, async (segmenter) => {
        if (segmenter.multiLabel) throw new InputError('config', `${run}: expected classes that do not overlap`);
        return inCanonical((await segment(segmenter, await readInput(content, image, segmenter))).labels);
      });
      if (own !== round) return;
      bytes += 2 * labels.data.length;
      if (bytes < MOST) maps.set(id, { prediction: labels.data, truth: truth.data });
      const dices = classDices(labels, truth, layout.classes.length, UNPAINTED);
      const found = { id, path: images!.get(id)!, dices, dice: meanDefined(dices) };
      results = { ...results!, cases: [...results!.cases, found] };
    }
  };

  return {
    async results(run, split) {
      if (results?.run === run && results.split === split && !results.error) return results;
      const own = ++round;
      maps = new Map();
      results = noResults(run, split);
      all(run, split, own).catch((error: Error) => {
        if (own === round && results) results = { ...results, error: error.message };
      });
      return results;
    },
    async resultMaps(_, id) {
      const found = maps.get(id);
      if (found) return found;
      throw new InputError('file', `${id}: this case was not predicted yet`);
    },
  };
}
