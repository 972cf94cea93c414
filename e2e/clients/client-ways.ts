import * as oauth from 'oauth4webapi'
import { expect } from 'vitest'
import type { ClientKind, ConnectionRequest } from '../../src/contract/access.ts'
import type { Manner, Registration } from '../fixtures/assistant.ts'
import type { InProcess } from '../fixtures/in-process.ts'

/** One way in which a client that people use connects, as far as its maker or the field tells (November 2026). */
export interface ClientWay {
  client: string
  how: string
  /** What the user presses Connect for. */
  expects: ClientKind
  /** From the cloud through the tunnel, or a program on this computer. */
  from: 'public' | 'local' | 'localhost'
  registration: Registration | ((at: InProcess) => Promise<Registration & { secret?: string }>)
  /** How it shows who it is with the secret it was given. */
  withSecret?: 'basic' | 'post'
  /** What it looks at in the metadata before it goes this way. */
  reliesOn?: Record<string, unknown>
  manner?: Manner
  /** `probe`: tries the newest protocol first. */
  era: 'probe' | 'legacy'
  seen: Partial<ConnectionRequest>
}

const having = (one: string) => expect.arrayContaining([one])
const state450 = 'x'.repeat(450)
const anyPort = () => 30_000 + Math.floor(Math.random() * 30_000)
const documents = { client_id_metadata_document_supported: true }
const withoutSecret = { token_endpoint_auth_methods_supported: having('none') }
const withIss = { authorization_response_iss_parameter_supported: true }

const chatgptDocument = 'https://chatgpt.com/oauth'
const codexDocument = 'https://chatgpt.com/oauth/codex'
const vscodeDocument = 'https://vscode.dev/oauth/client-metadata.json'

const byHand =
  (name: string, redirect: string, confidential = false) =>
  async (at: InProcess): Promise<Registration & { secret?: string }> => {
    const made = await at.ask('clients.register', { name, redirectUris: [redirect], confidential })
    return {
      kind: 'by-hand',
      clientId: made.clientId,
      redirect,
      ...(made.clientSecret === null ? {} : { secret: made.clientSecret }),
    }
  }

