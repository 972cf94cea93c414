import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ClientKind, ConnectWindow } from '../contract/access.ts'
import { buttonWords } from '../contract/agreed/words/button.ts'
import type { ConnectFlow } from '../contract/setup.ts'
import { ConnectFlow as FlowSchema } from '../contract/setup.ts'
import type { Bridge } from '../contract/status.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { type ConnectFlows, createConnectFlows } from './connect-flow.ts'
import {
  all,
  chatgpt,
  found,
  granted,
  here,
  outside,
  registered,
  type Sight,
  start,
  stories,
} from './testing/stories.ts'

const localUrl = 'http://127.0.0.1:4000/mcp'
let now: number
let bridge: Bridge
let window: ConnectWindow
let flows: ConnectFlows
let told: ConnectFlow[]
let folder: string | null
/** Besides those that were there before: who is let in by the flow. */
let living: { id: string; lastSeenAt: number | null; expiresAt: number | null; sessions: string[] }[]

function begin(client: ClientKind | null = 'chatgpt', used: string[] = []): void {
  now = 1_000_000
  living = []
  folder = null
  bridge = { state: 'open', localUrl, publicUrl: `${outside}/mcp`, message: 'm', hint: 'h', since: 5 }
  window = { open: client !== null, expects: client, closesAt: now + 600_000 }
  flows = createConnectFlows({
    clock: { now: () => now },
    bridge: () => bridge,
    window: () => window,
    folder: () => folder,
    endpoints: (url) => {
      const { origin } = new URL(url)
      const [authorization, token, registration] = ['a', 't', 'r'].map((path) => `${origin}/${path}`)
      return { authorization: authorization!, token: token!, registration: registration!, scopes: 'mcp:use' }
    },
    grants: () => [
      ...used.map((id) => ({ id, lastSeenAt: 1 })),
      { id: 'fresh', lastSeenAt: null },
      ...living,
    ],
  })
  told = []
  flows.events.on('changed', (flow) => told.push(flow))
  if (client !== null) flows.reset(client)
}
afterEach(() => {
  flows.stop()
  vi.useRealTimers()
})

/** `kind`, `kind!` for a failure, with what differs from the usual event. */
function see(what: Sight, more: Partial<Traffic> = {}): void {
  const ok = !what.endsWith('!')
  const kind = what.replace('!', '') as Traffic['kind']
  now += 1_000
  const problem = ok
    ? {}
    : { problem: { code: `${kind}-bad`, message: `${kind} went wrong.`, hint: 'Do this.' } }
  flows.observe({ at: now, kind, ok, origin: outside, ...problem, ...more })
}

/** The flow as one word a step: `✓paste ▸approve ✗token`, later ones left out. */
function drawn(client: ClientKind = 'chatgpt'): string {
  const flow = flows.flow(client)
  expect(FlowSchema.safeParse(flow).error, 'fits the contract').toBeUndefined()
  const marks = { done: '✓', now: '▸', failed: '✗', later: '' } as const
  return flow.steps
    .filter(({ state }) => state !== 'later')
    .map(({ id, state }) => marks[state] + id)
    .join(' ')
}
const step = (id: string, client: ClientKind = 'chatgpt') =>
  flows.flow(client).steps.find((one) => one.id === id)!

describe('where a tunnel is chosen by its id', () => {
  const tunnelId = 'tunnel_0123456789abcdef0123456789abcdef'
  const tunnelled = () => {
    bridge = { ...bridge, tunnelId, publicUrl: 'https://tunnel-0.openai-tunnel.invalid/mcp' }
  }

  test('ChatGPT is given that, and its steps are ticked as always', () => {
    begin()
    tunnelled()
    const steps = flows.flow('chatgpt').steps
    expect(steps[0]).toMatchObject({ state: 'done', title: 'Your tunnel is open' })
    expect(steps[1]).toMatchObject({ title: 'Choose your tunnel in ChatGPT', copy: { value: tunnelId } })
    expect(steps[1]!.text).toContain('Choose “Tunnel”')
    expect(steps[1]!.text).toContain('in a browser here')
    expect(JSON.stringify(steps)).not.toContain('.invalid')
  })

  test('why one is turned away at registering is shown: it comes to this computer’s own address', () => {
    begin()
    see('register!', { origin: here })
    expect(drawn()).toBe(start)
    tunnelled()
    see('register!', { origin: here })
    expect(step('registered')).toMatchObject({ state: 'failed', problem: { code: 'register-bad' } })
  })

  test('others are told that it is not for them; programs on this computer need none', () => {
    begin('claude')
    tunnelled()
    expect(flows.flow('claude').steps[0]).toMatchObject({
      state: 'failed',
      problem: { code: 'only-openai', hint: expect.stringContaining('another way') },
    })
    const other = flows.flow('other').steps
    expect(other[0]).toMatchObject({ state: 'done', copy: { value: localUrl } })
    expect(other[1]!.copy).toBeNull()
  })
})

