import { type Command, InvalidArgumentError, Option } from 'commander'
import { say } from '../../../locales/say.ts'
import { type ActivityFilter, Call, type Counts, ExportFormat } from '../../contract/activity.ts'
import { callDecision, callOutcome } from '../../contract/agreed/call-outcome.ts'
import { successOf, workedOf } from '../../contract/agreed/usage-sums.ts'
import { checkSentences, isWhole } from '../../contract/agreed/words/check.ts'
import { daysBack } from '../../contract/agreed/words/local-time.ts'
import { isHostError } from '../../kernel/errors.ts'
import { type Act, type Context, usage } from '../context.ts'
import { momentOf } from '../dates.ts'
import { exitCodes } from '../exit-codes.ts'
import { findOne } from '../find.ts'
import { type Heading, table, when } from '../table.ts'
import { exportActivity } from './activity-export.ts'
import { showCall } from './activity-show.ts'

type FilterOptions = Omit<ActivityFilter, 'grantId'> & { assistant?: string; search?: string }

const usualRows = 50

/** The call log: looked through, exported, checked, added up. */
export function addActivityCommands(program: Command, act: Act): void {
  const group = program.command('activity').description(say('cli.activity.help.activity'))
  act(
    withFilter(group.command('list').description(say('cli.activity.help.list')))
      .option('--limit <number>', say('cli.activity.option.limit'), whole(500), usualRows)
      .option('--before <id>', say('cli.activity.option.before')),
    list,
  )
  act(
    group
      .command('show')
      .description(say('cli.activity.help.show'))
      .argument('<id>', say('cli.activity.argument.id')),
    showCall,
  )
  act(
    withFilter(group.command('export').description(say('cli.activity.help.export')))
      .argument('[file]', say('cli.activity.argument.file'))
      .addOption(
        new Option('--format <format>', say('cli.activity.option.format'))
          .choices(ExportFormat.options)
          .default('csv'),
      )
      .option('--force', say('cli.activity.option.force')),
    async (
      context: Context,
      { format, force, ...options }: FilterOptions & { format: ExportFormat; force?: boolean },
      file: string | undefined,
    ) => exportActivity(context, { format, ...(await asked(context, options)) }, file, force === true),
  )
  act(group.command('check').description(say('cli.activity.help.check')), async (context) => {
    context.note(say('cli.activity.checking'))
    const found = await context.host.call('activity.check', undefined)
    if (!isWhole(found)) context.setExitCode(exitCodes.failure)
    context.answer(found, [...checkSentences(found), ...found.changed.map((id) => `  ${id}`)])
  })
  act(
    group
      .command('usage')
      .description(say('cli.activity.help.usage'))
      .option('--days <number>', say('cli.activity.option.days'), whole(366), 7),
    showUsage,
  )
}

const withFilter = (command: Command): Command =>
  command
    .option('--assistant <name>', say('cli.activity.option.assistant'))
    .option('--tool <tool>', say('cli.activity.option.tool'))
    .option('--source <source>', say('cli.activity.option.source'))
    .addOption(new Option('--risk <risk>', say('cli.activity.option.risk')).choices(Call.shape.risk.options))
    .addOption(
      new Option('--outcome <outcome>', say('cli.activity.option.outcome')).choices(
        Call.shape.outcome.options,
      ),
    )
    .addOption(
      new Option('--decision <decision>', say('cli.activity.option.decision')).choices(
        Call.shape.decision.options,
      ),
    )
    .option('--since <date>', say('cli.activity.option.since'), (value) => momentOf(value, 'begins'))
    .option('--until <date>', say('cli.activity.option.until'), (value) => momentOf(value, 'ends'))
    .option('--search <words>', say('cli.activity.option.search'))

const whole = (most: number) => (text: string) => {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text)
  throw new InvalidArgumentError(say('cli.activity.wholeNumber', { most }))
}

/** Who is meant: one that is let in now, or the id of one that was. */
export async function grantIdOf(context: Context, wanted: string): Promise<string> {
  const grants = await context.host.call('grants.list', undefined)
  const words = { kind: 'client', code: 'client-not-found', list: 'drawbridge client list' } as const
  try {
    return findOne(grants, wanted, words).id
  } catch (error) {
    if (isHostError(error) && error.code === 'client-not-found' && wanted.startsWith('grant_')) return wanted
    throw error
  }
}

async function asked(context: Context, options: FilterOptions) {
  const { assistant, tool, source, risk, outcome, decision, since, until, search } = options
  if (since !== undefined && until !== undefined && since >= until) throw usage({ says: 'usage.endsBefore' })
  const given = { tool, source, risk, outcome, decision, since, until }
  const filter: ActivityFilter = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(assistant !== undefined && { grantId: await grantIdOf(context, assistant) }),
  }
  return { filter, ...(search !== undefined && { search }) }
}

async function list(
  context: Context,
  { limit, before, ...options }: FilterOptions & { limit: number; before?: string },
): Promise<void> {
  const calls = await context.host.call('activity.list', {
    ...(await asked(context, options)),
    limit,
    ...(before !== undefined && { before }),
  })
  const rows = calls.map(({ at, clientName, tool, source, decision, outcome, rule, id }) => [
    when(at),
    clientName,
    tool,
    source,
    rule === null
      ? callDecision({ decision, outcome, rule })
      : say('cli.activity.byRule', {
          decision: callDecision({ decision, outcome, rule }),
          since: when(rule.since),
        }),
    callOutcome({ outcome, decision }),
    id,
  ])
  context.answer(
    calls,
    rows.length === 0
      ? [say('cli.activity.none')]
      : table(['time', 'who', 'what', 'from', 'decision', 'result', 'id'], rows, context.terminal.width),
  )
}

async function showUsage(context: Context, { days }: { days: number }): Promise<void> {
  const found = await context.host.call('activity.usage', daysBack(days, Date.now()))
  const { width } = context.terminal
  const part = (first: Heading, rows: [name: string, counts: Counts][]) => [
    ...table([first, 'calls', 'changes', 'failed', 'denied', 'worked', 'average'], rows.map(cells), width),
    '',
  ]
  const lines = [
    ...part(
      'day',
      found.days.map((one) => [one.day, one]),
    ),
    ...part(
      'what',
      found.tools.map((one) => [`${one.tool} (${one.source})`, one]),
    ),
    ...part(
      'from',
      found.sources.map((one) => [one.source, one]),
    ),
    ...part(
      'who',
      found.assistants.map((one) => [one.clientName, one]),
    ),
  ]
  const signIns = (['signIns', 'tokens'] as const).map((what) => {
    const [ended, share] = [found.signIns[what], workedOf(found.signIns[what])]
    const percent = share === null ? '-' : say('usage.percent', { percent: Math.floor(100 * share) })
    return [say(`usage.signIns.${what}`), String(ended.worked), String(ended.failed), percent]
  })
  context.answer(found, [
    ...(found.tools.length === 0 ? [say('cli.activity.none'), ''] : lines),
    ...table(['what', 'good', 'failed', 'worked'], signIns, width),
  ])
}

function cells([name, counts]: [string, Counts]): string[] {
  const { calls, changes, failed, denied, milliseconds } = counts
  const success = successOf(counts)
  return [
    name,
    ...[calls, changes, failed, denied].map(String),
    success === null ? '-' : say('usage.percent', { percent: Math.floor(100 * success) }),
    calls === 0 ? '-' : `${Math.round(milliseconds / calls)} ms`,
  ]
}
