/** Things to show, made for the scenes: ordinary ones and awkward ones (long names, long text). */

import { type ClientKind, type ConnectionRequest, Grant, type Session } from '../../src/contract/access.ts'
import type { Call, CallRule } from '../../src/contract/activity.ts'
import { shownJson, visibleLine } from '../../src/contract/agreed/visible-text.ts'
import type { ApprovalDetails } from '../../src/contract/approvals.ts'
import type { Change } from '../../src/contract/changes.ts'
import type { Connector } from '../../src/contract/connectors.ts'
import type { Folder } from '../../src/contract/folders.ts'
import type { Rule } from '../../src/contract/rules.ts'
import type { ConnectFlow } from '../../src/contract/setup.ts'
import type { Bridge } from '../../src/contract/status.ts'
import { sampleOf } from '../../src/contract/testing/sample.ts'
import { Tool } from '../../src/contract/tools.ts'
import { chatgpt } from '../../src/setup/instructions/chatgpt.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const LONG = 'https://a-rather-long-name-that-nobody-would-choose-by-hand-0123456789.loca.lt/mcp'

export const bridge = (now: number, state: Bridge['state'], more: Partial<Bridge> = {}): Bridge => ({
  state,
  localUrl: 'http://127.0.0.1:41873/mcp',
  publicUrl: state === 'local' || state === 'opening' ? null : 'https://quiet-otter-71.loca.lt/mcp',
  message: '',
  hint: '',
  since: now - 12 * MINUTE,
  ...more,
})

/** As a program sees them that needs no token. */
const STEP_IDS = ['address', 'paste', 'found', 'registered', 'approve', 'look', 'call']

export const flow = (client: ClientKind, title: string, done: number, failed?: number): ConnectFlow => {
  const { paste } = chatgpt.words()
  const texts: [string, string][] = [
    ['Open your public address', 'Drawbridge asks for an address that ChatGPT can reach.'],
    ['Add Drawbridge in ChatGPT', [...paste.lines, '', ...paste.otherwise].join('\n')],
    ['ChatGPT finds Drawbridge', 'It reads how to sign in. This happens by itself.'],
    ['ChatGPT introduces itself', 'It registers as an app. This happens by itself.'],
    ['Let it in', 'A page in your browser shows three digits. Type them here when Drawbridge asks.'],
    ['ChatGPT reads your tools', 'It asks for the list of tools you allowed.'],
    ['First call', 'Ask ChatGPT something like “How many stars has the react repository?”.'],
  ]
  return {
    client,
    title,
    edition: 'November 2026',
    done: done >= texts.length,
    steps: texts.map(([name, text], index) => ({
      id: STEP_IDS[index] ?? `step-${index}`,
      title: name,
      text,
      state: index === failed ? 'failed' : index < done ? 'done' : index === done ? 'now' : 'later',
      copy:
        index === 1
          ? { label: 'Address to paste', value: 'https://quiet-otter-71.loca.lt/mcp' }
          : index === 6
            ? { label: 'Say', value: 'Use Drawbridge to show me the stars of react' }
            : null,
      problem:
        index === failed
          ? {
              code: 'wrong_address',
              message: 'ChatGPT asked for /sse, an address of older apps.',
              hint: 'In ChatGPT remove the connector and create it again with the address shown above, which ends in /mcp.',
            }
          : null,
      at: index < done ? Date.now() - (texts.length - index) * 9 * SECOND : null,
    })),
  }
}

export const tool = (
  source: string,
  sourceKind: Tool['sourceKind'],
  name: string,
  more: Partial<Tool>,
): Tool =>
  sampleOf(Tool, {
    id: name,
    name,
    original: name.replace(/^.*__/, ''),
    title: name,
    source,
    sourceId: source.toLowerCase(),
    sourceKind,
    enabled: true,
    ...more,
  })

const repositories = {
  name: 'repositories',
  kind: 'list' as const,
  label: 'My repositories',
  hint: 'As owner/name, one per line.',
  placeholder: 'nodejs/node',
  required: false,
  scopes: [],
}
const logo =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"%3E%3Crect width="32" height="32" rx="8" fill="%232b2f36"/%3E%3C/svg%3E'

