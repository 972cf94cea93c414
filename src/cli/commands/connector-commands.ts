import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Connector, ConnectorAccount } from '../../contract/connectors.ts'
import { type Act, type Context, collect, usage } from '../context.ts'
import { findOne } from '../find.ts'
import { fromEnvironment, pairsOf } from './field-values.ts'

/** The services that Drawbridge can ask by itself, and what they are told. */
export function addConnectorCommands(program: Command, act: Act): void {
  const group = program.command('connector').description(say('cli.connector.help.connector'))

  act(group.command('list').description(say('cli.connector.help.list')), async (context) => {
    const connectors = await context.host.call('connectors.list', undefined)
    context.answer(connectors, connectors.flatMap(linesOf))
  })

  addTelling(group.command('set').description(say('cli.connector.help.set')), act, false)
  addTelling(group.command('add').description(say('cli.connector.help.add')), act, true)

  act(
    group
      .command('test')
      .description(say('cli.connector.help.test'))
      .argument('<connector>', say('cli.connector.argument.connector'))
      .option('--account <account>', say('cli.connector.option.account.whichOneWhere')),
    async (context, { account }: { account?: string }, wanted: string) => {
      const tested = await findAccount(context, wanted, account)
      if (tested === undefined) throw usage({ says: 'usage.noAccountTest' })
      const answer = await context.host.call('connectors.test', { id: tested.id })
      context.answer(answer, [visibleLine(answer.message)])
    },
  )

  act(
    group
      .command('remove')
      .description(say('cli.connector.help.remove'))
      .argument('<connector>', say('cli.connector.argument.connector'))
      .option('--account <account>', say('cli.connector.option.account.whichOneWhere')),
    async (context, { account }: { account?: string }, wanted: string) => {
      const gone = await findAccount(context, wanted, account)
      if (gone === undefined) throw usage({ says: 'usage.noAccountRemove' })
      await context.host.call('connectors.remove', { id: gone.id })
      context.answer(gone, [say('cli.connector.accountForgotten', { name: quotedLine(gone.name) })])
    },
  )
}

/** Tells a connector something. `another`: as an account that is not there yet. */
function addTelling(command: Command, act: Act, another: boolean): void {
  act(
    command
      .argument('<connector>', say('cli.connector.argument.connector'))
      .argument('[values...]', say('cli.connector.argument.values'))
      .option('--account <account>', say('cli.connector.option.account'))
      .option('--name <name>', say('cli.connector.option.name'))
      .option('--field <FIELD=VALUE>', say('cli.connector.option.field'), collect, [])
      .option('--env <FIELD=VARIABLE>', say('cli.connector.option.env'), collect, []),
    async (context, options: SetOptions, wanted: string, given: string[]) => {
      const values = {
        ...pairsOf([...given, ...options.field], 'FIELD=VALUE'),
        ...fromEnvironment(pairsOf(options.env, 'FIELD=VARIABLE'), context.terminal.env),
      }
      if (Object.keys(values).length === 0 && options.name === undefined)
        throw usage({ says: 'usage.changesNoConnector' })
      const { slug, name, accounts } = await findConnector(context, wanted)
      const { account } = options
      const own = another ? [] : accounts
      const known =
        account === undefined ? onlyOne(own) : own.find((one) => one.name === account || one.id === account)
      const saved = await context.host.call('connectors.save', {
        ...{ slug, id: known?.id, values },
        name: options.name ?? (known === undefined ? account : undefined),
      })
      context.answer(saved, [
        say('cli.connector.asksWithAccountFrom', {
          name: visibleLine(name),
          account: quotedLine(saved.name),
        }),
      ])
    },
  )
}

interface SetOptions {
  account?: string
  name?: string
  env: string[]
  field: string[]
}

function onlyOne(accounts: readonly ConnectorAccount[]): ConnectorAccount | undefined {
  if (accounts.length < 2) return accounts[0]
  throw usage({
    says: 'usage.severalAccounts',
    params: { accounts: accounts.map(({ name }) => name).join(', ') },
  })
}

async function findAccount(
  context: Context,
  wanted: string,
  account: string | undefined,
): Promise<ConnectorAccount | undefined> {
  const { accounts } = await findConnector(context, wanted)
  const words = { kind: 'account', code: 'account-not-found', list: 'drawbridge connector list' } as const
  return account === undefined ? onlyOne(accounts) : findOne(accounts, account, words)
}

async function findConnector(context: Context, wanted: string): Promise<Connector> {
  const all = await context.host.call('connectors.list', undefined)
  const words = { kind: 'connector', code: 'connector-not-found', list: 'drawbridge connector list' } as const
  const { id } = findOne(
    all.map(({ slug, name }) => ({ id: slug, name })),
    wanted,
    words,
  )
  return all.find(({ slug }) => slug === id)!
}

const linesOf = (connector: Connector): string[] => [
  `${connector.slug}: ${connector.about}`,
  ...connector.fields.flatMap(({ name, label, hint, kind, required, scopes }) => [
    `  ${say('cli.connector.canBeTold', { name, label, kind, required, scopes: scopes.join(', '), scoped: scopes.length > 0 })}`,
    ...(hint === '' ? [] : [`    ${visibleLine(hint)}`]),
  ]),
  ...connector.accounts.flatMap((account) => [
    `  ${say('cli.connector.account', { name: quotedLine(account.name), id: account.id })}`,
    ...Object.entries(account.values).map(
      ([field, value]) => `    ${field}: ${visibleLine(value.split('\n').join(', '))}`,
    ),
    ...account.secrets.map((field) => `    ${say('cli.connector.keptInVault', { field })}`),
  ]),
  ...(connector.examples.length > 0 ? [`  ${say('connectors.askFor')}`] : []),
  ...connector.examples.map((example) => `    ${example}`),
]
