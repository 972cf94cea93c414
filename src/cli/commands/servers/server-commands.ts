import type { Command } from 'commander'
import { say } from '../../../../locales/say.ts'
import { cpuWords, memoryWords } from '../../../contract/agreed/usage-sums.ts'
import { quotedLine, visibleLine } from '../../../contract/agreed/visible-text.ts'
import type { Server } from '../../../contract/servers.ts'
import type { Act } from '../../context.ts'
import { facts, table, when } from '../../table.ts'
import { addServerAdd } from './server-add-command.ts'
import { addServerRuns } from './server-run-commands.ts'
import { addServerUpdate } from './server-update-command.ts'
import {
  aboutServer,
  exactText,
  findServer,
  leftOutLines,
  offers,
  problemLines,
  valueWord,
} from './server-words.ts'

export function addServerCommands(program: Command, act: Act): void {
  const group = program.command('server').description(say('cli.server.help.server'))

  addServerAdd(group, act)

  act(group.command('list').description(say('cli.server.help.list')), async (context) => {
    const servers = await context.host.call('servers.list', undefined)
    const rows = servers.map((server) => [
      server.name,
      server.state,
      String(server.tools),
      server.url ?? [server.command, ...server.args].join(' '),
    ])
    context.answer(
      servers,
      servers.length === 0
        ? [say('cli.server.noServersYetDrawbridge')]
        : [
            ...table(['name', 'state', 'tools', 'startedWith'], rows, context.terminal.width),
            ...servers.flatMap((server) => (server.error ? ['', ...problemLines(server)] : [])),
          ],
    )
  })

  act(group.command('use').description(say('cli.server.help.use')), async (context) => {
    const found = await context.host.call('servers.use', undefined)
    const rows = found.map(({ name, programs, memory, cpu }) => [
      name,
      programs === null ? '-' : String(programs),
      memoryWords(memory),
      cpuWords(cpu),
    ])
    context.answer(
      found,
      rows.length === 0
        ? [say('cli.server.noPrograms')]
        : table(['name', 'programs', 'memory', 'processor'], rows, context.terminal.width),
    )
  })

  act(aboutServer(group, 'show', say('cli.server.help.show')), async (context, _options, wanted: string) => {
    const server = await findServer(context, wanted)
    context.answer(server, [
      ...facts(factsOf(server)),
      ...leftOutLines(server.leftOut),
      ...problemLines(server),
    ])
  })

  act(aboutServer(group, 'logs', say('cli.server.help.logs')), async (context, _options, wanted: string) => {
    const { log } = await findServer(context, wanted)
    context.answer(
      { lines: log },
      log.map((line) => visibleLine(line)),
    )
  })

  act(
    aboutServer(group, 'remove', say('cli.server.help.remove')),
    async (context, _options, wanted: string) => {
      const { id, name } = await findServer(context, wanted)
      await context.host.call('servers.remove', { id })
      context.answer({ removed: { id, name } }, [say('cli.server.wasRemoved', { name: quotedLine(name) })])
    },
  )

  addServerUpdate(group, act)
  addServerRuns(group, act)
}

/** Of a draft with their values; the others the user has given or accepted. */
const valuesOf = ({ values }: Server, names: string[]): string =>
  values === null ? names.join(', ') : values.map(valueWord).join(', ')

function factsOf(server: Server): [string, string | null][] {
  return [
    [say('cli.server.name'), server.name],
    [say('cli.server.shortName'), server.slug],
    [say('cli.server.id'), server.id],
    [say('cli.server.state'), server.state],
    [
      say('cli.server.command'),
      server.command === null ? null : [server.command, ...server.args].map(exactText).join(' '),
    ],
    [
      say('cli.server.folder'),
      server.command === null
        ? null
        : (server.cwd ?? (server.confined ? say('cli.server.oneOwn') : say('cli.server.yourHomeFolder'))),
    ],
    [say('cli.server.reaches'), server.confined ? say('cli.server.onlyFolder') : null],
    [say('cli.server.address'), server.url],
    [say('cli.server.variables'), server.kind === 'stdio' ? valuesOf(server, server.env) : ''],
    [say('cli.server.headers'), server.kind === 'stdio' ? '' : valuesOf(server, server.headers)],
    [say('cli.server.offers'), offers(server)],
    [say('cli.server.clientContext'), server.passesClientContext ? say('cli.server.mayKnowWhoAsking') : null],
    [
      say('cli.server.setAside'),
      server.setAside.length === 0
        ? null
        : server.setAside
            .map(({ own, published, owner }) =>
              say('cli.server.asHasOwn', { own, published, owner: owner || say('cli.server.somebodyElse') }),
            )
            .join(', '),
    ],
    [
      say('cli.server.cutOff'),
      server.truncatedLists.length === 0
        ? null
        : say('cli.server.endMoreThan2', { lists: server.truncatedLists.join(', ') }),
    ],
    [say('cli.server.toolNames'), server.prefixed ? `${server.slug}__…` : say('cli.server.theirOwn')],
    [say('cli.server.timeLimit'), `${server.timeout / 1_000} s`],
    [say('cli.server.startLimit'), `${server.startTimeout / 1_000} s`],
    ...standingOf(server),
  ]
}

function standingOf(server: Server): [string, string | null][] {
  const { health, signIn } = server
  const milliseconds = (value: number | null) => (value === null ? '-' : `${value.toFixed(1)} ms`)
  const spoken = [server.transport, server.protocol].filter((part) => part !== null).join(', ')
  return [
    [say('cli.server.speaks'), spoken],
    [say('cli.server.since'), server.startedAt === null ? null : when(server.startedAt)],
    [say('cli.server.restarts'), server.restarts === 0 ? null : String(server.restarts)],
    [
      say('cli.server.lastCheck'),
      health.checkedAt === null
        ? null
        : `${when(health.checkedAt)}, ${health.ok ? say('cli.server.answered') : say('cli.server.noAnswer')}`,
    ],
    [
      say('cli.server.responseTime'),
      health.requests === 0
        ? null
        : say('cli.server.median', { median: milliseconds(health.median), p95: milliseconds(health.p95) }),
    ],
    [
      say('cli.server.signIn'),
      signIn.state === 'none'
        ? null
        : [signIn.state, signIn.issuer].filter((part) => part !== null).join(', '),
    ],
  ]
}
