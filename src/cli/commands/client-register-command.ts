import { type Command, InvalidArgumentError } from 'commander'
import { say } from '../../../locales/say.ts'
import {
  type Access,
  type ClientCredentials,
  GrantType,
  type RegisteredClient,
} from '../../contract/access.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import { type Act, type Context, collect } from '../context.ts'
import { findOne } from '../find.ts'
import { facts, type Heading, table, when } from '../table.ts'
import { accessOption, accessWords } from './access-options.ts'

const words = {
  kind: 'registered',
  code: 'client-not-found',
  list: 'drawbridge client registered',
} as const

const grantType = (value: string, before: GrantType[] | undefined): GrantType[] => {
  const parsed = GrantType.safeParse(value)
  if (!parsed.success)
    throw new InvalidArgumentError(say('cli.register.allowedAre', { options: GrantType.options.join(', ') }))
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

  act(clients.command('registered').description(say('cli.register.help.registered')), async (context) => {
    const all = await context.host.call('clients.list', undefined)
    const rows = all.map((one) => [
      one.name,
      say('cli.register.confidential', { confidential: one.confidential }),
      one.workspace,
      one.grantTypes.join(' '),
      when(one.createdAt),
      one.clientId,
    ])
    const headings: Heading[] = ['name', 'kind', 'workspace', 'grants', 'since', 'id']
    const none = say('cli.register.noClientsWereRegistered')
    context.answer(all, all.length === 0 ? [none] : table(headings, rows, context.terminal.width))
  })

  act(
    clients
      .command('unregister')
      .description(say('cli.register.help.unregister'))
      .argument('<id>', say('cli.register.argument.id')),
    async (context, _options, wanted: string) => {
      const { clientId, name } = await find(context, wanted)
      await context.host.call('clients.remove', { clientId })
      context.answer({ removed: { clientId, name } }, [
        say('cli.register.noLongerRegisteredAnd', { name: quotedLine(name) }),
      ])
    },
  )
}

function addRegister(clients: Command, act: Act): void {
  act(
    clients
      .command('register')
      .description(say('cli.register.help.register'))
      .requiredOption('--name <name>', say('cli.register.option.name'))
      .option('--redirect <uri>', say('cli.register.option.redirect'), collect, [])
      .option('--confidential', say('cli.register.option.confidential'))
      .option(
        '--grant <type>',
        say('cli.register.option.grant', { options: GrantType.options.join(', ') }),
        grantType,
      )
      .option('--scope <scope>', say('cli.register.option.scope'), collect, [])
      .option('--workspace <workspace>', say('cli.register.option.workspace'), 'default')
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
  context.note(
    say('cli.register.registeredClientId', { name: quotedLine(made.name), secret: secret.length > 0 }),
  )
  context.answer(made, [made.clientId, ...secret])
  if (secret.length > 0) context.note(say('cli.register.secretNotShownAgain'))
  for (const line of facts([
    [say('cli.register.address'), made.resource],
    [say('cli.register.issuer'), made.issuer],
    [say('cli.register.authorization'), made.authorizationEndpoint],
    [say('cli.register.token'), made.tokenEndpoint],
  ]))
    context.note(line)
  context.note(
    made.grantTypes.includes('client_credentials')
      ? say('cli.register.letInDrawbridgeClient', { access: accessWords(access) })
      : say('cli.register.mayAskBeLet'),
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
