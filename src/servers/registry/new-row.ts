import type { Parsed } from '../../contract/api.ts'
import { newId } from '../../kernel/ids.ts'
import type { Checked } from './check-add.ts'
import type { ServerRow } from './server-store.ts'

/** A server that is just being added, of what the user typed and what was found right about it. */
export function newRow(
  input: Parsed<'servers.add'>,
  checked: Checked,
  own: Pick<ServerRow, 'slug' | 'wanted' | 'createdAt'>,
): ServerRow {
  const { kind, name, timeout, startTimeout = null } = input
  const confined = input.kind === 'stdio' && input.confined === true
  const as = { prefixed: true, passesClientContext: false, confined, mark: null }
  return { ...own, id: newId('srv'), kind, name, timeout, startTimeout, ...as, ...startsWith(input, checked) }
}

/** What is started or contacted. */
export function startsWith(input: { kind: 'stdio' } | Pick<Remote, 'kind' | 'oauth'>, checked: Checked) {
  const oauth = input.kind === 'stdio' ? undefined : input.oauth
  return {
    command: checked.command,
    args: checked.args,
    cwd: checked.cwd,
    url: checked.url,
    env: Object.keys(checked.env),
    headers: Object.keys(checked.headers),
    oauth: oauth ? { clientId: oauth.clientId, ...(oauth.scopes?.length && { scopes: oauth.scopes }) } : null,
  }
}

type Remote = Extract<Parsed<'servers.edit'>, { kind: 'http' | 'sse' }>
