import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { quotedLine, visibleLine, visibleText } from '../../contract/agreed/visible-text.ts'
import {
  differenceWords,
  findingWords,
  hasSides,
  placeWords,
} from '../../contract/agreed/words/difference.ts'
import { type ChangedServer, type Difference, risksOf, type Tool } from '../../contract/tools.ts'
import { HostError } from '../../kernel/errors.ts'
import { type Act, type Context, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { findServer } from './servers/server-words.ts'

interface AcceptOptions {
  server?: string
  yes?: boolean
}

/** What the owner took tools and servers for, and what is different now. */
export function addPinCommands(program: Command, act: Act): void {
  const group = program.command('pins').description(say('cli.pins.help.pins'))
  act(group.command('list').description(say('cli.pins.help.list')), list)
  addAccept(act, group)
}

export function addAccept(act: Act, group: Command): void {
  act(
    group
      .command('accept')
      .description(say('cli.tool.help.accept'))
      .argument('[tools...]', say('cli.tool.argument.tools'))
      .option('--server <server>', say('cli.tool.option.server'))
      .option('-y, --yes', say('cli.tool.option.yes')),
    (context, options: AcceptOptions, wanted: string[]) => accept(context, options, wanted),
  )
}

interface Changed {
  tool: Tool
  differences: Difference[]
}

async function withDifferences(context: Context, tools: readonly Tool[]): Promise<Changed[]> {
  const changed: Changed[] = []
  for (const tool of tools) {
    const isChanged = tool.review?.why === 'changed'
    const differences = isChanged ? await context.host.call('tools.differences', { id: tool.id }) : []
    changed.push({ tool, differences })
  }
  return changed
}

async function list(context: Context): Promise<void> {
  const servers = await context.host.call('tools.servers', undefined)
  const all = await context.host.call('tools.list', undefined)
  const tools = await withDifferences(
    context,
    all.filter(({ review }) => review !== null),
  )
  context.answer(
    { servers, tools: tools.map(({ tool, differences }) => ({ ...tool, differences })) },
    servers.length + tools.length === 0
      ? [say('cli.pins.nothing')]
      : [...servers.flatMap(serverLines), ...tools.flatMap(toolLines), say('cli.pins.howToAccept')],
  )
}

async function accept(
  context: Context,
  { server, yes }: AcceptOptions,
  wanted: readonly string[],
): Promise<void> {
  if ((wanted.length === 0) === (server === undefined)) throw usage({ says: 'usage.doesNotSayWhich' })
  const { tools, changedServer } = await whatWaits(context, wanted, server)
  const changed = await withDifferences(context, tools)
  const { confirm, err } = context.terminal
  if (confirm !== undefined && yes !== true && !context.json) {
    for (const line of [...(changedServer ? serverLines(changedServer) : []), ...changed.flatMap(toolLines)])
      err(line)
    if (!(await confirm(`${say('cli.tool.takeThem')} `))) {
      context.setExitCode(exitCodes.refused)
      return context.answer([], [say('cli.tool.nothingWasAcceptedThey')])
    }
  }
  // Bound to what was just read: one that changes meanwhile is not accepted.
  if (changedServer) {
    const { sourceId, seen } = changedServer
    await context.host.call('tools.acceptServer', { sourceId, seen })
  }
  const own = tools.filter(({ review }) => review?.why !== 'identity')
  const accepted =
    own.length === 0
      ? []
      : await context.host.call('tools.accept', {
          tools: own.map(({ id, review }) => ({ id, seen: review!.seen })),
        })
  const left = changedServer?.isHeld ? await stillWaiting(context, changedServer) : 0
  context.answer(accepted, [
    ...(changedServer ? [say('cli.pins.serverTaken', { name: quotedLine(changedServer.source) })] : []),
    ...(left === 0 ? [] : [say('cli.pins.left', { left })]),
    // As they are now: its owner may have said another risk than the tool says of itself.
    ...accepted.flatMap((tool) => [
      say('cli.tool.canBeUsedFrom', { name: visibleLine(tool.name), claim: claimOf(tool) }),
      ...(tool.description === '' ? [] : [`  ${visibleLine(tool.description)}`]),
    ]),
  ])
}

const stillWaiting = async (context: Context, { sourceId }: ChangedServer): Promise<number> =>
  (await context.host.call('tools.list', undefined)).filter(
    (tool) => tool.sourceId === sourceId && tool.review,
  ).length

/** What a tool is taken for, or will be: what it says of itself now, unless its owner said something else. */
const claimOf = (tool: Tool): string =>
  say('cli.tool.claim', { ...risksOf(tool), isYours: tool.override !== null })

const toolLines = ({ tool, differences }: Changed): string[] => [
  say('cli.pins.waits', { name: visibleLine(tool.name), why: tool.review!.why, claim: claimOf(tool) }),
  ...differences.flatMap(differenceLines),
  ...(tool.description === '' || differences.length > 0 ? [] : [`  ${visibleLine(tool.description)}`]),
  ...tool.findings.map(
    (finding) =>
      `  ! ${say('tools.review.foundAt', { what: findingWords(finding), where: placeWords(finding.where) })}`,
  ),
]

const serverLines = ({ source, isHeld, differences }: ChangedServer): string[] => [
  isHeld
    ? say('cli.pins.serverHeld', { name: quotedLine(source) })
    : say('cli.pins.serverTold', { name: quotedLine(source) }),
  ...differences.flatMap(differenceLines),
]

/** In words, and then as it was and as it is, line by line. */
const differenceLines = (difference: Difference): string[] => [
  `  ${differenceWords(difference)}`,
  ...(hasSides(difference) ? [...sideLines('-', difference.before), ...sideLines('+', difference.now)] : []),
]

const sideLines = (mark: '-' | '+', text: string | null): string[] =>
  text === null
    ? []
    : visibleText(text)
        .split('\n')
        .map((line) => `    ${mark} ${line}`)

/** Those that wait for their owner; throws HostError when there is none, or one that was named does not wait. */
async function whatWaits(
  context: Context,
  wanted: readonly string[],
  server: string | undefined,
): Promise<{ tools: Tool[]; changedServer?: ChangedServer | undefined }> {
  if (server === undefined) return { tools: await namedTools(context, wanted) }
  const found = await findServer(context, server)
  const all = await context.host.call('tools.list', undefined)
  const tools = all.filter(
    (tool) => tool.sourceKind === 'server' && tool.sourceId === found.slug && tool.review,
  )
  const servers = await context.host.call('tools.servers', undefined)
  const changedServer = servers.find(({ sourceId }) => sourceId === found.slug)
  if (tools.length > 0 || changedServer) return { tools, changedServer }
  throw new HostError({
    code: 'nothing-to-accept',
    says: 'nothing-to-accept-tool',
    params: { name: visibleLine(found.name) },
  })
}

async function namedTools(context: Context, wanted: readonly string[]): Promise<Tool[]> {
  const all = await context.host.call('tools.list', undefined)
  const named = [...new Set(wanted)].map((one) => {
    const found = all.find((tool) => tool.name === one) ?? all.find((tool) => tool.id === one)
    if (found) return found
    throw unknownTool(one)
  })
  const settled = named.find(({ review }) => review === null)
  if (settled) throw new HostError({ code: 'nothing-to-accept', params: { name: visibleLine(settled.name) } })
  const held = named.find(({ review }) => review?.why === 'identity')
  if (held === undefined) return named
  throw new HostError({
    code: 'server-changed',
    says: 'server-changed-tool',
    params: { name: visibleLine(held.name), server: held.sourceId },
  })
}

export const unknownTool = (wanted: string): HostError =>
  new HostError({ code: 'tool-not-found', params: { wanted: quotedLine(wanted) } })
