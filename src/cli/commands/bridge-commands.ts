import { setTimeout as delay } from 'node:timers/promises'
import { Argument, type Command } from 'commander'
import { ClientKind } from '../../contract/access.ts'
import { type Need, needsOf } from '../../contract/agreed/needs.ts'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Bridge, Status } from '../../contract/status.ts'
import { type Act, type Context, usage } from '../context.ts'
import { clockTime, facts } from '../table.ts'

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
      const { needs, drafts } = await needsNow(context, status)
      const lines = statusLines(status, needs, drafts, ui)
      context.answer({ ...status, needs, mcp: status.bridge.localUrl, ui }, lines)
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
  addRaiseAndLower(program, act)
}

function addRaiseAndLower(program: Command, act: Act): void {
  act(
    program
      .command('raise')
      .description('cut everybody off at once; nobody gets in until it is lowered')
      .option('--end-all-access', 'for good: every client must be let in anew, every key made anew')
      .option('--yes', 'really end all access'),
    async (context, { endAllAccess = false, yes }: { endAllAccess?: boolean; yes?: boolean }) => {
      if (endAllAccess && yes !== true)
        throw usage(
          'This cannot be undone: every client must be connected anew with digits, every program needs a new key, the one for the admin interface included.',
          'If you want that: drawbridge raise --end-all-access --yes. To only cut everybody off: drawbridge raise',
        )
      const { bridge } = await context.host.call('bridge.raise', { endAllAccess })
      context.answer({ bridge, endedAllAccess: endAllAccess }, [
        ...bridgeLines(bridge),
        ...(endAllAccess ? ['All access has ended. Your tools, settings and log are as they were.'] : []),
      ])
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

/** What Home lists under "Needs you", and how many servers were added by programs. */
async function needsNow({ host }: Context, { bridge, notices }: Status) {
  const [connections, approvals, servers, grants] = await Promise.all([
    host.call('connections.list', undefined),
    host.call('approvals.list', undefined),
    host.call('servers.list', undefined),
    host.call('grants.list', undefined),
  ])
  return {
    needs: needsOf({ bridge, notices, connections, approvals, servers, grants }),
    drafts: servers.filter(({ state }) => state === 'draft').length,
  }
}

function statusLines(status: Status, needs: readonly Need[], drafts: number, ui: string | null): string[] {
  const { bridge, vault, window, waiting } = status
  const asks = [
    waiting.connections > 0 ? `${waiting.connections} to connect` : '',
    waiting.calls > 0 ? `${waiting.calls} to run a tool` : '',
  ].filter(Boolean)
  const waits = [
    asks.length > 0 ? `${asks.join(', ')} (drawbridge requests)` : '',
    waiting.tools > 0
      ? `${waiting.tools} ${waiting.tools === 1 ? 'tool' : 'tools'} to look at (drawbridge tool list)`
      : '',
    drafts > 0
      ? `${drafts} ${drafts === 1 ? 'server' : 'servers'} waiting for a first start (drawbridge server list)`
      : '',
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
      ['Waiting for you', waits.length > 0 ? waits.join('; ') : 'nothing'],
      // Questions and drafts are counted above, notices told below.
      ...needs
        .filter(({ kind }) => !['connection', 'call', 'draft', 'notice'].includes(kind))
        .map(({ title, text, until }, index): [string, string] => [
          index === 0 ? 'Needs you' : '',
          `${text === '' ? title : `${title}: ${text}`}${until === null ? '' : ` Over at ${clockTime(until)}.`}`,
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