describe('ticking', () => {
  test.each(stories)('%s', (_name, lines) => {
    begin()
    expect(drawn()).toBe(start)
    for (const [what, more, expected] of lines) {
      see(what, more)
      expect(drawn(), `after ${what}`).toBe(expected)
    }
    expect(flows.flow('chatgpt').done).toBe(lines.at(-1)![2] === all)
  })

  test('nothing from before Connect was pressed counts', () => {
    begin()
    flows.observe({ at: now - 1, kind: 'register', ok: true, origin: outside, ...chatgpt })
    expect(drawn()).toBe(start)
    see('approved', granted)
    flows.reset('chatgpt')
    expect(drawn()).toBe(start)
    see('tools-call', granted)
    expect(drawn(), 'the grant of the time before is somebody already connected').toBe(start)
  })

  test('before Connect was pressed there are only instructions', () => {
    begin(null)
    see('protected-resource-metadata')
    see('approved', granted)
    expect(drawn()).toBe('✓address')
    expect(told).toEqual([])
  })

  test('two flows side by side: names that are known go where they belong', () => {
    begin('chatgpt')
    flows.reset('claude')
    see('register', chatgpt)
    see('protected-resource-metadata')
    expect(drawn('chatgpt')).toBe(registered)
    expect(drawn('claude')).toBe(found)
  })
})

describe('once somebody is in', () => {
  const inside = '✓address ✓paste ✓found ✓registered ✓approve ✓token ✓look ▸tools'
  const letIn = (client: ClientKind = 'chatgpt') => {
    begin(client)
    living = [{ id: granted.grantId!, lastSeenAt: null, expiresAt: null, sessions: ['s1'] }]
    see('approved', granted)
    see('token', granted)
    see('discover', granted)
    // The window closes behind whoever was let in.
    window = { open: false, expects: null, closesAt: null }
    flows.refresh()
    expect(drawn()).toBe(inside)
  }

  test('Connect does not take the steps back, and stopping is no error', () => {
    letIn()
    flows.reset('chatgpt')
    expect(drawn()).toBe(inside)
    flows.stopWaiting()
    expect(drawn()).toBe(inside)
    see('tools-list', granted)
    see('tools-call', granted)
    expect(flows.flow('chatgpt').done, 'its traffic still counts').toBe(true)
    flows.reset('chatgpt')
    expect(flows.flow('chatgpt').done).toBe(true)
  })

  test('in between, before its tokens came, too', () => {
    begin()
    living = [{ id: granted.grantId!, lastSeenAt: null, expiresAt: null, sessions: [] }]
    see('approved', granted)
    flows.reset('chatgpt')
    expect(drawn()).toMatch(/✓approve ▸token$/)
  })

  test('another account of the same app begins anew when the user says so', () => {
    letIn()
    window = { open: true, expects: 'chatgpt', closesAt: now + 600_000 }
    flows.reset('chatgpt', true)
    expect(drawn()).toBe(start)
  })

  const ends: [string, () => void][] = [
    ['revoked', () => (living = [])],
    ['asked to sign in anew', () => (living[0]!.sessions = [])],
    ['past its end', () => (living[0]!.expiresAt = now - 1)],
  ]
  test.each(ends)('%s: nobody is in any more, and Connect begins anew', (_what, end) => {
    letIn()
    told = []
    end()
    flows.refresh()
    expect(drawn()).toBe('✓address')
    expect(told.map(({ client }) => client)).toEqual(['chatgpt'])
    window = { open: true, expects: 'chatgpt', closesAt: now + 600_000 }
    flows.reset('chatgpt')
    expect(drawn()).toBe(start)
  })

  test('a failed exchange of the code is no way in: Connect begins anew', () => {
    begin()
    living = [{ id: granted.grantId!, lastSeenAt: null, expiresAt: null, sessions: [] }]
    see('approved', granted)
    see('token!', granted)
    expect(drawn()).toMatch(/✗token$/)
    flows.reset('chatgpt')
    expect(drawn()).toBe(start)
  })
})

