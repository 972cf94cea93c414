import * as z from 'zod'
import { say } from '../../locales/say.ts'
import type { ClientKind, ConnectionRequest, Grant } from '../contract/access.ts'
import { signsInWithBrowser } from '../contract/agreed/revoke-means.ts'
import { clientOf } from '../contract/agreed/stale-list.ts'
import type { Move, MovedApp, Step } from '../contract/setup.ts'
import type { Clock } from '../kernel/clock.ts'
import { tunnelAt } from '../mcp/tunnelled.ts'
import type { Settings } from '../storage/settings.ts'

const setting = 'setup.moved'
const Kept = z.object({ from: z.string(), to: z.string(), at: z.number(), grants: z.array(z.string()) })
type Kept = z.infer<typeof Kept>

export interface MovedDeps {
  settings: Settings
  clock: Clock
  grants(): readonly Grant[]
  /** Who waits at the authorize page. */
  connections(): readonly Pick<ConnectionRequest, 'redirectHost' | 'workspace'>[]
  /** Whom the connecting window is open for; null: it is closed. */
  expects(): ClientKind | null
  /** Of a workspace, at the public address; null: there is none now. */
  addressOf(workspace: string): string | null
  /** The tunnel that is chosen by its id instead of an address; null, or left out: there is an address, or none. */
  tunnelId?(): string | null
}

/** After the public address changed: who has to be told, what to do there, and how far that has come, by what they do at the new one. */
export class MovedAddress {
  readonly #deps: MovedDeps

  constructor(deps: MovedDeps) {
    this.#deps = deps
  }

  /** The address is another one now. Who was not told of the one before still has to be. */
  moved(from: string, to: string): void {
    const { settings, clock } = this.#deps
    const before = this.#kept()
    const affected = this.#deps.grants().filter(({ id, lastOrigin }) => {
      return lastOrigin === from || (before?.grants.includes(id) === true && lastOrigin !== to)
    })
    // Back where they know it: what was said of the address before is true no more.
    if (affected.length === 0) return void settings.delete(setting)
    settings.set(setting, { from, to, at: clock.now(), grants: affected.map(({ id }) => id) } satisfies Kept)
  }

  now(): Move | null {
    const kept = this.#kept()
    if (kept === null) return null
    const all = this.#deps.grants()
    const apps = kept.grants.flatMap((id): MovedApp[] => {
      const grant = all.find((one) => one.id === id)
      // Revoked: nobody has to be told any more.
      return grant === undefined ? [] : [this.#app(grant, kept, all)]
    })
    if (apps.length === 0) return null
    const { from, to, at } = kept
    const tunnelId = this.#deps.tunnelId?.() ?? null
    const where = { from: tunnelAt(from) ?? from, to, ...(tunnelId !== null && { tunnelId }) }
    return { ...where, at, apps, done: apps.every(({ state }) => state !== 'to-do') }
  }

  #app(grant: Grant, { to, at }: Kept, all: readonly Grant[]): MovedApp {
    const isBack = isAt(grant, to)
    const isAnew =
      !isBack && all.some((other) => isSameApp(other, grant) && other.createdAt >= at && isAt(other, to))
    const isAsking = this.#deps.connections().some((one) => isSameApp(one, grant))
    // Of a program with a key nothing is seen before its first request.
    const isHeard = signsInWithBrowser(grant) && this.#deps.expects() === clientOf(grant)
    const isIn = grant.sessions.some(({ origin }) => origin === to)
    const done = isBack || isAnew ? Number.POSITIVE_INFINITY : isIn ? 4 : isAsking ? 3 : isHeard ? 2 : 0
    const url = this.#deps.addressOf(grant.address ?? grant.workspace)
    const given = { url, tunnelId: this.#deps.tunnelId?.() ?? null }
    return {
      grantId: grant.id,
      name: grant.name,
      client: clientOf(grant),
      state: isBack ? 'back' : isAnew ? 'anew' : 'to-do',
      steps: signsInWithBrowser(grant) ? appSteps(grant, given, done) : programSteps(given, done),
    }
  }

  #kept(): Kept | null {
    return this.#deps.settings.get(setting, Kept) ?? null
  }
}

/** It really called there. */
const isAt = ({ lastOrigin }: Grant, origin: string): boolean => lastOrigin === origin

const isSameApp = (
  one: Pick<Grant, 'redirectHost' | 'workspace'> & { id?: string; address?: string | null | undefined },
  { id, redirectHost, workspace, address }: Grant,
): boolean =>
  one.id !== id &&
  redirectHost !== null &&
  one.redirectHost === redirectHost &&
  (one.address ?? one.workspace) === (address ?? workspace)

type Draft = Pick<Step, 'id' | 'title' | 'text'> & { copy?: Step['copy'] }

/** What an app is given. */
interface Given {
  url: string | null
  tunnelId: string | null
}

function appSteps(grant: Grant, given: Given, done: number): Step[] {
  const client = clientOf(grant)
  const isBarred = given.tunnelId !== null && client !== 'chatgpt'
  const enter = isBarred
    ? say('moved.enter.onlyOpenAi')
    : say(given.tunnelId === null ? `moved.enter.${client}` : 'moved.enter.chatgptTunnel')
  return ticked(
    [
      { id: 'remove', title: say('moved.remove.title'), text: say(`moved.remove.${client}`) },
      { id: 'listen', title: say('moved.listen.title'), text: say('moved.listen.text') },
      { id: 'enter', title: say('moved.enter.title'), text: enter, copy: isBarred ? null : copyOf(given) },
      { id: 'allow', title: say('moved.allow.title'), text: say('moved.allow.text') },
      { id: 'use', title: say('moved.use.title'), text: say('moved.use.text') },
    ],
    done,
  )
}

const programSteps = (given: Given, done: number): Step[] =>
  ticked(
    [
      {
        id: 'enter',
        title: say('moved.enter.program'),
        text: say(given.tunnelId === null ? 'moved.enter.programText' : 'moved.enter.onlyOpenAi'),
        copy: given.tunnelId === null ? copyOf(given) : null,
      },
      { id: 'use', title: say('moved.use.program'), text: say('moved.use.programText') },
    ],
    done,
  )

function copyOf({ url, tunnelId }: Given): Step['copy'] {
  if (tunnelId !== null) return { label: say('setup.connect.yourTunnel'), value: tunnelId }
  return url === null ? null : { label: say('home.moved.newAddress'), value: url }
}

/** What is to be done in another app cannot be seen: it is done once what follows from it is. */
const ticked = (drafts: readonly Draft[], done: number): Step[] =>
  drafts.map(({ copy = null, ...draft }, at) => ({
    ...draft,
    copy,
    state: at < done ? 'done' : at === done ? 'now' : 'later',
    problem: null,
    at: null,
  }))
