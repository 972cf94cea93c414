import { setTimeout as delay } from 'node:timers/promises'
import { Argument, type Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { knowingAddress, nextUnder } from '../../contract/agreed/own-address.ts'
import { freshFor, staleAdvice, withOldList } from '../../contract/agreed/stale-list.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import { awaySentence } from '../../contract/agreed/words/away.ts'
import { HelperId } from '../../contract/helpers.ts'
import type { Move } from '../../contract/setup.ts'
import type { Bridge } from '../../contract/status.ts'
import { type CloudflareSignIn, TunnelId, type TunnelWay } from '../../contract/tunnel.ts'
import { HostError } from '../../kernel/errors.ts'
import { type Act, type Context, collect, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { facts } from '../table.ts'
import { publicFact, settled } from './bridge-commands.ts'
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
  addFetch(group, act)
  addCloudflare(group, act)
  act(group.command('moved').description(say('cli.tunnel.help.moved')), async (context) => {
    const move = await context.host.call('tunnel.moved', undefined)
    context.answer(move, move === null ? [say('moved.nothing')] : moveLines(move))
  })
  act(group.command('stale').description(say('cli.tunnel.help.stale')), async (context) => {
    const now = Date.now()
    const [{ bridge }, grants] = await Promise.all([
      context.host.call('status.get', undefined),
      context.host.call('grants.list', undefined),
    ])
    const apps = withOldList(grants, now).map((grant) => ({
      ...{ grantId: grant.id, name: grant.name, served: grant.served },
      advice: staleAdvice(grant, now),
    }))
    const fresh = freshFor(bridge, now)
    context.answer({ apps, freshAddress: fresh }, [
      ...(apps.length === 0
        ? [say('cli.tunnel.noneStale')]
        : apps.map(({ name, advice }) => `${quotedLine(name)}: ${advice}`)),
      ...(fresh === null ? [] : [`${say('home.stale.freshAddress')}: ${fresh}`, say('home.stale.fresh')]),
    ])
  })
}

const moveLines = ({ from, to, tunnelId, apps }: Move): string[] => [
  ...facts([
    tunnelId === undefined
      ? [say('home.moved.newAddress'), `${to}/mcp`]
      : [say('cli.bridge.tunnel'), tunnelId],
    [say('cli.tunnel.oldAddress'), from],
  ]),
  ...apps.flatMap(({ name, state, steps }) => [
    '',
    `${quotedLine(name)}: ${say(`moved.state.${state}`)}`,
    ...(state === 'to-do'
      ? steps.flatMap((step, at) => [
          `  ${at + 1}. ${step.state === 'done' ? say('cli.tunnel.stepDone', { title: step.title }) : step.title}`,
          ...(step.state === 'done' ? [] : [`     ${step.text}`]),
          ...(step.copy && step.state !== 'done' ? [`     ${step.copy.value}`] : []),
        ])
      : []),
  ]),
]

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

function addFetch(group: Command, act: Act): void {
  const program = new Argument('[program]', say('cli.tunnel.argument.program')).choices(HelperId.options)
  act(
    group.command('fetch').description(say('cli.tunnel.help.fetch')).addArgument(program),
    async (context, _options: object, given?: HelperId) => {
      const id = given ?? HelperId.options[0]!
      let said = ''
      for (let [now] = await context.host.call('helpers.fetch', { id }); ; ) {
        const { title, version, done, bytes, failure } = now!
        if (failure) throw new HostError({ code: 'helper-not-fetched', told: failure })
        const tenths = Math.floor((done / bytes) * 10)
        const word = `${say('helper.fetching', { title })} ${tenths * 10} %`
        if (word !== said) context.note(word)
        said = word
        await delay(300)
        now = (await context.host.call('helpers.downloads', undefined)).find((one) => one.id === id)
        if (!now) return context.answer({ id, version }, [say('cli.tunnel.fetched', { title, version })])
      }
    },
  )
}

interface CloudflareOptions {
  tokenEnv?: string
  signIn?: boolean
  cancel?: boolean
  name?: string
  replace?: boolean
  yes?: boolean
}

function addCloudflare(group: Command, act: Act): void {
  act(
    group
      .command('cloudflare')
      .description(say('cli.tunnel.help.cloudflare'))
      .option('--sign-in', say('cli.tunnel.option.signIn'))
      .option('--cancel', say('cli.tunnel.option.cancelSignIn'))
      .option('--token-env <VARIABLE>', say('cli.tunnel.option.token'))
      .option('--name <NAME>', say('cli.tunnel.option.name'))
      .option('--replace', say('cli.tunnel.option.replace'))
      .option('--yes', say('cli.tunnel.option.yes')),
    async (context, given: CloudflareOptions) => {
      if (given.cancel) {
        await context.host.call('tunnel.cloudflareSignInCancel', undefined)
        context.answer({ signIn: null }, [say('cli.tunnel.signInEnded')])
      } else if (given.signIn) await setUpBySignIn(context, given)
      else if (given.tokenEnv) await setUpByToken(context, { ...given, tokenEnv: given.tokenEnv })
      else throw usage({ says: 'usage.cloudflareHow' })
    },
  )
}

async function setUpByToken(
  context: Context,
  given: CloudflareOptions & { tokenEnv: string },
): Promise<void> {
  const { token } = fromEnvironment({ token: given.tokenEnv }, context.terminal.env) as { token: string }
  const domains = (await context.host.call('tunnel.cloudflareDomains', { token })).map(({ name }) => name)
  const { name, replace = false } = given
  if (name === undefined)
    return context.answer(
      domains,
      domains.map((domain) => visibleLine(domain)),
    )
  const dot = name.indexOf('.')
  const [label, domain] = [name.slice(0, dot), name.slice(dot + 1)]
  if (!domains.includes(domain))
    throw usage({ says: 'usage.cloudflareName', params: { name, domains: domains.join(', ') } })
  await checkCloudflare(context, given, `https://${name}`)
  await context.host.call('tunnel.cloudflareSetUp', { token, domain, label, replace })
  await report(context)
}

async function setUpBySignIn(context: Context, given: CloudflareOptions): Promise<void> {
  const { name: label = 'drawbridge', replace = false } = given
  const { bridge } = await context.host.call('status.get', undefined)
  await checkCloudflare(context, given, nextUnder(label, bridge))
  let told: string | null = null
  for (
    let now: CloudflareSignIn | null = await context.host.call('tunnel.cloudflareSignInBegin', undefined);
    now?.state !== 'ready';
    now = await context.host.call('tunnel.cloudflareSignIn', undefined)
  ) {
    if (now === null) throw new HostError({ code: 'cloudflare-sign-in-over' })
    if (now.failure) throw new HostError({ code: 'cloudflare-sign-in-failed', told: now.failure })
    // With --json too: nothing goes on without it.
    if (now.url !== null && now.url !== told)
      for (const line of [say('cli.tunnel.openPage'), now.url]) context.terminal.err(line)
    told = now.url
    await delay(300)
  }
  await context.host.call('tunnel.cloudflareSignInSetUp', { label, replace })
  await report(context)
}

async function checkCloudflare(
  context: Context,
  { yes }: CloudflareOptions,
  next: string | null,
): Promise<void> {
  if (yes) return
  const way = (await context.host.call('tunnel.list', undefined)).find(({ id }) => id === 'cloudflare')!
  // A domain that is chosen later: all that is known is that it is no address of today.
  await checkMoves(context, way, { address: next ?? 'https://name.invalid' })
}

/** Throws unless nobody has to be told of a new address. */
async function checkMoves({ host }: Context, way: TunnelWay, values: Record<string, string>): Promise<void> {
  const [{ bridge }, grants] = await Promise.all([
    host.call('status.get', undefined),
    host.call('grants.list', undefined),
  ])
  const given = values.address ?? values.tunnel
  const next = given ?? way.values.address ?? null
  const known = way.chosen && given === undefined ? [] : knowingAddress(grants, bridge, next)
  if (known.length === 0) return
  const names = known.map(({ name }) => quotedLine(name)).join(', ')
  throw usage({ says: 'usage.tunnelMoves', params: { names } })
}

async function report(context: Context): Promise<void> {
  const { bridge, away = [] } = await settled(context)
  const ways = await context.host.call('tunnel.list', undefined)
  const way = ways.find(({ chosen }) => chosen)!
  const isOpen = bridge.state === 'open'
  if (!isOpen && bridge.state !== 'local' && bridge.state !== 'raised') context.setExitCode(exitCodes.failure)
  context.answer({ way: way.id, bridge, away }, [
    ...facts([
      [say('cli.tunnel.way'), way.title],
      publicFact(bridge, say('cli.bridge.publicAddress')),
      [say('cli.tunnel.leadsTo'), way.leadsTo],
    ]),
    ...statusLines(bridge),
    ...away.map((spell) => awaySentence(spell, Date.now())),
  ])
}

const statusLines = ({ message, hint, action, elsewhere }: Bridge): string[] =>
  [message, hint, action && wordOf(action), elsewhere && say('cli.tunnel.takeItOver')].flatMap((text) =>
    text ? [visibleLine(text)] : [],
  )

const wordOf = ({ label, url, fetches }: NonNullable<Bridge['action']>): string =>
  fetches ? say('cli.tunnel.fetchIt', { id: fetches }) : `${label}: ${url}`

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
