import { createHash } from 'node:crypto'
import type { StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client'
import * as z from 'zod'
import { sha256 } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Vault } from '../../storage/vault/vault.ts'

export type ClientInformation = StoredOAuthClientInformation & { redirect_uris?: string[] }
/** `expires_at`: by our clock; milliseconds. */
export type Tokens = StoredOAuthTokens & { expires_at?: number }

const Index = z.object({
  /** Every authorization server something is kept for. */
  issuers: z.array(z.string()),
  /** The one that the tokens in use are from. */
  current: z.string().nullable(),
  /** The only one that a client id and secret of the user's are ever shown to. */
  givenFor: z.string().nullable(),
  /** Where the browser came back to last: some authorization servers insist on the same port. */
  port: z.number().int().min(0).max(65_535),
})
type Index = z.infer<typeof Index>

const Information = z.looseObject({ client_id: z.string(), client_secret: z.string().optional() })
const Kept = z.looseObject({
  access_token: z.string(),
  token_type: z.string(),
  refresh_token: z.string().optional(),
})

/** Below those that systems give out by themselves. */
const firstPort = 20_000
const ports = 12_000

/** RFC 8414 §3.3 tolerates the one slash that URLs get at their end. */
const keyOf = (issuer: string) => sha256(issuer.replace(/\/$/, ''))
export const sameIssuer = (a: string, b: string): boolean => keyOf(a) === keyOf(b)

/** For whoever brings what is not wanted any more: the user was faster. */
const overtaken = () => new Error('signed in or out otherwise meanwhile')

/**
 * What is known about signing in to one server, in the vault at `server/<id>/oauth/…`; what an authorization server issued is at
 * `…/<SHA-256 of its issuer>/…`, so that another one never gets to see it.
 */
export class Credentials {
  readonly #vault: Vault
  readonly #log: Log
  readonly #at: string
  readonly #usualPort: number
  #index: Index = { issuers: [], current: null, givenFor: null, port: 0 }
  #tokens: Tokens | null = null
  #loaded: Promise<void> | null = null
  #edition = 0
  #isForgotten = false
  /** The last of the changes, which are made one after another: two at once would leave half of each. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #onOther: () => void

  /** `onOther`: told in the very moment in which the tokens in use are another account's, or gone. */
  constructor(vault: Vault, log: Log, serverId: string, onOther: () => void) {
    this.#vault = vault
    this.#log = log
    this.#onOther = onOther
    this.#at = `server/${serverId}/oauth`
    this.#usualPort =
      firstPort +
      (Number.parseInt(createHash('sha256').update(serverId).digest('hex').slice(0, 8), 16) % ports)
  }

