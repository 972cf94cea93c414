import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
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
      .description(say(`cli.grant.help.update.${kind}`))
      .argument('<name>', say('cli.grant.argument.name'))
      .addOption(accessOption())
      .addOption(expiresOption())
      .option('--name <name>', say('cli.grant.option.name'))
      .option('--tool <tool>', say('cli.grant.option.tool'), collect, [])
      .option('--all-tools', say('cli.grant.option.allTools')),
    async (context, { access, expires, name, tool, allTools }: UpdateOptions, wanted: string) => {
      if (tool.length > 0 && allTools === true) throw usage({ says: 'usage.toolAndAllTools' })
      if ([access, expires, name, allTools].every((one) => one === undefined) && tool.length === 0)
        throw usage({ says: 'usage.changesNoGrant' })
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
      .description(say(`cli.grant.help.pause.${kind}`))
      .argument('<name>', say('cli.grant.argument.name'))
      .option('--for <time>', say('cli.grant.option.for'), minutes, 60),
    async (context, { for: time }: { for: number }, wanted: string) => {
      const { id } = await find(context, wanted)
      const grant = await context.host.call('grants.pause', { id, minutes: time })
      context.answer(grant, [
        say('cli.grant.paused', { name: quotedLine(grant.name), when: when(grant.pausedUntil ?? null) }),
      ])
    },
  )
  act(
    group
      .command('resume')
      .description(say(`cli.grant.help.resume.${kind}`))
      .argument('<name>', say('cli.grant.argument.name')),
    async (context, _options, wanted: string) => {
      const { id } = await find(context, wanted)
      const grant = await context.host.call('grants.resume', { id })
      context.answer(grant, [say('cli.grant.resumed', { name: quotedLine(grant.name) })])
    },
  )
}

/** Clients only: a key has nothing to ask with. */
export function addAskAgainCommand(group: Command, act: Act, find: FindGrant): void {
  act(
    group
      .command('ask-again')
      .description(say('cli.grant.help.askAgain'))
      .argument('<name>', say('cli.grant.argument.name')),
    async (context, _options, wanted: string) => {
      const { id } = await find(context, wanted)
      const grant = await context.host.call('grants.askAgain', { id })
      context.answer(grant, [say('cli.grant.signedOutMustAsk', { name: quotedLine(grant.name) })])
    },
  )
}

const standing = ({ access, tools, expiresAt, pausedUntil }: Grant): string =>
  [
    accessWords(access),
    tools === null ? say('cli.grant.everyTool') : say('cli.grant.tools', { count: tools.length }),
    expiresAt === null ? say('cli.grant.neverEnds') : say('cli.grant.until', { when: when(expiresAt) }),
    ...(pausedUntil == null ? [] : [say('cli.grant.pausedUntil', { when: when(pausedUntil) })]),
  ].join(', ')