export const clientWays: readonly ClientWay[] = [
  // ChatGPT: mcp-and-clients §5 of the project's reference; apps SDK documentation, "Authentication".
  {
    client: 'ChatGPT',
    how: 'its own document',
    expects: 'chatgpt',
    from: 'public',
    registration: {
      kind: 'metadata-document',
      clientId: `${chatgptDocument}/client.json`,
      redirect: 'https://chatgpt.com/connector_platform_oauth_redirect',
    },
    reliesOn: { ...documents, ...withIss, ...withoutSecret },
    manner: { scope: null, state: state450 },
    era: 'probe',
    seen: { clientName: 'ChatGPT', redirectHost: 'chatgpt.com', expected: true },
  },
  {
    client: 'ChatGPT',
    how: 'a document of this one connector',
    expects: 'chatgpt',
    from: 'public',
    registration: {
      kind: 'metadata-document',
      clientId: `${chatgptDocument}/cb_Q7f-3x/client.json`,
      redirect: 'https://chatgpt.com/connector/oauth/cb_Q7f-3x',
    },
    reliesOn: { ...documents, ...withoutSecret },
    manner: { scope: 'mcp:use', state: state450 },
    era: 'probe',
    seen: { clientName: 'ChatGPT', redirectHost: 'chatgpt.com', expected: true },
  },
  {
    client: 'ChatGPT',
    how: 'registering itself, once per connection',
    expects: 'chatgpt',
    from: 'public',
    registration: {
      kind: 'dynamic',
      name: 'ChatGPT',
      redirect: 'https://chatgpt.com/connector/oauth/cb_Q7f-3x',
      registers: [
        'https://chatgpt.com/connector/oauth/cb_Q7f-3x',
        'https://platform.openai.com/apps-manage/oauth',
      ],
    },
    manner: { state: state450 },
    era: 'probe',
    seen: { clientName: 'ChatGPT', redirectHost: 'chatgpt.com', expected: true, registration: 'dynamic' },
  },
  {
    client: 'ChatGPT',
    how: 'the older redirect, with an id registered by hand',
    expects: 'chatgpt',
    from: 'public',
    registration: byHand('chatgpt', 'https://chat.openai.com/connector_platform_oauth_redirect'),
    manner: { scope: 'read write', state: state450 },
    era: 'legacy',
    seen: {
      clientName: 'chatgpt',
      redirectHost: 'chat.openai.com',
      expected: true,
      registration: 'manual',
      scopes: ['mcp:use', 'mcp:read', 'mcp:write'],
    },
  },
  {
    client: 'ChatGPT',
    how: 'id and secret from the app form, the secret in the form',
    expects: 'chatgpt',
    from: 'public',
    registration: byHand('ChatGPT app', 'https://platform.openai.com/apps-manage/oauth', true),
    withSecret: 'post',
    reliesOn: { token_endpoint_auth_methods_supported: having('client_secret_post') },
    manner: { state: state450 },
    era: 'probe',
    seen: { redirectHost: 'platform.openai.com', expected: true, registration: 'manual' },
  },
  // Claude: its cloud refreshes from two addresses at once.
  ...['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'].map(
    (redirect): ClientWay => ({
      client: 'Claude',
      how: `its own document, back to ${new URL(redirect).host}`,
      expects: 'claude',
      from: 'public',
      registration: {
        kind: 'metadata-document',
        clientId: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
        redirect,
      },
      reliesOn: { ...documents, ...withoutSecret },
      era: 'legacy',
      seen: { clientName: 'Claude', redirectHost: new URL(redirect).host, expected: true },
    }),
  ),
  {
    client: 'Claude',
    how: 'registering itself',
    expects: 'claude',
    from: 'public',
    registration: { kind: 'dynamic', name: 'Claude', redirect: 'https://claude.ai/api/mcp/auth_callback' },
    era: 'legacy',
    seen: { clientName: 'Claude', redirectHost: 'claude.ai', expected: true, registration: 'dynamic' },
  },
  {
    client: 'Claude',
    how: 'id and secret typed by the user, HTTP Basic at the token endpoint',
    expects: 'claude',
    from: 'public',
    registration: byHand('Claude by hand', 'https://claude.ai/api/mcp/auth_callback', true),
    withSecret: 'basic',
    reliesOn: { token_endpoint_auth_methods_supported: having('client_secret_basic') },
    era: 'legacy',
    seen: { redirectHost: 'claude.ai', expected: true, registration: 'manual' },
  },
  // The document of Claude Code lists addresses without a port; the port is whatever was free.
  ...['localhost', '127.0.0.1'].map(
    (name): ClientWay => ({
      client: 'Claude Code',
      how: `its own document, any port of ${name}`,
      expects: 'claude',
      from: 'local',
      registration: {
        kind: 'metadata-document',
        clientId: 'https://claude.ai/oauth/claude-code-client-metadata',
        redirect: `http://${name}:${anyPort()}/callback`,
      },
      reliesOn: { ...documents, ...withoutSecret },
      era: 'legacy',
      seen: { clientName: 'Claude Code', redirectHost: name, expected: true },
    }),
  ),
  {
    client: 'Codex',
    how: 'its own document',
    expects: 'chatgpt',
    from: 'local',
    registration: {
      kind: 'metadata-document',
      clientId: `${codexDocument}/client.json`,
      redirect: `http://127.0.0.1:${anyPort()}/callback`,
    },
    manner: { scope: null },
    era: 'legacy',
    seen: { clientName: 'Codex', redirectHost: '127.0.0.1', expected: true },
  },
  {
    client: 'Codex',
    how: 'a document of this one installation',
    expects: 'chatgpt',
    from: 'local',
    registration: {
      kind: 'metadata-document',
      clientId: `${codexDocument}/in_9Zk2/client.json`,
      redirect: `http://127.0.0.1:${anyPort()}/callback/in_9Zk2`,
    },
    manner: { scope: null },
    era: 'probe',
    seen: { clientName: 'Codex', redirectHost: '127.0.0.1', expected: true },
  },
  {
    client: 'Codex',
    how: 'registering itself',
    expects: 'other',
    from: 'local',
    registration: {
      kind: 'dynamic',
      name: 'Codex',
      redirect: `http://127.0.0.1:${anyPort()}/callback`,
    },
    era: 'legacy',
    seen: { clientName: 'Codex', redirectHost: '127.0.0.1', registration: 'dynamic' },
  },
  ...[
    `http://127.0.0.1:33418/`,
    `http://127.0.0.1:${anyPort()}/`,
    'https://vscode.dev/redirect',
    'https://insiders.vscode.dev/redirect',
  ].flatMap((redirect): ClientWay[] => {
    const host = redirect.startsWith('https') ? new URL(redirect).host : '127.0.0.1'
    const port = redirect.includes(':33418') || redirect.startsWith('https') ? '' : ', any port'
    return [
      {
        client: 'VS Code',
        how: `registering itself, back to ${host}${port}`,
        expects: 'other',
        from: 'local',
        registration: {
          kind: 'dynamic',
          name: 'Visual Studio Code',
          redirect,
          registers: [
            'https://insiders.vscode.dev/redirect',
            'https://vscode.dev/redirect',
            'http://127.0.0.1/',
            'http://127.0.0.1:33418/',
          ],
        },
        era: 'legacy',
        seen: { clientName: 'Visual Studio Code', redirectHost: host, registration: 'dynamic' },
      },
      {
        client: 'VS Code',
        how: `its own document, back to ${host}${port}`,
        expects: 'other',
        from: 'local',
        registration: { kind: 'metadata-document', clientId: vscodeDocument, redirect },
        reliesOn: documents,
        era: 'probe',
        seen: { clientName: 'Visual Studio Code', redirectHost: host },
      },
    ]
  }),
  // Cursor asks for every scope that the metadata names, and registers all its redirects at once.
  ...[
    ['http://localhost:8787/callback', 'localhost'],
    ['https://www.cursor.com/agents/mcp/oauth/callback', 'www.cursor.com'],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'cursor://anysphere.cursor-mcp'],
  ].map(
    ([redirect, shown]): ClientWay => ({
      client: 'Cursor',
      how: `registering itself, back to ${shown}`,
      expects: 'other',
      from: redirect!.startsWith('https') ? 'public' : 'local',
      registration: {
        kind: 'dynamic',
        name: 'Cursor',
        redirect: redirect!,
        registers: [
          'http://localhost:8787/callback',
          'https://www.cursor.com/agents/mcp/oauth/callback',
          'cursor://anysphere.cursor-mcp/oauth/callback',
        ],
      },
      era: 'legacy',
      seen: { clientName: 'Cursor', redirectHost: shown!, registration: 'dynamic' },
    }),
  ),
  {
    client: 'Cursor',
    how: 'static id and secret in its mcp.json, HTTP Basic at the token endpoint',
    expects: 'other',
    from: 'local',
    registration: byHand('Cursor static', 'cursor://anysphere.cursor-mcp/oauth/callback', true),
    withSecret: 'basic',
    era: 'legacy',
    seen: { redirectHost: 'cursor://anysphere.cursor-mcp', registration: 'manual' },
  },
  // Their documents list addresses without a port.
  ...(
    [
      ['Zed', 'https://zed.dev/oauth/client-metadata.json', 'Zed'],
      ['opencode', 'https://opencode.ai/oauth/opencode/client.json', 'opencode'],
    ] as const
  ).map(
    ([client, clientId, clientName]): ClientWay => ({
      client,
      how: 'its own document, any port',
      expects: 'other',
      from: 'local',
      registration: {
        kind: 'metadata-document',
        clientId,
        redirect: `http://127.0.0.1:${anyPort()}/callback`,
      },
      reliesOn: { ...documents, ...withoutSecret },
      era: 'legacy',
      seen: { clientName, redirectHost: '127.0.0.1' },
    }),
  ),
  {
    client: 'Gemini CLI',
    how: 'registering itself, any port, no scope',
    expects: 'other',
    from: 'localhost',
    registration: {
      kind: 'dynamic',
      name: 'Gemini CLI MCP Client',
      redirect: `http://localhost:${anyPort()}/oauth/callback`,
    },
    manner: { scope: null },
    era: 'legacy',
    seen: { clientName: 'Gemini CLI MCP Client', redirectHost: 'localhost', registration: 'dynamic' },
  },
  {
    client: 'LM Studio',
    how: 'registering itself, no scope and no resource',
    expects: 'other',
    from: 'local',
    registration: {
      kind: 'dynamic',
      name: 'LM Studio',
      redirect: `http://127.0.0.1:${anyPort()}/oauth/callback`,
    },
    manner: { scope: null, resource: false },
    era: 'legacy',
    seen: { clientName: 'LM Studio', redirectHost: '127.0.0.1', registration: 'dynamic' },
  },
  {
    client: 'LM Studio',
    how: 'registering itself, its id by HTTP Basic with an empty secret',
    expects: 'other',
    from: 'local',
    registration: {
      kind: 'dynamic',
      name: 'LM Studio',
      redirect: `http://127.0.0.1:${anyPort()}/oauth/callback`,
    },
    manner: { scope: null, clientAuth: emptyBasic },
    era: 'legacy',
    seen: { clientName: 'LM Studio', redirectHost: '127.0.0.1', registration: 'dynamic' },
  },
]

/** RFC 6749 §2.3.1 with nothing behind the colon. */
function emptyBasic(_as: unknown, client: oauth.Client, _body: URLSearchParams, headers: Headers): void {
  headers.set('authorization', `Basic ${btoa(`${encodeURIComponent(client.client_id)}:`)}`)
}

/** Those who have a secret show it as they are used to. */
export const clientAuth = (secret: string | undefined, how: ClientWay['withSecret']): oauth.ClientAuth => {
  if (secret === undefined || how === undefined) return oauth.None()
  return how === 'basic' ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret)
}
