import { type Command, Option } from 'commander'
import { say } from '../../../locales/say.ts'
import type { Access, ConnectionRequest } from '../../contract/access.ts'
import { quotedLine, shownJsonText, visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Approval, ApprovalChoice, ApprovalDetails } from '../../contract/approvals.ts'
import { isHostError } from '../../kernel/errors.ts'
import { type Act, type Context, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { findOne } from '../find.ts'
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
  change?: string
  access?: Access
  workspace?: string
  tool: string[]
  expires?: Expires
}

type Lasting = Extract<ApprovalChoice, '15m' | 'chat' | 'exact' | 'tool'>

const words = { kind: 'request', code: 'request-not-found', list: 'drawbridge requests' } as const

/** Who waits for an answer: clients that want in, and calls that want to run. */
export function addRequestCommands(program: Command, act: Act): void {
  act(
    program
      .command('requests')
      .description(say('cli.request.help.requests'))
      .option('--full', say('cli.request.option.full')),
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
      .description(say('cli.request.help.approve'))
      .argument('<id>', say('cli.request.argument.id'))
      .option('--digits <NNN>', say('cli.request.option.digits'))
      .option('-y, --yes', say('cli.request.option.yes'))
      .addOption(
        new Option('--for <what>', say('cli.request.option.for')).choices(['15m', 'chat', 'exact', 'tool']),
      )
      .option('--change <JSON>', say('cli.request.option.change'))
      .addOption(accessOption())
      .option('--workspace <workspace>', say('cli.request.option.workspace'))
      .addOption(toolOption())
      .addOption(expiresOption()),
    approve,
  )

  act(
    program
      .command('deny')
      .description(say('cli.request.help.deny'))
      .argument('<id>', say('cli.request.argument.id'))
      .option('--never', say('cli.request.option.never')),
    async (context, { never }: { never?: boolean }, wanted: string) => {
      const { id, kind } = await find(context, wanted)
      if (never && kind !== 'call') throw usage({ says: 'usage.clientNoNever', params: { id } })
      const decision = never ? 'never' : 'deny'
      if (kind === 'call') await context.host.call('approvals.decide', { id, decision })
      else await context.host.call('connections.deny', { id })
      context.answer({ denied: { kind, id } }, [
        kind !== 'call'
          ? say('cli.request.clientWasTurnedAway')
          : say(never ? 'cli.request.neverAgain' : 'cli.request.callWasDenied'),
      ])
    },
  )
}

async function approve(context: Context, options: ApproveOptions, wanted: string): Promise<void> {
  const { digits, access, workspace, tool, expires, yes, change } = options
  const found = await find(context, wanted)
  if (found.kind === 'call') {
    if ([digits, access, workspace, expires].some((one) => one !== undefined) || tool.length > 0)
      throw usage({ says: 'usage.callTakesNeitherDigits', params: { id: found.id } })
    if (change !== undefined && options.for !== undefined)
      throw usage({ says: 'usage.changeHoldsOnce', params: { id: found.id } })
    return approveCall(context, found.id, yes === true, options.for ?? 'once', change)
  }
  if (options.for !== undefined || change !== undefined)
    throw usage({ says: 'usage.clientNoFor', params: { id: found.id } })
  if (found.connection.needsDigits && digits === undefined)
    throw usage({
      says: 'usage.threeDigitsMissing',
      params: { clientName: visibleLine(found.connection.clientName), id: found.id },
    })
  const grant = await context.host.call('connections.approve', {
    id: found.id,
    digits,
    access,
    expiresAt: expires?.at,
    ...(workspace !== undefined && { workspace }),
    tools: tool.length > 0 ? await toolIds(context, tool) : null,
  })
  const what = say('cli.request.isConnected', {
    name: quotedLine(grant.name),
    access: accessWords(grant.access),
  })
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
  edited: string | undefined,
): Promise<void> {
  const { terminal, host, json } = context
  const call = await host.call('approvals.get', { id })
  const instead = edited === undefined ? [] : [say('cli.request.insteadRuns'), shownJsonText(edited)]
  for (const line of [...callLines(call), ...instead]) (json ? terminal.err : terminal.out)(line)
  if (!call.choices.includes(decision))
    throw usage({
      says: 'usage.notOffered',
      params: {
        holds: holds(decision),
        offered: call.choices
          .filter(isLasting)
          .map((one) => `--for ${one}`)
          .join(', '),
      },
    })
  if (!yes && (json || terminal.confirm === undefined))
    throw usage({ says: 'usage.nobodyHereCanBe', params: { id } })
  const question = say('cli.request.allowFor', { holds: holds(decision) })
  if (
    !yes &&
    !(await terminal.confirm!(`${decision === 'once' ? say('cli.request.allowOnce') : question} `))
  ) {
    context.setExitCode(exitCodes.refused)
    return context.answer({ approved: null, call }, [say('cli.request.wasNotAllowedStill')])
  }
  await host.call(
    'approvals.decide',
    decision === 'once' ? { id, decision, seen: call.seen, edited } : { id, decision, seen: call.seen },
  )
  context.answer({ approved: { kind: 'call', id, for: decision }, call }, [
    say('cli.request.mayRun', { tool: call.tool, holds: holds(decision) }),
    ...(decision === 'once' ? [] : [say('cli.request.rulesListShows')]),
  ])
}

const isLasting = (choice: ApprovalChoice): choice is Lasting => choice !== 'once' && choice !== 'never'

/** How long a yes holds, behind “may run”. */
const holds = (choice: Lasting | 'once'): string => say(`cli.request.holds.${choice}`)

const find = async (context: Context, wanted: string): Promise<Waiting> =>
  findOne(together(...(await all(context))), wanted, words)
