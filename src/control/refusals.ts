/** Why the private listener does not serve a request, as it is said to people. */
export interface Refusal {
  status: number
  code: string
  message: string
  hint: string
}

const again = 'Reload the page. If that does not help, open the link that `drawbridge status` prints.'
export const notLetIn: Refusal = {
  status: 401,
  code: 'not-let-in',
  message: 'This browser or program was not let in.',
  hint: 'Open the link Drawbridge printed; `drawbridge status` prints a new one.',
}
export const noToken: Refusal = {
  status: 403,
  code: 'wrong-token',
  message: 'This command did not come from Drawbridge’s own page.',
  hint: again,
}
export const keyOnly: Refusal = {
  status: 403,
  code: 'key-only',
  message: 'Only the command line may ask for this.',
  hint: 'Run `drawbridge status` on the computer where Drawbridge runs.',
}
export const unknownCall: Refusal = {
  status: 404,
  code: 'unknown-call',
  message: 'Drawbridge does not know this command.',
  hint: again,
}
export const nothingHere: Refusal = {
  status: 404,
  code: 'not-found',
  message: 'There is nothing at this address.',
  hint: again,
}
export const notJson: Refusal = {
  status: 400,
  code: 'invalid-request',
  message: 'This request could not be read.',
  hint: 'Send a JSON object such as {"input": …} as application/json.',
}
export const tooLarge: Refusal = {
  status: 413,
  code: 'too-large',
  message: 'This request is larger than 1 MB.',
  hint: 'Send less at a time.',
}
export const noAdminKey: Refusal = {
  status: 401,
  code: 'not-let-in',
  message: 'The admin key is missing or wrong.',
  hint: 'Send it as “Authorization: Bearer …”. `drawbridge admin-key create` makes a new one.',
}
export const noSuchRoute: Refusal = {
  status: 404,
  code: 'not-found',
  message: 'There is nothing at this address.',
  hint: 'GET /api/v1/openapi.json describes everything there is.',
}
export const notThatMethod: Refusal = {
  status: 405,
  code: 'wrong-method',
  message: 'This address does not take that method.',
  hint: 'The Allow header names the ones it takes.',
}
export const notJsonType: Refusal = {
  status: 415,
  code: 'not-json',
  message: 'The request must be JSON as it is, not compressed.',
  hint: 'Send it with “Content-Type: application/json”.',
}
export const notJsonObject: Refusal = {
  status: 400,
  code: 'invalid-request',
  message: 'This request could not be read.',
  hint: 'Send one JSON object.',
}
export const tooMany: Refusal = {
  status: 429,
  code: 'too-many-streams',
  message: 'Too many windows are open.',
  hint: 'Close some tabs of Drawbridge, then reload this one.',
}
export const broken: Refusal = {
  status: 500,
  code: 'internal',
  message: 'Something went wrong inside Drawbridge.',
  hint: 'Try again. If it happens again, the log file in the data folder has the details.',
}

/** The HTTP status of the host's own refusals, by their code; the rooms choose theirs freely, so families are matched. */
export function statusOfCode(code: string): number {
  if (code === 'internal') return 500
  // the command that a server would be started with, not something of ours
  if (code === 'command-not-found') return 400
  if (/not-found|unknown|(^|-)gone$/.test(code)) return 404
  return /invalid|bad-|input/.test(code) ? 400 : 409
}
