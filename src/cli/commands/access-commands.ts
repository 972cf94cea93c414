import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import type { Access, Grant } from '../../contract/access.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import type { Act, Context } from '../context.ts'
import { findOne } from '../find.ts'
import { type Heading, table, when } from '../table.ts'
import {
  abilityOption,
  accessOption,
  accessWords,
  type Expires,
  expiresOption,
  toolOption,
} from './access-options.ts'
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
} as const

interface CreateOptions {
  name: string
  access: Access
  workspace: string
  tool: string[]
  ability: string[]
  expires?: Expires
}

/** Keys and clients: everybody who may call tools. */
export function addAccessCommands(program: Command, act: Act): void {
  const keys = program.command('key').description(say('cli.access.help.key'))

  act(
    keys
      .command('create')
      .description(say('cli.access.help.create'))
      .requiredOption('--name <name>', say('cli.access.option.name'))
      .addOption(accessOption().default('ask'))
      .option('--workspace <workspace>', say('cli.access.option.workspace'), 'default')
      .addOption(toolOption())
      .addOption(abilityOption())
      .addOption(expiresOption()),
    async (context, { name, access, workspace, tool, ability, expires }: CreateOptions) => {
      const tools = tool.length > 0 ? await toolIds(context, tool) : null
      const made = await context.host.call('keys.create', {
        name,
        access,
        workspace,
        tools,
        ...(ability.length > 0 && { abilities: ability }),
        expiresAt: expires?.at,
      })
      context.note(
        say('cli.access.keyCopyNow', {
          name: quotedLine(made.grant.name),
          access: accessWords(made.grant.access),
        }),
      )
      context.answer(made, [made.token])
      context.note(say('cli.access.notShownAgain'))
    },
  )

  addListAndRevoke(keys, act, 'key', say('cli.access.noKeys'))
  addUpdateCommand(keys, act, 'key', findGrant('key'))
  addPauseCommands(keys, act, 'key', findGrant('key'))

  const clients = program.command('client').description(say('cli.access.help.client'))
  addListAndRevoke(clients, act, 'client', say('cli.access.noClients'))
  addUpdateCommand(clients, act, 'client', findGrant('client'))
  addPauseCommands(clients, act, 'client', findGrant('client'))
  addAskAgainCommand(clients, act, findGrant('client'))
  addRegistrationCommands(clients, act)
}

function addListAndRevoke(group: Command, act: Act, kind: Grant['kind'], none: string): void {
  act(group.command('list').description(say(`cli.access.help.list.${kind}`)), async (context) => {
    const grants = await list(context, kind)
    const rows = grants.map((one) => [
      one.name,
      one.pausedUntil == null ? one.access : say('cli.access.paused', { access: one.access }),
      one.workspace,
      when(one.lastSeenAt),
      String(one.callsToday),
      one.id,
    ])
    const headings: Heading[] = ['name', 'access', 'workspace', 'lastSeen', 'callsToday', 'id']
    context.answer(grants, grants.length === 0 ? [none] : table(headings, rows, context.terminal.width))
  })

  act(
    group
      .command('revoke')
      .description(say(`cli.access.help.revoke.${kind}`))
      .argument('<name>', say('cli.access.argument.name')),
    async (context, _options, wanted: string) => {
      const { id, name } = await findGrant(kind)(context, wanted)
      await context.host.call('grants.revoke', { id })
      context.answer({ revoked: { id, name } }, [say('cli.access.revoked', { name: quotedLine(name) })])
    },
  )
}

const list = async (context: Context, kind: Grant['kind']): Promise<Grant[]> =>
  (await context.host.call('grants.list', undefined)).filter((one) => one.kind === kind)

const findGrant =
  (kind: Grant['kind']): FindGrant =>
  async (context, wanted) =>
    findOne(await list(context, kind), wanted, kinds[kind])
