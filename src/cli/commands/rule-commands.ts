import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { inQuotes } from '../../contract/agreed/visible-text.ts'
import type { Rule } from '../../contract/rules.ts'
import { type Act, type Context, usage } from '../context.ts'
import { findOne } from '../find.ts'
import { table, when } from '../table.ts'
import { type Expires, expiresOption } from './access-options.ts'

const words = { kind: 'rule', code: 'rule-not-found', list: 'drawbridge rules list' } as const

interface ChangeOptions {
  expires?: Expires
  afterReading?: 'ask' | 'allow'
}

/** The owner's answers that hold for more than one call. */
export function addRuleCommands(program: Command, act: Act): void {
  const group = program.command('rules').description(say('cli.rule.help.rules'))
  act(group.command('list').description(say('cli.rule.help.list')), list)
  act(
    group
      .command('revoke')
      .description(say('cli.rule.help.revoke'))
      .argument('[id]', say('cli.rule.argument.id'))
      .option('--client <name>', say('cli.rule.option.client')),
    revoke,
  )
  act(
    group
      .command('change')
      .description(say('cli.rule.help.change'))
      .argument('<id>', say('cli.rule.argument.id'))
      .addOption(expiresOption())
      .option('--after-reading <what>', say('cli.rule.option.afterReading')),
    change,
  )
}

async function list(context: Context): Promise<void> {
  const rules = await context.host.call('rules.list', undefined)
  const rows = rules.map((rule) => [
    rule.id,
    rule.effect,
    rule.clientName,
    rule.exactly ?? rule.tool,
    say(
      rule.inChat ? 'cli.rule.inOneChat' : rule.exactly === null ? 'cli.rule.anything' : 'cli.rule.exactly',
    ),
    rule.until === null ? say('cli.rule.forEver') : when(rule.until),
    String(rule.uses),
    rule.lastUsedAt === null ? '-' : when(rule.lastUsedAt),
    stateOf(rule),
  ])
  context.answer(
    rules,
    rows.length === 0
      ? [say('cli.rule.none')]
      : table(
          ['id', 'effect', 'who', 'what', 'holdsFor', 'until', 'used', 'lastUsed', 'state'],
          rows,
          context.terminal.width,
        ),
  )
}

function stateOf({ state, sleeps, waivesTaint }: Rule): string {
  const said =
    sleeps === null
      ? say(`cli.rule.is.${state}`)
      : say('cli.rule.sleeps', { since: when(sleeps.since), why: say(`cli.rule.why.${sleeps.why}`) })
  return waivesTaint ? `${said}; ${say('cli.rule.alsoAfterReading')}` : said
}

async function revoke(
  context: Context,
  { client }: { client?: string },
  wanted: string | undefined,
): Promise<void> {
  if ((client === undefined) === (wanted === undefined)) throw usage({ says: 'usage.whichRule' })
  if (client !== undefined) {
    const kind = { kind: 'client', code: 'grant-not-found', list: 'drawbridge client list' } as const
    const grant = findOne(await context.host.call('grants.list', undefined), client, kind)
    const { revoked } = await context.host.call('rules.revokeAll', { grantId: grant.id })
    return context.answer({ revoked }, [say('cli.rule.revoked', { count: revoked })])
  }
  const { id } = await find(context, wanted!)
  const rule = await context.host.call('rules.revoke', { id })
  context.answer({ revoked: rule }, [
    say(rule.effect === 'never' ? 'cli.rule.mayAskAgain' : 'cli.rule.hasToAsk', {
      client: inQuotes(rule.clientName),
      tool: rule.tool,
    }),
  ])
}

async function change(
  context: Context,
  { expires, afterReading }: ChangeOptions,
  wanted: string,
): Promise<void> {
  if (expires === undefined && afterReading === undefined) throw usage({ says: 'usage.whatToChange' })
  if (afterReading !== undefined && afterReading !== 'ask' && afterReading !== 'allow')
    throw usage({ says: 'usage.afterReading', params: { id: wanted } })
  const { id } = await find(context, wanted)
  const rule = await context.host.call('rules.change', {
    id,
    until: expires?.at,
    waivesTaint: afterReading === undefined ? undefined : afterReading === 'allow',
  })
  context.answer(rule, [
    rule.until === null
      ? say('cli.rule.holdsOn', { tool: rule.tool })
      : say('cli.rule.holdsUntil', { tool: rule.tool, until: when(rule.until) }),
    ...(rule.waivesTaint ? [say('cli.rule.warning')] : []),
  ])
}

const find = async (context: Context, wanted: string): Promise<Rule> =>
  findOne(await context.host.call('rules.list', undefined), wanted, words)