/** The real ones, and one that wants a key. */
export const folders = (): Folder[] => {
  const common = { excludes: [], isPolled: false }
  const documents = {
    ...common,
    id: 'folder_1',
    name: 'Documents',
    path: '/home/ada/Documents',
    state: 'reading' as const,
  }
  return [
    { ...documents, documents: 1_204, waiting: 86, skipped: 313, isWritable: false },
    {
      ...common,
      id: 'folder_2',
      name: 'Archive',
      path: '/media/disk/Archive',
      state: 'missing',
      documents: 1,
      waiting: 0,
      skipped: 0,
      isWritable: true,
    },
    {
      ...common,
      id: 'folder_3',
      name: 'Manuals',
      path: '/home/ada/Manuals',
      state: 'stuck',
      documents: 212,
      waiting: 40,
      skipped: 0,
      isWritable: false,
    },
  ]
}

export const connectors = (): Connector[] => [
  {
    ...{ slug: 'github', name: 'GitHub', about: 'Stars, forks and open issues.', logo },
    source: { slug: 'github', name: 'GitHub' },
    examples: ['How many stars do my repositories have?'],
    fields: [repositories],
    accounts: [],
    ready: true,
  },
  {
    ...{ slug: 'npm', name: 'npm', about: 'How often packages were downloaded.', logo },
    source: { slug: 'npm', name: 'npm' },
    examples: [],
    fields: [{ ...repositories, name: 'packages', label: 'My packages', hint: 'Their names, one per line.' }],
    accounts: [{ id: 'acc_1', name: 'My account', values: { packages: 'react\n@types/node' }, secrets: [] }],
    ready: true,
  },
]

/** One that is of no use without a key. */
export const keyed = (): Connector => ({
  ...{ slug: 'quay', name: 'Quay', about: 'Who moored, and for how long.', logo },
  source: { slug: 'quay', name: 'Quay' },
  examples: ['Who moored yesterday?'],
  fields: [
    {
      ...repositories,
      name: 'site',
      kind: 'text',
      label: 'Site',
      hint: 'As in its address.',
      required: true,
    },
    {
      ...{ name: 'key', kind: 'secret', label: 'API key', placeholder: '', required: true },
      ...{ hint: 'Quay shows it under Settings → Keys.', scopes: ['stats:read'] },
    },
  ],
  accounts: [],
  ready: false,
})

export const builtIn = (): Tool[] => [
  tool('GitHub', 'connector', 'get_github_stars', {
    title: 'Repository stars',
    description: 'Stars, forks and open issues of a public repository on GitHub.',
    openWorld: true,
  }),
  tool('npm', 'connector', 'get_npm_downloads', {
    title: 'Package downloads',
    description: 'How often a package was downloaded from npm in the last day, week or month.',
    openWorld: true,
  }),
]

export const files = (): Tool[] =>
  (
    [
      ['read_file', 'Read a file', 'read', 'Reads the whole content of a file as text.'],
      ['list_directory', 'List a folder', 'read', 'Names of the files and folders inside a folder.'],
      ['search_files', 'Search files', 'read', 'Finds files by a pattern, also in folders inside.'],
      [
        'write_file',
        'Write a file',
        'destructive',
        'Makes a new file, or overwrites an existing one completely.',
      ],
      [
        'edit_file',
        'Edit a file',
        'write',
        'Replaces lines of a text file and shows what changed as a diff. '.repeat(6),
      ],
      ['move_file', 'Move or rename', 'write', 'Moves or renames a file or folder.'],
      ['create_directory', 'Make a folder', 'write', ''],
      ['get_file_info', 'About a file', 'read', 'Size, dates and permissions.'],
      ['read_media_file', 'Read a picture or sound', 'read', 'As base64.'],
      ['directory_tree', 'Tree of folders', 'read', 'As nested JSON.'],
    ] as const
  ).map(([name, title, risk, description]) =>
    tool('Files', 'server', `files__${name}`, { title, risk, description, enabled: name !== 'move_file' }),
  )

export const PUBLIC = 'https://quiet-otter-71.loca.lt'
export const LOCAL = 'http://127.0.0.1:41873'

