import type * as z from 'zod'
import { say } from '../../locales/say.ts'
import type { ConnectWindow } from '../contract/access.ts'
import type { ErrorReply } from '../contract/errors.ts'
import type { ConnectFlow, Step } from '../contract/setup.ts'
import type { Bridge } from '../contract/status.ts'
import type { Progress, TrafficStep } from './connect-progress.ts'
import type { Instructions } from './instructions/instructions.ts'

/** Where an app that does not find it by itself is sent to sign in, and what it may ask for. */
export interface Endpoints {
  authorization: string
  token: string
  registration: string
  /** Separated by spaces. */
  scopes: string
}

export interface Facts {
  instructions: Instructions
  /** Null before Connect was pressed. */
  progress: Progress | null
  bridge: Bridge
  /** At the public address; null while there is none. */
  endpoints: Endpoints | null
  /** The name of one that can be asked about; null: there is none. */
  folder: string | null
  window: ConnectWindow
  now: number
  /** Milliseconds between the token and the first list of tools that are nothing unusual. */
  noToolsAfter: number
}

type State = z.infer<typeof Step>['state']
type Draft = Pick<Step, 'id' | 'title' | 'text' | 'fields'> & { ticks: TrafficStep; copy?: Step['copy'] }

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
    title: say('setup.connect.yourPublicAddressOpen'),
    text: '',
    copy: null,
    problem: null,
    at: null,
    state,
    ...more,
  })
  const failed = { code: `bridge-${bridge.state}`, message: bridge.message, hint: bridge.hint }
  const byTunnel = bridge.tunnelId !== undefined && { title: say('setup.connect.yourTunnelOpen') }
  if (instructions.client === 'other') {
    const local = {
      title: say('setup.connect.drawbridgeAnswersOnComputer'),
      copy: { label: say('setup.connect.addressForAppsOn'), value: bridge.localUrl },
    }
    return bridge.state === 'raised' ? step('failed', { ...local, problem: failed }) : step('done', local)
  }
  if (byTunnel && instructions.byTunnel === undefined && !done)
    return step('failed', {
      title: say('setup.connect.onlyOpenAi.title', { name: instructions.name }),
      problem: {
        code: 'only-openai',
        message: say('setup.connect.onlyOpenAi.message', { name: instructions.name }),
        hint: say('setup.connect.onlyOpenAi.hint'),
      },
    })
  if (done || bridge.state === 'open')
    return step('done', {
      ...byTunnel,
      at: bridge.state === 'open' ? bridge.since : null,
    })
  if (progress === null || (progress.stopped && bridge.state === 'local'))
    return step('later', { text: say('setup.connect.pressConnectOpen') })
  if (bridge.state === 'opening' || bridge.state === 'local')
    return step('now', { text: say('setup.connect.openingYourPublicAddress') })
  return step('failed', { problem: failed })
}

/** In their order; a program with a key skips what it does not need. */
function trafficDrafts(facts: Facts): Draft[] {
  const { instructions, progress, bridge } = facts
  const { name } = instructions
  const paste = (bridge.tunnelId !== undefined && instructions.byTunnel) || instructions.paste
  const drafts: Draft[] = [
    {
      id: 'paste',
      ticks: 'found',
      title: paste.title,
      text: [...paste.lines, '', ...paste.otherwise].join('\n'),
      copy: given(instructions, bridge),
      fields: formFields(facts),
    },
    {
      id: 'found',
      ticks: 'found',
      title: say('setup.connect.foundDrawbridge', { name }),
      text: say('setup.connect.happensByItselfAs'),
    },
    {
      id: 'registered',
      ticks: 'registered',
      title: say('setup.connect.introducedItself', { name }),
      text: say('setup.connect.happensByItself'),
    },
    {
      id: 'approve',
      ticks: 'approve',
      title: say('setup.connect.youLetIn'),
      text: approveText(instructions, bridge, progress),
    },
    {
      id: 'token',
      ticks: 'token',
      title: say('setup.connect.gotPass', { name }),
      text: say('setup.connect.happensByItself'),
    },
    {
      id: 'look',
      ticks: 'look',
      title: say('setup.connect.hadFirstLook', { name }),
      text: say('setup.connect.happensByItself'),
    },
    {
      id: 'tools',
      ticks: 'tools',
      title: say('setup.connect.knowsYourTools', { name }),
      text: say('setup.connect.happensByItselfWithin'),
    },
    { id: 'call', ticks: 'call', title: say('setup.connect.tryIt'), ...question(facts) },
  ]
  const skipped: ReadonlySet<string> = new Set(
    progress?.byKey ? ['found', 'registered', 'approve', 'token'] : [],
  )
  return drafts.filter(({ id }) => !skipped.has(id))
}

/** What is pasted there; null: there is nothing yet, or nothing that would be of use. */
function given({ client, byTunnel }: Instructions, { publicUrl, tunnelId }: Bridge): Step['copy'] {
  if (tunnelId !== undefined)
    return byTunnel === undefined ? null : { label: say('setup.connect.yourTunnel'), value: tunnelId }
  if (publicUrl === null) return null
  const label =
    client === 'other' ? say('setup.connect.publicAddressForApps') : say('setup.connect.yourAddress')
  return { label, value: publicUrl }
}

/** For forms that find nothing of it by themselves. */
function formFields({ bridge, endpoints }: Facts): Step['fields'] {
  if (bridge.tunnelId !== undefined || bridge.publicUrl === null || endpoints === null) return undefined
  return [
    { label: say('setup.form.name'), value: 'Drawbridge' },
    { label: say('setup.form.description'), value: say('setup.form.describes') },
    { label: say('setup.form.address'), value: bridge.publicUrl },
    { label: say('setup.form.authorization'), value: endpoints.authorization },
    { label: say('setup.form.token'), value: endpoints.token },
    { label: say('setup.form.registration'), value: endpoints.registration },
    { label: say('setup.form.scopes'), value: endpoints.scopes },
  ]
}

/** What to ask first: about the user's own documents where there are any, else what is answered without any key. */
function question({ instructions, folder }: Facts): Pick<Draft, 'text' | 'copy'> {
  const label = say('setup.connect.say')
  if (folder !== null)
    return { text: instructions.tryIt, copy: { label, value: say('setup.connect.askFolder', { folder }) } }
  return {
    text: `${instructions.tryIt}\n${say('setup.connect.withoutFolder')}`,
    copy: { label, value: say('setup.connect.askRevenue') },
  }
}

/** Tunnel services that show browsers a page of their own before the first visit. */
const interstitials = [
  {
    host: /\.loca\.lt$/,
    text: () => say('setup.connect.ifPageAsksFor'),
  },
]

function approveText({ client, name }: Instructions, bridge: Bridge, progress: Progress | null): string {
  const lines = progress?.asked
    ? [say('setup.connect.somebodyAtDoorType')]
    : [
        say('setup.connect.yourBrowserOpensPage'),
        say('setup.connect.onlyAllowIfWas', {
          name: client === 'other' ? say('setup.connect.theApp') : name,
        }),
      ]
  const host = bridge.publicUrl === null ? '' : new URL(bridge.publicUrl).hostname
  return [...lines, ...interstitials.filter((page) => page.host.test(host)).map(({ text }) => text())].join(
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
      message: say('setup.connect.windowClosed.message'),
      hint: say('setup.connect.windowClosed.hint'),
    }
  const { token, look } = progress.at
  const inSince = token ?? look
  if ((step === 'look' || step === 'tools') && inSince !== undefined && now - inSince >= noToolsAfter)
    return { code: 'no-tools-list', ...instructions.noTools }
  return null
}
