/** It is a little long because all that is done with servers, and in which order, stands in one place. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Parsed } from '../../contract/api.ts'
import type { Server } from '../../contract/servers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Emitter } from '../../kernel/emitter.ts'
import { toErrorReply } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Redactor } from '../../kernel/redact.ts'
import { createNetwork, type Network } from '../../net/network.ts'
import type { Database } from '../../storage/database/database.ts'
import type { Vault } from '../../storage/vault/vault.ts'
import { searchPath } from '../../system/search-path.ts'
import { AnswerBudgets } from '../framing/answer-budget.ts'
import { addressesOfThisComputer, watchNetwork } from '../lifecycle/network-watch.ts'
import { draftNotSeen, noSignIn, notFound, tooManyServers } from '../lifecycle/not-running.ts'
import { type Timings, usualTimings } from '../lifecycle/timings.ts'
import { createFactStore } from '../lists/fact-store.ts'
import { createSignIns } from '../sign-in/create-sign-ins.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import { createConfinement } from '../stdio/confinement.ts'
import { createLeftovers } from '../stdio/leftovers.ts'
import { checkAdd } from './check-add.ts'
import { createDrafts } from './drafts.ts'
import { createEditor } from './edit.ts'
import { createEntries, type Entry } from './entry.ts'
import type { Servers } from './interface.ts'
import { newRow } from './new-row.ts'
import { createServerNames } from './server-names.ts'
import { createServerSecrets } from './server-secrets.ts'
import { createServerStore, type Wanted } from './server-store.ts'
import { showServer } from './show-server.ts'
import { slugOf } from './slug.ts'

export type { Servers }

/** The MCP servers that the user added, kept running. Nothing is started before `startAll`, `add` or `start`. */
export function createServers(deps: {
  db: Database
  vault: Vault
  clock: Clock
  log: Log
  redactor: Redactor
  /** Ours; default `process.env`. */
  env?: NodeJS.ProcessEnv
  /** Short names that belong to others, such as the built-in connectors. */
  reservedSlugs?: readonly string[]
  /** Told to the servers. */
  version?: string
  /** Servers that may run at the same time; default 100. */
  maxServers?(): number
  /** Bytes of one message of a server; default 32 MB. */
  largestAnswer?(): number
  /** Ours, for nobody else to find; left out: servers cannot be kept to their own folder. */
  dataDir?: string
  /** Ends whatever else refers to a server that is removed, together with what ends here (`also`): all of it or, when it throws, none. */
  forget?(server: { id: string; slug: string }, also: () => void): void
  /** Default: ones of its own, over the vault. */
  signIns?: SignIns
  /** Default: what `env` says of it. */
  network?: Network
  timings?: Partial<Timings>
  /** Of the network, as strings; default: those of this computer. */
  addresses?(): string[]
}): Servers {
  const { clock, log, redactor, vault, version = '0.0.0', forget = (_row, also) => also() } = deps
  const env = deps.env ?? process.env
  const timings = { ...usualTimings, ...deps.timings }
  const maxServers = deps.maxServers ?? (() => 100)
  const store = createServerStore(deps.db, log)
  const facts = createFactStore(deps.db, log)
  const secrets = createServerSecrets(vault, log)
  const dataDir = deps.dataDir ?? null
  const confinement = dataDir === null ? null : createConfinement(dataDir, { home: env.HOME })
  const check = (input: Parsed<'servers.add'>) => checkAdd(input, directories, env, confinement)
  const network = deps.network ?? createNetwork({ env, log, redactor })
  const signIns = deps.signIns ?? createSignIns({ vault, clock, log, network })
  const events: Servers['events'] = new Emitter((error) => log.error('servers.listener-failed', { error }))
  const entries = new Map<string, Entry>()
  const reserve = createServerNames(() => [...entries.values()].map(({ row }) => row))
  let path: Promise<string[]> | null = null
  const directories = () => {
    path ??= searchPath(env)
    return path
  }
  let stopped = false

  const leftovers = createLeftovers(deps.db, log)
  const createEntry = createEntries({
    ...{ clock, log, redactor, timings, version, env, facts, secrets, signIns, network, directories },
    ...{ confinement, dataDir, newMark: leftovers.newMark },
    budgets: new AnswerBudgets(deps.largestAnswer),
    onChanged: () => events.emit('changed', {}),
    onListsChanged: () => {
      events.emit('lists.changed', {})
      events.emit('changed', {})
    },
  })
  for (const row of store.all()) entries.set(row.id, createEntry(row))
  const drafts = createDrafts({
    ...{ secrets, signIns, log },
    accepted: (entry) => want(entry, 'running'),
    onChanged: () => {
      if (!stopped) events.emit('changed', {})
    },
  })
  for (const entry of entries.values()) if (entry.row.wanted === 'draft') void drafts.hold(entry)
  const show = (entry: Entry) => showServer(entry, signIns)

  const find = (id: string): Entry => {
    const entry = entries.get(id)
    if (entry) return entry
    throw notFound()
  }
  const want = (entry: Entry, wanted: Wanted) => {
    if (entry.row.wanted === wanted) return
    entry.row.wanted = wanted
    store.update(entry.row)
    // What a stopped one listed may be had of others meanwhile.
    events.emit('lists.changed', {})
  }
  /** Throws when one more would be too many. */
  const makeRoom = (entry: Entry) => {
    const others = [...entries.values()].filter(
      ({ supervisor, row }) => row.id !== entry.row.id && active.has(supervisor.state),
    )
    const most = maxServers()
    if (others.length >= most) throw tooManyServers(entry.row.name, most)
  }
  const begin = async (entry: Entry, how: boolean | 'anew') => {
    try {
      makeRoom(entry)
    } catch (error) {
      return entry.supervisor.stop('failed', toErrorReply(error))
    }
    await (how === 'anew' ? again(entry) : entry.supervisor.start(how))
  }
  /** For the owner who waits: what takes long goes on without him, and is told by events. */
  const soon = async (starting: Promise<void>) => {
    const enough = new AbortController()
    const late = sleep(timings.answer, undefined, { signal: enough.signal }).catch(() => {})
    await Promise.race([starting, late])
    enough.abort()
  }
  const restart = async (entry: Entry) => {
    makeRoom(entry)
    want(entry, 'running')
    await soon(again(entry))
    return show(entry)
  }
  const again = (entry: Entry) => {
    // A newly installed program is found without a restart of Drawbridge.
    path = null
    return entry.supervisor.restart()
  }

  /** Stores it; nothing runs yet. */
  const insert = async (input: Parsed<'servers.add'>, wanted: Wanted): Promise<Entry> => {
    const free = reserve(input.name)
    try {
      const checked = await check(input)
      const taken = new Set([
        ...(deps.reservedSlugs ?? []),
        ...[...entries.values()].map(({ row }) => row.slug),
      ])
      const row = newRow(input, checked, { slug: slugOf(input.name, taken), wanted, createdAt: clock.now() })
      const secret = (input.kind !== 'stdio' && input.oauth?.clientSecret) || null
      const held = await drafts.keep(row, { ...checked, clientSecret: secret })
      const entry = createEntry(row)
      entry.held = held
      store.insert(row)
      entries.set(row.id, entry)
      log.info('servers.added', { server: input.name, kind: input.kind, wanted })
      return entry
    } finally {
      free()
    }
  }

  const editor = createEditor({
    ...{ secrets, signIns, store, log, check },
    restart: async (entry) => {
      if (!stopped && entries.has(entry.row.id)) await soon(begin(entry, 'anew'))
    },
  })
  /** Throws as well while it is being edited: it would run with what is just going away. */
  const idle = (id: string): Entry => editor.idle(find(id))
  const signedIn = signIns.events.on('changed', ({ serverId, signedIn }) => {
    const entry = entries.get(serverId)
    if (!entry || stopped) return
    // Also one that was given up: it may have asked for a key without saying that one can sign in.
    if (signedIn && signedInHelps.has(entry.supervisor.state)) void begin(entry, false)
    else events.emit('changed', {})
  })
  // The last net: children lead their own groups, so nothing else would end them with us.
  const killAll = () => {
    for (const { supervisor } of entries.values()) supervisor.killNow()
  }
  process.once('exit', killAll)
  const networkIsBack = () => {
    for (const entry of entries.values()) {
      if (stopped || !entry.supervisor.waitsForNetwork) continue
      try {
        makeRoom(entry)
        entry.supervisor.networkIsBack()
      } catch {
        // Others have taken its place.
      }
    }
  }
  const isWaiting = () => [...entries.values()].some(({ supervisor }) => supervisor.waitsForNetwork)
  const watching = watchNetwork({
    addresses: deps.addresses ?? addressesOfThisComputer,
    every: timings.network,
    isWanted: isWaiting,
    onBack: networkIsBack,
  })

  return {
    events,
    list: () => [...entries.values()].map(show),
    sources: () =>
      [...entries.values()].filter(({ row }) => row.wanted !== 'draft').map(({ source }) => source),
    slugOf: (id) => find(id).row.slug,

    async add(input) {
      const entry = await insert(input, 'running')
      if (!stopped) await soon(begin(entry, false))
      return show(entry)
    },

    async draft(input) {
      const entry = await insert(input, 'draft')
      await entry.supervisor.stop('draft')
      return show(entry)
    },

    update({ id, prefixed, passesClientContext, timeout, startTimeout }) {
      const entry = idle(id)
      if (timeout !== undefined) entry.row.timeout = timeout
      if (startTimeout !== undefined) entry.row.startTimeout = startTimeout
      if (prefixed !== undefined) entry.row.prefixed = prefixed
      if (passesClientContext !== undefined) entry.row.passesClientContext = passesClientContext
      store.update(entry.row)
      entry.source.prefixed = entry.row.prefixed
      entry.source.passesClientContext = entry.row.passesClientContext
      events.emit('lists.changed', {})
      events.emit('changed', {})
      return show(entry)
    },

    async edit(input) {
      const entry = idle(input.id)
      const free = reserve(input.name, input.id)
      try {
        await editor.edit(entry, input)
      } finally {
        free()
        events.emit('lists.changed', {})
        events.emit('changed', {})
      }
      return show(entry)
    },

    async remove(id) {
      const entry = idle(id)
      await entry.supervisor.stop()
      if (entry.row.kind !== 'stdio') await signIns.forget(entry.row)
      await secrets.delete(entry.row)
      // What an older version kept of a draft.
      if (entry.row.wanted === 'draft') await secrets.delete({ ...entry.row, wanted: 'stopped' })
      forget(entry.row, () => {
        store.delete(id)
        facts.forget(id)
      })
      entries.delete(id)
      log.info('servers.removed', { server: entry.row.name })
      events.emit('changed', {})
      events.emit('lists.changed', {})
    },

    async start(id, seen) {
      const entry = idle(id)
      if (entry.row.wanted === 'draft') {
        makeRoom(entry)
        await editor.alone(entry, () => drafts.accept(entry, seen))
      }
      if (active.has(entry.supervisor.state) && entry.supervisor.state !== 'waiting') return show(entry)
      return restart(entry)
    },

    async stopServer(id) {
      const entry = find(id)
      if (entry.row.wanted === 'draft') return show(entry)
      want(entry, 'stopped')
      await entry.supervisor.stop()
      return show(entry)
    },

    async restart(id) {
      const entry = idle(id)
      if (entry.row.wanted === 'draft') throw draftNotSeen(entry.row.name)
      return restart(entry)
    },

    async check(id) {
      const entry = find(id)
      await entry.supervisor.check()
      return show(entry)
    },

    async signIn(id) {
      const entry = idle(id)
      if (entry.row.wanted === 'draft') throw draftNotSeen(entry.row.name)
      if (entry.row.kind === 'stdio') throw noSignIn(entry.row.name)
      await signIns.for(entry.row).begin()
      return show(entry)
    },

    async signOut(id) {
      const entry = idle(id)
      if (entry.row.kind === 'stdio') throw noSignIn(entry.row.name)
      const signIn = signIns.for(entry.row)
      const wasIn = signIn.state().state === 'signed-in'
      await signIn.signOut()
      // What runs was opened with the tokens that are gone.
      if (wasIn && active.has(entry.supervisor.state)) await entry.supervisor.stop('signed-out')
      return show(entry)
    },

    networkIsBack,

    async startAll() {
      const ending = leftovers.end()
      if (ending) await ending
      await Promise.all(
        [...entries.values()]
          .filter(({ row }) => row.wanted === 'running')
          .map((entry) => begin(entry, true)),
      )
    },

    async stop() {
      stopped = true
      watching.stop()
      signedIn()
      await Promise.all(
        [...entries.values()].map(({ supervisor }) =>
          supervisor.stop(supervisor.state === 'draft' ? 'draft' : 'stopped'),
        ),
      )
      if (!deps.signIns) await signIns.stop()
      process.off('exit', killAll)
    },
  }
}

/** States in which new tokens are what a server may have waited for. */
const signedInHelps: ReadonlySet<Server['state']> = new Set(['signed-out', 'failed', 'waiting'])

/** States in which a server takes one of the places. */
const active: ReadonlySet<Server['state']> = new Set(['downloading', 'starting', 'running', 'waiting'])
