/**
 * Signing in at Cloudflare in the browser. Cloudflare's program gives a page, waits for the user there, and gets a certificate for one
 * domain (cloudflared, “tunnel login”); with it the program makes the tunnel and the name (“tunnel create”, “list”, “token”, “route
 * dns”). All of that happens in a folder of ours, which is gone when it is over: only what the tunnel is started with is kept.
 */
import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { CloudflareSignIn } from '../../contract/tunnel.ts'
import { HostError, isHostError, toErrorReply } from '../../kernel/errors.ts'
import { parseJson } from '../../kernel/exact-json.ts'
import type { Log } from '../../kernel/log/log.ts'
import { type Fetched, gettingIt, HelperProcess } from '../helper-process.ts'
import { privateFolder } from '../private-folder.ts'
import { tokenIn, tunnelIn } from '../providers/cloudflare-named.ts'
import { checkVersion, cloudflaredFile } from '../providers/cloudflared.ts'
import { publicOrigin } from '../providers/fields.ts'

/** Milliseconds: until the program gives the page; for the user there; until what was got is forgotten; for each step with it. */
const defaultPatience = { page: 20_000, user: 600_000, use: 900_000, step: 60_000 }

export interface CloudflareSignInDeps {
  /** Ours alone; there only while somebody signs in. */
  folder: string
  env: NodeJS.ProcessEnv
  log: Log
  helpers?: Fetched
  /** The id of the tunnel that this computer opens; null: none yet. */
  tunnelHere(): Promise<string | null>
  changed(now: CloudflareSignIn | null): void
  patience?: Partial<typeof defaultPatience>
}

/** What the provider is told. */
export interface MadeTunnel {
  token: string
  hostname: string
}

/** A certificate, the zone that it is for, and until when it is there. */
interface SignedIn {
  cert: string
  zone: string
  over: AbortSignal
}

export class CloudflareSignIns {
  readonly #deps: CloudflareSignInDeps
  readonly #patience: typeof defaultPatience
  #now: CloudflareSignIn | null = null
  #abort: AbortController | null = null
  #signedIn: SignedIn | null = null
  /** What a crash left in the folder opens the user's account. */
  #ended: Promise<void>

  constructor(deps: CloudflareSignInDeps) {
    this.#deps = deps
    this.#patience = { ...defaultPatience, ...deps.patience }
    this.#ended = rm(deps.folder, { recursive: true, force: true }).catch(() => {})
  }

  now(): CloudflareSignIn | null {
    return this.#now
  }

