/** The answer to one request broke off: that one is lost, and nothing is said about the server or its other requests. */
export class BrokenOff extends Error {
  constructor(cause?: unknown) {
    super('The answer broke off', { cause })
    this.name = 'BrokenOff'
  }
}
