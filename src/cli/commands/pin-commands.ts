import type { Command } from 'commander'
import {
  differenceWords,
  findingWords,
  hasSides,
  placeWords,
} from '../../contract/agreed/difference-words.ts'
import { quotedLine, visibleLine, visibleText } from '../../contract/agreed/visible-text.ts'
import type { ChangedServer, Difference, Tool } from '../../contract/tools.ts'
import { HostError } from '../../kernel/errors.ts'
import { type Act, type Context, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { findServer } from './servers/server-words.ts'

interface AcceptOptions {
  server?: string
  yes?: boolean
}

/** Why a tool waits, in a word or two. */
export const waitingFor = { new: 'new', changed: 'changed', identity: 'server changed' } as const
export const waits = ({ review }: Tool): string =>
  review?.why === 'identity'
    ? 'is of a server that changed'
    : review?.why === 'changed'
      ? 'changed'
      : 'is new'

/** What the owner took tools and servers for, and what is different now. */
export function addPinCommands(program: Command, act: Act): void {
  const group = program
    .command('pins')
    .description('tools and servers that are others than you took them for')
  act(group.command('list').description('show what waits for you, and what is different'), list)
  addAccept(act, group)
}

export function addAccept(act: Act, group: Command): void {
  act(
    group
      .command('accept')
      .description('use tools that are new or changed, and servers that are others, as they are now')
      .argument('[tools...]', 'their names or ids')
      .option(
        '--server <server>',
        'all that waits of one server, and the server itself: its name or short name',
      )
      .option('-y, --yes', 'do not ask'),
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
      ? ['Everything is what you took it for.']
      : [
          ...servers.flatMap(serverLines),
          ...tools.flatMap(toolLines),
          '`drawbridge pins accept TOOL…` or `--server NAME` takes them as they are now.',
        ],
  )
}

async function accept(
  context: Context,
  { server, yes }: AcceptOptions,
  wanted: readonly string[],
): Promise<void> {
  if ((wanted.length === 0) === (server === undefined))
    throw usage('It does not say which tools.', 'Give either tools or --server.')
  const { tools, changedServer } = await whatWaits(context, wanted, server)
  const changed = await withDifferences(context, tools)
  const { confirm, err } = context.terminal
  if (confirm !== undefined && yes !== true && !context.json) {
    for (const line of [...(changedServer ? serverLines(changedServer) : []), ...changed.flatMap(toolLines)])
      err(line)
    if (!(await confirm('Take them as they are? [y/N] '))) {
      context.setExitCode(exitCodes.refused)
      return context.answer([], ['Nothing was accepted. They still wait.'])
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
    ...(changedServer ? [`${quotedLine(changedServer.source)} is taken for what it is now.`] : []),
    ...(left === 0 ? [] : [`${left} of its tools changed as well: \`drawbridge pins list\` shows how.`]),
    ...own.flatMap((tool) => [
      `${visibleLine(tool.name)} can be used from now on (${claimOf(tool)}).`,
      ...(tool.description === '' ? [] : [`  ${visibleLine(tool.description)}`]),
    ]),
  ])
}

const stillWaiting = async (context: Context, { sourceId }: ChangedServer): Promise<number> =>
  (await context.host.call('tools.list', undefined)).filter(
    (tool) => tool.sourceId === sourceId && tool.review,
  ).length

/** What a tool says of itself now. */
const claimOf = ({ review }: Tool): string =>
  `${review?.risk}${review?.openWorld ? ', uses the internet' : ''}`

const toolLines = ({ tool, differences }: Changed): string[] => [
  `${visibleLine(tool.name)} ${waits(tool)} (${claimOf(tool)}).`,
  ...differences.flatMap(differenceLines),
  ...(tool.description === '' || differences.length > 0 ? [] : [`  ${visibleLine(tool.description)}`]),
  ...tool.findings.map((finding) => `  ! ${findingWords(finding)} (${placeWords(finding.where)})`),
]

const serverLines = ({ source, isHeld, differences }: ChangedServer): string[] => [
  isHeld
    ? `${quotedLine(source)} is another server than you took it for. Its tools are off.`
    : `${quotedLine(source)} reports another version. Its tools are as before and stay on.`,
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
    message: `No tool of ${visibleLine(found.name)} waits for anything.`,
    hint: '`drawbridge pins list` shows what does.',
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
  if (settled)
    throw new HostError({
      code: 'nothing-to-accept',
      message: `${visibleLine(settled.name)} does not wait for anything.`,
      hint: '`drawbridge pins list` shows what does.',
    })
  const held = named.find(({ review }) => review?.why === 'identity')
  if (held === undefined) return named
  throw new HostError({
    code: 'server-changed',
    message: `${visibleLine(held.name)} waits because its server changed.`,
    hint: `\`drawbridge pins accept --server ${held.sourceId}\` shows what changed and takes it as it is now.`,
  })
}

export const unknownTool = (wanted: string): HostError =>
  new HostError({
    code: 'tool-not-found',
    message: `There is no tool ${quotedLine(wanted)}.`,
    hint: '`drawbridge tool list` shows what there is.',
  })
