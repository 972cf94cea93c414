import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Tool } from '../../contract/tools.ts'
import { HostError } from '../../kernel/errors.ts'
import { type Act, type Context, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { table } from '../table.ts'
import { findServer } from './servers/server-words.ts'

interface AcceptOptions {
  server?: string
  yes?: boolean
}

/** The tools that are offered: how they are called, and whether they are. */
export function addToolCommands(program: Command, act: Act): void {
  const group = program.command('tool').description(say('cli.tool.help.tool'))
  const one = (name: string, description: string) =>
    group.command(name).description(description).argument('<tool>', say('cli.tool.argument.tool'))

  act(group.command('list').description(say('cli.tool.help.list')), list)

  act(
    one('rename', say('cli.tool.help.rename'))
      .argument('[name]', say('cli.tool.argument.name'))
      .option('--reset', say('cli.tool.option.reset')),
    async (context, { reset }: { reset?: boolean }, wanted: string, name: string | undefined) => {
      if ((name === undefined) !== (reset === true)) throw usage({ says: 'usage.doesNotSayHow' })
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, alias: name ?? null })
      context.answer(tool, [say('cli.tool.offeredAsFromNow', { name: visibleLine(tool.name) })])
    },
  )

  act(
    group
      .command('accept')
      .description(say('cli.tool.help.accept'))
      .argument('[tools...]', say('cli.tool.argument.tools'))
      .option('--server <server>', say('cli.tool.option.server'))
      .option('-y, --yes', say('cli.tool.option.yes')),
    (context, options: AcceptOptions, wanted: string[]) => accept(context, options, wanted),
  )

  for (const [name, description, enabled] of [
    ['hide', say('cli.tool.help.hide'), false],
    ['show', say('cli.tool.help.show'), true],
  ] as const)
    act(one(name, description), async (context, _options, wanted: string) => {
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, enabled })
      context.answer(
        tool,
        enabled && tool.review?.why === 'new'
          ? [say('cli.tool.newAndStillWaits', { name: visibleLine(tool.name), id: tool.id })]
          : [say('cli.tool.offeredOrHidden', { name: visibleLine(tool.name), enabled })],
      )
    })
}

async function list(context: Context): Promise<void> {
  const tools = await context.host.call('tools.list', undefined)
  const rows = tools.map((tool) => [
    tool.name,
    tool.source,
    tool.risk,
    stateOf(tool),
    [
      tool.alias === null ? [] : say('cli.tool.usually', { id: tool.id }),
      tool.review?.why === 'safer' ? say('cli.tool.saysDoesLess', { claim: claimOf(tool) }) : [],
    ]
      .flat()
      .join('; '),
  ])
  const waiting = tools.filter(({ review }) => review !== null).length
  context.answer(
    tools,
    tools.length === 0
      ? [say('cli.tool.noToolsYetDrawbridge')]
      : [
          ...table(['name', 'from', 'risk', 'state', ''], rows, context.terminal.width),
          ...(waiting === 0 ? [] : [say('cli.tool.waiting', { waiting })]),
        ],
  )
}

async function accept(
  context: Context,
  { server, yes }: AcceptOptions,
  wanted: readonly string[],
): Promise<void> {
  if ((wanted.length === 0) === (server === undefined)) throw usage({ says: 'usage.doesNotSayWhich' })
  const tools = await waitingTools(context, wanted, server)
  const { confirm, err } = context.terminal
  if (confirm !== undefined && yes !== true && !context.json) {
    for (const line of tools.flatMap(waitingLines)) err(line)
    if (!(await confirm(`${say('cli.tool.takeThem')} `))) {
      context.setExitCode(exitCodes.refused)
      return context.answer([], [say('cli.tool.nothingWasAcceptedThey')])
    }
  }
  // Bound to what was just read: one that changes meanwhile is not accepted.
  const accepted = await context.host.call('tools.accept', {
    tools: tools.map(({ id, review }) => ({ id, seen: review!.seen })),
  })
  context.answer(
    accepted,
    tools.flatMap((tool) => [
      tool.review!.why === 'new'
        ? say('cli.tool.canBeUsedFrom', { name: visibleLine(tool.name), claim: claimOf(tool) })
        : say('cli.tool.takenAtWordFrom', { name: visibleLine(tool.name), claim: claimOf(tool) }),
      ...(tool.description === '' ? [] : [`  ${visibleLine(tool.description)}`]),
    ]),
  )
}

const stateOf = (tool: Tool): string =>
  tool.review?.why === 'new'
    ? say('cli.tool.state.new')
    : tool.enabled
      ? tool.localOnly
        ? say('cli.tool.state.localOnly')
        : say('cli.tool.state.offered')
      : say('cli.tool.state.hidden')

/** What a tool says of itself now. */
const claimOf = ({ review }: Tool): string =>
  review === null ? '' : say('cli.tool.claim', { risk: review.risk, openWorld: review.openWorld })

/** What there is to look at before it is accepted. */
const waitingLines = (tool: Tool): string[] => [
  tool.review!.why === 'new'
    ? say('cli.tool.isNew', { name: visibleLine(tool.name), claim: claimOf(tool) })
    : say('cli.tool.saysDoesLessThan', {
        name: visibleLine(tool.name),
        claim: claimOf(tool),
        risk: tool.risk,
      }),
  ...(tool.description === '' ? [] : [`  ${visibleLine(tool.description)}`]),
]

/** Those that wait for their owner; throws HostError when there is none, or one that was named does not wait. */
async function waitingTools(
  context: Context,
  wanted: readonly string[],
  server: string | undefined,
): Promise<Tool[]> {
  if (server === undefined) {
    const named = await Promise.all([...new Set(wanted)].map((one) => findTool(context, one)))
    const settled = named.find(({ review }) => review === null)
    if (settled === undefined) return named
    throw new HostError({ code: 'nothing-to-accept', params: { name: visibleLine(settled.name) } })
  }
  const found = await findServer(context, server)
  const all = await context.host.call('tools.list', undefined)
  const own = all.filter(
    (tool) => tool.sourceKind === 'server' && tool.sourceId === found.slug && tool.review,
  )
  if (own.length > 0) return own
  throw new HostError({
    code: 'nothing-to-accept',
    says: 'nothing-to-accept-tool',
    params: { name: visibleLine(found.name) },
  })
}

/** Exactly: hiding the wrong one by a slip would go unnoticed. */
async function findTool(context: Context, wanted: string): Promise<Tool> {
  const all = await context.host.call('tools.list', undefined)
  const found = all.find((tool) => tool.name === wanted) ?? all.find((tool) => tool.id === wanted)
  if (found) return found
  throw new HostError({ code: 'tool-not-found', params: { wanted: quotedLine(wanted) } })
}

/** Stable ids of tools from what was typed: names as clients see them, or ids. The host says which it does not know. */
export async function toolIds(context: Context, typed: readonly string[]): Promise<string[]> {
  if (typed.length === 0) return []
  const all = await context.host.call('tools.list', undefined)
  return typed.map((one) => (all.find((tool) => tool.name === one) ?? { id: one }).id)
}