const session = (id: string, now: number, days: number, ago: number): Session => ({
  id,
  origin: PUBLIC,
  startedAt: now - days * 24 * HOUR,
  lastUsedAt: now - ago,
})

export const grant = (id: string, name: string, now: number, more: Partial<Grant>): Grant =>
  sampleOf(Grant, {
    id,
    clientId: more.redirectHost ? `https://${more.redirectHost}/oauth/client.json` : null,
    name,
    workspace: 'default',
    access: 'ask',
    createdAt: now - 20 * 24 * HOUR,
    ...more,
  })

export const manyGrants = (now: number): Grant[] => [
  grant('g1', 'MCP — ChatGPT', now, {
    redirectHost: 'chatgpt.com',
    lastSeenAt: now - 20 * SECOND,
    lastOrigin: PUBLIC,
    sessions: [session('n1', now, 3, 20 * SECOND), session('n2', now, 19, 50 * HOUR)],
    callsToday: 128,
    served: { at: now - 40 * SECOND, tools: 12, hash: 'b2xk', current: false },
  }),
  grant('g2', 'MCP — Claude', now, {
    redirectHost: 'claude.ai',
    access: 'look',
    lastSeenAt: now - 3 * HOUR,
    callsToday: 1,
    lastOrigin: PUBLIC,
    sessions: [session('n3', now, 12, 3 * HOUR)],
    tools: ['get_github_stars', 'get_npm_downloads'],
    served: { at: now - 26 * HOUR, tools: 2, hash: 'bmV3', current: true },
  }),
  grant('g3', 'Home Assistant', now, {
    kind: 'key',
    access: 'everything',
    lastSeenAt: now - 26 * HOUR,
    lastOrigin: LOCAL,
  }),
  grant('g4', 'A key with quite a long name of 40 letter', now, {
    kind: 'key',
    expiresAt: now + 30 * 24 * HOUR,
  }),
]

export const request = (now: number, more: Partial<ConnectionRequest> = {}): ConnectionRequest => ({
  id: 'c1',
  clientName: 'ChatGPT',
  clientId: 'https://chatgpt.com/oauth/client.json',
  registration: 'metadata-document',
  redirectHost: 'chatgpt.com',
  expected: true,
  workspace: 'default',
  scopes: ['mcp:use'],
  returning: false,
  needsDigits: true,
  askedAt: now - 8 * SECOND,
  expiresAt: now + 9 * MINUTE,
  ...more,
})

const CAKE = {
  path: '/home/me/Documents/Recipes/apple cake.md',
  content: '# Apple cake\n\n- 4 apples\n- 200 g flour\n- 3 eggs\n\nBake for 45 minutes at 180 °C.',
}

/** One that waits, with what it hands over: `given` is the value that would run. */
export const approval = (
  now: number,
  more: Partial<ApprovalDetails> = {},
  given: unknown = CAKE,
): ApprovalDetails => ({
  id: 'a1',
  grantId: 'g1',
  clientName: 'ChatGPT',
  tool: 'files__write_file',
  toolId: 'files__write_file',
  toolTitle: 'Write a file',
  source: 'Files',
  sourceId: 'files',
  risk: 'destructive',
  line: visibleLine(`files__write_file ${shownJson(given, 0)}`, 120),
  lineSeen: null,
  sentence: null,
  why: 'access',
  readBefore: null,
  choices: ['once', '15m', 'chat', 'exact', ...(more.risk === 'write' ? (['tool'] as const) : []), 'never'],
  canEdit: false,
  arguments: shownJson(given),
  seen: `seen-${more.id ?? 'a1'}`,
  state: 'waiting',
  askedAt: now - 5 * SECOND,
  expiresAt: now + 9 * MINUTE + 40 * SECOND,
  ...more,
})

const OUTCOMES = [
  ['answered', 'allowed'],
  ['answered', 'allowed'],
  ['answered', 'approved'],
  ['failed', 'allowed'],
  ['denied', 'denied'],
  ['pending', 'pending'],
  ['denied', 'refused'],
  ['running', 'allowed'],
] as const
const CALLED = [
  ['get_github_stars', 'GitHub', 'read'],
  ['files__read_file', 'Files', 'read'],
  ['files__write_file', 'Files', 'destructive'],
  ['files__edit_file', 'Files', 'write'],
] as const

