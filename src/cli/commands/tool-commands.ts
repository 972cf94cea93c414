import type { Command } from 'commander'
import { askingWords } from '../../contract/agreed/asking-words.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import { longestNote, Risk, type Tool } from '../../contract/tools.ts'
import { type Act, type Context, usage } from '../context.ts'
import { table } from '../table.ts'
import { addAccept, unknownTool, waitingFor, waits } from './pin-commands.ts'

/** The tools that are offered: how they are called, and whether they are. */
export function addToolCommands(program: Command, act: Act): void {
  const group = program.command('tool').description('the tools that are offered')
  const one = (name: string, description: string) =>
    group.command(name).description(description).argument('<tool>', 'its name or id')

  act(group.command('list').description('show the tools'), list)

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

  addAccept(act, group)

  addSayings(act, one)

  for (const [name, description, enabled] of [
    ['hide', 'no longer offer a tool', false],
    ['show', 'offer a hidden tool again', true],
  ] as const)
    act(one(name, description), async (context, _options, wanted: string) => {
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, enabled })
      context.answer(
        tool,
        enabled && tool.review
          ? [
              `${visibleLine(tool.name)} ${waits(tool)} and still waits: \`drawbridge pins accept ${tool.id}\`.`,
            ]
          : [`${visibleLine(tool.name)} is ${enabled ? 'offered' : 'hidden'} from now on.`],
      )
    })
}

/** What the owner says of a tool, and what follows from that. */
function addSayings(act: Act, one: (name: string, description: string) => Command): void {
  act(
    one('risk', 'say what a tool does at worst, whatever it says of itself')
      .argument('[risk]', 'read, write or destructive')
      .option('--reset', 'what it says of itself holds again'),
    async (context, { reset }: { reset?: boolean }, wanted: string, typed: string | undefined) => {
      if ((typed === undefined) !== (reset === true))
        throw usage('It does not say what it does at worst.', 'Give read, write or destructive, or --reset.')
      const risk = Risk.nullable().safeParse(typed ?? null)
      if (!risk.success) throw usage(`${quotedLine(typed!)} is no risk.`, 'It is read, write or destructive.')
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, risk: risk.data })
      const name = visibleLine(tool.name)
      context.answer(tool, [
        tool.override === null
          ? `${name} is what it says of itself: ${tool.risk}.`
          : `${name} is treated as ${tool.risk} from now on${tool.override.lowers ? '. It says worse of itself: when it changes, that ends' : ''}.`,
      ])
    },
  )

  act(
    one('note', 'tell assistants something about a tool, before its own description')
      .argument('[text]', `${longestNote} letters at most`)
      .option('--reset', 'tell them nothing any more'),
    async (context, { reset }: { reset?: boolean }, wanted: string, text: string | undefined) => {
      if ((text === undefined) !== (reset === true))
        throw usage('It does not say what to tell them.', 'Give either a text or --reset.')
      const { id } = await findTool(context, wanted)
      const tool = await context.host.call('tools.set', { id, note: text ?? null })
      const name = visibleLine(tool.name)
      context.answer(tool, [
        tool.note === null
          ? `Assistants are told nothing about ${name} any more.`
          : `Assistants are told about ${name}: ${visibleLine(tool.note)}`,
      ])
    },
  )

  act(
    one('why', 'when ChatGPT and Claude ask before they use a tool, and how to change that'),
    async (context, _options, wanted: string) => {
      const tool = await findTool(context, wanted)
      const words = askingWords(tool)
      context.answer({ tool: tool.id, ...words }, [words.chatgpt, words.claude])
    },
  )
}

async function list(context: Context): Promise<void> {
  const tools = await context.host.call('tools.list', undefined)
  const rows = tools.map((tool) => [
    tool.name,
    tool.source,
    tool.risk,
    stateOf(tool),
    [
      ...(tool.alias === null ? [] : [`usually ${tool.id}`]),
      ...(tool.override === null ? [] : ['risk set by you']),
      ...(tool.findings.length === 0 ? [] : ['look closely']),
    ].join('; '),
  ])
  const waiting = tools.filter(({ review }) => review !== null).length
  context.answer(
    tools,
    tools.length === 0
      ? ['No tools yet. `drawbridge server add NAME -- COMMAND` adds a server that has some.']
      : [
          ...table(['NAME', 'FROM', 'RISK', 'STATE', ''], rows, context.terminal.width),
          ...(waiting === 0
            ? []
            : [
                `${waiting} to look at. \`drawbridge pins list\` says why, \`drawbridge pins accept TOOL…\` takes them as they are.`,
              ]),
        ],
  )
}

const stateOf = (tool: Tool): string => {
  if (tool.review) return `${waitingFor[tool.review.why]}, waits`
  if (!tool.enabled) return 'hidden'
  return tool.localOnly ? 'local only' : 'offered'
}

/** Exactly: hiding the wrong one by a slip would go unnoticed. */
export async function findTool(context: Context, wanted: string): Promise<Tool> {
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
