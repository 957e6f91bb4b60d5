/** What is asked for does not go with the state that a project or a run is in; in another one it would. */
import { InputError } from '../../core/errors.js';

export class Conflict extends InputError {}
