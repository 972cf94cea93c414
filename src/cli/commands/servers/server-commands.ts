import type { Command } from 'commander'
import { quotedLine, visibleLine } from '../../../contract/agreed/visible-text.ts'
import type { Server } from '../../../contract/servers.ts'
import type { Act } from '../../context.ts'
import { facts, table, when } from '../../table.ts'
import { addServerAdd } from './server-add-command.ts'
import { addServerRuns } from './server-run-commands.ts'
import { addServerUpdate } from './server-update-command.ts'
import { exactText, findServer, leftOutLines, offers, problemLines, valueWord } from './server-words.ts'

export function addServerCommands(program: Command, act: Act): void {
  const group = program.command('server').description('the MCP servers whose tools are offered')
  const one = (name: string, description: string) =>
    group.command(name).description(description).argument('<name>', 'its name, short name or id')

  addServerAdd(group, act)

  act(group.command('list').description('show the servers'), async (context) => {
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
        ? ['No servers yet. `drawbridge server add NAME -- COMMAND` adds one.']
        : [
            ...table(['NAME', 'STATE', 'TOOLS', 'STARTED WITH'], rows, context.terminal.width),
            ...servers.flatMap((server) => (server.error ? ['', ...problemLines(server)] : [])),
          ],
    )
  })

  act(one('show', 'show everything about a server'), async (context, _options, wanted: string) => {
    const server = await findServer(context, wanted)
    context.answer(server, [
      ...facts(factsOf(server)),
      ...leftOutLines(server.leftOut),
      ...problemLines(server),
    ])
  })

  act(one('logs', 'show the last lines that a server wrote'), async (context, _options, wanted: string) => {
    const { log } = await findServer(context, wanted)
    context.answer(
      { lines: log },
      log.map((line) => visibleLine(line)),
    )
  })

  act(one('remove', 'stop a server and forget it'), async (context, _options, wanted: string) => {
    const { id, name } = await findServer(context, wanted)
    await context.host.call('servers.remove', { id })
    context.answer({ removed: { id, name } }, [`${quotedLine(name)} was removed.`])
  })

  addServerUpdate(group, act)
  addServerRuns(group, act)
}

/** Of a draft with their values; the others the user has given or accepted. */
const valuesOf = ({ values }: Server, names: string[]): string =>
  values === null ? names.join(', ') : values.map(valueWord).join(', ')

function factsOf(server: Server): [string, string | null][] {
  const { health, signIn } = server
  const milliseconds = (value: number | null) => (value === null ? '-' : `${value.toFixed(1)} ms`)
  const spoken = [server.transport, server.protocol].filter((part) => part !== null).join(', ')
  return [
    ['Name', server.name],
    ['Short name', server.slug],
    ['Id', server.id],
    ['State', server.state],
    ['Command', server.command === null ? null : [server.command, ...server.args].map(exactText).join(' ')],
    [
      'Folder',
      server.command === null
        ? null
        : (server.cwd ?? (server.confined ? 'one of its own' : 'your home folder')),
    ],
    ['Reaches', server.confined ? 'only that folder' : null],
    ['Address', server.url],
    ['Variables', server.kind === 'stdio' ? valuesOf(server, server.env) : ''],
    ['Headers', server.kind === 'stdio' ? '' : valuesOf(server, server.headers)],
    ['Offers', offers(server)],
    ['Client context', server.passesClientContext ? 'it may know who is asking' : null],
    [
      'Set aside',
      server.setAside.length === 0
        ? null
        : server.setAside
            .map(
              ({ own, published, owner }) =>
                `${own} as ${published} (${owner || 'somebody else'} has its own)`,
            )
            .join(', '),
    ],
    [
      'Cut off',
      server.truncatedLists.length === 0
        ? null
        : `the end of ${server.truncatedLists.join(', ')}: more than 2 MB`,
    ],
    ['Tool names', server.prefixed ? `${server.slug}__…` : 'their own'],
    ['Time limit', `${server.timeout / 1_000} s`],
    ['Start limit', `${server.startTimeout / 1_000} s`],
    ['Speaks', spoken],
    ['Since', server.startedAt === null ? null : when(server.startedAt)],
    ['Restarts', server.restarts === 0 ? null : String(server.restarts)],
    [
      'Last check',
      health.checkedAt === null ? null : `${when(health.checkedAt)}, ${health.ok ? 'answered' : 'no answer'}`,
    ],
    [
      'Response time',
      health.requests === 0 ? null : `${milliseconds(health.median)} (95 %: ${milliseconds(health.p95)})`,
    ],
    [
      'Sign-in',
      signIn.state === 'none'
        ? null
        : [signIn.state, signIn.issuer].filter((part) => part !== null).join(', '),
    ],
  ]
}
