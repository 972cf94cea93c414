import type { Parsed } from '../../contract/api.ts'
import type { Server, ServerUse } from '../../contract/servers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Emitter } from '../../kernel/emitter.ts'
import { newId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import { createNetwork, type Network } from '../../net/network.ts'
import type { Database } from '../../storage/database/database.ts'
import type { Vault } from '../../storage/vault/vault.ts'
import { addressesOfThisComputer, watchNetwork } from '../../system/network-watch.ts'
import { takenBy } from '../../system/process-use.ts'
import { SearchPath } from '../../system/search-path.ts'
import { AnswerBudgets } from '../framing/answer-budget.ts'
import { draftNotSeen, noSignIn, notFound } from '../lifecycle/not-running.ts'
import type { ServerSource } from '../lifecycle/source.ts'
import { type Timings, usualTimings } from '../lifecycle/timings.ts'
import { createFactStore, type FactStore } from '../lists/fact-store.ts'
import { createSignIns } from '../sign-in/create-sign-ins.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import { signedInAnew } from '../sign-in/words.ts'
import { createConfinement } from '../stdio/confinement.ts'
import { createLeftovers, type Leftovers } from '../stdio/leftovers.ts'
import { type Checked, checkAdd } from './check-add.ts'
import { createDrafts } from './drafts.ts'
import { createEditor } from './edit.ts'
import { type Entry, EntryMaker } from './entry.ts'
import type { Servers } from './interface.ts'
import { newRow } from './new-row.ts'
import { createServerNames } from './server-names.ts'
import { createServerSecrets, type ServerSecrets } from './server-secrets.ts'
import { createServerStore, type ServerStore, type Wanted } from './server-store.ts'
import { showServer } from './show-server.ts'
import { slugOf } from './slug.ts'
import { isActive, Starts } from './starts.ts'

interface Deps {
  db: Database
  vault: Vault
  clock: Clock
  log: Log
  redactor: Redactor
  /** Ours; default `process.env`. */
  env?: NodeJS.ProcessEnv
  /** Short names that belong to others, such as the built-in connectors, when one is wanted. */
  reservedSlugs?(): readonly string[]
  /** Told to the servers. */
  version?: string
  /** Servers that may run at the same time; default 100. */
  maxServers?(): number
  /** Whether the owner wants to look at another version of a server before anything is sent to it; default: no. */
  asksAboutVersions?(): boolean
  /** Bytes of one message of a server; default 32 MB. */
  largestAnswer?(): number
  /** Ours, for nobody else to find; left out: servers cannot be kept to their own folder. */
  dataDir?: string
  /** Ends whatever else refers to a server that is removed, together with what ends here (`also`): all of it or, when it throws, none. */
  forget?(server: { id: string; slug: string }, also: () => void): void
  /** Its owner put another program or address in the place of this one. */
  edited?(source: ServerSource): void
  /** Default: ones of its own, over the vault. */
  signIns?: SignIns
  /** Default: what `env` says of it. */
  network?: Network
  timings?: Partial<Timings>
  /** Of the network, as strings; default: those of this computer. */
  addresses?(): string[]
}

/** The MCP servers that the user added, kept running. Nothing is started before `startAll`, `add` or `start`. */
export const createServers = (deps: Deps): Servers => new KeptServers(deps)

/** States in which new tokens are what a server may have waited for. */
const signedInHelps: ReadonlySet<Server['state']> = new Set(['signed-out', 'failed', 'waiting', 'starting'])

class KeptServers implements Servers {
  readonly events: Servers['events']
  readonly #deps: Deps
  readonly #log: Log
  readonly #store: ServerStore
  readonly #facts: FactStore
  readonly #secrets: ServerSecrets
  readonly #signIns: SignIns
  /** By id, in the order they were added. */
  readonly #entries = new Map<string, Entry>()
  readonly #maker: EntryMaker
  readonly #check: (input: Parsed<'servers.add'>) => Promise<Checked>
  readonly #reserve = createServerNames(() => this.#all.map(({ row }) => row))
  readonly #starts: Starts
  readonly #drafts: ReturnType<typeof createDrafts>
  readonly #editor: ReturnType<typeof createEditor>
  readonly #leftovers: Leftovers
  readonly #endings: (() => void)[] = []
  #stopped = false

  constructor(deps: Deps) {
    const { clock, log, redactor, vault, dataDir = null, env = process.env } = deps
    const timings = { ...usualTimings, ...deps.timings }
    this.#deps = deps
    this.#log = log
    this.#store = createServerStore(deps.db, log)
    this.#facts = createFactStore(deps.db, log)
    this.#secrets = createServerSecrets(vault, log)
    this.#leftovers = createLeftovers(deps.db, log)
    this.events = new Emitter((error) => log.error('servers.listener-failed', { error }))
    const network = deps.network ?? createNetwork({ env, log, redactor })
    this.#signIns = deps.signIns ?? createSignIns({ vault, clock, log, network })
    const confinement = dataDir === null ? null : createConfinement(dataDir, { home: env.HOME })
    const path = new SearchPath(env)
    this.#check = (input) => checkAdd(input, () => path.folders(), env, confinement)
    this.#maker = new EntryMaker({
      clock,
      log,
      redactor,
      timings,
      env,
      network,
      confinement,
      dataDir,
      facts: this.#facts,
      secrets: this.#secrets,
      signIns: this.#signIns,
      version: deps.version ?? '0.0.0',
      directories: () => path.folders(),
      newMark: this.#leftovers.newMark,
      budgets: new AnswerBudgets(deps.largestAnswer),
      onChanged: () => this.#changed(),
      onListsChanged: () => this.#listsChanged(),
      asksAboutVersions: deps.asksAboutVersions ?? (() => false),
    })
    for (const row of this.#store.all()) this.#entries.set(row.id, this.#maker.create(row))
    const limits = { most: deps.maxServers ?? (() => 100), patience: timings.answer }
    this.#starts = new Starts(this.#entries, path, limits)
    const common = { secrets: this.#secrets, signIns: this.#signIns, log }
    this.#drafts = createDrafts({
      ...common,
      accepted: (entry) => this.#want(entry, 'running'),
      onChanged: () => {
        if (!this.#stopped) this.#changed()
      },
    })
    this.#editor = createEditor({
      ...common,
      store: this.#store,
      check: this.#check,
      edited: ({ source }) => deps.edited?.(source),
      restart: async (entry) => {
        if (!this.#stopped && this.#entries.has(entry.row.id)) await this.#starts.restartSoon(entry)
      },
    })
    for (const entry of this.#all) if (entry.row.wanted === 'draft') void this.#drafts.hold(entry)
    this.#watch(timings)
  }

  get #all(): Entry[] {
    return [...this.#entries.values()]
  }

  list(): Server[] {
    return this.#all.map((entry) => this.#show(entry))
  }

  async use(): Promise<ServerUse[]> {
    const programs = this.#all.filter(({ row }) => row.kind === 'stdio' && row.wanted !== 'draft')
    const found = await takenBy(programs.map(({ leaders }) => [...leaders])).catch(() => null)
    const unknown = { programs: null, memory: null, cpu: null }
    return programs.map(({ row: { id, name } }, index) => ({ id, name, ...(found?.[index] ?? unknown) }))
  }

  sources(): ServerSource[] {
    return this.#all.filter(({ row }) => row.wanted !== 'draft').map(({ source }) => source)
  }

  slugOf(id: string): string {
    return this.#find(id).row.slug
  }

  async add(input: Parsed<'servers.add'>): Promise<Server> {
    const entry = await this.#insert(input, 'running')
    if (!this.#stopped) await this.#starts.beginSoon(entry)
    return this.#show(entry)
  }

  async draft(input: Parsed<'servers.draft'>): Promise<Server> {
    const entry = await this.#insert(input, 'draft')
    await entry.supervisor.stop('draft')
    return this.#show(entry)
  }

  update({ id, prefixed, passesClientContext, timeout, startTimeout }: Parsed<'servers.update'>): Server {
    const entry = this.#idle(id)
    if (timeout !== undefined) entry.row.timeout = timeout
    if (startTimeout !== undefined) entry.row.startTimeout = startTimeout
    if (prefixed !== undefined) entry.row.prefixed = prefixed
    if (passesClientContext !== undefined) entry.row.passesClientContext = passesClientContext
    this.#store.update(entry.row)
    entry.source.prefixed = entry.row.prefixed
    entry.source.passesClientContext = entry.row.passesClientContext
    this.#listsChanged()
    return this.#show(entry)
  }

  async edit(input: Parsed<'servers.edit'>): Promise<Server> {
    const entry = this.#idle(input.id)
    const free = this.#reserve(input.name, input.id)
    try {
      await this.#editor.edit(entry, input)
    } finally {
      free()
      this.#listsChanged()
    }
    return this.#show(entry)
  }

  async remove(id: string): Promise<void> {
    const { forget = (_row, also) => also() } = this.#deps
    const entry = this.#idle(id)
    await entry.supervisor.stop()
    if (entry.row.kind !== 'stdio') await this.#signIns.forget(entry.row)
    await this.#secrets.delete(entry.row)
    // What an older version kept of a draft.
    if (entry.row.wanted === 'draft') await this.#secrets.delete({ ...entry.row, wanted: 'stopped' })
    forget(entry.row, () => {
      this.#store.delete(id)
      this.#facts.forget(id)
    })
    this.#entries.delete(id)
    this.#log.info('servers.removed', { server: entry.row.name })
    this.#changed()
    this.events.emit('lists.changed', {})
  }

  async start(id: string, seen?: string): Promise<Server> {
    const entry = this.#idle(id)
    if (entry.row.wanted === 'draft') {
      this.#starts.makeRoom(entry)
      await this.#editor.alone(entry, () => this.#drafts.accept(entry, seen))
    }
    if (isActive(entry) && entry.supervisor.state !== 'waiting') return this.#show(entry)
    return this.#restart(entry)
  }

  async stopServer(id: string): Promise<Server> {
    const entry = this.#find(id)
    if (entry.row.wanted === 'draft') return this.#show(entry)
    this.#want(entry, 'stopped')
    await entry.supervisor.stop()
    return this.#show(entry)
  }

  async restart(id: string): Promise<Server> {
    const entry = this.#idle(id)
    if (entry.row.wanted === 'draft') throw draftNotSeen(entry.row.name)
    return this.#restart(entry)
  }

  async check(id: string): Promise<Server> {
    const entry = this.#find(id)
    await entry.supervisor.check()
    return this.#show(entry)
  }

  async signIn(id: string): Promise<Server> {
    const entry = this.#idle(id)
    if (entry.row.wanted === 'draft') throw draftNotSeen(entry.row.name)
    if (entry.row.kind === 'stdio') throw noSignIn(entry.row.name)
    await this.#signIns.for(entry.row).begin()
    return this.#show(entry)
  }

  async signOut(id: string): Promise<Server> {
    const entry = this.#idle(id)
    if (entry.row.kind === 'stdio') throw noSignIn(entry.row.name)
    const signIn = this.#signIns.for(entry.row)
    signIn.cancel()
    const wasIn = signIn.state().state === 'signed-in'
    // Somebody else may sign in next.
    entry.supervisor.edition += 1
    const { running } = entry.supervisor
    const signingOut = signIn.signOut()
    // What runs was opened with the tokens that are gone; that others are told takes its time.
    const stopping = wasIn && isActive(entry) && entry.supervisor.stop('signed-out')
    await Promise.all([signingOut, stopping])
    // What needs none goes on, over a connection of its own.
    if (!wasIn && running) entry.supervisor.gone(running, signedInAnew(entry.row.name))
    return this.#show(entry)
  }

  /** Handed on by itself. */
  readonly networkIsBack = (): void => {
    if (!this.#stopped) this.#starts.networkIsBack()
  }

  async startAll(): Promise<void> {
    const ending = this.#leftovers.end()
    if (ending) await ending
    const wanted = this.#all.filter(({ row }) => row.wanted === 'running')
    await Promise.all(wanted.map((entry) => this.#starts.begin(entry, true)))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const end of this.#endings) end()
    await Promise.all(
      this.#all.map(({ supervisor }) => supervisor.stop(supervisor.state === 'draft' ? 'draft' : 'stopped')),
    )
    if (!this.#deps.signIns) await this.#signIns.stop()
    process.off('exit', this.#killAll)
  }

  #watch(timings: Timings): void {
    const network = watchNetwork({
      addresses: this.#deps.addresses ?? addressesOfThisComputer,
      every: timings.network,
      isWanted: () => this.#starts.isAnyWaiting,
      onBack: this.networkIsBack,
    })
    const signedIn = this.#signIns.events.on('changed', (change) => this.#signedIn(change))
    const other = this.#signIns.events.on('other', ({ serverId }) => {
      const entry = this.#entries.get(serverId)
      if (entry) this.#isOther(entry)
    })
    this.#endings.push(network.stop, signedIn, other)
    process.once('exit', this.#killAll)
  }

  /** Another account is in use, or none: what was allowed of the one before is not allowed of it. */
  #isOther({ row, supervisor }: Entry): void {
    supervisor.edition += 1
    row.mark = newId('mark')
    try {
      this.#store.update(row)
    } catch (error) {
      this.#log.error('servers.mark-not-kept', { server: row.name, error })
    }
  }

  /** The last net: children lead their own groups, so nothing else would end them with us. */
  readonly #killAll = (): void => {
    for (const { supervisor } of this.#entries.values()) supervisor.killNow()
  }

  #signedIn({ serverId, signedIn }: { serverId: string; signedIn: boolean }): void {
    const entry = this.#entries.get(serverId)
    if (!entry || this.#stopped) return
    const { running, state } = entry.supervisor
    // What is open was opened as whoever was signed in before; what is under way over it may end by itself.
    if (signedIn && running) entry.supervisor.gone(running, signedInAnew(entry.row.name))
    // Also one that was given up: it may have asked for a key without saying that one can sign in.
    else if (signedIn && signedInHelps.has(state)) void this.#starts.begin(entry, false)
    else this.#changed()
  }

  #changed(): void {
    this.events.emit('changed', {})
  }

  #listsChanged(): void {
    this.events.emit('lists.changed', {})
    this.#changed()
  }

  #show(entry: Entry): Server {
    return showServer(entry, this.#signIns)
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry) return entry
    throw notFound()
  }

  /** Throws as well while it is being edited: it would run with what is just going away. */
  #idle(id: string): Entry {
    return this.#editor.idle(this.#find(id))
  }

  #want(entry: Entry, wanted: Wanted): void {
    if (entry.row.wanted === wanted) return
    entry.row.wanted = wanted
    this.#store.update(entry.row)
    // What a stopped one listed may be had of others meanwhile.
    this.events.emit('lists.changed', {})
  }

  async #restart(entry: Entry): Promise<Server> {
    this.#starts.makeRoom(entry)
    this.#want(entry, 'running')
    await this.#starts.againSoon(entry)
    return this.#show(entry)
  }

  /** Stores it; nothing runs yet. */
  async #insert(input: Parsed<'servers.add'>, wanted: Wanted): Promise<Entry> {
    const free = this.#reserve(input.name)
    try {
      const checked = await this.#check(input)
      const { reservedSlugs, clock } = this.#deps
      const taken = new Set([...(reservedSlugs?.() ?? []), ...this.#all.map(({ row }) => row.slug)])
      const row = newRow(input, checked, { slug: slugOf(input.name, taken), wanted, createdAt: clock.now() })
      const secret = (input.kind !== 'stdio' && input.oauth?.clientSecret) || null
      const held = await this.#drafts.keep(row, { ...checked, clientSecret: secret })
      const entry = this.#maker.create(row)
      entry.held = held
      this.#store.insert(row)
      this.#entries.set(row.id, entry)
      this.#log.info('servers.added', { server: input.name, kind: input.kind, wanted })
      return entry
    } finally {
      free()
    }
  }
}
