import { randomBytes } from 'node:crypto'
import { HostError, isHostError } from '../../kernel/errors.ts'
import { Turns } from '../../kernel/turns.ts'
import { sessionBusAnswers } from './session-bus.ts'

/** The keychain of the operating system, for the entries of one data folder. */
export interface Keychain {
  /** Writes, reads and removes a test entry. */
  probe(): Promise<void>
  /** Null when there is no such entry, and, on Linux, also when the keychain is locked. */
  get(account: string): Promise<string | null>
  set(account: string, value: string): Promise<void>
  delete(account: string): Promise<void>
  /** All entries of this folder. */
  all(): Promise<ReadonlyMap<string, string>>
}

/** How long we wait for an answer. A locked keychain may be showing a prompt, which cannot be called back. */
const timeoutMs = 3_000
/** After this much silence the bus is asked again whether it is there. */
const trustBusMs = 5_000
/** A constructor that took this long waited for a dead service, blocking us; then it is left alone for a while. */
const slowMs = 500
const pauseMs = 10_000
/** Windows holds 2,560 bytes an entry, two for each UTF-16 unit. Longer values are kept in parts. */
const partLength = 1_000
const partsMark = 'drawbridge-parts:'

type Entry = import('@napi-rs/keyring').AsyncEntry

/** All functions throw HostError `keychain-unavailable` when the keychain does not answer in time or is locked. */
export const createKeychain = (service: string, folderId: string, env: NodeJS.ProcessEnv): Keychain =>
  new SystemKeychain(service, folderId, env)

class SystemKeychain implements Keychain {
  readonly #service: string
  readonly #folderId: string
  readonly #env: NodeJS.ProcessEnv
  readonly #turns = new Turns()
  /** A call that outlived its time. Others wait behind it: each holds one of the four threads that also serve files. */
  #stuck: Promise<unknown> | null = null
  #lastAnswer = Number.NEGATIVE_INFINITY
  #pausedUntil = 0

  constructor(service: string, folderId: string, env: NodeJS.ProcessEnv) {
    this.#service = service
    this.#folderId = folderId
    this.#env = env
  }

  probe(): Promise<void> {
    return this.#inTurn(async () => {
      const value = randomBytes(12).toString('hex')
      await this.#write('probe', value)
      const seen = await this.#read('probe')
      await this.#remove('probe')
      if (seen !== value) throw unavailable(new Error('The test entry could not be read back.'))
    })
  }

  get(account: string): Promise<string | null> {
    return this.#inTurn(async () => {
      const head = await this.#read(account)
      if (!head?.startsWith(partsMark)) return head
      const parts: string[] = []
      for (const name of partsOf(head)) parts.push((await this.#read(name)) ?? missingPart(name))
      return parts.join('')
    })
  }

  set(account: string, value: string): Promise<void> {
    return this.#inTurn(async () => {
      const before = partsOf(await this.#read(account))
      if (value.length <= partLength && !value.startsWith(partsMark)) await this.#write(account, value)
      else {
        const id = randomBytes(9).toString('hex')
        const parts = split(value)
        for (const [index, part] of parts.entries()) await this.#write(`part-${id}/${index}`, part)
        // The head comes last: until then the old value is complete.
        await this.#write(account, `${partsMark}${id}:${parts.length}`)
      }
      for (const name of before) await this.#remove(name)
    })
  }

  delete(account: string): Promise<void> {
    return this.#inTurn(async () => {
      const parts = partsOf(await this.#read(account))
      await this.#remove(account)
      for (const name of parts) await this.#remove(name)
    })
  }

  all(): Promise<ReadonlyMap<string, string>> {
    return this.#inTurn(async () => {
      const { findCredentialsAsync } = await import('@napi-rs/keyring')
      const found = await this.#guarded(async () => ({ call: findCredentialsAsync(this.#service) }))
      const own = `${this.#folderId}/`
      const texts = new Map(
        found.flatMap(({ account, password }) =>
          account.startsWith(own) ? [[account.slice(own.length), password] as const] : [],
        ),
      )
      const part = (name: string) => texts.get(name) ?? missingPart(name)
      const whole = [...texts].map(([name, text]) => {
        const parts = partsOf(text)
        return [name, parts.length === 0 ? text : parts.map(part).join('')] as const
      })
      return new Map(whole.filter(([name]) => !name.startsWith('part-')))
    })
  }

  async #read(account: string): Promise<string | null> {
    return (await this.#once(account, (entry) => entry.getPassword())) ?? null
  }

  async #write(account: string, value: string): Promise<void> {
    await this.#once(account, (entry) => entry.setPassword(value))
  }

  async #remove(account: string): Promise<void> {
    await this.#once(account, (entry) => entry.deleteCredential())
  }

  async #once<T>(account: string, use: (entry: Entry) => Promise<T>): Promise<T> {
    return this.#guarded(async () => ({ call: use(await this.#entry(account)) }))
  }

  /** `begin` gives the call in an object: it is not to be waited for there. */
  async #guarded<T>(begin: () => Promise<{ call: Promise<T> }>): Promise<T> {
    if (this.#stuck) await within(this.#stuck, timeoutMs)
    if (performance.now() < this.#pausedUntil)
      throw new Error('The keychain service did not answer a moment ago.')
    if (performance.now() - this.#lastAnswer > trustBusMs && !(await sessionBusAnswers(this.#env)))
      throw new Error('The session bus does not answer.')
    const { call } = await begin()
    this.#stuck = call
      .catch(() => {})
      .finally(() => {
        this.#stuck = null
      })
    const value = await within(call, timeoutMs)
    this.#lastAnswer = performance.now()
    return value
  }

  async #entry(account: string): Promise<Entry> {
    // Loaded late: on a platform without a prebuilt file this must not stop the host.
    const { AsyncEntry } = await import('@napi-rs/keyring')
    const started = performance.now()
    try {
      // Without the pin Linux falls back to the kernel's keyring, which forgets everything at a restart.
      return new AsyncEntry(this.#service, `${this.#folderId}/${account}`, {
        linux: { store: 'secret-service' },
      })
    } catch (error) {
      if (performance.now() - started > slowMs) this.#pausedUntil = performance.now() + pauseMs
      throw error
    }
  }

  /** One use at a time, from its first entry to its last. */
  #inTurn<T>(use: () => Promise<T>): Promise<T> {
    return this.#turns.take(use).catch((cause) => {
      throw isHostError(cause) ? cause : unavailable(cause)
    })
  }
}

function partsOf(head: string | null): string[] {
  const [, id, count] = head?.startsWith(partsMark) ? head.split(':') : []
  return Array.from({ length: Number(count ?? 0) }, (_, index) => `part-${id}/${index}`)
}

/** By code points, so that no part ends in half a character. */
function split(value: string): string[] {
  const parts: string[] = ['']
  for (const point of value) {
    if (parts.at(-1)!.length + point.length > partLength) parts.push('')
    parts[parts.length - 1] += point
  }
  return parts
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer after ${ms} ms.`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function missingPart(name: string): never {
  throw unavailable(new Error(`${name} is missing.`))
}

export const unavailable = (cause?: unknown): HostError =>
  new HostError({
    code: 'keychain-unavailable',
    cause,
  })
