import { setTimeout as delay } from 'node:timers/promises'
import { Argument, type Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { ClientKind } from '../../contract/access.ts'
import { type Need, needsOf } from '../../contract/agreed/needs.ts'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import { timeOf } from '../../contract/agreed/words/local-time.ts'
import type { ConnectFlow } from '../../contract/setup.ts'
import type { Bridge, Status } from '../../contract/status.ts'
import { type Act, type Context, usage } from '../context.ts'
import { facts } from '../table.ts'

/** A tunnel is there within seconds or not soon. */
const openWithin = 20_000

const clientName = (client: ClientKind): string => say(`cli.clientName.${client}`)

export function addBridgeCommands(program: Command, act: Act): void {
  act(program.command('status').description(say('cli.bridge.help.status')), async (context) => {
    const status = await context.host.call('status.get', undefined)
    const ui = await context.host.newLink()
    const { needs, drafts } = await needsNow(context, status)
    const lines = statusLines(status, needs, drafts, ui)
    context.answer({ ...status, needs, mcp: status.bridge.localUrl, ui }, lines)
  })

  act(
    program
      .command('connect')
      .description(say('cli.bridge.help.connect'))
      .addArgument(
        new Argument('[client]', say('cli.bridge.argument.client'))
          .choices(ClientKind.options)
          .default('chatgpt'),
      )
      .option('--again', say('cli.bridge.option.again')),
    async (context, { again }: { again?: boolean }, client: ClientKind) => {
      await context.host.call('connect.open', { client, ...(again && { again }) })
      const { bridge, window } = await settled(context)
      const flow = await context.host.call('connect.flow', { client })
      const address = bridge.tunnelId ?? bridge.publicUrl ?? bridge.localUrl
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
            [
              say(bridge.tunnelId === undefined ? 'cli.bridge.pasteAddress' : 'cli.bridge.chooseTunnel'),
              address,
            ],
            [say('cli.bridge.for'), clientName(client)],
            [say('cli.bridge.possibleUntil'), window.closesAt === null ? null : timeOf(window.closesAt)],
          ]),
          ...(bridge.state === 'open' ? [] : ['', ...bridgeLines(bridge)]),
          ...fieldLines(flow),
          '',
          say('cli.bridge.whenItAsks'),
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
      .description(say('cli.bridge.help.raise'))
      .option('--end-all-access', say('cli.bridge.option.endAllAccess'))
      .option('--yes', say('cli.bridge.option.yes')),
    async (context, { endAllAccess = false, yes }: { endAllAccess?: boolean; yes?: boolean }) => {
      if (endAllAccess && yes !== true) throw usage({ says: 'usage.endAllAccess' })
      const { bridge } = await context.host.call('bridge.raise', { endAllAccess })
      context.answer({ bridge, endedAllAccess: endAllAccess }, [
        // its hint is for those who can come back
        ...(endAllAccess
          ? [visibleLine(bridge.message), say('cli.bridge.endedAllAccess')]
          : bridgeLines(bridge)),
      ])
    },
  )

  act(program.command('lower').description(say('cli.bridge.help.lower')), async (context) => {
    await context.host.call('bridge.lower', undefined)
    const { bridge } = await settled(context)
    context.answer({ bridge }, [
      ...bridgeLines(bridge),
      ...facts([
        publicFact(bridge, say('cli.bridge.address')),
        [say('cli.bridge.onComputer'), bridge.localUrl],
      ]),
    ])
  })
}

/** The status once the tunnel opened or gave up for now. */
export async function settled(context: Context): Promise<Status> {
  const until = Date.now() + openWithin
  let said = false
  for (;;) {
    const status = await context.host.call('status.get', undefined)
    if (status.bridge.state !== 'opening' || Date.now() > until) return status
    if (!said) context.note(say('cli.bridge.openingPublicAddress'))
    said = true
    await delay(200)
  }
}

/** The address, or what is chosen instead of one. */
export const publicFact = (
  { publicUrl, tunnelId }: Bridge,
  label: string,
): [label: string, value: string | null] =>
  tunnelId === undefined ? [label, publicUrl] : [say('cli.bridge.tunnel'), tunnelId]
/** All that a form there may ask for, the address included. */
function fieldLines({ steps }: ConnectFlow): string[] {
  const fields = steps.flatMap((step) => step.fields ?? [])
  if (fields.length === 0) return []
  const lines = facts(fields.map(({ label, value }) => [label, value]))
  return ['', say('cli.bridge.formFields'), ...lines.map((line) => `  ${line}`)]
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
    waiting.connections > 0 ? say('cli.bridge.connectionsWait', { count: waiting.connections }) : '',
    waiting.calls > 0 ? say('cli.bridge.callsWait', { count: waiting.calls }) : '',
  ].filter(Boolean)
  const waits = [
    asks.length > 0 ? say('cli.bridge.requestsWait', { asks: asks.join(', ') }) : '',
    waiting.tools > 0 ? say('cli.bridge.toolsWait', { count: waiting.tools }) : '',
    drafts > 0 ? say('cli.bridge.draftsWait', { count: drafts }) : '',
  ].filter(Boolean)
  return [
    ...facts([
      [say('cli.bridge.bridge'), `${bridge.state}: ${bridge.message}`],
      ['', bridge.hint],
      publicFact(bridge, say('cli.bridge.publicAddress')),
      [say('cli.bridge.localAddress'), bridge.localUrl],
      [
        say('cli.bridge.connecting'),
        window.open && window.closesAt !== null
          ? say('cli.bridge.mayAskUntil', {
              client: clientName(window.expects ?? 'other'),
              closesAt: timeOf(window.closesAt),
            })
          : null,
      ],
      [say('cli.bridge.waitingForYou'), waits.length > 0 ? waits.join('; ') : say('cli.bridge.nothing')],
      // Questions and drafts are counted above, notices told below.
      ...needs
        .filter(({ kind }) => !['connection', 'call', 'draft', 'notice'].includes(kind))
        .map(({ title, text, until }, index): [string, string] => [
          index === 0 ? say('cli.bridge.needsYou') : '',
          `${text === '' ? title : `${title}: ${text}`}${until === null ? '' : ` ${say('cli.bridge.overAt', { until: timeOf(until) })}`}`,
        ]),
      [say('cli.bridge.secrets'), vault.message],
      [say('cli.bridge.pages'), ui ?? say('cli.bridge.inWindowApp')],
      ['', ui && say('cli.bridge.linkLetsOneBrowser')],
      [say('cli.bridge.data'), status.dataDir],
      [say('cli.bridge.version'), `${status.version}, ${status.shell}`],
    ]),
    ...status.notices.flatMap((notice) => [
      '',
      ...facts([
        [say('cli.bridge.notice'), notice.message],
        ['', notice.hint],
      ]),
    ]),
  ]
}
