/** For tests: what is seen, event by event, and what the page then shows. */
import type { Traffic } from '../../kernel/traffic.ts'

/** `kind`, or `kind!` for a failure. */
export type Sight = `${Traffic['kind']}${'' | '!'}`

export const outside = 'https://quiet-otter-4821-xk3p.loca.lt'
export const here = 'http://127.0.0.1:4000'
export const chatgpt = { clientName: 'ChatGPT' }
export const granted = { clientName: 'MCP — ChatGPT', grantId: 'g1' }

type Line = [what: Sight, more: Partial<Traffic>, drawn: string]
export const start = '✓address ▸paste'
export const found = '✓address ✓paste ✓found ▸registered'
export const registered = '✓address ✓paste ✓found ✓registered ▸approve'
const approved = '✓address ✓paste ✓found ✓registered ✓approve ▸token'
const token = '✓address ✓paste ✓found ✓registered ✓approve ✓token ▸look'
const look = '✓address ✓paste ✓found ✓registered ✓approve ✓token ✓look ▸tools'
const tools = '✓address ✓paste ✓found ✓registered ✓approve ✓token ✓look ✓tools ▸call'
export const all = '✓address ✓paste ✓found ✓registered ✓approve ✓token ✓look ✓tools ✓call'
export const stories: [string, Line[]][] = [
  [
    'the whole way',
    [
      ['protected-resource-metadata', {}, found],
      ['authorization-server-metadata', {}, found],
      ['register', chatgpt, registered],
      ['authorize', chatgpt, registered],
      ['approved', granted, approved],
      ['token', granted, token],
      ['discover', granted, look],
      ['tools-list', granted, tools],
      ['tools-call', granted, all],
    ],
  ],
  [
    'an app that remembers its registration and lists tools without a first look',
    [
      ['authorize', chatgpt, registered],
      ['approved', granted, approved],
      ['token', granted, token],
      ['tools-list', granted, tools],
      ['tools-call', granted, all],
    ],
  ],
  [
    'an app with an unknown name belongs to the flow opened last',
    [
      ['register', { clientName: 'Some agent' }, registered],
      ['approved', { clientName: 'Some agent', grantId: 'g9' }, approved],
      ['token', { clientName: 'Some agent', grantId: 'g9' }, token],
    ],
  ],
  [
    'what others do ticks nothing',
    [
      ['protected-resource-metadata', { origin: here }, start],
      ['register', { clientName: 'Claude' }, start],
      ['authorize', { clientName: 'Claude' }, start],
      ['approved', { clientName: 'MCP — Claude', grantId: 'g2' }, start],
      ['token', granted, start],
      ['discover', granted, start],
      ['tools-list', granted, start],
      ['tools-call', granted, start],
      ['tools-call!', granted, start],
    ],
  ],
  [
    'once the app is in, only its own grant counts',
    [
      ['approved', granted, approved],
      ['token', { ...granted, grantId: 'g0' }, approved],
      ['tools-list', { ...granted, grantId: 'g0' }, approved],
      ['register', chatgpt, approved],
      ['token', granted, token],
    ],
  ],
  [
    'failures show at their step, and later success clears them',
    [
      ['register!', {}, '✓address ✓paste ✓found ✗registered'],
      ['register', chatgpt, registered],
      ['authorize!', chatgpt, '✓address ✓paste ✓found ✓registered ✗approve'],
      ['authorize', chatgpt, registered],
      ['approved', granted, approved],
      ['token!', chatgpt, '✓address ✓paste ✓found ✓registered ✓approve ✗token'],
      ['token', granted, token],
      ['discover!', granted, '✓address ✓paste ✓found ✓registered ✓approve ✓token ✗look'],
      ['tools-list', granted, tools],
      ['tools-call!', granted, `${tools.replace(' ▸call', '')} ✗call`],
      ['tools-call', granted, all],
    ],
  ],
  [
    'approved a second time: the new grant has to prove itself',
    [
      ['approved', granted, approved],
      ['token', granted, token],
      ['approved', { ...granted, grantId: 'g3' }, approved],
      ['tools-list', granted, approved],
      ['token', { ...granted, grantId: 'g3' }, token],
    ],
  ],
]
