import { type Command, Option } from 'commander'
import { Access, type Grant } from '../contract/models.ts'
import { plainText } from '../headless/plain-text.ts'
import type { Act, Context } from './context.ts'
import { findOne } from './find.ts'
import { table, when } from './table.ts'

export const accessWords: Record<Access, string> = {
  look: 'look only',
  ask: 'asks before changes',
  everything: 'everything',
}

export const accessOption = () =>
  new Option('--access <level>', 'what it may do: look only, ask before changes, or everything').choices(
    Access.options,
  )

const kinds = {
  key: { kind: 'key', code: 'key-not-found', list: 'drawbridge key list' },
  client: { kind: 'client', code: 'client-not-found', list: 'drawbridge client list' },
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
      .option('--workspace <workspace>', 'which workspace it opens', 'default'),
    async (context, { name, access, workspace }: { name: string; access: Access; workspace: string }) => {
      const made = await context.host.call('keys.create', { name, access, workspace })
      context.note(
        `The key “${plainText(made.grant.name)}” (${accessWords[made.grant.access]}). Copy it now:`,
      )
      context.answer(made, [made.token])
      context.note('It is not shown again. `drawbridge key revoke` ends it.')
    },
  )

  addListAndRevoke(keys, act, 'key', 'No keys yet. `drawbridge key create --name NAME` makes one.')
  addListAndRevoke(
    program.command('client').description('the clients that were let in, such as ChatGPT'),
    act,
    'client',
    'No clients yet. `drawbridge connect` lets one ask.',
  )
}

function addListAndRevoke(group: Command, act: Act, kind: Grant['kind'], none: string): void {
  act(group.command('list').description(`show the ${kind}s and what they may do`), async (context) => {
    const grants = await list(context, kind)
    const rows = grants.map((one) => [
      one.name,
      one.access,
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
      const { id, name } = findOne(await list(context, kind), wanted, kinds[kind])
      await context.host.call('grants.revoke', { id })
      context.answer({ revoked: { id, name } }, [`“${plainText(name)}” has no access any more.`])
    },
  )
}

const list = async (context: Context, kind: Grant['kind']): Promise<Grant[]> =>
  (await context.host.call('grants.list', undefined)).filter((one) => one.kind === kind)
