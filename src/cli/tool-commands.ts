import type { Command } from 'commander'
import type { Tool } from '../contract/models.ts'
import { quotedLine, visibleLine } from '../contract/visible-text.ts'
import { HostError } from '../kernel/errors.ts'
import { type Act, type Context, usage } from './context.ts'
import { table } from './table.ts'

/** The tools that are offered: how they are called, and whether they are. */
export function addToolCommands(program: Command, act: Act): void {
  const group = program.command('tool').description('the tools that are offered')
  const one = (name: string, description: string) =>
    group.command(name).description(description).argument('<tool>', 'its name or id')

  act(group.command('list').description('show the tools'), async (context) => {
    const tools = await context.host.call('tools.list', undefined)
    const rows = tools.map((tool) => [
      tool.name,
      tool.source,
      tool.risk,
      tool.enabled ? (tool.localOnly ? 'local only' : 'offered') : 'hidden',
      tool.alias === null ? '' : `usually ${tool.id}`,
    ])
    context.answer(
      tools,
      tools.length === 0
        ? ['No tools yet. `drawbridge server add NAME -- COMMAND` adds a server that has some.']
        : table(['NAME', 'FROM', 'RISK', 'STATE', ''], rows, context.terminal.width),
    )
  })

  act(
    one('rename', 'offer a tool under another name')
      .argument('[name]', 'letters, digits, dashes and underscores')
      .option('--reset', 'give it its usual name back'),
    async (context, { reset }: { reset?: boolean }, wanted: string, name: string | undefined) => {
      if ((name === undefined) !== (reset === true))
        throw usage('It does not say how to call it.', 'Give either a name or --reset.')
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, alias: name ?? null })
      context.answer(tool, [`It is offered as ${visibleLine(tool.name)} from now on.`])
    },
  )

  for (const [name, description, enabled] of [
    ['hide', 'no longer offer a tool', false],
    ['show', 'offer a hidden tool again', true],
  ] as const)
    act(one(name, description), async (context, _options, wanted: string) => {
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, enabled })
      context.answer(tool, [`${visibleLine(tool.name)} is ${enabled ? 'offered' : 'hidden'} from now on.`])
    })
}

/** Exactly: hiding the wrong one by a slip would go unnoticed. */
async function findTool(context: Context, wanted: string): Promise<Tool> {
  const all = await context.host.call('tools.list', undefined)
  const found = all.find((tool) => tool.name === wanted) ?? all.find((tool) => tool.id === wanted)
  if (found) return found
  throw new HostError({
    code: 'tool-not-found',
    message: `There is no tool ${quotedLine(wanted)}.`,
    hint: '`drawbridge tool list` shows what there is.',
  })
}

/** Stable ids of tools from what was typed: names as clients see them, or ids. The host says which it does not know. */
export async function toolIds(context: Context, typed: readonly string[]): Promise<string[]> {
  if (typed.length === 0) return []
  const all = await context.host.call('tools.list', undefined)
  return typed.map((one) => (all.find((tool) => tool.name === one) ?? { id: one }).id)
}
