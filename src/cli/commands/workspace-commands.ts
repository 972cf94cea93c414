import type { Command } from 'commander'
import { saidLater, say } from '../../../locales/say.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import { HostError } from '../../kernel/errors.ts'
import { type Act, type Context, collect, usage } from '../context.ts'
import { facts, table } from '../table.ts'

/** Workspaces: sets of sources with addresses of their own. */
export function addWorkspaceCommands(program: Command, act: Act): void {
  const group = program.command('workspace').description(say('cli.workspace.help.workspace'))

  act(group.command('list').description(say('cli.workspace.help.list')), async (context) => {
    const all = await context.host.call('workspaces.list', undefined)
    const rows = all.map((one) => [
      one.name,
      one.title,
      one.sources === null
        ? say('cli.workspace.everything')
        : one.sources.join(' ') || say('cli.workspace.nothing'),
      one.publicUrl ?? one.localUrl,
    ])
    context.answer(all, table(['name', 'title', 'sources', 'address'], rows, context.terminal.width))
  })

  act(
    group
      .command('create')
      .description('make a workspace')
      .argument('<name>', say('cli.workspace.argument.name'))
      .option('--title <title>', say('cli.workspace.option.title'))
      .option('--source <source>', say('cli.workspace.option.source'), collect, []),
    async (context, { title, source }: { title?: string; source: string[] }, name: string) => {
      const sources = await sourcesOf(context, source)
      const made = await context.host.call('workspaces.create', { name, title: title ?? name, sources })
      context.answer(made, [
        say('cli.workspace.theWorkspaceIsThere', { title: quotedLine(made.title) }),
        ...facts([
          [say('cli.workspace.publicAddress'), made.publicUrl],
          [say('cli.workspace.localAddress'), made.localUrl],
        ]),
      ])
    },
  )

  act(
    group
      .command('update')
      .description(say('cli.workspace.help.update'))
      .argument('<name>', say('cli.workspace.argument.name.itsName'))
      .option('--title <title>', say('cli.workspace.option.title.howCalled'))
      .option('--source <source>', say('cli.workspace.option.source.whatBelongsInstead'), collect, []),
    async (context, { title, source }: { title?: string; source: string[] }, name: string) => {
      if (title === undefined && source.length === 0) throw usage({ says: 'usage.changesNoWorkspace' })
      const sources = source.length === 0 ? undefined : await sourcesOf(context, source)
      const made = await context.host.call('workspaces.update', { name, title, sources })
      context.answer(made, [say('cli.workspace.workspaceWasChanged', { title: quotedLine(made.title) })])
    },
  )

  act(
    group
      .command('remove')
      .description(say('cli.workspace.help.remove'))
      .argument('<name>', say('cli.workspace.argument.name.itsName')),
    async (context, _options, name: string) => {
      await context.host.call('workspaces.remove', { name })
      context.answer({ removed: { name } }, [
        say('cli.workspace.workspaceWasRemovedNobody', { name: quotedLine(name) }),
      ])
    },
  )
}

/** Short names of sources from what was typed: a short name, or the name that is shown. */
async function sourcesOf(context: Context, typed: string[]): Promise<string[]> {
  if (typed.length === 0) return []
  const known = new Map<string, string>()
  for (const { sourceId, source } of await context.host.call('tools.list', undefined)) {
    if (!known.has(source.toLowerCase())) known.set(source.toLowerCase(), sourceId)
    known.set(sourceId, sourceId)
  }
  return typed.map((one) => {
    const found = known.get(one) ?? known.get(one.toLowerCase())
    if (found !== undefined) return found
    throw new HostError({
      code: 'source-not-found',
      params: {
        one,
        sources: [...new Set(known.values())].join(', ') || saidLater('cli.workspace.noSources'),
      },
    })
  })
}
