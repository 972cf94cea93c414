import { resolve } from 'node:path'
import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Output } from '../../contract/api.ts'
import type { Folder } from '../../contract/folders.ts'
import { type Act, type Context, collect, usage } from '../context.ts'
import { findOne } from '../find.ts'

/** The folders whose documents assistants may find and read. */
export function addFolderCommands(program: Command, act: Act): void {
  const group = program.command('folder').description(say('cli.folder.help.folder'))

  act(
    group
      .command('add')
      .description(say('cli.folder.help.add'))
      .argument('<path>', say('cli.folder.argument.path'))
      .option('--exclude <pattern>', say('cli.folder.option.exclude'), collect, [])
      .option('--write', say('cli.folder.option.write')),
    async (context, { exclude, write = false }: { exclude: string[]; write?: boolean }, path: string) => {
      const wanted = path === '~' || path.startsWith('~/') ? path : resolve(context.terminal.cwd, path)
      const added = await context.host.call('folders.add', {
        path: wanted,
        excludes: exclude,
        writable: write,
      })
      context.answer(added, [say('cli.folder.added', { name: visibleLine(added.name) })])
    },
  )

  act(group.command('list').description(say('cli.folder.help.list')), async (context) => {
    const folders = await context.host.call('folders.list', undefined)
    context.answer(folders, folders.length > 0 ? folders.flatMap(linesOf) : [say('cli.folder.none')])
  })

  act(
    group
      .command('status')
      .description(say('cli.folder.help.status'))
      .argument('[folder]', say('cli.folder.argument.folder')),
    async (context, _options, wanted: string | undefined) => {
      const all = await context.host.call('folders.list', undefined)
      const folders = wanted === undefined ? all : [findFolder(all, wanted)]
      const statuses = await Promise.all(
        folders.map(async (folder) => ({
          ...folder,
          leftOut: await context.host.call('folders.skipped', { id: folder.id }),
        })),
      )
      const lines = statuses.flatMap((one) => [...linesOf(one), ...leftOutLines(one.leftOut)])
      context.answer(statuses, lines.length > 0 ? lines : [say('cli.folder.none')])
    },
  )

  act(
    group
      .command('remove')
      .description(say('cli.folder.help.remove'))
      .argument('<folder>', say('cli.folder.argument.folder')),
    async (context, _options, wanted: string) => {
      const folder = await theFolder(context, wanted)
      await context.host.call('folders.remove', { id: folder.id })
      context.answer(folder, [say('cli.folder.removed', { name: visibleLine(folder.name) })])
    },
  )
  addRefreshing(group, act)
  addPausing(group, act)
  addSetting(group, act)
}

function addRefreshing(group: Command, act: Act): void {
  act(
    group
      .command('refresh')
      .description(say('cli.folder.help.refresh'))
      .argument('[folder]', say('cli.folder.argument.folder')),
    async (context, _options, wanted: string | undefined) => {
      const all = await context.host.call('folders.list', undefined)
      const refreshed: Folder[] = []
      for (const { id } of wanted === undefined ? all : [findFolder(all, wanted)])
        refreshed.push(await context.host.call('folders.refresh', { id }))
      const lines = refreshed.flatMap(linesOf)
      context.answer(refreshed, lines.length > 0 ? lines : [say('cli.folder.none')])
    },
  )
}

function addSetting(group: Command, act: Act): void {
  act(
    group
      .command('set')
      .description(say('cli.folder.help.set'))
      .argument('<folder>', say('cli.folder.argument.folder'))
      .option('--write', say('cli.folder.option.write'))
      .option('--no-write', say('cli.folder.option.noWrite')),
    async (context, { write }: { write?: boolean }, wanted: string) => {
      if (write === undefined) throw usage({ says: 'usage.folderSetNothing' })
      const { id } = await theFolder(context, wanted)
      const folder = await context.host.call('folders.change', { id, writable: write })
      context.answer(folder, linesOf(folder))
    },
  )
}

function addPausing(group: Command, act: Act): void {
  for (const name of ['pause', 'resume'] as const)
    act(
      group
        .command(name)
        .description(say(`cli.folder.help.${name}`))
        .argument('<folder>', say('cli.folder.argument.folder')),
      async (context, _options, wanted: string) => {
        const { id } = await theFolder(context, wanted)
        const folder = await context.host.call('folders.change', { id, paused: name === 'pause' })
        context.answer(folder, linesOf(folder))
      },
    )
}

const theFolder = async (context: Context, wanted: string): Promise<Folder> =>
  findFolder(await context.host.call('folders.list', undefined), wanted)

const findFolder = (all: readonly Folder[], wanted: string): Folder =>
  findOne(all, wanted, { kind: 'folder', code: 'folder-not-found', list: 'drawbridge folder list' })

const linesOf = ({ name, path, state, documents, waiting, isWritable }: Folder): string[] => [
  say('cli.folder.line', {
    name: visibleLine(name),
    state: say(`folders.state.${state}`, { documents, waiting }),
  }),
  `  ${visibleLine(path)}`,
  ...(isWritable ? [say('cli.folder.writable')] : []),
]

const leftOutLines = ({ reasons, items }: Output<'folders.skipped'>): string[] =>
  reasons.flatMap(({ reason, count }) => [
    say('cli.folder.skippedLine', { count, reason: say(`folders.reason.${reason}`) }),
    ...items
      .filter((one) => one.reason === reason)
      .slice(0, 5)
      .map(({ path }) => `    ${visibleLine(path)}`),
  ])
