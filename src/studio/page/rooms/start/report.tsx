/** What doctor found in a folder, and the files that are not used. */
import type { Findings } from '../../../shared/protocol';
import { Scroll } from '../../parts/scroll';

export function Report({ findings }: { findings: Findings }) {
  return (
    <div class="room-tight">
      <p>
        {findings.usable} of {findings.files} files are fit for training
      </p>
      <Scroll label="What doctor found">
        <pre class="log">{findings.text}</pre>
      </Scroll>
      {findings.bad.length > 0 && (
        <Scroll class="case-table" label="Files that are not used">
          <table>
            <tbody>
              {findings.bad.map(({ file, state, reason }) => (
                <tr key={file}>
                  <th scope="row">{file}</th>
                  <td>
                    {state}: {reason}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </div>
  );
}
