import type { Command } from 'commander'
import type { Access, Grant } from '../../contract/access.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import type { Act, Context } from '../context.ts'
import { findOne } from '../find.ts'
import { table, when } from '../table.ts'
import { accessOption, accessWords, type Expires, expiresOption, toolOption } from './access-options.ts'
import { addRegistrationCommands } from './client-register-command.ts'
import {
  addAskAgainCommand,
  addPauseCommands,
  addUpdateCommand,
  type FindGrant,
} from './grant-change-commands.ts'
import { toolIds } from './tool-commands.ts'

const kinds = {
  key: { kind: 'key', code: 'key-not-found', list: 'drawbridge key list' },
  client: { kind: 'client', code: 'client-not-found', list: 'drawbridge client list' },
}

interface CreateOptions {
  name: string
  access: Access
  workspace: string
  tool: string[]
  expires?: Expires
}

/** Keys and clients: everybody who may call tools. */
export function addAccessCommands(program: Command, act: Act): void {
  const keys = program.command('key').description('named keys for programs without a sign-in of their own')

  act(
    keys
      .command('create')
      .description('make a key; it is printed once, alone on its line, and never again')
      .requiredOption('--name <name>', 'how it is called on the Access page')
      .addOption(accessOption().default('ask'))
      .option('--workspace <workspace>', 'which workspace it opens', 'default')
      .addOption(toolOption())
      .addOption(expiresOption()),
    async (context, { name, access, workspace, tool, expires }: CreateOptions) => {
      const tools = tool.length > 0 ? await toolIds(context, tool) : null
      const made = await context.host.call('keys.create', {
        name,
        access,
        workspace,
        tools,
        expiresAt: expires?.at,
      })
      context.note(`The key ${quotedLine(made.grant.name)} (${accessWords[made.grant.access]}). Copy it now:`)
      context.answer(made, [made.token])
      context.note('It is not shown again. `drawbridge key revoke` ends it.')
    },
  )

  addListAndRevoke(keys, act, 'key', 'No keys yet. `drawbridge key create --name NAME` makes one.')
  addUpdateCommand(keys, act, 'key', findGrant('key'))
  addPauseCommands(keys, act, 'key', findGrant('key'))

  const clients = program.command('client').description('the clients that were let in, such as ChatGPT')
  addListAndRevoke(clients, act, 'client', 'No clients yet. `drawbridge connect` lets one ask.')
  addUpdateCommand(clients, act, 'client', findGrant('client'))
  addPauseCommands(clients, act, 'client', findGrant('client'))
  addAskAgainCommand(clients, act, findGrant('client'))
  addRegistrationCommands(clients, act)
}

function addListAndRevoke(group: Command, act: Act, kind: Grant['kind'], none: string): void {
  act(group.command('list').description(`show the ${kind}s and what they may do`), async (context) => {
    const grants = await list(context, kind)
    const rows = grants.map((one) => [
      one.name,
      one.pausedUntil == null ? one.access : `${one.access}, paused`,
      one.workspace,
      when(one.lastSeenAt),
      String(one.callsToday),
      one.id,
    ])
    const headings = ['NAME', 'ACCESS', 'WORKSPACE', 'LAST SEEN', 'CALLS TODAY', 'ID']
    context.answer(grants, grants.length === 0 ? [none] : table(headings, rows, context.terminal.width))
  })

  act(
    group
      .command('revoke')
      .description(`end the access of a ${kind} at once`)
      .argument('<name>', 'its name or id'),
    async (context, _options, wanted: string) => {
      const { id, name } = await findGrant(kind)(context, wanted)
      await context.host.call('grants.revoke', { id })
      context.answer({ revoked: { id, name } }, [`${quotedLine(name)} has no access any more.`])
    },
  )
}

const list = async (context: Context, kind: Grant['kind']): Promise<Grant[]> =>
  (await context.host.call('grants.list', undefined)).filter((one) => one.kind === kind)

const findGrant =
  (kind: Grant['kind']): FindGrant =>
  async (context, wanted) =>
    findOne(await list(context, kind), wanted, kinds[kind])
