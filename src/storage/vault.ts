import type { VaultStatus } from '../contract/models.ts'

/**
 * Where secrets live. Names are paths such as `server/srv_1/env/API_KEY`; values are texts. Every value that passes
 * through is told to the redactor, so that it can never be shown or logged.
 */
export interface Vault {
  readonly status: VaultStatus
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}
