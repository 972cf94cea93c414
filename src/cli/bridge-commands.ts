import { setTimeout as delay } from 'node:timers/promises'
import { Argument, type Command } from 'commander'
import { type Bridge, ClientKind, type Status } from '../contract/models.ts'
import { type Need, needsOf } from '../contract/needs.ts'
import { visibleLine } from '../contract/visible-text.ts'
import type { Act, Context } from './context.ts'
import { clockTime, facts } from './table.ts'

/** A tunnel is there within seconds or not soon. */
const openWithin = 20_000

const clientNames: Record<ClientKind, string> = {
  chatgpt: 'ChatGPT',
  claude: 'Claude',
  other: 'another client',
}

export function addBridgeCommands(program: Command, act: Act): void {
  act(
    program.command('status').description('show the bridge, its addresses and a new link to its pages'),
    async (context) => {
      const status = await context.host.call('status.get', undefined)
      const ui = await context.host.newLink()
      const needs = await needsNow(context, status)
      context.answer({ ...status, needs, mcp: status.bridge.localUrl, ui }, statusLines(status, needs, ui))
    },
  )

  act(
    program
      .command('connect')
      .description('let a new client ask to connect, for ten minutes; prints the address to paste there')
      .addArgument(new Argument('[client]', 'who will come').choices(ClientKind.options).default('chatgpt'))
      .option('--again', 'begin the steps anew although it is connected, for another account'),
    async (context, { again }: { again?: boolean }, client: ClientKind) => {
      const flow = await context.host.call('connect.open', { client, ...(again && { again }) })
      const { bridge, window } = await settled(context)
      const address = bridge.publicUrl ?? bridge.localUrl
      context.answer(
        {
          client,
          address,
          publicUrl: bridge.publicUrl,
          localUrl: bridge.localUrl,
          closesAt: window.closesAt,
          bridge,
          flow,
        },
        [
          ...facts([
            ['Paste this address', address],
            ['For', clientNames[client]],
            ['Possible until', window.closesAt === null ? null : clockTime(window.closesAt)],
          ]),
          ...(bridge.state === 'open' ? [] : ['', ...bridgeLines(bridge)]),
          '',
          'When it asks, `drawbridge requests` shows it and `drawbridge approve ID --digits NNN` lets it in.',
        ],
      )
    },
  )

  act(
    program.command('raise').description('cut everybody off at once; nobody gets in until it is lowered'),
    async (context) => {
      const { bridge } = await context.host.call('bridge.raise', undefined)
      context.answer({ bridge }, bridgeLines(bridge))
    },
  )

  act(
    program.command('lower').description('lower the bridge again and open the public address'),
    async (context) => {
      await context.host.call('bridge.lower', undefined)
      const { bridge } = await settled(context)
      context.answer({ bridge }, [
        ...bridgeLines(bridge),
        ...facts([
          ['Address', bridge.publicUrl],
          ['On this computer', bridge.localUrl],
        ]),
      ])
    },
  )
}

/** The status once the tunnel opened or gave up for now. */
async function settled(context: Context): Promise<Status> {
  const until = Date.now() + openWithin
  let said = false
  for (;;) {
    const status = await context.host.call('status.get', undefined)
    if (status.bridge.state !== 'opening' || Date.now() > until) return status
    if (!said) context.note('Opening the public address …')
    said = true
    await delay(200)
  }
}

const bridgeLines = ({ message, hint }: Bridge): string[] =>
  [message, hint].filter(Boolean).map((text) => visibleLine(text))

/** What Home lists under "Needs you". */
async function needsNow({ host }: Context, { bridge, notices }: Status): Promise<Need[]> {
  const [connections, approvals, servers, grants] = await Promise.all([
    host.call('connections.list', undefined),
    host.call('approvals.list', undefined),
    host.call('servers.list', undefined),
    host.call('grants.list', undefined),
  ])
  return needsOf({ bridge, notices, connections, approvals, servers, grants })
}

function statusLines(status: Status, needs: readonly Need[], ui: string | null): string[] {
  const { bridge, vault, window, waiting } = status
  const waits = [
    waiting.connections > 0 ? `${waiting.connections} to connect` : '',
    waiting.calls > 0 ? `${waiting.calls} to run a tool` : '',
    waiting.tools > 0 ? `${waiting.tools} to be looked at (drawbridge tool list)` : '',
  ].filter(Boolean)
  return [
    ...facts([
      ['Bridge', `${bridge.state}: ${bridge.message}`],
      ['', bridge.hint],
      ['Public address', bridge.publicUrl],
      ['Local address', bridge.localUrl],
      [
        'Connecting',
        window.open && window.closesAt !== null
          ? `${clientNames[window.expects ?? 'other']} may ask until ${clockTime(window.closesAt)}`
          : null,
      ],
      ['Waiting for you', waits.length > 0 ? `${waits.join(', ')} (drawbridge requests)` : 'nothing'],
      // Questions are counted above, notices told below.
      ...needs
        .filter(({ kind }) => !['connection', 'call', 'notice'].includes(kind))
        .map(({ title, text }, index): [string, string] => [
          index === 0 ? 'Needs you' : '',
          text === '' ? title : `${title}: ${text}`,
        ]),
      ['Secrets', vault.message],
      ['Pages', ui ?? 'in the window of the app'],
      ['', ui && 'The link lets one browser in, once, within ten minutes.'],
      ['Data', status.dataDir],
      ['Version', `${status.version}, ${status.shell}`],
    ]),
    ...status.notices.flatMap((notice) => [
      '',
      ...facts([
        ['Notice', notice.message],
        ['', notice.hint],
      ]),
    ]),
  ]
}
