import type { Command } from 'commander'
import { inQuotes } from '../../contract/agreed/visible-text.ts'
import type { Rule } from '../../contract/rules.ts'
import { type Act, type Context, usage } from '../context.ts'
import { findOne } from '../find.ts'
import { table, when } from '../table.ts'
import { type Expires, expiresOption } from './access-options.ts'

const words = { kind: 'rule', code: 'rule-not-found', list: 'drawbridge rules list' }

interface ChangeOptions {
  expires?: Expires
  afterReading?: 'ask' | 'allow'
}

/** The owner's answers that hold for more than one call. */
export function addRuleCommands(program: Command, act: Act): void {
  const group = program.command('rules').description('your answers that hold for more than one call')
  act(group.command('list').description('show what is allowed, and what never is, without asking'), list)
  act(
    group
      .command('revoke')
      .description('end a rule, or all of one client')
      .argument('[id]', 'from `drawbridge rules list`; its beginning is enough')
      .option('--client <name>', 'all rules of this client, by its name or id'),
    revoke,
  )
  act(
    group
      .command('change')
      .description('say until when a rule holds')
      .argument('<id>', 'from `drawbridge rules list`; its beginning is enough')
      .addOption(expiresOption())
      .option(
        '--after-reading <what>',
        'ask (the default) or allow, once something untrusted was read in the chat',
      ),
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
    rule.inChat ? 'in one chat' : rule.exactly === null ? 'whatever the arguments' : 'exactly this',
    rule.until === null ? 'for ever' : when(rule.until),
    String(rule.uses),
    rule.lastUsedAt === null ? '-' : when(rule.lastUsedAt),
    stateOf(rule),
  ])
  context.answer(
    rules,
    rows.length === 0
      ? ['No rules. An answer that holds for longer (`drawbridge approve ID --for …`) makes one.']
      : table(
          ['ID', 'EFFECT', 'WHO', 'WHAT', 'WHEN', 'UNTIL', 'USED', 'LAST', 'STATE'],
          rows,
          context.terminal.width,
        ),
  )
}

const reasons: Record<NonNullable<Rule['sleeps']>['why'], string> = {
  'tool-changed': 'the tool changed',
  'server-changed': 'its server changed',
  destructive: 'the tool can delete things now',
}

function stateOf({ state, sleeps, waivesTaint }: Rule): string {
  const said =
    sleeps === null
      ? { active: 'holds', asleep: 'sleeps', absent: 'its tool is not there', over: 'is over' }[state]
      : `sleeps since ${when(sleeps.since)}, because ${reasons[sleeps.why]}`
  return waivesTaint ? `${said}; also after reading something untrusted` : said
}

async function revoke(
  context: Context,
  { client }: { client?: string },
  wanted: string | undefined,
): Promise<void> {
  if ((client === undefined) === (wanted === undefined))
    throw usage('It does not say which rule.', 'Give either the id of a rule or --client.')
  if (client !== undefined) {
    const kind = { kind: 'client', code: 'grant-not-found', list: 'drawbridge clients' }
    const grant = findOne(await context.host.call('grants.list', undefined), client, kind)
    const { revoked } = await context.host.call('rules.revokeAll', { grantId: grant.id })
    return context.answer({ revoked }, [`${revoked === 1 ? 'One rule is' : `${revoked} rules are`} revoked.`])
  }
  const { id } = await find(context, wanted!)
  const rule = await context.host.call('rules.revoke', { id })
  context.answer({ revoked: rule }, [
    rule.effect === 'never'
      ? `${inQuotes(rule.clientName)} may ask for ${rule.tool} again.`
      : `${inQuotes(rule.clientName)} has to ask for ${rule.tool} again.`,
  ])
}

async function change(
  context: Context,
  { expires, afterReading }: ChangeOptions,
  wanted: string,
): Promise<void> {
  if (expires === undefined && afterReading === undefined)
    throw usage('It does not say what to change.', 'Give --expires, --after-reading, or both.')
  if (afterReading !== undefined && afterReading !== 'ask' && afterReading !== 'allow')
    throw usage(
      '--after-reading takes ask or allow.',
      `drawbridge rules change ${wanted} --after-reading ask`,
    )
  const { id } = await find(context, wanted)
  const rule = await context.host.call('rules.change', {
    id,
    until: expires?.at,
    waivesTaint: afterReading === undefined ? undefined : afterReading === 'allow',
  })
  context.answer(rule, [
    `The rule about ${rule.tool} holds ${rule.until === null ? 'until you revoke it' : `until ${when(rule.until)}`}.`,
    ...(rule.waivesTaint
      ? [
          'It also holds after something untrusted was read: what was read may then make the assistant use it.',
        ]
      : []),
  ])
}

const find = async (context: Context, wanted: string): Promise<Rule> =>
  findOne(await context.host.call('rules.list', undefined), wanted, words)