describe('stopping', () => {
  test('before anybody came is no error, with or without traffic; Connect waits again', () => {
    begin()
    see('register', chatgpt)
    flows.stopWaiting()
    window = { open: false, expects: null, closesAt: null }
    flows.refresh()
    expect(drawn()).toBe('✓address ✓paste ✓found ✓registered')
    window = { open: true, expects: 'chatgpt', closesAt: now + 600_000 }
    flows.reset('chatgpt')
    expect(drawn()).toBe(start)
  })

  test('while the address opens leaves nothing that seems to go on', () => {
    begin()
    bridge = { ...bridge, state: 'local', publicUrl: null }
    flows.stopWaiting()
    expect(drawn()).toBe('')
  })
})

describe('problems', () => {
  test('carry the words of the event, or general ones', () => {
    begin()
    see('authorize!', chatgpt)
    expect(step('approve').problem).toEqual({
      code: 'authorize-bad',
      message: 'authorize went wrong.',
      hint: 'Do this.',
    })
    see('approved', granted)
    see('token!', { ...granted, problem: undefined })
    expect(step('token').problem).toMatchObject({ code: 'token-failed', message: /./, hint: /./ })
    expect(step('approve').problem).toBeNull()
  })

  const addresses: [Bridge['state'], string][] = [
    ['opening', '▸address'],
    ['local', '▸address'],
    ['offline', '✗address'],
    ['taken', '✗address'],
    ['raised', '✗address'],
  ]
  test.each(addresses)('bridge %s: nothing else is asked of the user meanwhile', (state, expected) => {
    begin()
    bridge = { ...bridge, state }
    expect(drawn()).toBe(expected)
    if (expected.startsWith('✗'))
      expect(step('address').problem).toEqual({ code: `bridge-${state}`, message: 'm', hint: 'h' })
    see('register', chatgpt)
    expect(drawn(), 'what was done stays done').toBe(`${expected} ✓paste ✓found ✓registered`)
    bridge = { ...bridge, state: 'open' }
    flows.refresh()
    expect(told.at(-1)!.steps[0]!.state).toBe('done')
  })

  test('offline after the end changes nothing', () => {
    begin()
    see('approved', granted)
    see('tools-call', granted)
    bridge = { ...bridge, state: 'offline' }
    expect(flows.flow('chatgpt').done).toBe(true)
    expect(drawn()).not.toMatch(/[✗▸]/)
  })

  test('the time for connecting ran out', () => {
    begin()
    see('register', chatgpt)
    window = { open: false, expects: null, closesAt: null }
    expect(drawn()).toBe('✓address ✓paste ✓found ✓registered ✗approve')
    expect(step('approve').problem).toMatchObject({ code: 'window-closed', hint: /Press Connect again/ })
  })

  test('the time ran out after the approval: no matter', () => {
    begin()
    see('approved', granted)
    window = { open: false, expects: null, closesAt: null }
    expect(drawn()).toMatch(/✓approve ▸token$/)
  })

  test.each(['chatgpt', 'claude'] as const)('%s got its pass, but never asks for the tools', (client) => {
    begin(client)
    const mine = { clientName: client, grantId: 'g1' }
    see('approved', mine)
    see('token', mine)
    now += 59_000
    expect(drawn(client)).toMatch(/▸look$/)
    now += 1_000
    expect(drawn(client)).toMatch(/✗look$/)
    see('discover', mine)
    expect(drawn(client)).toMatch(/✓look ✗tools$/)
    expect(step('tools', client).problem).toMatchObject({ code: 'no-tools-list', hint: /new chat/ })
    see('tools-list', mine)
    expect(drawn(client)).toMatch(/✓tools ▸call$/)
  })

  test('that is said without anybody asking', () => {
    vi.useFakeTimers()
    begin()
    see('approved', granted)
    see('token', granted)
    told = []
    now += 60_000
    vi.advanceTimersByTime(60_100)
    expect(told).toHaveLength(1)
    expect(told[0]!.steps.find(({ id }) => id === 'look')!.problem?.code).toBe('no-tools-list')
  })
})

