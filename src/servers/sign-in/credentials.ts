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

  constructor(vault: Vault, log: Log, serverId: string) {
    this.#vault = vault
    this.#log = log
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
    return this.#tokens
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

  async keepGiven(issuer: string): Promise<void> {
    await this.#change({ givenFor: issuer })
  }

  async keepPort(port: number): Promise<void> {
    if (port !== this.#index.port) await this.#change({ port })
  }

  secret(): Promise<string | null> {
    return this.#vault.get(`${this.#at}/secret`)
  }

  keepSecret(secret: string): Promise<void> {
    return this.#vault.set(`${this.#at}/secret`, secret)
  }

  client(issuer: string): Promise<ClientInformation | undefined> {
    return this.#read(`${keyOf(issuer)}/client`, Information) as Promise<ClientInformation | undefined>
  }

  async keepClient(issuer: string, client: ClientInformation): Promise<void> {
    await this.#remember(issuer)
    // Each secret by itself too, so that it is known as one wherever it turns up.
    if (client.client_secret)
      await this.#vault.set(`${this.#at}/${keyOf(issuer)}/secret`, client.client_secret)
    await this.#vault.set(`${this.#at}/${keyOf(issuer)}/client`, JSON.stringify(client))
  }

  async dropClient(issuer: string): Promise<void> {
    for (const name of ['client', 'secret']) await this.#vault.delete(`${this.#at}/${keyOf(issuer)}/${name}`)
  }

  tokensOf(issuer: string): Tokens | undefined {
    const { current } = this.#index
    return this.#tokens && current !== null && sameIssuer(current, issuer) ? this.#tokens : undefined
  }

  async keepTokens(issuer: string, tokens: Tokens): Promise<void> {
    await this.#remember(issuer)
    const at = `${this.#at}/${keyOf(issuer)}`
    await this.#vault.set(`${at}/access`, tokens.access_token)
    if (tokens.refresh_token) await this.#vault.set(`${at}/refresh`, tokens.refresh_token)
    await this.#vault.set(`${at}/tokens`, JSON.stringify(tokens))
    const before = this.#index.current
    if (before !== null && !sameIssuer(before, issuer)) await this.#dropTokensOf(before)
    this.#tokens = tokens
    await this.#change({ current: issuer })
  }

  async dropTokens(): Promise<void> {
    const { current } = this.#index
    this.#tokens = null
    if (current === null) return
    await this.#change({ current: null })
    await this.#dropTokensOf(current)
  }

  /** Everything; goes on when something cannot be deleted. */
  async forget(): Promise<void> {
    await this.load().catch(() => {})
    this.#tokens = null
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

  async #dropTokensOf(issuer: string): Promise<void> {
    for (const name of ['tokens', 'access', 'refresh'])
      await this.#vault.delete(`${this.#at}/${keyOf(issuer)}/${name}`)
  }

  async #remember(issuer: string): Promise<void> {
    if (!this.#index.issuers.some((one) => sameIssuer(one, issuer)))
      await this.#change({ issuers: [...this.#index.issuers, issuer] })
  }

  async #change(part: Partial<Index>): Promise<void> {
    this.#index = { ...this.#index, ...part }
    await this.#vault.set(`${this.#at}/index`, JSON.stringify(this.#index))
  }
}
