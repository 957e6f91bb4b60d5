/** Step 3: a few phantoms are labelled, in the label room. */
import { useState } from 'preact/hooks';
import { messageOf } from '../../../studio/page/api';
import { Notice } from '../../../studio/page/parts/notice';
import type { Place } from '../../../studio/page/place/place';
import { addressOf } from '../../../studio/page/place/places';
import type { Project } from '../../../studio/shared/protocol';
import { CLASSES, drawnTruth, FOLDER, PROJECT, RUN } from './phantoms';

/** Phantoms that are labelled before the training, by somebody or by the page. */
export const FEW = 3;

export interface LabelProps {
  readonly place: Place;
  /** Whether there are phantoms. */
  readonly ready: boolean;
  /** Whether there is a pretrained network to begin with. */
  readonly pretrained: boolean;
  readonly project: Project | null;
  readonly onProject: () => void;
}

export function Label({ place, ready, pretrained, project, onProject }: LabelProps) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const labelled = project?.labelled ?? 0;
  const attempt = async (act: (project: Project) => Promise<unknown>) => {
    setProblem('');
    setBusy(true);
    try {
      const from = pretrained ? RUN : 'scratch';
      await act(project ?? (await place.newProject({ name: PROJECT, folder: FOLDER, classes: CLASSES, from })));
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
    onProject();
  };
  const draw = async ({ caseList }: Project) => {
    const open = caseList.filter((one) => !one.labelled && drawnTruth(one.id));
    for (const { id } of open.slice(0, FEW - labelled)) await place.saveDrawn(PROJECT, id, drawnTruth(id)!);
  };
  const toDesk = async () => {
    location.hash = `#/label/${encodeURIComponent(addressOf(place, PROJECT))}`;
  };
  const main = ready && pretrained && labelled < FEW ? 'main' : '';
  return (
    <>
      <p class="quiet">
        Draw the lungs and the heart in three phantoms with brush, polygon or a click that grows by the features of the
        pretrained network; then come back. Or let the page draw what it knows of three of them.
      </p>
      <div class="row">
        <button type="button" class={main} disabled={!ready || busy} onClick={() => attempt(toDesk)}>
          {labelled > 0 ? 'To the label room' : 'Label three'}
        </button>
        {labelled < FEW && (
          <button type="button" disabled={!ready || busy} onClick={() => attempt(draw)}>
            Let the page label {FEW - labelled}
          </button>
        )}
        <span class="small quiet" role="status">
          {project ? `${labelled} of ${project.cases} labelled` : ''}
        </span>
      </div>
      {problem && <Notice kind="error">{problem}</Notice>}
    </>
  );
}
