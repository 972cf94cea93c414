import type { VaultStatus } from '../contract/models.ts'
import { HostError } from '../kernel/errors.ts'

/**
 * Where secrets live. Names are paths such as `server/srv_1/env/API_KEY`; values are texts. Every value that passes
 * through is told to the redactor, so that it can never be shown or logged. Functions throw HostError when the place
 * cannot be opened at the moment; the next use tries again.
 */
export interface Vault {
  readonly status: VaultStatus
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}

/** Half a surrogate pair cannot be written as UTF-8 and would come back as another character. */
export function checkSecret(value: string): void {
  if (value.isWellFormed()) return
  throw new HostError({
    code: 'secret-invalid',
    message: 'This secret contains a broken character.',
    hint: 'Copy it again from where you got it, and paste it as a whole.',
  })
}
