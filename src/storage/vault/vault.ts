import type { VaultStatus } from '../../contract/status.ts'
import { HostError } from '../../kernel/errors.ts'

/** First part of the names of what a program brought along and its owner has not accepted: see `isLearnt`. */
export const notAccepted = 'draft'

/**
 * Whether the value of this name is a secret that the redactor should know. What was not accepted is not: a program could have words of its
 * choice blanked in what the owner reads.
 */
export const isLearnt = (name: string): boolean => !name.startsWith(`${notAccepted}/`)

/**
 * Where secrets live. Names are paths such as `server/srv_1/env/API_KEY`; values are texts. Every value that passes
 * through is told to the redactor (but see `isLearnt`), so that it can never be shown or logged. Functions throw HostError when the place
 * cannot be opened at the moment; the next use tries again.
 */
export interface Vault {
  readonly status: VaultStatus
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}

/** A vault that can say all it holds, for whoever takes everything elsewhere. */
export interface ListedVault extends Vault {
  all(): Promise<ReadonlyMap<string, string>>
}

/** Half a surrogate pair cannot be written as UTF-8 and would come back as another character. */
export function checkSecret(value: string): void {
  if (value.isWellFormed()) return
  throw new HostError({
    code: 'secret-invalid',
  })
}
