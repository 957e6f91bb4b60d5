/** The cases of a project, and which of them is worth most to label next. */
import type { Project, ProjectCase } from '../../../shared/protocol';

export type Proposal = 'uncertain' | 'farthest';
type Distances = Readonly<Record<string, number>>;

interface NextOptions {
  readonly current: string | undefined;
  /** Of every case from the labelled ones; null where the prediction says which is next. */
  readonly distances: Distances | null;
}

/**
 * The case that is worth most to label next: the one that is least like those that are labelled, or the most uncertain
 * one; before a training the next that is not labelled.
 */
export function nextCase(cases: readonly ProjectCase[], { current, distances }: NextOptions): ProjectCase | undefined {
  const open = cases.filter(({ labelled, id }) => !labelled && id !== current);
  const worth = ({ id, uncertainty }: ProjectCase) => (distances ? (distances[id] ?? null) : uncertainty);
  const known = open.filter((one) => worth(one) !== null);
  if (known.length === 0) return open[0];
  return known.reduce((most, one) => (worth(one)! > worth(most)! ? one : most));
}

interface CasesProps {
  readonly project: Project;
  readonly current: string | undefined;
  /** Whether distances are shown; they may still be on their way. */
  readonly byFeatures: boolean;
  readonly distances: Distances | null;
  readonly onOpen: (id: string) => void;
}

export function Cases({ project, current, byFeatures, distances, onOpen }: CasesProps) {
  return (
    <div class="case-list">
      {project.caseList.map(({ id, labelled, held, uncertainty, dice }) => (
        <button type="button" key={id} aria-current={id === current ? 'true' : undefined} onClick={() => onOpen(id)}>
          <span>{id}</span>
          <span class="small">{labelled ? (held ? 'held out' : 'labelled') : ''}</span>
          {(uncertainty !== null || dice !== null || byFeatures) && (
            <span class="small quiet whole">
              {[
                uncertainty === null ? '' : `uncertain ${(100 * uncertainty).toFixed(1)} %`,
                dice === null ? '' : `Dice ${dice.toFixed(2)}`,
                !byFeatures || labelled ? '' : `distance ${distances ? (distances[id] ?? 0).toFixed(2) : '····'}`,
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
