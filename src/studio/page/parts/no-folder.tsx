/** What is said where this computer has images that the studio was not given. */
import { Notice } from './notice';

export function NoFolder() {
  return (
    <Notice>
      No folder of images of this computer was given: start the studio with cover studio RUNS --data FOLDER to use them.
    </Notice>
  );
}
