/** A request that is not answered, with the status and the reason that the page shows. */
export type RefusedStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 503;

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: RefusedStatus;

  constructor(status: RefusedStatus, message: string) {
    super(message);
    this.status = status;
  }
}

export function refused(status: RefusedStatus, message: string): Refused {
  return new Refused(status, message);
}
