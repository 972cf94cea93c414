import { computeScopeUnion, type FetchLike } from '@modelcontextprotocol/client'
import type { ErrorReply } from '../../contract/errors.ts'
import type { ServerSignIn } from '../../contract/servers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { type HostError, isHostError, toErrorReply } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { callbackAddress } from './callback-listener.ts'
import type { Credentials } from './credentials.ts'
import { discover } from './discovery.ts'
import { renew, revoke } from './renewal.ts'
import { beginFlow, type Flow } from './sign-in-flow.ts'
import type { Challenge, SignIn, SignInRow } from './sign-ins.ts'
import {
  needsPermission,
  noSignIn,
  notAccepted,
  otherAccount,
  signedOut,
  signInFailure,
  tookTooLong,
} from './words.ts'

export interface AccountParts {
  row: SignInRow & { url: string }
  credentials: Credentials
  clock: Clock
  log: Log
  /** How long a page may stay open. Milliseconds. */
  patience: number
  clientMetadataUrl: string | undefined
  /** For everything but the server itself; to be closed after each use. */
  openFetch(serverUrl: URL): { fetch: FetchLike; close(): Promise<void> }
  onChanged(signedIn: boolean): void
}

/** Renewed this much before the end, so that a request under way does not arrive too late. Milliseconds. */
const margin = 5_000

/** Our account at one server: tokens, their renewal, and signing in and out. */
export class Account implements SignIn {
  readonly #parts: AccountParts
  readonly #serverUrl: URL
  /** `token`: nothing we have is accepted; `scope`: something more has to be allowed. */
  #needed: 'token' | 'scope' | null = null
  #wanted: string | undefined
  #resourceMetadataUrl: URL | undefined
  #seenIssuer: string | null = null
  #problem: ErrorReply | null = null
  /** The user has just signed in, and the server has not been asked yet whether that is any good. */
  #isUnproven = false
  #flow: Flow | null = null
  #timer: NodeJS.Timeout | undefined
  #turn = 0
  #renewing: { edition: number; done: Promise<void> } | null = null

  constructor(parts: AccountParts) {
    this.#parts = parts
    this.#serverUrl = new URL(parts.row.url)
    parts.credentials.load().then(
      () => parts.credentials.tokens && parts.onChanged(false),
      // A vault that cannot be opened says so where somebody waits for it.
      () => {},
    )
  }

  state(): ServerSignIn {
    const { row, credentials } = this.#parts
    const { tokens } = credentials
    const wanted = this.#flow ? this.#flow.scope : this.#needed ? this.#wanted : tokens?.scope
    return {
      state: this.#flow ? 'waiting' : this.#needed ? 'needed' : tokens ? 'signed-in' : 'none',
      issuer: this.#seenIssuer ?? credentials.issuer,
      scopes: wanted?.split(' ').filter(Boolean) ?? [],
      clientId: row.oauth?.clientId ?? null,
      url: this.#flow?.page ?? null,
      problem: this.#problem,
    }
  }

  get edition(): number {
    return this.#parts.credentials.edition
  }

  checkSame(edition: number): void {
    const { credentials, row } = this.#parts
    if (edition !== credentials.edition)
      throw credentials.tokens ? otherAccount(row.name) : signedOut(row.name)
  }

