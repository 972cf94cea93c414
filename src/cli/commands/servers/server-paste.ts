import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { say } from '../../../../locales/say.ts'
import { quoteWord } from '../../../contract/agreed/command-line.ts'
import { isVariableName } from '../../../contract/agreed/value-names.ts'
import { quotedLine, visibleLine, writtenLine } from '../../../contract/agreed/visible-text.ts'
import type { Input } from '../../../contract/api.ts'
import {
  openAsks,
  type Pasted,
  type PastedAsk,
  type PastedServer,
  pastedInput,
} from '../../../contract/pasted.ts'
import type { Server } from '../../../contract/servers.ts'
import { HostError, isHostError, toErrorReply } from '../../../kernel/errors.ts'
import { type Context, usage } from '../../context.ts'
import { exitCodes } from '../../exit-codes.ts'
import { problemLines, settledServer, startLines } from './server-words.ts'

/** Of a file that is named by mistake no more is read. */
const longest = 1_000_000
const startWithin = 120_000

export interface PasteOptions {
  /** Other than the text says; only for one server. */
  name: string | undefined
  env: Readonly<Record<string, string>>
  headers: Readonly<Record<string, string>>
  /** `LABEL=VALUE`; a label alone is taken from the environment. */
  fill: readonly string[]
  onlyOwnFolder: boolean
  timeout: number | undefined
  yes: boolean
}

