import { type Command, Option } from 'commander'
import type { Access, ConnectionRequest } from '../../contract/access.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Approval, ApprovalChoice, ApprovalDetails } from '../../contract/approvals.ts'
import { isHostError } from '../../kernel/errors.ts'
import { type Act, type Context, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { findOne } from '../find.ts'
import { clockTime } from '../table.ts'
import { accessOption, accessWords, type Expires, expiresOption, toolOption } from './access-options.ts'
import { callLines, connectionLines, requestLines } from './request-words.ts'
import { toolIds } from './tool-commands.ts'

type Waiting =
  | { id: string; kind: 'connection'; connection: ConnectionRequest }
  | { id: string; kind: 'call'; call: Approval }

interface ApproveOptions {
  digits?: string
  yes?: boolean
  for?: Lasting
  access?: Access
  tool: string[]
  expires?: Expires
}

type Lasting = Extract<ApprovalChoice, '15m' | 'chat' | 'exact' | 'tool'>

/** How long a yes holds, behind “may run”. */
const holds: Record<Lasting | 'once', string> = {
  once: 'once',
  '15m': 'for 15 minutes, with whatever arguments',
  chat: 'in this chat, with whatever arguments',
  exact: 'from now on, with exactly these arguments',
  tool: 'from now on, with whatever arguments',
}

const words = { kind: 'request', code: 'request-not-found', list: 'drawbridge requests' }

/** Who waits for an answer: clients that want in, and calls that want to run. */
export function addRequestCommands(program: Command, act: Act): void {
  act(
    program
      .command('requests')
      .description('show who waits for your answer: connections and calls')
      .option('--full', 'everything about each of them, with all that a call would hand over'),
    async (context, { full }: { full?: boolean }) => {
      const [connections, calls] = await all(context)
      if (full !== true && !context.json) return context.answer(null, requestLines(connections, calls))
      const details = await Promise.all(calls.map((call) => detailsOf(context, call.id)))
      const open = details.filter((one) => one !== null)
      const blocks = [...connections.map(connectionLines), ...open.map(callLines)]
      context.answer(
        { connections, calls: open },
        blocks.length === 0
          ? requestLines([], [])
          : blocks.flatMap((lines, i) => (i > 0 ? ['', ...lines] : lines)),
      )
    },
  )

  act(
    program
      .command('approve')
      .description('let a client in, or let a call run once')
      .argument('<id>', 'from `drawbridge requests`; its beginning is enough')
      .option('--digits <NNN>', 'the three digits that the client’s window shows')
      .option('-y, --yes', 'a call: allow it without asking; needed where nobody can be asked')
      .addOption(
        new Option(
          '--for <what>',
          'a call: allow more than this one: the tool for 15 minutes or in this chat, exactly this or the tool from now on',
        ).choices(['15m', 'chat', 'exact', 'tool']),
      )
      .addOption(accessOption())
      .addOption(toolOption())
      .addOption(expiresOption()),
    approve,
  )

  act(
    program
      .command('deny')
      .description('turn a client away, or a call')
      .argument('<id>', 'from `drawbridge requests`; its beginning is enough')
      .option('--never', 'a call: and do not ask about this tool and this client again'),
    async (context, { never }: { never?: boolean }, wanted: string) => {
      const { id, kind } = await find(context, wanted)
      if (never && kind !== 'call')
        throw usage('This is a client: it does not take --never.', `drawbridge deny ${id}`)
      const decision = never ? 'never' : 'deny'
      if (kind === 'call') await context.host.call('approvals.decide', { id, decision })
      else await context.host.call('connections.deny', { id })
      context.answer({ denied: { kind, id } }, [
        kind !== 'call'
          ? 'The client was turned away.'
          : never
            ? 'The call was denied, and so is every other of it. `drawbridge rules list` shows that.'
            : 'The call was denied.',
      ])
    },
  )
}

async function approve(context: Context, options: ApproveOptions, wanted: string): Promise<void> {
  const { digits, access, tool, expires, yes } = options
  const found = await find(context, wanted)
  if (found.kind === 'call') {
    if ([digits, access, expires].some((one) => one !== undefined) || tool.length > 0)
      throw usage(
        'This is a call: it takes neither --digits nor --access, --tool or --expires.',
        `drawbridge approve ${found.id}`,
      )
    return approveCall(context, found.id, yes === true, options.for ?? 'once')
  }
  if (options.for !== undefined)
    throw usage('This is a client: it does not take --for.', `drawbridge approve ${found.id}`)
  if (found.connection.needsDigits && digits === undefined)
    throw usage(
      'The three digits are missing.',
      `They are shown in the window of ${visibleLine(found.connection.clientName)}: drawbridge approve ${found.id} --digits NNN`,
    )
  const grant = await context.host.call('connections.approve', {
    id: found.id,
    digits,
    access,
    expiresAt: expires?.at,
    tools: tool.length > 0 ? await toolIds(context, tool) : null,
  })
  const what = `${quotedLine(grant.name)} is connected (${accessWords[grant.access]}).`
  context.answer({ approved: { kind: 'connection', id: found.id }, grant }, [what])
}

const all = ({ host }: Context): Promise<[ConnectionRequest[], Approval[]]> =>
  Promise.all([host.call('connections.list', undefined), host.call('approvals.list', undefined)])

const together = (connections: ConnectionRequest[], calls: Approval[]): Waiting[] => [
  ...connections.map((connection) => ({ id: connection.id, kind: 'connection' as const, connection })),
  ...calls.map((call) => ({ id: call.id, kind: 'call' as const, call })),
]

/** Null: it was answered meanwhile. */
const detailsOf = async ({ host }: Context, id: string): Promise<ApprovalDetails | null> =>
  host.call('approvals.get', { id }).catch((error) => {
    if (isHostError(error) && error.code === 'approval-gone') return null
    throw error
  })

/** Prints all that would run before it is let run. A person in front of it is asked; everybody else has to say `--yes`. */
async function approveCall(
  context: Context,
  id: string,
  yes: boolean,
  decision: Lasting | 'once',
): Promise<void> {
  const { terminal, host, json } = context
  const call = await host.call('approvals.get', { id })
  for (const line of callLines(call)) (json ? terminal.err : terminal.out)(line)
  if (!call.choices.includes(decision))
    throw usage(
      `This call cannot be allowed ${holds[decision]}.`,
      `It can be allowed with: ${call.choices
        .filter((one) => one in holds)
        .map((one) => (one === 'once' ? 'nothing more' : `--for ${one}`))
        .join(', ')}.`,
    )
  if (!yes && (json || terminal.confirm === undefined))
    throw usage(
      'Nobody here can be asked whether this call may run, so it was not allowed. It still waits for an answer.',
      `If what stands above is what you want to run: drawbridge approve ${id} --yes`,
    )
  if (!yes && !(await terminal.confirm!(`Allow ${holds[decision]}? [y/N] `))) {
    context.setExitCode(exitCodes.refused)
    return context.answer({ approved: null, call }, ['It was not allowed. It still waits for an answer.'])
  }
  const decided = await host.call('approvals.decide', { id, decision, seen: call.seen })
  const until = decided?.until ?? null
  const may = `${call.tool} may run ${holds[decision]}`
  const lasts =
    decision === 'once' ? [] : ['`drawbridge rules list` shows what holds, and `rules revoke` ends it.']
  context.answer({ approved: { kind: 'call', id, until, for: decision }, call }, [
    until === null
      ? `${may}.`
      : `${may}, but its client has stopped waiting: it runs if the client asks again before ${clockTime(until)}.`,
    ...lasts,
  ])
}

const find = async (context: Context, wanted: string): Promise<Waiting> =>
  findOne(together(...(await all(context))), wanted, words)
