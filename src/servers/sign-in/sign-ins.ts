import type { ServerSignIn } from '../../contract/servers.ts'
import type { Emitter } from '../../kernel/emitter.ts'
import type { HostError } from '../../kernel/errors.ts'

/** What signing in has to know of a server at an address; a `ServerRow` fits. */
export interface SignInRow {
  id: string
  name: string
  url: string | null
  /** What the user said about signing in; a client secret is in the vault. */
  oauth: { clientId: string; scopes?: string[] | undefined } | null
}

/** What a 401 or 403 says (RFC 6750 §3, RFC 9728 §5.1), as the SDK's `extractWWWAuthenticateParams` reads it. */
export interface Challenge {
  status: number
  resourceMetadataUrl?: URL
  scope?: string
  error?: string
  errorDescription?: string
}

/** What a connection needs of the signing in to its server. */
export interface Bearer {
  /** Another number whenever another account is in use, or none; a renewal changes nothing. */
  readonly edition: number
  /** Throws HostError when it is another by now: `server-edited`, or `server-signed-out` when there is none. */
  checkSame(edition: number): void
  /**
   * The token to send, or null when there is none. Renewed first when it is known to have ended; rejects with HostError
   * `server-signed-out` when that ends it all.
   */
  token(): string | null | Promise<string | null>
  /**
   * The server answered 401 to a request that carried `token`. Resolves when there is another token to try once. Rejects with
   * HostError: `server-signed-out` when the user has to sign in, `server-refused` when the server offers no sign-in.
   * `again`: it was refused a moment ago and has been renewed since.
   */
  refused(token: string | null, challenge: Challenge, again: boolean): Promise<void>
  /**
   * The server answered 403 `insufficient_scope`: more has to be allowed by the user first. Notes what, and returns
   * HostError `server-needs-permission` for the one request; the connection lives on.
   */
  tooLittle(challenge: Challenge): HostError
  /** The server took what it was sent. */
  accepted(): void
}

/** Signing in to one server (OAuth 2.1 as a client). Nothing of it opens a browser or asks anybody by itself. */
export interface SignIn extends Bearer {
  state(): ServerSignIn
  /**
   * Begins a sign-in: afterwards `state()` is `waiting` and has the page to open. It ends by the event `changed`, at the latest
   * after ten minutes. Beginning again drops the one before. Throws HostError.
   */
  begin(): Promise<void>
  /** Drops a sign-in that was begun; without one nothing happens. */
  cancel(): void
  /** Forgets tokens, and tells the authorization server (RFC 7009) where it takes that. Works offline. */
  signOut(): Promise<void>
}

export interface SignIns {
  /** Always the same one for a server's id. Cheap; tokens are read from the vault when they are first needed. */
  for(row: SignInRow): SignIn
  /** Keeps the secret of a client id that the user gave, when a server is added. */
  keepSecret(row: SignInRow, clientSecret: string): Promise<void>
  /** The secret that the user gave, if any. */
  secret(row: SignInRow): Promise<string | null>
  /** A server was removed, or is another one now: everything about signing in to it leaves the vault. Never rejects. */
  forget(row: SignInRow): Promise<void>
  /**
   * `changed`: something in `state()` of this server; `signedIn`: new tokens came from the user's browser just now. `other`: from this
   * moment on another account is in use, or none.
   */
  events: Emitter<{ changed: { serverId: string; signedIn: boolean }; other: { serverId: string } }>
  stop(): Promise<void>
}
