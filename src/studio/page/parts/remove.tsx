/** A button that removes what lies in this browser, at the second press. */
import { useState } from 'preact/hooks';
import { messageOf } from '../api';
import { Notice } from './notice';

export interface RemoveProps {
  /** What the button says. */
  readonly title?: string;
  /** What is removed, for those who hear the button. */
  readonly what: string;
  readonly act: () => Promise<void>;
  readonly onDone?: () => void;
}

export function Remove({ title = 'Remove', what, act, onDone }: RemoveProps) {
  const [sure, setSure] = useState(false);
  const [problem, setProblem] = useState('');
  const press = async () => {
    setSure(!sure);
    if (!sure) return;
    setProblem('');
    await act()
      .then(onDone)
      .catch((error: unknown) => setProblem(messageOf(error)));
  };
  return (
    <>
      <button type="button" class="plain small" onClick={press} onBlur={() => setSure(false)}>
        {sure ? title.replace('Remove', 'Really remove') : title}
        <span class="hidden-label"> {what}</span>
      </button>
      {problem && <Notice kind="error">{problem}</Notice>}
    </>
  );
}