describe('another app', () => {
  test('on this computer, with OAuth', () => {
    begin('other')
    see('protected-resource-metadata', { origin: here })
    see('register', { origin: here, clientName: 'Claude Code' })
    expect(drawn('other')).toBe('✓address ✓paste ✓found ✓registered ▸approve')
    see('approved', { origin: here, clientName: 'Claude Code', grantId: 'g5' })
    see('tools-call', { origin: here, clientName: 'Claude Code', grantId: 'g5' })
    expect(flows.flow('other').done).toBe(true)
  })

  test('with a new key: the steps it does not need are gone', () => {
    begin('other', ['old'])
    see('tools-call', { origin: here, clientName: 'old script', grantId: 'old' })
    expect(drawn('other'), 'a key in use before is not the new app').toBe('✓address ▸paste')
    see('discover', { origin: here, clientName: 'laptop', grantId: 'fresh' })
    expect(drawn('other')).toBe('✓address ✓paste ✓look ▸tools')
    see('tools-list', { origin: here, clientName: 'laptop', grantId: 'fresh' })
    see('tools-call', { origin: here, clientName: 'laptop', grantId: 'fresh' })
    expect(flows.flow('other').done).toBe(true)
  })

  test('shows both addresses and the key; works offline, but not raised', () => {
    begin('other')
    bridge = { ...bridge, state: 'offline' }
    expect(drawn('other')).toBe('✓address ▸paste')
    expect(step('address', 'other').copy?.value).toBe(localUrl)
    expect(step('paste', 'other').copy?.value).toBe(`${outside}/mcp`)
    expect(step('paste', 'other').text).toContain(`under Access, press “${buttonWords.createKey}”`)
    bridge = { ...bridge, state: 'raised', publicUrl: null }
    expect(drawn('other')).toBe('✗address')
    expect(step('paste', 'other').copy).toBeNull()
  })
})

describe('what is shown', () => {
  test.each(['chatgpt', 'claude', 'other'] as const)(
    '%s: every step has words, the address and what to say',
    (client) => {
      begin(client)
      const flow = flows.flow(client)
      expect(flow.edition).toMatch(/^[A-Z][a-z]+ 20\d\d$/)
      expect(flow.steps.map(({ id }) => id)).toEqual([
        'address',
        'paste',
        'found',
        'registered',
        'approve',
        'token',
        'look',
        'tools',
        'call',
      ])
      for (const { id, title, text } of flow.steps) {
        expect(title).not.toBe('')
        if (id !== 'address') expect(text).not.toBe('')
      }
      expect(step('paste', client).copy?.value).toBe(`${outside}/mcp`)
      expect(step('call', client).copy?.value).toMatch(/^Use Drawbridge to /)
    },
  )

  test('the first question is about a folder of the user’s, once there is one', () => {
    begin()
    expect(step('call').copy?.value).toMatch(/revenue/)
    expect(step('call').text).toMatch(/numbers are made up.*add a folder/)
    folder = 'Papers'
    flows.refresh()
    expect(told.at(-1)?.steps.at(-1)?.copy?.value).toBe(
      'Use Drawbridge to show me the newest documents in my folder Papers',
    )
    expect(step('call').text).not.toMatch(/made up/)
  })

  test('every field of a form, as far as there is an address', () => {
    begin()
    expect(step('paste').fields?.map(({ value }) => value)).toEqual([
      ...['Drawbridge', expect.stringMatching(/\w/), `${outside}/mcp`],
      ...[`${outside}/a`, `${outside}/t`, `${outside}/r`, 'mcp:use'],
    ])
    bridge = { ...bridge, state: 'opening', publicUrl: null }
    expect(step('paste').fields).toBeUndefined()
  })

  test('ChatGPT: the clicks that people miss', () => {
    begin()
    expect(step('paste').text).toMatch(/I understand and want to continue/)
    expect(step('paste').text).toMatch(/OAuth/)
    expect(step('paste').text).toMatch(/Developer mode/)
    expect(step('paste').text).toMatch(/“Server URL”, not “Tunnel”/)
    expect(step('paste').text).toMatch(/“Create as a plugin”.*\n.*“Install”/)
    expect(step('paste').text).toMatch(/Lockdown mode/)
    expect(step('paste').text).toMatch(/desktop app.*Streamable HTTP/)
    expect(step('call').text).toMatch(/type @/)
  })

  test('the page of the tunnel service is explained where there is one', () => {
    begin()
    expect(step('approve').text).toMatch(/mytunnelpassword/)
    bridge = { ...bridge, publicUrl: 'https://mcp.example.org/mcp' }
    expect(step('approve').text).not.toMatch(/mytunnelpassword/)
  })

  test('once somebody waits, the approve step says what to type where', () => {
    begin()
    see('authorize', chatgpt)
    expect(step('approve').text).toMatch(/three digits from your browser/)
  })

  test('who looks before Connect was pressed hears of the address', () => {
    begin(null)
    expect(step('paste').copy?.value).toBe(`${outside}/mcp`)
    bridge = { ...bridge, state: 'opening', publicUrl: null }
    flows.refresh()
    expect(told.map(({ client, steps }) => [client, steps[1]!.copy])).toEqual([['chatgpt', null]])
  })

  test('changes are told once, and only changes', () => {
    begin()
    told = []
    see('protected-resource-metadata')
    see('authorization-server-metadata')
    flows.refresh()
    expect(told).toHaveLength(1)
  })
})
