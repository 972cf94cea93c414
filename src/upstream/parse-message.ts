import { HostError } from '../kernel/errors.ts'
import { jsonProblem } from '../kernel/json-scan.ts'

/** Up to this length no text can take the parser long. */
const harmless = 64_000

/** What a server wrote, as JSON. Throws SyntaxError, and HostError `server-answer-too-large` when reading it would take too long. */
export function parseMessage(text: string): unknown {
  if (text.length > harmless && jsonProblem(Buffer.from(text), Number.POSITIVE_INFINITY) !== null)
    throw new HostError({
      code: 'server-answer-too-large',
      message: 'The server sent an answer of too many small parts, which was dropped.',
      hint: 'Ask for less at once.',
    })
  return JSON.parse(text)
}
