import { type Command, InvalidArgumentError } from 'commander'
import {
  type Access,
  type ClientCredentials,
  GrantType,
  type RegisteredClient,
} from '../../contract/access.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import { type Act, type Context, collect } from '../context.ts'
import { findOne } from '../find.ts'
import { facts, table, when } from '../table.ts'
import { accessOption, accessWords } from './access-options.ts'

const words = { kind: 'registered client', code: 'client-not-found', list: 'drawbridge client registered' }

const grantType = (value: string, before: GrantType[] | undefined): GrantType[] => {
  const parsed = GrantType.safeParse(value)
  if (!parsed.success) throw new InvalidArgumentError(`Allowed are ${GrantType.options.join(', ')}.`)
  return [...(before ?? []), parsed.data]
}

interface RegisterOptions {
  name: string
  redirect: string[]
  grant?: GrantType[]
  scope: string[]
  confidential?: boolean
  workspace: string
  access?: Access
}

/** Clients registered by hand: for apps that cannot introduce themselves, and programs that sign in by themselves. */
export function addRegistrationCommands(clients: Command, act: Act): void {
  addRegister(clients, act)

  act(clients.command('registered').description('show the clients registered by hand'), async (context) => {
    const all = await context.host.call('clients.list', undefined)
    const rows = all.map((one) => [
      one.name,
      one.confidential ? 'confidential' : 'public',
      one.workspace,
      one.grantTypes.join(' '),
      when(one.createdAt),
      one.clientId,
    ])
    const headings = ['NAME', 'KIND', 'WORKSPACE', 'GRANTS', 'SINCE', 'ID']
    const none = 'No clients were registered by hand. `drawbridge client register --name NAME` does it.'
    context.answer(all, all.length === 0 ? [none] : table(headings, rows, context.terminal.width))
  })

  act(
    clients
      .command('unregister')
      .description('forget a client registered by hand, and end its access at once')
      .argument('<id>', 'its id or name'),
    async (context, _options, wanted: string) => {
      const { clientId, name } = await find(context, wanted)
      await context.host.call('clients.remove', { clientId })
      context.answer({ removed: { clientId, name } }, [
        `${quotedLine(name)} is no longer registered and has no access any more.`,
      ])
    },
  )
}

function addRegister(clients: Command, act: Act): void {
  act(
    clients
      .command('register')
      .description('register a client by hand; its id and secret are printed once, each alone on its line')
      .requiredOption('--name <name>', 'how it is called on the Access page')
      .option('--redirect <uri>', 'where its sign-in leads back to (repeatable)', collect, [])
      .option('--confidential', 'it keeps a secret; without this it is public and uses PKCE alone')
      .option(
        '--grant <type>',
        `how it gets tokens: ${GrantType.options.join(', ')} (repeatable; without it: the first two)`,
        grantType,
      )
      .option(
        '--scope <scope>',
        'what it may ask for (repeatable; without it: whatever it is let in for)',
        collect,
        [],
      )
      .option('--workspace <workspace>', 'which workspace it is for', 'default')
      .addOption(accessOption()),
    async (context, options: RegisterOptions) => {
      const made = await context.host.call('clients.register', {
        name: options.name,
        redirectUris: options.redirect,
        grantTypes: options.grant,
        scopes: options.scope,
        confidential: options.confidential === true,
        workspace: options.workspace,
        access: options.access,
      })
      showRegistered(context, made, options.access ?? 'look')
    },
  )
}

function showRegistered(context: Context, made: ClientCredentials, access: Access): void {
  const secret = made.clientSecret === null ? [] : [made.clientSecret]
  const then = secret.length === 0 ? '' : ', then its secret'
  context.note(`${quotedLine(made.name)} is registered. Its client id${then}:`)
  context.answer(made, [made.clientId, ...secret])
  if (secret.length > 0) context.note('The secret is not shown again.')
  for (const line of facts([
    ['Address', made.resource],
    ['Issuer', made.issuer],
    ['Authorization', made.authorizationEndpoint],
    ['Token', made.tokenEndpoint],
  ]))
    context.note(line)
  context.note(
    made.grantTypes.includes('client_credentials')
      ? `It is let in (${accessWords[access]}). \`drawbridge client update\` changes that.`
      : 'It may ask to be let in while `drawbridge connect other` allows it.',
  )
}

async function find(context: Context, wanted: string): Promise<RegisteredClient> {
  const all = await context.host.call('clients.list', undefined)
  return findOne(
    all.map((one) => ({ ...one, id: one.clientId })),
    wanted,
    words,
  )
}