  token(): string | null | Promise<string | null> {
    const { credentials, clock } = this.#parts
    if (!credentials.isLoaded) return credentials.load().then(() => this.token())
    const { tokens } = credentials
    if (!tokens) return null
    const ends = tokens.expires_at
    if (ends === undefined || !tokens.refresh_token || clock.now() < ends - margin) return tokens.access_token
    // When that does not work the server has the last word about the old one.
    return this.#renew().then(
      () => credentials.tokens?.access_token ?? null,
      (error) => {
        if (credentials.tokens) return credentials.tokens.access_token
        throw error
      },
    )
  }

  async refused(token: string | null, challenge: Challenge, again: boolean): Promise<void> {
    const { credentials } = this.#parts
    await credentials.load()
    this.#resourceMetadataUrl = challenge.resourceMetadataUrl
    const { edition, tokens } = credentials
    if (!again && tokens && tokens.access_token !== token) return
    if (!again && tokens?.refresh_token) return this.#renew()
    if (this.#isUnproven) {
      this.#isUnproven = false
      this.#problem = toErrorReply(notAccepted(this.#parts.row.name))
    }
    const known = tokens !== null || this.#needed !== null
    if (!known && !(await this.#isOffered())) throw noSignIn(this.#parts.row.name)
    this.checkSame(edition)
    throw this.#need('token', challenge.scope)
  }

  tooLittle(challenge: Challenge): HostError {
    const { credentials, row } = this.#parts
    if (challenge.resourceMetadataUrl) this.#resourceMetadataUrl = challenge.resourceMetadataUrl
    this.#need('scope', computeScopeUnion(this.#wanted, credentials.tokens?.scope, challenge.scope))
    return needsPermission(row.name)
  }

  accepted(): void {
    this.#isUnproven = false
    if (this.#needed !== 'token') return
    this.#needed = null
    this.#problem = null
    this.#parts.onChanged(false)
  }

  async begin(): Promise<void> {
    this.cancel()
    this.#turn += 1
    const turn = this.#turn
    const { credentials, clock, log, patience, row, clientMetadataUrl, openFetch } = this.#parts
    const { fetch, close } = openFetch(this.#serverUrl)
    try {
      await credentials.load()
      const flow = await beginFlow({
        credentials,
        clock,
        row,
        clientMetadataUrl,
        fetch,
        serverUrl: this.#serverUrl,
        resourceMetadataUrl: this.#resourceMetadataUrl,
        scope: computeScopeUnion(row.oauth?.scopes?.join(' '), this.#wanted),
        isWanted: () => turn === this.#turn,
        onBack: (params) => this.#finish(flow, params),
      })
      // Begun again, or dropped, while this one was on its way.
      if (turn !== this.#turn) return flow.close()
      this.#flow = flow
      this.#timer = setTimeout(() => this.#late(flow), patience)
      this.#timer.unref()
      this.#problem = null
      this.#seenIssuer = flow.issuer
      // Who was registered by hand is known by one address: another that was only free just now must not take its place.
      if (row.oauth === null) await credentials.keepPort(flow.port)
      log.info('sign-in.begun', { server: row.name, issuer: flow.issuer })
      this.#parts.onChanged(false)
    } catch (error) {
      throw turn === this.#turn ? this.#failed(error) : this.#failureOf(error)
    } finally {
      await close()
    }
  }

  cancel(): void {
    this.#turn += 1
    const flow = this.#flow
    if (!flow) return
    this.#endFlow(flow)
    this.#parts.onChanged(false)
  }

  async signOut(): Promise<void> {
    const { credentials, log, row } = this.#parts
    this.cancel()
    await credentials.load()
    const { tokens: before, issuer } = credentials
    // First of all, so that nothing goes on as that account while others are told.
    const dropped = credentials.dropTokens()
    this.#problem = null
    this.#wanted = undefined
    this.#needed = before || this.#needed ? 'token' : null
    this.#parts.onChanged(false)
    try {
      await dropped
    } finally {
      if (before && issuer !== null)
        await this.#online((fetch) => revoke(this.#context(fetch), before, issuer))
    }
    log.info('sign-in.ended', { server: row.name })
  }

  /** The browser came back, with the right state. Tells whether it went well; never rejects. */
  async #finish(flow: Flow, params: URLSearchParams): Promise<boolean> {
    if (this.#flow !== flow) return false
    const { log, row, openFetch, onChanged } = this.#parts
    const { fetch, close } = openFetch(this.#serverUrl)
    try {
      await flow.finish(params, fetch)
    } catch (error) {
      if (this.#flow === flow) {
        this.#endFlow(flow)
        this.#failed(error)
      }
      return false
    } finally {
      await close()
    }
    this.#endFlow(flow)
    this.#needed = null
    this.#wanted = undefined
    this.#problem = null
    this.#isUnproven = true
    log.info('sign-in.done', { server: row.name, issuer: flow.issuer })
    onChanged(true)
    return true
  }

  #late(flow: Flow): void {
    if (this.#flow !== flow) return
    this.#endFlow(flow)
    this.#failed(tookTooLong())
  }

  #endFlow(flow: Flow): void {
    flow.close()
    if (this.#flow !== flow) return
    clearTimeout(this.#timer)
    this.#flow = null
  }

  #failureOf(cause: unknown): HostError {
    const { row, credentials } = this.#parts
    return signInFailure(row.name, callbackAddress(credentials.port), cause)
  }

  #failed(cause: unknown): HostError {
    const { log, row, onChanged } = this.#parts
    const failure = this.#failureOf(cause)
    log.warn('sign-in.failed', { server: row.name, code: failure.code, error: cause })
    this.#problem = toErrorReply(failure)
    onChanged(false)
    return failure
  }

  #need(what: 'token' | 'scope', scope: string | undefined): HostError {
    if (scope !== undefined || what === 'token') this.#wanted = scope
    this.#needed = what
    this.#parts.onChanged(false)
    return signedOut(this.#parts.row.name)
  }

  /** Whether the server says anywhere how to sign in. */
  async #isOffered(): Promise<boolean> {
    const found = await this.#online((fetch) =>
      discover({ serverUrl: this.#serverUrl, resourceMetadataUrl: this.#resourceMetadataUrl, fetch }),
    )
    // Not to be found out at the moment: the sign-in itself will say why.
    if (found === null) return this.#resourceMetadataUrl !== undefined
    this.#seenIssuer = found.authorizationServerMetadata?.issuer ?? null
    return Boolean(found.resourceMetadata?.authorization_servers?.length || found.authorizationServerMetadata)
  }

  /** Once for all who wait; what another account began is none of theirs. */
  #renew(): Promise<void> {
    const { edition } = this
    if (this.#renewing?.edition === edition) return this.#renewing.done
    const done = this.#renewNow().finally(() => {
      if (this.#renewing?.done === done) this.#renewing = null
    })
    this.#renewing = { edition, done }
    return done
  }

  async #renewNow(): Promise<void> {
    const { credentials, log, row, openFetch } = this.#parts
    const { tokens: before } = credentials
    const { fetch, close } = openFetch(this.#serverUrl)
    try {
      const outcome = await renew(this.#context(fetch))
      log.info('sign-in.renewal', { server: row.name, outcome })
      if (outcome !== 'ended') return
      const { tokens } = credentials
      throw tokens && tokens !== before ? otherAccount(row.name) : this.#need('token', undefined)
    } catch (error) {
      if (!isHostError(error)) log.error('sign-in.renewal-failed', { server: row.name, error })
      throw error
    } finally {
      await close()
    }
  }

  /** For what is done as well as can be: null when it does not work. */
  async #online<T>(act: (fetch: FetchLike) => Promise<T>): Promise<T | null> {
    const { fetch, close } = this.#parts.openFetch(this.#serverUrl)
    try {
      return await act(fetch)
    } catch (error) {
      this.#parts.log.info('sign-in.offline', { server: this.#parts.row.name, error })
      return null
    } finally {
      await close()
    }
  }

  #context(fetch: FetchLike) {
    const { credentials, clock, row } = this.#parts
    return {
      credentials,
      clock,
      row,
      serverUrl: this.#serverUrl,
      resourceMetadataUrl: this.#resourceMetadataUrl,
      fetch,
    }
  }
}