  /** Reads what there is, once. Throws HostError when the vault cannot be opened; the next use tries again. */
  load(): Promise<void> {
    this.#loaded ??= this.#load().catch((error) => {
      this.#loaded = null
      throw error
    })
    return this.#loaded
  }

  get isLoaded(): boolean {
    return this.#loaded !== null && this.#ready
  }
  #ready = false

  /** The tokens in use. */
  get tokens(): Tokens | null {
    return this.#isForgotten ? null : this.#tokens
  }

  /** Another number whenever the tokens in use are those of another account, or gone; not when they were renewed. */
  get edition(): number {
    return this.#edition
  }

  get issuer(): string | null {
    return this.#index.current
  }

  get givenFor(): string | null {
    return this.#index.givenFor
  }

  /** The same for a server from the beginning, because some want to be told beforehand. */
  get port(): number {
    return this.#index.port || this.#usualPort
  }

  keepGiven(issuer: string): Promise<void> {
    return this.#alone(() => this.#change({ givenFor: issuer }))
  }

  async keepPort(port: number): Promise<void> {
    if (port !== this.#index.port) await this.#alone(() => this.#change({ port }))
  }

  async secret(): Promise<string | null> {
    const secret = await this.#vault.get(`${this.#at}/secret`)
    // It may be for another authorization server by now.
    if (this.#isForgotten) throw overtaken()
    return secret
  }

  keepSecret(secret: string): Promise<void> {
    return this.#alone(() => this.#vault.set(`${this.#at}/secret`, secret))
  }

  client(issuer: string): Promise<ClientInformation | undefined> {
    return this.#read(`${keyOf(issuer)}/client`, Information) as Promise<ClientInformation | undefined>
  }

  keepClient(issuer: string, client: ClientInformation): Promise<void> {
    return this.#alone(async () => {
      await this.#remember(issuer)
      // Each secret by itself too, so that it is known as one wherever it turns up.
      if (client.client_secret)
        await this.#vault.set(`${this.#at}/${keyOf(issuer)}/secret`, client.client_secret)
      await this.#vault.set(`${this.#at}/${keyOf(issuer)}/client`, JSON.stringify(client))
    })
  }

  dropClient(issuer: string): Promise<void> {
    return this.#alone(() => this.#delete(issuer, ['client', 'secret']))
  }

  tokensOf(issuer: string): Tokens | undefined {
    const { current } = this.#index
    return current !== null && sameIssuer(current, issuer) ? (this.tokens ?? undefined) : undefined
  }

  /** Tokens from the user's browser. Rejects, and the ones in use stay, when they are not wanted any more or cannot be written down. */
  keepTokens(issuer: string, tokens: Tokens, isWanted: () => boolean): Promise<void> {
    return this.#keep(issuer, tokens, isWanted, () => this.#isOther(tokens))
  }

  /** The same for what came for the tokens of an edition: those of a later one stay. */
  keepRenewed(issuer: string, tokens: Tokens, edition: number): Promise<void> {
    return this.#keep(
      issuer,
      tokens,
      () => edition === this.#edition,
      () => {
        this.#tokens = tokens
      },
    )
  }

  /** They are not used from now on, whatever becomes of the vault. */
  dropTokens(): Promise<void> {
    this.#isOther(null)
    return this.#alone(() => this.#dropKept())
  }

  /** The same for those of an edition; tells whether they were still in use. */
  dropRefused(edition: number): Promise<boolean> {
    return this.#alone(async () => {
      if (edition !== this.#edition) return false
      this.#isOther(null)
      await this.#dropKept()
      return true
    })
  }

  /** Everything, for good: nothing that is still on its way is kept. Goes on when something cannot be deleted. */
  async forget(): Promise<void> {
    this.#isForgotten = true
    this.#isOther(null)
    await this.load().catch(() => {})
    await this.#last
    const names = this.#index.issuers.flatMap((issuer) =>
      ['client', 'secret', 'tokens', 'access', 'refresh'].map((name) => `${keyOf(issuer)}/${name}`),
    )
    for (const name of [...names, 'secret', 'index']) {
      try {
        await this.#vault.delete(`${this.#at}/${name}`)
      } catch (error) {
        this.#log.warn('sign-in.secret-not-deleted', { at: this.#at, error })
      }
    }
  }

  #isOther(tokens: Tokens | null): void {
    this.#tokens = tokens
    this.#edition += 1
    this.#onOther()
  }

  #alone<T>(change: () => Promise<T>): Promise<T> {
    const made = this.#last.then(() => {
      if (this.#isForgotten) throw overtaken()
      return change()
    })
    this.#last = made.catch(() => {})
    return made
  }

  /** The last write is the one that counts at the next start; only then are they in use. */
  #keep(issuer: string, tokens: Tokens, isWanted: () => boolean, use: () => void): Promise<void> {
    return this.#alone(async () => {
      const edition = this.#edition
      if (!isWanted()) throw overtaken()
      await this.#remember(issuer)
      const before = this.#index.current
      const isMoved = before === null || !sameIssuer(before, issuer)
      try {
        await this.#write(issuer, tokens, isWanted)
        if (isMoved) await this.#change({ current: issuer })
      } catch (error) {
        // What was dropped meanwhile goes next anyway.
        if (edition === this.#edition) await this.#writeBack(issuer)
        throw error
      }
      // Dropped meanwhile: what was written goes next.
      if (edition !== this.#edition) throw overtaken()
      use()
      if (before === null || !isMoved) return
      await this.#dropTokensOf(before).catch((error) =>
        this.#log.warn('sign-in.secret-not-deleted', { at: this.#at, error }),
      )
    })
  }

  async #write(issuer: string, tokens: Tokens, isWanted: () => boolean): Promise<void> {
    const at = `${this.#at}/${keyOf(issuer)}`
    await this.#vault.set(`${at}/access`, tokens.access_token)
    if (tokens.refresh_token) await this.#vault.set(`${at}/refresh`, tokens.refresh_token)
    if (!isWanted()) throw overtaken()
    await this.#vault.set(`${at}/tokens`, JSON.stringify(tokens))
  }

  /** What was written in part gives way to the tokens in use; where there are none, to nothing. */
  async #writeBack(issuer: string): Promise<void> {
    const before = this.tokensOf(issuer)
    try {
      if (!before?.refresh_token) await this.#dropTokensOf(issuer)
      if (before) await this.#write(issuer, before, () => true)
    } catch (error) {
      this.#log.warn('sign-in.secret-not-deleted', { at: this.#at, error })
    }
  }

  async #dropKept(): Promise<void> {
    if (this.#index.current !== null) await this.#change({ current: null })
    // Of others there is what was not kept to the end.
    for (const issuer of this.#index.issuers) await this.#dropTokensOf(issuer)
  }

  async #load(): Promise<void> {
    const index = (await this.#read('index', Index)) as Index | undefined
    if (index) this.#index = index
    const { current } = this.#index
    if (current !== null)
      this.#tokens = ((await this.#read(`${keyOf(current)}/tokens`, Kept)) as Tokens | undefined) ?? null
    this.#ready = true
  }

  async #read(name: string, schema: z.ZodType): Promise<unknown> {
    const text = await this.#vault.get(`${this.#at}/${name}`)
    if (text === null) return undefined
    try {
      return schema.parse(JSON.parse(text))
    } catch (error) {
      this.#log.warn('sign-in.unreadable', { at: this.#at, error })
      return undefined
    }
  }

  #dropTokensOf(issuer: string): Promise<void> {
    return this.#delete(issuer, ['tokens', 'access', 'refresh'])
  }

  async #delete(issuer: string, names: readonly string[]): Promise<void> {
    for (const name of names) await this.#vault.delete(`${this.#at}/${keyOf(issuer)}/${name}`)
  }

  async #remember(issuer: string): Promise<void> {
    if (!this.#index.issuers.some((one) => sameIssuer(one, issuer)))
      await this.#change({ issuers: [...this.#index.issuers, issuer] })
  }

  async #change(part: Partial<Index>): Promise<void> {
    const index = { ...this.#index, ...part }
    await this.#vault.set(`${this.#at}/index`, JSON.stringify(index))
    this.#index = index
  }
}
