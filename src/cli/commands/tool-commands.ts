import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import { askingWords } from '../../contract/agreed/words/asking.ts'
import { longestNote, Risk, risksOf, type Tool } from '../../contract/tools.ts'
import { type Act, type Context, usage } from '../context.ts'
import { table } from '../table.ts'
import { addAccept, unknownTool } from './pin-commands.ts'

/** The tools that are offered: how they are called, and whether they are. */
export function addToolCommands(program: Command, act: Act): void {
  const group = program.command('tool').description(say('cli.tool.help.tool'))
  const one = (name: string, description: string) =>
    group.command(name).description(description).argument('<tool>', say('cli.tool.argument.tool'))

  act(group.command('list').description(say('cli.tool.help.list')), list)

  act(group.command('offers').description(say('cli.tool.help.offers')), async (context) => {
    const offers = await context.host.call('tools.offers', undefined)
    context.answer(
      offers,
      offers.map(({ kind, key, title, source }) =>
        [kind, visibleLine(key), visibleLine(title), visibleLine(source)].join('  '),
      ),
    )
  })

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

  addAccept(act, group)

  addSayings(act, one)

  for (const [name, description, enabled] of [
    ['hide', say('cli.tool.help.hide'), false],
    ['show', say('cli.tool.help.show'), true],
  ] as const)
    act(one(name, description), async (context, _options, wanted: string) => {
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, enabled })
      context.answer(
        tool,
        enabled && tool.review
          ? [
              say('cli.tool.stillWaits', {
                name: visibleLine(tool.name),
                why: tool.review.why,
                id: tool.id,
              }),
            ]
          : [say('cli.tool.offeredOrHidden', { name: visibleLine(tool.name), enabled })],
      )
    })
}

/** What the owner says of a tool, and what follows from that. */
function addSayings(act: Act, one: (name: string, description: string) => Command): void {
  act(
    one('risk', say('cli.tool.help.risk'))
      .argument('[risk]', say('cli.tool.argument.risk'))
      .option('--reset', say('cli.tool.option.resetRisk')),
    async (context, { reset }: { reset?: boolean }, wanted: string, typed: string | undefined) => {
      if ((typed === undefined) !== (reset === true)) throw usage({ says: 'usage.doesNotSayRisk' })
      const risk = Risk.nullable().safeParse(typed ?? null)
      if (!risk.success) throw usage({ says: 'usage.noRisk', params: { typed: quotedLine(typed!) } })
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, risk: risk.data })
      const name = visibleLine(tool.name)
      context.answer(tool, [
        tool.override === null
          ? say(risk.data === null ? 'cli.tool.riskItself' : 'cli.tool.riskNotYet', {
              name,
              ...risksOf(tool),
            })
          : say('cli.tool.riskSet', { name, risk: tool.risk, lowers: tool.override.lowers }),
      ])
    },
  )

  act(
    one('note', say('cli.tool.help.note'))
      .argument('[text]', say('cli.tool.argument.text', { most: longestNote }))
      .option('--reset', say('cli.tool.option.resetNote')),
    async (context, { reset }: { reset?: boolean }, wanted: string, text: string | undefined) => {
      if ((text === undefined) !== (reset === true)) throw usage({ says: 'usage.doesNotSayNote' })
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, note: text ?? null })
      const name = visibleLine(tool.name)
      context.answer(tool, [
        tool.note === null
          ? say('cli.tool.noNote', { name })
          : say('cli.tool.noteSet', { name, note: visibleLine(tool.note) }),
      ])
    },
  )

  act(one('why', say('cli.tool.help.why')), async (context, _options, wanted: string) => {
    const tool = await findTool(context, wanted)
    const words = askingWords(tool)
    context.answer({ tool: tool.id, ...words }, [words.chatgpt, words.claude])
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
      ...(tool.alias === null ? [] : [say('cli.tool.usually', { id: tool.id })]),
      ...(tool.override === null ? [] : [say('cli.tool.yourRisk')]),
      ...(tool.findings.length === 0 ? [] : [say('cli.tool.lookClosely')]),
    ].join('; '),
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

const stateOf = (tool: Tool): string => {
  if (tool.review) return say('cli.tool.state.waits', { why: tool.review.why })
  if (!tool.enabled) return say('cli.tool.state.hidden')
  return tool.localOnly ? say('cli.tool.state.localOnly') : say('cli.tool.state.offered')
}

/** Exactly: hiding the wrong one by a slip would go unnoticed. */
async function findTool(context: Context, wanted: string): Promise<Tool> {
  const all = await context.host.call('tools.list', undefined)
  const found = all.find((tool) => tool.name === wanted) ?? all.find((tool) => tool.id === wanted)
  if (found) return found
  throw unknownTool(wanted)
}

/** Stable ids of tools from what was typed: names as clients see them, or ids. The host says which it does not know. */
export async function toolIds(context: Context, typed: readonly string[]): Promise<string[]> {
  if (typed.length === 0) return []
  const all = await context.host.call('tools.list', undefined)
  return typed.map((one) => (all.find((tool) => tool.name === one) ?? { id: one }).id)
}
