import type * as z from 'zod'
import type { ConnectWindow } from '../contract/access.ts'
import type { ErrorReply } from '../contract/errors.ts'
import type { ConnectFlow, Step } from '../contract/setup.ts'
import type { Bridge } from '../contract/status.ts'
import type { Progress, TrafficStep } from './connect-progress.ts'
import type { Instructions } from './instructions/instructions.ts'

export interface Facts {
  instructions: Instructions
  /** Null before Connect was pressed. */
  progress: Progress | null
  bridge: Bridge
  window: ConnectWindow
  now: number
  /** Milliseconds between the token and the first list of tools that are nothing unusual. */
  noToolsAfter: number
}

type State = z.infer<typeof Step>['state']
type Draft = Pick<Step, 'id' | 'title' | 'text'> & { ticks: TrafficStep; copy?: Step['copy'] }

/** What the setup page shows, from what is known now. Pure. */
export function describeFlow(facts: Facts): ConnectFlow {
  const { instructions, progress } = facts
  const done = progress?.at.call !== undefined
  const address = addressStep(facts, done)
  const drafts = trafficDrafts(facts)
  const next = drafts.find(({ ticks }) => progress?.at[ticks] === undefined)
  const waits = progress !== null && (!progress.stopped || progress.grantId !== null)
  const active = waits && address.state === 'done' ? next : undefined
  const problem = active ? problemAt(facts, active.ticks) : null
  return {
    client: instructions.client,
    title: instructions.title,
    edition: instructions.edition,
    done,
    steps: [
      address,
      ...drafts.map(({ ticks, copy = null, ...draft }) => {
        const at = progress?.at[ticks] ?? null
        let state: State = at !== null ? 'done' : 'later'
        if (active?.id === draft.id) state = problem ? 'failed' : 'now'
        return { ...draft, copy, state, at, problem: state === 'failed' ? problem : null }
      }),
    ],
  }
}

function addressStep({ instructions, bridge, progress }: Facts, done: boolean): Step {
  const step = (state: State, more: Partial<Step> = {}): Step => ({
    id: 'address',
    title: 'Your public address is open',
    text: '',
    copy: null,
    problem: null,
    at: null,
    state,
    ...more,
  })
  const failed = { code: `bridge-${bridge.state}`, message: bridge.message, hint: bridge.hint }
  if (instructions.client === 'other') {
    const local = {
      title: 'Drawbridge answers on this computer',
      copy: { label: 'Address for apps on this computer', value: bridge.localUrl },
    }
    return bridge.state === 'raised' ? step('failed', { ...local, problem: failed }) : step('done', local)
  }
  if (done || bridge.state === 'open')
    return step('done', { at: bridge.state === 'open' ? bridge.since : null })
  if (progress === null || (progress.stopped && bridge.state === 'local'))
    return step('later', { text: 'Press Connect to open it.' })
  if (bridge.state === 'opening' || bridge.state === 'local')
    return step('now', { text: 'Opening your public address. This takes a few seconds.' })
  return step('failed', { problem: failed })
}

/** In their order; a program with a key skips what it does not need. */
function trafficDrafts({ instructions, progress, bridge }: Facts): Draft[] {
  const { name, paste, tryIt } = instructions
  const drafts: Draft[] = [
    {
      id: 'paste',
      ticks: 'found',
      title: paste.title,
      text: [...paste.lines, '', ...paste.otherwise].join('\n'),
      copy:
        bridge.publicUrl === null
          ? null
          : {
              label: instructions.client === 'other' ? 'Public address, for apps elsewhere' : 'Your address',
              value: bridge.publicUrl,
            },
    },
    {
      id: 'found',
      ticks: 'found',
      title: `${name} found Drawbridge`,
      text: 'This happens by itself as soon as the address is saved there.',
    },
    {
      id: 'registered',
      ticks: 'registered',
      title: `${name} introduced itself`,
      text: 'This happens by itself.',
    },
    { id: 'approve', ticks: 'approve', title: 'You let it in', text: approveText(name, bridge, progress) },
    { id: 'token', ticks: 'token', title: `${name} got its pass`, text: 'This happens by itself.' },
    { id: 'look', ticks: 'look', title: `${name} had a first look`, text: 'This happens by itself.' },
    {
      id: 'tools',
      ticks: 'tools',
      title: `${name} knows your tools`,
      text: 'This happens by itself, within a minute.',
    },
    {
      id: 'call',
      ticks: 'call',
      title: 'Try it',
      text: tryIt.text,
      copy: { label: 'Say', value: tryIt.say },
    },
  ]
  const skipped: ReadonlySet<string> = new Set(
    progress?.byKey ? ['found', 'registered', 'approve', 'token'] : [],
  )
  return drafts.filter(({ id }) => !skipped.has(id))
}

/** Tunnel services that show browsers a page of their own before the first visit. */
const interstitials = [
  {
    host: /\.loca\.lt$/,
    text: 'If a page asks for a tunnel password first: open https://loca.lt/mytunnelpassword on this computer and copy what it shows.',
  },
]

function approveText(name: string, bridge: Bridge, progress: Progress | null): string {
  const lines = progress?.asked
    ? [
        'Somebody is at the door. Type the three digits from your browser into Drawbridge and choose what it may use.',
      ]
    : [
        'Your browser opens a page with three digits. Type them into Drawbridge and choose what it may use.',
        `Only allow it if it was you who pressed Connect in ${name === 'The app' ? 'the app' : name}.`,
      ]
  const host = bridge.publicUrl === null ? '' : new URL(bridge.publicUrl).hostname
  return [...lines, ...interstitials.filter((page) => page.host.test(host)).map(({ text }) => text)].join(
    '\n',
  )
}

/** Why the next step does not come; null while waiting is all there is to do. */
function problemAt(
  { instructions, progress, window, now, noToolsAfter }: Facts,
  step: TrafficStep,
): ErrorReply | null {
  if (progress === null) return null
  if (progress.problem?.step === step) return progress.problem.error
  if (progress.grantId === null && !window.open)
    return {
      code: 'window-closed',
      message: 'The time for connecting is over.',
      hint: 'Press Connect again. You then have ten more minutes.',
    }
  const { token, look } = progress.at
  const inSince = token ?? look
  if ((step === 'look' || step === 'tools') && inSince !== undefined && now - inSince >= noToolsAfter)
    return { code: 'no-tools-list', ...instructions.noTools }
  return null
}
