import type { Command } from 'commander'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import { HostError } from '../../kernel/errors.ts'
import { type Act, type Context, collect, usage } from '../context.ts'
import { facts, table } from '../table.ts'

/** Workspaces: sets of sources with addresses of their own. */
export function addWorkspaceCommands(program: Command, act: Act): void {
  const group = program.command('workspace').description('sets of tools with addresses of their own')

  act(group.command('list').description('show the workspaces and their addresses'), async (context) => {
    const all = await context.host.call('workspaces.list', undefined)
    const rows = all.map((one) => [
      one.name,
      one.title,
      one.sources === null ? 'everything' : one.sources.join(' ') || 'nothing',
      one.publicUrl ?? one.localUrl,
    ])
    context.answer(all, table(['NAME', 'TITLE', 'SOURCES', 'ADDRESS'], rows, context.terminal.width))
  })

  act(
    group
      .command('create')
      .description('make a workspace')
      .argument('<name>', 'part of its address: small letters, digits and dashes')
      .option('--title <title>', 'how it is called; without it: its name')
      .option('--source <source>', 'what belongs to it: a server or a connector (repeatable)', collect, []),
    async (context, { title, source }: { title?: string; source: string[] }, name: string) => {
      const sources = await sourcesOf(context, source)
      const made = await context.host.call('workspaces.create', { name, title: title ?? name, sources })
      context.answer(made, [
        `The workspace ${quotedLine(made.title)} is there.`,
        ...facts([
          ['Public address', made.publicUrl],
          ['Local address', made.localUrl],
        ]),
      ])
    },
  )

  act(
    group
      .command('update')
      .description('change the title of a workspace, or what belongs to it')
      .argument('<name>', 'its name')
      .option('--title <title>', 'how it is called')
      .option('--source <source>', 'what belongs to it, instead of what did (repeatable)', collect, []),
    async (context, { title, source }: { title?: string; source: string[] }, name: string) => {
      if (title === undefined && source.length === 0)
        throw usage('It does not say what to change.', 'Give --title or --source.')
      const sources = source.length === 0 ? undefined : await sourcesOf(context, source)
      const made = await context.host.call('workspaces.update', { name, title, sources })
      context.answer(made, [`The workspace ${quotedLine(made.title)} was changed.`])
    },
  )

  act(
    group
      .command('remove')
      .description('remove a workspace and end every access to it')
      .argument('<name>', 'its name'),
    async (context, _options, name: string) => {
      await context.host.call('workspaces.remove', { name })
      context.answer({ removed: { name } }, [
        `The workspace ${quotedLine(name)} was removed; nobody has access to it any more.`,
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
      message: `There is no server or connector “${one}”.`,
      hint: `There are: ${[...new Set(known.values())].join(', ') || 'none with tools yet'}.`,
    })
  })
}
