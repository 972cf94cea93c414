import type { HelperId } from '../contract/helpers.ts'
import { type ErrorParams, type ErrorText, HostError } from '../kernel/errors.ts'

/** Something for the user to press: a page that opens, or a program to fetch, which `url` is about. */
export interface Action {
  label: string
  url: string
  fetches?: HelperId
}

/**
 * Why an address could not be opened, or was lost. `tunnel-unreachable`: no answer from the service, as when this computer is
 * offline. `tunnel-refused`: it answered, but with no address. `tunnel-name-taken`: it would give another name only.
 * `tunnel-in-use`: this account's address is open elsewhere. `tunnel-needs-user`: only the user can go on, at `action`.
 * `tunnel-helper-missing`: its program is not on this computer. `tunnel-too-old`: what is here no longer works with the service.
 * `tunnel-quota`: nothing before `until`. `tunnel-blocked`: something on the way keeps assistants out. `tunnel-host-invalid`:
 * the service's address is none.
 */
export type TunnelFailureCode = `tunnel-${
  | 'unreachable'
  | 'refused'
  | 'name-taken'
  | 'in-use'
  | 'needs-user'
  | 'helper-missing'
  | 'too-old'
  | 'quota'
  | 'blocked'
  | 'host-invalid'}`

/** Message and hint in the user's words: they are shown as they are. */
export class TunnelFailure<T extends ErrorText = ErrorText> extends HostError<T> {
  declare readonly code: TunnelFailureCode
  readonly action: Action | undefined
  /** Milliseconds since 1970; not tried again before. */
  readonly until: number | undefined

  constructor(fields: { code: T & TunnelFailureCode; says?: undefined } & ErrorParams<T> & More)
  constructor(fields: { code: TunnelFailureCode; says: T } & ErrorParams<T> & More)
  /** `told`: the service's own words. */
  constructor(fields: { code: TunnelFailureCode; told: { message: string; hint: string } } & More)
  constructor(fields: { code: TunnelFailureCode } & More) {
    super(fields as { code: string; told: { message: string; hint: string } })
    this.action = fields.action
    this.until = fields.until
  }
}

interface More {
  action?: Action
  until?: number
  detail?: string
  cause?: unknown
}
