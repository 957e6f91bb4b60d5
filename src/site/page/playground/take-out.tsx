/** Step 6: masks, network and run as files. */
import { useState } from 'preact/hooks';
import { messageOf } from '../../../studio/page/api';
import { download } from '../../../studio/page/parts/download';
import { Notice } from '../../../studio/page/parts/notice';
import type { Place } from '../../../studio/page/place/place';
import { PROJECT, RUN } from './phantoms';

export interface TakeOutProps {
  readonly place: Place;
  readonly pretrained: boolean;
  /** The newest training; empty where there is none. */
  readonly trained: string;
}

export function TakeOut({ place, pretrained, trained }: TakeOutProps) {
  const [problem, setProblem] = useState('');
  const save = async (name: string, file: () => Promise<Uint8Array<ArrayBuffer>>) => {
    setProblem('');
    await file()
      .then((bytes) => download(name, bytes))
      .catch((error: unknown) => setProblem(messageOf(error)));
  };
  const masks = async () => {
    const found = await place.exportMasks(PROJECT, 'nifti');
    if ('archive' in found) return found.archive;
    throw new Error(`The masks lie in ${found.folder}.`);
  };
  return (
    <>
      <p class="quiet">
        Unpacked, a run goes on under Node with <code>cover pretrain --resume</code>, and any ONNX runtime takes the
        network.
      </p>
      <div class="row">
        <button type="button" disabled={!trained} onClick={() => save(`${PROJECT}-masks.zip`, masks)}>
          Masks of all phantoms
        </button>
        <button
          type="button"
          disabled={!trained}
          onClick={() => save(`${trained}.onnx`, () => place.exportOnnx(trained))}
        >
          Network as ONNX
        </button>
        <button type="button" disabled={!pretrained} onClick={() => save(`${RUN}.zip`, () => place.exportRun(RUN))}>
          Pretraining as a run folder
        </button>
      </div>
      {problem && <Notice kind="error">{problem}</Notice>}
    </>
  );
}