  begin(): CloudflareSignIn {
    if (this.#now !== null && this.#now.state !== 'failed') return this.#now
    const abort = new AbortController()
    this.#abort = abort
    // The one before clears up first.
    this.#ended = this.#ended.then(() => this.#hold(abort.signal))
    return this.#show({ state: 'starting', url: null, failure: null })
  }

  cancel(): void {
    this.#abort?.abort()
    this.#signedIn = null
    if (this.#now !== null) this.#show(null)
  }

  /**
   * `label`: what stands before the domain. Throws HostError `cloudflare-…`; unless `replace`, `cloudflare-name-used` when the name leads
   * elsewhere, and `cloudflare-name-open` when another computer holds it open.
   */
  async setUp(label: string, replace: boolean): Promise<MadeTunnel> {
    const session = this.#signedIn
    if (session === null) throw new HostError({ code: 'cloudflare-sign-in-over' })
    // One at a time: both would make the same tunnel.
    this.#signedIn = null
    try {
      const made = await this.#make(session, label, replace)
      this.cancel()
      return made
    } finally {
      if (!session.over.aborted) this.#signedIn = session
    }
  }

  async close(): Promise<void> {
    this.#abort?.abort()
    await this.#ended
  }

  #show<T extends CloudflareSignIn | null>(now: T): T {
    this.#now = now
    this.#deps.changed(now)
    return now
  }

  /** Throws nothing. */
  async #hold(signal: AbortSignal): Promise<void> {
    try {
      const { path, remove } = await privateFolder(this.#deps.folder)
      try {
        const until = AbortSignal.any([signal, AbortSignal.timeout(this.#patience.user)])
        const found = await this.#signIn(path, until)
        // Cancelled while the program was put away.
        signal.throwIfAborted()
        const over = AbortSignal.any([signal, AbortSignal.timeout(this.#patience.use)])
        this.#signedIn = { ...found, over }
        this.#show({ state: 'ready', url: null, failure: null })
        await aborted(over)
        signal.throwIfAborted()
        throw new HostError({ code: 'cloudflare-sign-in-over' })
      } finally {
        this.#signedIn = null
        await remove()
      }
    } catch (cause) {
      if (signal.aborted) return
      const error = isHostError(cause) ? cause : new HostError({ code: 'cloudflare-sign-in-over' })
      this.#deps.log.info('tunnel.cloudflare-sign-in', { code: error.code })
      const { message, hint } = toErrorReply(error)
      this.#show({ state: 'failed', url: null, failure: { message, hint } })
    }
  }

  async #signIn(home: string, signal: AbortSignal): Promise<Omit<SignedIn, 'over'>> {
    const { env, log, helpers } = this.#deps
    await checkVersion(
      {
        ask: (program, limit) => HelperProcess.ask(program, env, limit, helpers),
        getting: (program) => gettingIt(program, helpers),
      },
      signal,
    )
    await mkdir(join(home, 'empty'))
    const program = await HelperProcess.start(
      {
        ...cloudflaredFile,
        args: ['tunnel', 'login'],
        env: inFolder(home),
        cwd: home,
        // Who reads the page's address while it waits may fetch what the sign-in gives.
        chatter: /^/,
      },
      env,
      log,
      helpers,
    )
    try {
      const ended = new Promise<void>((resolve) => program.onExit(() => resolve()))
      const page = AbortSignal.any([signal, AbortSignal.timeout(this.#patience.page)])
      const url = await program.said(pageIn, page).catch(() => null)
      signal.throwIfAborted()
      if (url === null) throw new HostError({ code: 'cloudflare-sign-in-failed' })
      this.#show({ state: 'waiting', url, failure: null })
      await Promise.race([ended, aborted(signal)])
      signal.throwIfAborted()
    } finally {
      await program.close()
    }
    const cert = join(home, '.cloudflared', 'cert.pem')
    const zone = zoneIn(await readFile(cert, 'utf8').catch(() => ''))
    if (zone === null) throw new HostError({ code: 'cloudflare-sign-in-failed' })
    await chmod(cert, 0o600)
    return { cert, zone }
  }

  async #make(session: SignedIn, label: string, replace: boolean): Promise<MadeTunnel> {
    const name = `Drawbridge ${label} ${session.zone.slice(0, 8)}`
    const known = await this.#find(session, name)
    if (known?.isOpen && known.id !== (await this.#deps.tunnelHere()) && !replace)
      throw new HostError({ code: 'cloudflare-name-open', params: { name: label } })
    if (known === undefined) await this.#ask(session, ['create', name])
    const { id } = known ?? (await this.#find(session, name)) ?? {}
    if (id === undefined) throw new HostError({ code: 'cloudflare-answer', params: { said: name } })
    try {
      const token = tokenIn(await this.#ask(session, ['token', id]))
      if (token === null || tunnelIn(token) !== id)
        throw new HostError({ code: 'cloudflare-answer', params: { said: cloudflaredFile.title } })
      return { token, hostname: await this.#lead(session, id, label, replace) }
    } catch (error) {
      // A no must leave nothing behind.
      if (known === undefined) await this.#ask(session, ['delete', id]).catch(() => {})
      throw error
    }
  }

  async #find(session: SignedIn, name: string): Promise<{ id: string; isOpen: boolean } | undefined> {
    const out = await this.#ask(session, ['list', '--name', name, '--output', 'json'])
    const { data, success } = Listed.safeParse(parseJson(out))
    if (!success) throw new HostError({ code: 'cloudflare-answer', params: { said: cloudflaredFile.title } })
    const found = data?.find((one) => one.name === name)
    return found && { id: found.id, isOpen: (found.connections?.length ?? 0) > 0 }
  }

  /** The whole name. Which domain was chosen stands nowhere else. */
  async #lead(session: SignedIn, id: string, label: string, replace: boolean): Promise<string> {
    const over = replace ? ['--overwrite-dns'] : []
    const { code, out, err } = await this.#run(session, ['route', 'dns', ...over, id, label])
    if (code !== 0 && /record with that host already exists/i.test(err))
      throw new HostError({ code: 'cloudflare-name-used', says: 'cloudflare-label-used', params: { label } })
    if (code !== 0) throw refused(err)
    const hostname = ledName.exec(`${err}\n${out}`)?.[1]?.toLowerCase() ?? ''
    if (!hostname.startsWith(`${label}.`) || publicOrigin(hostname) !== `https://${hostname}`)
      throw new HostError({ code: 'cloudflare-sign-in-domain' })
    return hostname
  }

  /** What it answers. Throws HostError. */
  async #ask(session: SignedIn, args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.#run(session, args)
    if (code !== 0) throw refused(err)
    return out
  }

  async #run({ cert, over }: SignedIn, args: readonly string[]) {
    const { env, folder, helpers } = this.#deps
    const program = {
      ...{ ...cloudflaredFile, env: inFolder(folder), cwd: folder },
      args: ['tunnel', '--origincert', cert, ...args],
    }
    const limit = AbortSignal.any([over, AbortSignal.timeout(this.#patience.step)])
    try {
      return await HelperProcess.ask(program, env, limit, helpers)
    } catch (cause) {
      if (isHostError(cause)) throw cause
      throw new HostError({
        code: over.aborted ? 'cloudflare-sign-in-over' : 'cloudflare-unreachable',
        cause,
      })
    }
  }
}

/** What the program said instead. */
function refused(text: string): HostError {
  const lines = text.split('\n').map((line) => line.replace(/^\S+Z (?:ERR|FTL|WRN|INF) /, '').trim())
  const said = lines.findLast((line) => line !== '')?.slice(0, 200) ?? 'cloudflared'
  if (/no such host|dial tcp|i\/o timeout|connection refused|TLS handshake/i.test(text))
    return new HostError({ code: 'cloudflare-unreachable', detail: said })
  if (/unauthorized|forbidden|authentication error|status code:? 40[13]/i.test(text))
    return new HostError({ code: 'cloudflare-sign-in-refused', detail: said })
  return new HostError({ code: 'cloudflare-answer', params: { said } })
}

/**
 * The program's home is our folder: there it writes the certificate, and finds nothing of the user's. It finds no program that opens a
 * browser either: the user opens the page when he wants to, in the browser that he is in.
 */
const inFolder = (home: string) => ({ HOME: home, USERPROFILE: home, PATH: join(home, 'empty') })

/** Nobody is sent anywhere else, whatever a program writes. */
const pageIn = (line: string): string | undefined => {
  const url = line.trim()
  const isPage = /^https:\/\/dash\.(?:fed\.)?cloudflare\.com\/argotunnel\?/.test(url) && URL.canParse(url)
  return isPage ? url : undefined
}

/** cloudflared, cfapi/hostname.go: what it writes when a name leads to a tunnel. */
const ledName =
  /(?:Added CNAME )?(\S+) (?:which will route to this tunnel|updated to route to your tunnel|is already configured to route to your tunnel)/

const Listed = z
  .array(z.object({ id: z.uuid(), name: z.string(), connections: z.array(z.unknown()).nullish() }))
  .nullable()

const Certificate = z.object({
  zoneID: z.string().min(8),
  accountID: z.string().min(1),
  apiToken: z.string().min(1),
})

/** The zone of a certificate: PEM, with JSON in it (cloudflared, credentials/origin_cert.go); null: it is none. */
function zoneIn(pem: string): string | null {
  const block = /-----BEGIN ARGO TUNNEL TOKEN-----([^-]*)-----END ARGO TUNNEL TOKEN-----/.exec(pem)?.[1]
  if (block === undefined) return null
  return Certificate.safeParse(parseJson(Buffer.from(block, 'base64').toString('utf8'))).data?.zoneID ?? null
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
