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

  act(
    group
      .command('set')
      .description(say('cli.connector.help.set'))
      .argument('<connector>', say('cli.connector.argument.connector'))
      .argument('[values...]', say('cli.connector.argument.values'))
      .option('--account <account>', say('cli.connector.option.account'))
      .option('--name <name>', say('cli.connector.option.name'))
      .option('--env <FIELD=VARIABLE>', say('cli.connector.option.env'), collect, []),
    async (context, options: SetOptions, wanted: string, given: string[]) => {
      const values = {
        ...pairsOf(given, 'FIELD=VALUE'),
        ...fromEnvironment(pairsOf(options.env, 'FIELD=VARIABLE'), context.terminal.env),
      }
      if (Object.keys(values).length === 0 && options.name === undefined)
        throw usage({ says: 'usage.changesNoConnector' })
      const { slug, name, accounts } = await findConnector(context, wanted)
      const { account } = options
      const known =
        account === undefined
          ? onlyOne(accounts)
          : accounts.find((one) => one.name === account || one.id === account)
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

  act(
    group
      .command('remove')
      .description(say('cli.connector.help.remove'))
      .argument('<connector>', say('cli.connector.argument.connector'))
      .option('--account <account>', say('cli.connector.option.account.whichOneWhere')),
    async (context, { account }: { account?: string }, wanted: string) => {
      const { accounts } = await findConnector(context, wanted)
      const words = { kind: 'account', code: 'account-not-found', list: 'drawbridge connector list' } as const
      const gone = account === undefined ? onlyOne(accounts) : findOne(accounts, account, words)
      if (gone === undefined) throw usage({ says: 'usage.noAccountRemove' })
      await context.host.call('connectors.remove', { id: gone.id })
      context.answer(gone, [say('cli.connector.accountForgotten', { name: quotedLine(gone.name) })])
    },
  )
}

interface SetOptions {
  account?: string
  name?: string
  env: string[]
}

function onlyOne(accounts: readonly ConnectorAccount[]): ConnectorAccount | undefined {
  if (accounts.length < 2) return accounts[0]
  throw usage({
    says: 'usage.severalAccounts',
    params: { accounts: accounts.map(({ name }) => name).join(', ') },
  })
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
  ...connector.fields.map(
    ({ name, label, kind, required, scopes }) =>
      `  ${say('cli.connector.canBeTold', { name, label, kind, required, scopes: scopes.join(', '), scoped: scopes.length > 0 })}`,
  ),
  ...connector.accounts.flatMap((account) => [
    `  ${say('cli.connector.account', { name: quotedLine(account.name), id: account.id })}`,
    ...Object.entries(account.values).map(
      ([field, value]) => `    ${field}: ${visibleLine(value.split('\n').join(', '))}`,
    ),
    ...account.secrets.map((field) => `    ${say('cli.connector.keptInVault', { field })}`),
  ]),
]