const ruleOfRow: CallRule = {
  ...{ id: 'r1', effect: 'allow', clientName: 'ChatGPT', tool: 'files__edit_file', inChat: false },
  ...{ since: 0, until: null, waivesTaint: true, isExact: false },
}

export const call = (now: number, index: number): Call => {
  const [outcome, decision] = OUTCOMES[index % OUTCOMES.length]!
  const [name, source, risk] = CALLED[index % CALLED.length]!
  return {
    id: `call-${String(1_000_000 - index).padStart(8, '0')}`,
    at: now - index * 37 * SECOND,
    grantId: 'g1',
    clientName: index % 3 === 1 ? 'Claude' : 'ChatGPT',
    tool: name,
    source,
    risk,
    decision,
    outcome,
    duration: outcome === 'running' || outcome === 'pending' ? null : ((index * 7919) % 2_400) + 3,
    error: outcome === 'failed' ? 'GitHub did not answer within 30 seconds.' : null,
    arguments: JSON.stringify({ owner: 'facebook', repo: 'react', note: 'x'.repeat(index % 90) }),
    result: outcome === 'answered' ? JSON.stringify({ stars: 231_004, forks: 47_211 }) : null,
    found: null,
    rule: risk === 'write' ? { ...ruleOfRow, since: now - 72 * 60 * MINUTE } : null,
  }
}

/** What was done in the user's folders: a document that was changed since, one that was written, and one that was moved. */
export function written(now: number): { calls: Call[]; changes: Change[] } {
  const all = [
    ['edit_note', 'changed', 'shared/plan.md', null],
    ['write_note', 'created', 'Notes/2026/landlord.md', null],
    ['move_document', 'moved', 'Notes/old.md', 'Archive/old.md'],
  ] as const
  const calls = all.map(([tool, , path], n) => ({
    ...{ ...call(now, 0), id: `call-9${n}`, at: now - n * SECOND, tool, source: 'Folders', rule: null },
    ...{ outcome: 'answered' as const, decision: 'approved' as const, risk: 'write' as const, error: null },
    ...{ arguments: JSON.stringify({ path: `Documents/${path}` }), result: '{}' },
  }))
  const changes = all.map(([, kind, path, movedTo], n) => {
    const { id, at, grantId, clientName } = calls[n]!
    return { call: id, at, grantId, clientName, folder: 'Documents', path, movedTo, kind, isUndone: false }
  })
  return { calls, changes }
}

/** Rules in each state. */
export function rules(now: number): Rule[] {
  const one: Rule = {
    ...{
      id: 'r1',
      grantId: 'g1',
      clientName: 'ChatGPT',
      tool: 'files__write_file',
      toolId: 'files__write_file',
    },
    ...{
      toolTitle: 'Write a file',
      source: 'Files',
      risk: 'write',
      effect: 'allow',
      exactly: null,
      inChat: false,
    },
    ...{ since: now - 40 * MINUTE, until: null, uses: 12, lastUsedAt: now - 5 * MINUTE },
    lastUsedFor: { call: 'c1', line: 'files__write_file {"path":"/home/me/notes.txt"}' },
    ...{ waivesTaint: false, state: 'active', sleeps: null },
  }
  const unused = { uses: 0, lastUsedAt: null, lastUsedFor: null }
  return [
    one,
    { ...one, ...unused, id: 'r2', inChat: true, until: now + 22 * HOUR, toolTitle: 'Edit a file' },
    { ...one, id: 'r3', until: now + 11 * MINUTE, uses: 1, clientName: 'Claude', waivesTaint: true },
    {
      ...{ ...one, ...unused, id: 'r4', toolTitle: 'Send mail', source: 'Mail', tool: 'mail__send' },
      exactly: 'mail__send {"to":"ada@example.org","subject":"Good morning"}',
      ...{ state: 'asleep', sleeps: { since: now - 3 * HOUR, why: 'tool-changed' } },
    },
    { ...one, ...unused, id: 'r5', effect: 'never', toolTitle: 'Delete a file', risk: 'destructive' },
    { ...one, id: 'r6', until: now - HOUR, state: 'over' },
  ]
}
