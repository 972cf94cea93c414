interface Sent {
  by: object
  input: string
  answer: Promise<unknown>
}

/** The newest command of the page, until it is answered. */
let newest: Sent | null = null

/**
 * Sends a command, unless `by` sent just that and it is still under way: then its answer is the answer. A button shows only a
 * moment after the press that it is busy, which two quick presses outrun. What came in between (on, off, on) makes it another wish.
 */
export function once<T>(by: object, input: unknown, send: () => Promise<T>): Promise<T> {
  const text = JSON.stringify(input) ?? ''
  if (newest?.by === by && newest.input === text) return newest.answer as Promise<T>
  const sent: Sent = { by, input: text, answer: send() }
  newest = sent
  const over = () => {
    if (newest === sent) newest = null
  }
  sent.answer.then(over, over)
  return sent.answer as Promise<T>
}
