import type { Command } from 'commander'
import type { Access, Approval, ConnectionRequest } from '../contract/models.ts'
import { plainText } from '../headless/plain-text.ts'
import { accessOption, accessWords, type Expires, expiresOption, toolOption } from './access-options.ts'
import { type Act, type Context, usage } from './context.ts'
import { findOne } from './find.ts'
import { clockTime, table } from './table.ts'
import { toolIds } from './tool-commands.ts'

type Waiting =
  | { id: string; kind: 'connection'; connection: ConnectionRequest }
  | { id: string; kind: 'call'; call: Approval }

interface ApproveOptions {
  digits?: string
  access?: Access
  tool: string[]
  expires?: Expires
}

const words = { kind: 'request', code: 'request-not-found', list: 'drawbridge requests' }

/** Who waits for an answer: clients that want in, and calls that want to run. */
export function addRequestCommands(program: Command, act: Act): void {
  act(
    program.command('requests').description('show who waits for your answer: connections and calls'),
    async (context) => {
      const [connections, calls] = await all(context)
      const waiting = together(connections, calls)
      context.answer(
        { connections, calls },
        waiting.length === 0
          ? ['Nobody is waiting.']
          : table(['ID', 'UNTIL', 'WHO', 'WHAT'], waiting.map(row), context.terminal.width),
      )
    },
  )

  act(
    program
      .command('approve')
      .description('let a client in, or let a call run once')
      .argument('<id>', 'from `drawbridge requests`; its beginning is enough')
      .option('--digits <NNN>', 'the three digits that the client’s window shows')
      .addOption(accessOption())
      .addOption(toolOption())
      .addOption(expiresOption()),
    async (context, { digits, access, tool, expires }: ApproveOptions, wanted: string) => {
      const found = await find(context, wanted)
      if (found.kind === 'call') {
        if ([digits, access, expires].some((one) => one !== undefined) || tool.length > 0)
          throw usage(
            'This is a call: it takes neither --digits nor --access, --tool or --expires.',
            `drawbridge approve ${found.id}`,
          )
        await context.host.call('approvals.decide', { id: found.id, decision: 'once' })
        const what = `“${plainText(found.call.toolTitle)}” may run once.`
        return context.answer({ approved: { kind: 'call', id: found.id } }, [what])
      }
      if (found.connection.needsDigits && digits === undefined)
        throw usage(
          'The three digits are missing.',
          `They are shown in the window of ${plainText(found.connection.clientName)}: drawbridge approve ${found.id} --digits NNN`,
        )
      const grant = await context.host.call('connections.approve', {
        ...{ id: found.id, digits, access, expiresAt: expires?.at },
        tools: tool.length > 0 ? await toolIds(context, tool) : null,
      })
      const what = `“${plainText(grant.name)}” is connected (${accessWords[grant.access]}).`
      context.answer({ approved: { kind: 'connection', id: found.id }, grant }, [what])
    },
  )

  act(
    program
      .command('deny')
      .description('turn a client away, or a call')
      .argument('<id>', 'from `drawbridge requests`; its beginning is enough'),
    async (context, _options, wanted: string) => {
      const { id, kind } = await find(context, wanted)
      if (kind === 'call') await context.host.call('approvals.decide', { id, decision: 'deny' })
      else await context.host.call('connections.deny', { id })
      context.answer({ denied: { kind, id } }, [
        kind === 'call' ? 'The call was denied.' : 'The client was turned away.',
      ])
    },
  )
}

const all = ({ host }: Context): Promise<[ConnectionRequest[], Approval[]]> =>
  Promise.all([host.call('connections.list', undefined), host.call('approvals.list', undefined)])

const together = (connections: ConnectionRequest[], calls: Approval[]): Waiting[] => [
  ...connections.map((connection) => ({ id: connection.id, kind: 'connection' as const, connection })),
  ...calls.map((call) => ({ id: call.id, kind: 'call' as const, call })),
]

const find = async (context: Context, wanted: string): Promise<Waiting> =>
  findOne(together(...(await all(context))), wanted, words)

function row(waiting: Waiting): string[] {
  if (waiting.kind === 'call') {
    const { clientName, toolTitle, tool, risk, expiresAt } = waiting.call
    const args = waiting.call.arguments.replace(/\s+/g, ' ')
    return [waiting.id, clockTime(expiresAt), clientName, `runs ${toolTitle || tool} (${risk}) ${args}`]
  }
  const { clientName, redirectHost, expected, needsDigits, expiresAt } = waiting.connection
  const doubt = expected ? '' : ', NOT the client you expected'
  const digits = needsDigits ? ', shows three digits' : ''
  return [
    waiting.id,
    clockTime(expiresAt),
    `${clientName} (unverified)`,
    `connects from ${redirectHost}${doubt}${digits}`,
  ]
}