/** `server add` with one argument that cannot be a name: it is a text to read. */
export const looksPasted = (text: string): boolean =>
  /[{[\n"=]|:\/\/|^[~/$]|^[A-Za-z]:[\\/]|\s-|^(?:npx|uvx|bunx|docker|node|python3?|claude|codex|gemini|code|env|cmd)\s/.test(
    text,
  )

/** What a file holds, or standard input for `-`. */
export async function pastedText(from: string, { terminal }: Context): Promise<string> {
  if (from === '-') {
    if (terminal.input) return terminal.input()
    throw usage({ says: 'usage.nothingOnStandardInput' })
  }
  const path = resolve(terminal.cwd, from)
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile() || found.size > longest)
    throw usage({
      says: found?.isFile() ? 'usage.fileTooLarge' : 'usage.noFile',
      params: { from: quotedLine(from) },
    })
  return decoded(readFileSync(path))
}

/** By its byte order mark: what PowerShell writes with `>` is UTF-16. */
const decoded = (bytes: Buffer): string =>
  new TextDecoder(
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8',
  ).decode(bytes)

/** Keeps what a text describes as drafts, shows each whole, and starts those that somebody says yes to. */
export async function addPasted(context: Context, text: string, options: PasteOptions): Promise<void> {
  const pasted = await context.host.call('servers.read', { text })
  if (options.name !== undefined && pasted.servers.length > 1)
    throw usage({ says: 'usage.textDescribesServersWhich', params: { count: pasted.servers.length } })
  const answers = answersOf(options.fill, pasted, context)
  const open = pasted.servers.map((one) => openOf(one, answers, options))
  // Where nothing could be added, all of it is said at once.
  if (open.every((asks) => asks.length > 0)) throw notFilledIn(open.flat())
  context.note(say('cli.paste.readAs', { what: writtenLine(pasted.what) }))
  for (const { name, why } of pasted.leftOut)
    context.note(say('cli.paste.wasLeftOut', { name: quotedLine(name), why: writtenLine(why) }))
  const servers: Server[] = []
  const failed: { name: string; error: ReturnType<typeof toErrorReply> }[] = []
  for (const [at, one] of pasted.servers.entries()) {
    try {
      if (open[at]?.length) throw notFilledIn(open[at])
      servers.push(await addOne(context, one, inputOf(one, answers, options, context), options.yes))
    } catch (error) {
      if (pasted.servers.length === 1 || !isHostError(error)) throw error
      failed.push({ name: one.name, error: toErrorReply(error) })
      context.note(
        say('cli.paste.wasNotAdded', {
          name: quotedLine(one.name),
          message: writtenLine(error.message),
          hint: writtenLine(error.hint),
        }),
      )
    }
  }
  if (failed.length > 0 || servers.some(({ state }) => state !== 'running' && state !== 'draft'))
    context.setExitCode(exitCodes.failure)
  context.answer({ what: pasted.what, servers, leftOut: pasted.leftOut, failed }, servers.map(outcome))
}

function inputOf(
  one: PastedServer,
  answers: Record<string, string>,
  options: PasteOptions,
  { terminal }: Context,
): Input<'servers.draft'> {
  const name = options.name ?? one.name
  const input = pastedInput(one, name, answersFor(one, answers))
  const timeout = options.timeout === undefined ? {} : { timeout: options.timeout }
  if (input.kind !== 'stdio')
    return { ...input, ...timeout, headers: { ...input.headers, ...options.headers } }
  return {
    ...input,
    ...timeout,
    env: { ...input.env, ...options.env },
    ...(options.onlyOwnFolder ? { confined: true } : input.cwd === undefined && { cwd: terminal.cwd }),
  }
}

async function addOne(
  context: Context,
  one: PastedServer,
  input: Input<'servers.draft'>,
  yes: boolean,
): Promise<Server> {
  const { terminal, host } = context
  const draft = await host.call('servers.draft', input)
  for (const line of startLines(draft)) terminal.err(line)
  for (const note of one.notes) terminal.err(`  ${writtenLine(note)}`)
  const staysDraft = yes && one.switchedOff
  if (staysDraft) terminal.err(`  ${say('cli.paste.staysDraft')}`)
  const agreed =
    (yes && !staysDraft) ||
    (!yes &&
      !context.json &&
      terminal.confirm !== undefined &&
      (await terminal.confirm(`${say('cli.server.startIt')} `)))
  if (!agreed) return draft
  const begun = await host.call('servers.start', { id: draft.id, seen: draft.fingerprint })
  const server = await settledServer(context, begun, (now) => now.state !== 'starting', startWithin)
  for (const line of problemLines(server)) terminal.err(line)
  return server
}

const outcome = ({ name, slug, state }: Server): string =>
  state === 'draft'
    ? say('cli.paste.draftIfWhatStands', { name: quotedLine(name), slug })
    : say('cli.server.is', { name: quotedLine(name), state })

/** By label. Values never appear in a message: they are secrets more often than not. */
function answersOf(fill: readonly string[], pasted: Pasted, { terminal }: Context): Record<string, string> {
  const answers: Record<string, string> = Object.create(null)
  const labels = new Set(pasted.servers.flatMap(({ asks }) => asks.flatMap(({ id, label }) => [id, label])))
  for (const given of fill) {
    const label = [...labels].find((one) => given === one || given.startsWith(`${one}=`))
    if (label === undefined)
      throw usage({
        says: labels.size === 0 ? 'usage.fillNamesNothing' : 'usage.fillNamesOther',
        params: { labels: [...labels].map((one) => quotedLine(one)).join(', ') },
      })
    const value = given === label ? terminal.env[label] : given.slice(label.length + 1)
    if (value === undefined)
      throw usage({ says: 'usage.variableNotSetHere', params: { label: quotedLine(label) } })
    answers[label] = value
  }
  return answers
}

const answersFor = ({ asks }: PastedServer, answers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    asks.flatMap(({ id, label }) => {
      const value = answers[id] ?? answers[label]
      return value === undefined ? [] : [[id, value]]
    }),
  )

interface Open extends PastedAsk {
  server: string
}

/** What is still to be filled in of one. What `--env` or `--header` gives anyway need not be. */
function openOf(
  server: PastedServer,
  answers: Record<string, string>,
  { env, headers }: PasteOptions,
): Open[] {
  const given = { ...env, ...headers }
  const covered = (id: string) => {
    const inside = [...Object.entries(server.env), ...Object.entries(server.headers)].filter(([, text]) =>
      text.some((piece) => typeof piece !== 'string' && piece.ask === id),
    )
    const elsewhere = [...server.args, server.command ?? [], server.url ?? [], server.cwd ?? []].some(
      (text) => text.some((piece) => typeof piece !== 'string' && piece.ask === id),
    )
    return !elsewhere && inside.every(([name]) => Object.hasOwn(given, name))
  }
  return openAsks(server, answersFor(server, answers))
    .filter(({ id }) => !covered(id))
    .map((ask) => ({ ...ask, server: server.name }))
}

function notFilledIn(open: readonly Open[]): HostError {
  const list = open.map(({ label, where, server }) =>
    say('cli.paste.placeholder', {
      label: quotedLine(label),
      where: visibleLine(where),
      server: quotedLine(server),
    }),
  )
  const label = visibleLine(open[0]?.label ?? '')
  return new HostError({
    code: 'usage',
    says: 'usage-paste',
    params: {
      list: list.join(', '),
      count: open.length,
      label,
      filled: quoteWord(`${label}=…`),
      // No variable has another name, so that there would be nothing to take.
      isVariable: isVariableName(label),
    },
  })
}
