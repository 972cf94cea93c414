import type { ClientKind } from '../../contract/access.ts'

/**
 * Copies of the client metadata documents that well-known apps publish (compared November 2026). They are used
 * without fetching, because their hosts sometimes refuse requests that do not come from a browser.
 */
export interface WellKnownClient {
  client_id: string
  client_name: string
  redirect_uris: readonly string[]
}

interface Entry {
  pattern: RegExp
  kind: ClientKind
  describe(match: RegExpExecArray): Omit<WellKnownClient, 'client_id'>
}

/** Listed explicitly; the first that fits counts. */
const entries: readonly Entry[] = [
  {
    pattern: /^https:\/\/chatgpt\.com\/oauth\/client\.json$/,
    kind: 'chatgpt',
    describe: () => ({
      client_name: 'ChatGPT',
      redirect_uris: [
        'https://chatgpt.com/connector_platform_oauth_redirect',
        'https://chat.openai.com/connector_platform_oauth_redirect',
        'https://platform.openai.com/apps-manage/oauth',
      ],
    }),
  },
  {
    pattern: /^https:\/\/chatgpt\.com\/oauth\/codex(?:\/([A-Za-z0-9_-]{1,128}))?\/client\.json$/,
    kind: 'chatgpt',
    describe: ([, id]) => ({
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'].flatMap((uri) =>
        id === undefined ? [uri] : [uri, `${uri}/${id}`],
      ),
    }),
  },
  {
    pattern: /^https:\/\/chatgpt\.com\/oauth\/([A-Za-z0-9_-]{1,128})\/client\.json$/,
    kind: 'chatgpt',
    describe: ([, id]) => ({
      client_name: 'ChatGPT',
      redirect_uris: [`https://chatgpt.com/connector/oauth/${id}`],
    }),
  },
  {
    pattern: /^https:\/\/claude\.ai\/oauth\/mcp-oauth-client-metadata$/,
    kind: 'claude',
    describe: () => ({
      client_name: 'Claude',
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
    }),
  },
  {
    pattern: /^https:\/\/claude\.ai\/oauth\/claude-code-client-metadata$/,
    kind: 'claude',
    describe: () => ({
      client_name: 'Claude Code',
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    }),
  },
  {
    pattern: /^https:\/\/vscode\.dev\/oauth\/client-metadata\.json$/,
    kind: 'other',
    describe: () => ({
      client_name: 'Visual Studio Code',
      redirect_uris: [
        'http://127.0.0.1:33418/',
        'https://vscode.dev/redirect',
        'https://insiders.vscode.dev/redirect',
      ],
    }),
  },
  {
    pattern: /^https:\/\/zed\.dev\/oauth\/client-metadata\.json$/,
    kind: 'other',
    describe: () => ({ client_name: 'Zed', redirect_uris: ['http://127.0.0.1/callback'] }),
  },
  {
    pattern: /^https:\/\/opencode\.ai\/oauth\/opencode\/client\.json$/,
    kind: 'other',
    describe: () => ({
      client_name: 'opencode',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    }),
  },
]

/** The pinned document behind a `client_id`, or null when it is not one of the well-known. */
export function wellKnownClient(clientId: string): (WellKnownClient & { kind: ClientKind }) | null {
  for (const { pattern, kind, describe } of entries) {
    const match = pattern.exec(clientId)
    if (match) return { client_id: clientId, ...describe(match), kind }
  }
  return null
}

/** Redirect hosts that belong to what the user said to expect; `other` means anything. */
const expectedHosts: Record<'chatgpt' | 'claude', ReadonlySet<string>> = {
  chatgpt: new Set(['chatgpt.com', 'chat.openai.com', 'platform.openai.com']),
  claude: new Set(['claude.ai', 'claude.com']),
}

/**
 * Whether a request fits the user's choice. The redirect host decides, never the name. An app on this computer counts
 * when it uses the maker's own document: its answer cannot leave the computer.
 */
export function isExpected(
  expects: ClientKind | null,
  client: { clientId: string; redirectHost: string; onThisComputer: boolean },
): boolean {
  if (expects === null) return false
  if (expects === 'other') return true
  if (client.onThisComputer) return wellKnownClient(client.clientId)?.kind === expects
  return expectedHosts[expects].has(client.redirectHost)
}
