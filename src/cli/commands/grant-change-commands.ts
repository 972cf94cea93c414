import type { Command } from 'commander'
import type { Access, Grant } from '../../contract/access.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import { type Act, type Context, collect, usage } from '../context.ts'
import { when } from '../table.ts'
import { accessOption, accessWords, type Expires, expiresOption, minutes } from './access-options.ts'
import { toolIds } from './tool-commands.ts'

export type FindGrant = (context: Context, wanted: string) => Promise<Grant>

interface UpdateOptions {
  access?: Access
  expires?: Expires
  name?: string
  tool: string[]
  allTools?: boolean
}

/** What somebody may do from now on. */
export function addUpdateCommand(group: Command, act: Act, kind: Grant['kind'], find: FindGrant): void {
  act(
    group
      .command('update')
      .description(`change what a ${kind} may do, and until when`)
      .argument('<name>', 'its name or id')
      .addOption(accessOption())
      .addOption(expiresOption())
      .option('--name <name>', 'call it something else')
      .option('--tool <tool>', 'the only tools it may use (repeatable)', collect, [])
      .option('--all-tools', 'every tool of its workspace'),
    async (context, { access, expires, name, tool, allTools }: UpdateOptions, wanted: string) => {
      if (tool.length > 0 && allTools === true)
        throw usage('--tool and --all-tools contradict each other.', 'Give one of them.')
      if ([access, expires, name, allTools].every((one) => one === undefined) && tool.length === 0)
        throw usage(
          'It does not say what to change.',
          'Give --access, --expires, --name, --tool or --all-tools.',
        )
      const { id } = await find(context, wanted)
      const some = tool.length > 0 ? await toolIds(context, tool) : undefined
      const tools = allTools === true ? null : some
      const grant = await context.host.call('grants.update', {
        id,
        access,
        expiresAt: expires?.at,
        name,
        tools,
      })
      context.answer(grant, [`${quotedLine(grant.name)}: ${standing(grant)}.`])
    },
  )
}

/** For a while nobody needs to be let in anew for. */
export function addPauseCommands(group: Command, act: Act, kind: Grant['kind'], find: FindGrant): void {
  act(
    group
      .command('pause')
      .description(`refuse the calls of a ${kind} for a while; it goes on by itself afterwards`)
      .argument('<name>', 'its name or id')
      .option('--for <time>', 'how long, such as 30m, 2h or 1d', minutes, 60),
    async (context, { for: time }: { for: number }, wanted: string) => {
      const { id } = await find(context, wanted)
      const grant = await context.host.call('grants.pause', { id, minutes: time })
      context.answer(grant, [`${quotedLine(grant.name)} is paused until ${when(grant.pausedUntil ?? null)}.`])
    },
  )
  act(
    group.command('resume').description(`end the pause of a ${kind}`).argument('<name>', 'its name or id'),
    async (context, _options, wanted: string) => {
      const { id } = await find(context, wanted)
      const grant = await context.host.call('grants.resume', { id })
      context.answer(grant, [`${quotedLine(grant.name)} is not paused any more.`])
    },
  )
}

/** Clients only: a key has nothing to ask with. */
export function addAskAgainCommand(group: Command, act: Act, find: FindGrant): void {
  act(
    group
      .command('ask-again')
      .description('sign a client out everywhere; it keeps its place, but must be let in again with digits')
      .argument('<name>', 'its name or id'),
    async (context, _options, wanted: string) => {
      const { id } = await find(context, wanted)
      const grant = await context.host.call('grants.askAgain', { id })
      context.answer(grant, [
        `${quotedLine(grant.name)} is signed out. It must ask again: \`drawbridge connect\` lets it.`,
      ])
    },
  )
}

const standing = ({ access, tools, expiresAt, pausedUntil }: Grant): string =>
  [
    accessWords[access],
    tools === null ? 'every tool' : `${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}`,
    expiresAt === null ? 'never ends' : `until ${when(expiresAt)}`,
    ...(pausedUntil == null ? [] : [`paused until ${when(pausedUntil)}`]),
  ].join(', ')
