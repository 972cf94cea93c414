import type { RequestId } from '@modelcontextprotocol/server'
import { isObject } from '../../../kernel/is-object.ts'
import type { RunningRequest, Session } from './sessions.ts'

class Turn implements RunningRequest {
  readonly id: RequestId
  place = -1
  isTakenBack = false

  constructor(id: RequestId) {
    this.id = id
  }

  stop(): void {
    this.isTakenBack = true
  }
}

/** The requests of a batch whose turn has not come: they are under way in their session, and can be taken back like those that run. */
export class BatchTurns {
  readonly #session: Session
  readonly #turns = new Map<unknown, Turn>()

  constructor(session: Session, bodies: readonly unknown[]) {
    this.#session = session
    for (const body of bodies)
      if (isObject(body) && typeof body.method === 'string' && isId(body.id)) {
        const turn = new Turn(body.id)
        this.#turns.set(body, turn)
        session.running.add(turn)
      }
  }

  /** Its turn has come. False: it was taken back meanwhile. */
  begins(body: unknown): boolean {
    const turn = this.#turns.get(body)
    if (turn === undefined) return true
    this.#session.running.delete(turn)
    return !turn.isTakenBack
  }

  end(): void {
    for (const turn of this.#turns.values()) this.#session.running.delete(turn)
  }
}

const isId = (value: unknown): value is RequestId => typeof value === 'string' || typeof value === 'number'
