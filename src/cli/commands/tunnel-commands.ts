import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { knowingAddress } from '../../contract/agreed/own-address.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Bridge } from '../../contract/status.ts'
import { TunnelId, type TunnelWay } from '../../contract/tunnel.ts'
import { type Act, type Context, collect, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { facts } from '../table.ts'
import { settled } from './bridge-commands.ts'
import { fromEnvironment, pairsOf } from './field-values.ts'

/** The ways to a public address. */
export function addTunnelCommands(program: Command, act: Act): void {
  const group = program.command('tunnel').description(say('cli.tunnel.help.tunnel'))

  act(group.command('list').description(say('cli.tunnel.help.list')), async (context) => {
    const ways = await context.host.call('tunnel.list', undefined)
    context.answer(
      ways,
      ways.flatMap((way, at) => [...(at === 0 ? [] : ['']), ...linesOf(way)]),
    )
  })

  act(group.command('status').description(say('cli.tunnel.help.status')), (context) => report(context))

  act(group.command('test').description(say('cli.tunnel.help.test')), async (context) => {
    const { bridge } = await context.host.call('status.get', undefined)
    // Asked for once more, it tries at once. A bridge that was raised stays so.
    if (bridge.state !== 'raised') await context.host.call('bridge.lower', undefined)
    await report(context)
  })
  act(group.command('take-over').description(say('cli.tunnel.help.takeOver')), async (context) => {
    await context.host.call('tunnel.takeOver', undefined)
    await report(context)
  })
  addUse(group, act)
}

function addUse(group: Command, act: Act): void {
  act(
    group
      .command('use')
      .description(say('cli.tunnel.help.use'))
      .argument('<id>', say('cli.tunnel.argument.id'))
      .option('--field <FIELD=VALUE>', say('cli.tunnel.option.field'), collect, [])
      .option('--env <FIELD=VARIABLE>', say('cli.tunnel.option.env'), collect, [])
      .option('--yes', say('cli.tunnel.option.yes')),
    async (
      context,
      { field, env, yes }: { field: string[]; env: string[]; yes?: boolean },
      wanted: string,
    ) => {
      const ways = await context.host.call('tunnel.list', undefined)
      const way = ways.find(({ id }) => id === wanted)
      if (way === undefined)
        throw usage({ says: 'usage.noSuchWay', params: { ways: TunnelId.options.join(', ') } })
      const typed = pairsOf(field, 'FIELD=VALUE')
      const secret = way.fields.find(({ name, kind }) => kind === 'secret' && typed[name])
      if (secret)
        throw usage({ says: 'usage.secretInCommand', params: { label: secret.label, name: secret.name } })
      const values = { ...typed, ...fromEnvironment(pairsOf(env, 'FIELD=VARIABLE'), context.terminal.env) }
      if (yes !== true) await checkMoves(context, way, values)
      await context.host.call('tunnel.use', { id: way.id, values })
      await report(context)
    },
  )
}

/** Throws unless nobody has to be told of a new address. */
async function checkMoves({ host }: Context, way: TunnelWay, values: Record<string, string>): Promise<void> {
  const [{ bridge }, grants] = await Promise.all([
    host.call('status.get', undefined),
    host.call('grants.list', undefined),
  ])
  const next = values.address ?? way.values.address ?? null
  const known = way.chosen && values.address === undefined ? [] : knowingAddress(grants, bridge, next)
  if (known.length === 0) return
  const names = known.map(({ name }) => quotedLine(name)).join(', ')
  throw usage({ says: 'usage.tunnelMoves', params: { names } })
}

async function report(context: Context): Promise<void> {
  const { bridge } = await settled(context)
  const ways = await context.host.call('tunnel.list', undefined)
  const way = ways.find(({ chosen }) => chosen)!
  const isOpen = bridge.state === 'open'
  if (!isOpen && bridge.state !== 'local' && bridge.state !== 'raised') context.setExitCode(exitCodes.failure)
  context.answer({ way: way.id, bridge }, [
    ...facts([
      [say('cli.tunnel.way'), way.title],
      [say('cli.bridge.publicAddress'), bridge.publicUrl],
      [say('cli.tunnel.leadsTo'), way.leadsTo],
    ]),
    ...statusLines(bridge),
  ])
}

const statusLines = ({ message, hint, action, elsewhere }: Bridge): string[] =>
  [
    message,
    hint,
    action && `${action.label}: ${action.url}`,
    elsewhere && say('cli.tunnel.takeItOver'),
  ].flatMap((text) => (text ? [visibleLine(text)] : []))

const linesOf = (way: TunnelWay): string[] => [
  `${way.id}: ${way.chosen ? say('cli.tunnel.chosen', { title: way.title }) : way.title}`,
  `  ${way.about}`,
  ...facts([
    [say('cli.tunnel.price'), way.price],
    [say('cli.tunnel.account'), way.account],
    [say('cli.tunnel.reads'), way.reads],
    [say('cli.tunnel.restart'), way.restart],
    [say('cli.tunnel.browser'), way.browser],
    [say('cli.tunnel.leadsTo'), way.leadsTo],
    [say('cli.tunnel.needs'), way.helper && !way.helper.found ? say('cli.tunnel.missing', way.helper) : null],
  ]).map((line) => `  ${line}`),
  ...way.fields.map(
    ({ name, label, kind, required }) => `  ${say('cli.tunnel.field', { name, label, kind, required })}`,
  ),
  ...Object.entries(way.values).map(([name, value]) => `    ${name}: ${visibleLine(value)}`),
  ...way.secrets.map((name) => `    ${say('cli.tunnel.kept', { name })}`),
]
