import * as z from 'zod'
import { isHostError } from '../../kernel/errors.ts'
import type { Settings } from '../../storage/settings.ts'

const setting = 'gateway.tunnelPort'

interface Listener {
  tunnelPort(): number
  /** Throws HostError `port-taken`. */
  moveTunnelPort(port: number): Promise<void>
}

/**
 * The port that the user led an address of theirs to: it stays the one of before, also while another program has it. The tunnel's entrance
 * is elsewhere then, for ways that are told where it is.
 */
export class LedPort {
  readonly #settings: Settings
  #listener: Listener | null = null

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Undefined: any will do. */
  wanted(): number | undefined {
    return this.#settings.get(setting, z.number().int().min(1).max(65_535))
  }

  begin(listener: Listener): void {
    this.#listener = listener
    if (this.wanted() === undefined) this.accept()
  }

  /** The port, while another program has it. Null: it is ours, from now on if it was not before. */
  async taken(): Promise<number | null> {
    const [listener, wanted] = [this.#listener, this.wanted()]
    if (listener === null || wanted === undefined || wanted === listener.tunnelPort()) return null
    try {
      await listener.moveTunnelPort(wanted)
      return null
    } catch (error) {
      if (isHostError(error)) return wanted
      throw error
    }
  }

  /** The user leads it to where the entrance is now. */
  accept(): void {
    if (this.#listener !== null) this.#settings.set(setting, this.#listener.tunnelPort())
  }
}
