import { quoteWord } from '../../../../src/contract/agreed/command-line.ts'
import type { Input } from '../../../../src/contract/api.ts'
import type { Server } from '../../../../src/contract/servers.ts'
import { checkForm, EMPTY_FORM, type Pair, type ServerForm, type Wrong } from './server-form.ts'

const isKey = (name: string) => name.toLowerCase() === 'authorization'

const lineOf = (server: Server) =>
  [server.command ?? '', ...server.args].map((word) => quoteWord(word)).join(' ')

/** A server as the form shows it. Its secret values are not there: they stay unless something is typed over them. */
export function formOf(server: Server): ServerForm {
  const pairs = (names: readonly string[]): Pair[] =>
    names.map((name, id) => ({ id, name, value: '', kept: true }))
  return {
    ...EMPTY_FORM,
    kind: server.kind === 'stdio' ? 'stdio' : 'http',
    name: server.name,
    line: server.kind === 'stdio' ? lineOf(server) : '',
    cwd: server.cwd ?? '',
    confined: server.confined,
    url: server.url ?? '',
    keyKept: server.headers.some(isKey),
    env: pairs(server.env),
    headers: pairs(server.headers.filter((name) => !isKey(name))),
    older: server.kind === 'sse',
    timeout: server.timeout,
    startTimeout: server.startTimeout,
    clientId: server.oauth?.clientId ?? '',
    scopes: server.oauth?.scopes.join(' ') ?? '',
  }
}

/** The change as the host takes it, or what is wrong, by field. `form` is the server as it is now, and what was typed over that. */
export function checkEditForm(
  form: ServerForm,
  server: Server,
): { ok: true; input: Input<'servers.edit'> } | { ok: false; wrong: Wrong } {
  // Left alone, it goes on following the other limit.
  const startTimeout = form.startTimeout === server.startTimeout ? null : form.startTimeout
  const env = stillThere(form.env, server.env)
  const headers = stillThere(form.headers, server.headers)
  const checked = checkForm({ ...form, env, headers, startTimeout })
  if (!checked.ok) return checked
  const { input } = checked
  const { id } = server
  const { timeout } = form
  const limits = { timeout, ...(startTimeout !== null && { startTimeout }) }
  const kept = (pairs: readonly Pair[]) =>
    Object.fromEntries(pairs.filter((pair) => pair.kept && pair.value === '').map(({ name }) => [name, null]))
  if (input.kind === 'stdio') {
    const { kind, name, cwd } = input
    // What was not touched is not read anew.
    const { command, args = [] } =
      form.line === lineOf(server) ? { command: server.command ?? '', args: server.args } : input
    const values = { ...input.env, ...kept(env) }
    const confined = form.confined === server.confined ? {} : { confined: form.confined }
    return {
      ok: true,
      input: { id, kind, name, command, args, env: values, ...limits, ...(cwd && { cwd }), ...confined },
    }
  }
  const key = form.keyKept && form.key.trim() === '' ? server.headers.find(isKey) : undefined
  const sent = {
    ...(key !== undefined && { [key]: null }),
    ...input.headers,
    ...kept(headers),
  }
  return { ok: true, input: { ...input, id, headers: sent, timeout } }
}

/** Without the values that should stay and were taken out elsewhere meanwhile. */
const stillThere = (pairs: readonly Pair[], names: readonly string[]): Pair[] =>
  pairs.filter(({ kept, value, name }) => !kept || value !== '' || names.includes(name))

/**
 * The change that gives a server at an address another key and leaves everything else. It goes where the old one goes: into
 * `Authorization`, unless another header is all that it is sent.
 */
export function withNewKey(
  server: Server,
  key: string,
): { header: string; checked: ReturnType<typeof checkEditForm> } {
  const form = formOf(server)
  const [only] = form.headers
  if (form.keyKept || only === undefined || form.headers.length > 1)
    return { header: 'Authorization', checked: checkEditForm({ ...form, key }, server) }
  const headers = [{ ...only, value: key.trim() }]
  return { header: only.name, checked: checkEditForm({ ...form, headers }, server) }
}
