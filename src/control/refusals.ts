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
