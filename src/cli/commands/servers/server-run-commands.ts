import type { Command } from 'commander'
import { say } from '../../../../locales/say.ts'
import { quotedLine, visibleLine } from '../../../contract/agreed/visible-text.ts'
import type { Server } from '../../../contract/servers.ts'
import { HostError } from '../../../kernel/errors.ts'
import type { Act, Context } from '../../context.ts'
import { exitCodes } from '../../exit-codes.ts'
import { when } from '../../table.ts'
import { aboutServer, findServer, settledServer, showStart, startLines } from './server-words.ts'

/** As long as a page to sign in at stays good. */
const signInWithin = 600_000

/** Starting, stopping, asking for a sign of life, and signing in. */
export function addServerRuns(group: Command, act: Act): void {
  act(
    aboutServer(group, 'start', say('cli.server.help.start')).option('--yes', say('cli.server.option.yes')),
    async (context, { yes }: { yes?: boolean }, wanted: string) => {
      const server = await findServer(context, wanted)
      const seen = server.state === 'draft' ? await looked(context, server, yes === true) : undefined
      if (seen === null) return
      await showStart(context, await context.host.call('servers.start', { id: server.id, seen }))
    },
  )

  act(aboutServer(group, 'stop', say('cli.server.help.stop')), async (context, _options, wanted: string) => {
    const { id } = await findServer(context, wanted)
    const server = await context.host.call('servers.stop', { id })
    context.answer(server, [say('cli.server.isStopped', { name: quotedLine(server.name) })])
  })

  act(
    aboutServer(group, 'restart', say('cli.server.help.restart')),
    async (context, _options, wanted: string) => {
      const { id } = await findServer(context, wanted)
      await showStart(context, await context.host.call('servers.restart', { id }))
    },
  )

  act(aboutServer(group, 'check', say('cli.server.help.check')), (context, _options, wanted: string) =>
    check(context, wanted),
  )

  act(
    aboutServer(group, 'sign-in', say('cli.server.help.signIn')).option(
      '--no-wait',
      say('cli.server.option.wait'),
    ),
    (context, { wait }: { wait: boolean }, wanted: string) => signIn(context, wait, wanted),
  )

  act(
    aboutServer(group, 'sign-out', say('cli.server.help.signOut')),
    async (context, _options, wanted: string) => {
      const { id } = await findServer(context, wanted)
      const server = await context.host.call('servers.signOut', { id })
      context.answer(server, [say('cli.server.drawbridgeSignedOut', { name: quotedLine(server.name) })])
    },
  )
}

async function check(context: Context, wanted: string): Promise<void> {
  const { id } = await findServer(context, wanted)
  const server = await context.host.call('servers.check', { id })
  const { ok, median, lastError } = server.health
  const name = visibleLine(server.name)
  if (ok !== true) context.setExitCode(exitCodes.failure)
  context.answer(
    server,
    ok === true
      ? [say('cli.server.answers', { name, typical: median?.toFixed(1) ?? 'none' })]
      : [
          say('cli.server.doesNotAnswerState', { name, state: server.state }),
          ...(lastError ? [`  ${visibleLine(lastError.message)} (${when(lastError.at)})`] : []),
        ],
  )
}

async function signIn(context: Context, wait: boolean, wanted: string): Promise<void> {
  const found = await findServer(context, wanted)
  const begun = await context.host.call('servers.signIn', { id: found.id })
  const { url } = begun.signIn
  if (!wait) return context.answer(begun, [url === null ? signInWord(begun) : visibleLine(url)])
  if (url !== null) {
    context.terminal.err(say('cli.server.openPageInBrowser'))
    context.terminal.err(visibleLine(url))
  }
  const over = (now: Server) => now.signIn.state !== 'waiting'
  const server = await settledServer(context, begun, over, signInWithin)
  if (server.signIn.state !== 'signed-in') {
    const { problem } = server.signIn
    throw problem
      ? new HostError({ code: 'sign-in-failed', told: problem })
      : new HostError({
          code: 'sign-in-failed',
          says: 'sign-in-failed-nobody',
          params: { name: server.name },
        })
  }
  context.answer(server, [signInWord(server)])
}

const signInWord = (server: Server): string =>
  server.signIn.state === 'signed-in'
    ? say('cli.server.drawbridgeSignedIn', { name: quotedLine(server.name) })
    : say('cli.server.signInState', { name: quotedLine(server.name), state: server.signIn.state })

/**
 * Shows what a draft would run, and asks. The fingerprint of what was shown; null when the answer was no. What is changed
 * meanwhile has another fingerprint, and is refused by the host.
 */
async function looked(context: Context, server: Server, yes: boolean): Promise<string | null> {
  const { terminal } = context
  for (const line of startLines(server)) terminal.err(line)
  if (yes) return server.fingerprint
  if (context.json || terminal.confirm === undefined)
    throw new HostError({
      code: 'draft-not-seen',
      says: 'draft-not-seen-command',
      params: { name: quotedLine(server.name), slug: server.slug },
    })
  if (await terminal.confirm(`${say('cli.server.startIt')} `)) return server.fingerprint
  context.setExitCode(exitCodes.refused)
  context.answer(server, [say('cli.server.wasNotStarted')])
  return null
}
