import type { Command } from 'commander'
import { quotedLine, visibleLine } from '../../../contract/agreed/visible-text.ts'
import type { Server } from '../../../contract/servers.ts'
import { HostError } from '../../../kernel/errors.ts'
import type { Act, Context } from '../../context.ts'
import { exitCodes } from '../../exit-codes.ts'
import { when } from '../../table.ts'
import { findServer, settledServer, showStart, startLines } from './server-words.ts'

/** As long as a page to sign in at stays good. */
const signInWithin = 600_000

/** Starting, stopping, asking for a sign of life, and signing in. */
export function addServerRuns(group: Command, act: Act): void {
  const one = (name: string, description: string) =>
    group.command(name).description(description).argument('<name>', 'its name, short name or id')

  act(
    one('start', 'start a server; a draft is shown first, exactly as it would run').option(
      '--yes',
      'start a draft without asking',
    ),
    async (context, { yes }: { yes?: boolean }, wanted: string) => {
      const server = await findServer(context, wanted)
      const seen = server.state === 'draft' ? await looked(context, server, yes === true) : undefined
      if (seen === null) return
      await showStart(context, await context.host.call('servers.start', { id: server.id, seen }))
    },
  )

  act(one('stop', 'stop a server until it is started again'), async (context, _options, wanted: string) => {
    const { id } = await findServer(context, wanted)
    const server = await context.host.call('servers.stop', { id })
    context.answer(server, [`${quotedLine(server.name)} is stopped.`])
  })

  act(one('restart', 'stop a server and start it again'), async (context, _options, wanted: string) => {
    const { id } = await findServer(context, wanted)
    await showStart(context, await context.host.call('servers.restart', { id }))
  })

  act(one('check', 'ask a server for a sign of life'), (context, _options, wanted: string) =>
    check(context, wanted),
  )

  act(
    one('sign-in', 'sign in to a server: prints the page to open, and waits').option(
      '--no-wait',
      'only print the page to open',
    ),
    (context, { wait }: { wait: boolean }, wanted: string) => signIn(context, wait, wanted),
  )

  act(one('sign-out', 'forget the sign-in to a server'), async (context, _options, wanted: string) => {
    const { id } = await findServer(context, wanted)
    const server = await context.host.call('servers.signOut', { id })
    context.answer(server, [`Drawbridge is signed out of ${quotedLine(server.name)}.`])
  })
}

async function check(context: Context, wanted: string): Promise<void> {
  const { id } = await findServer(context, wanted)
  const server = await context.host.call('servers.check', { id })
  const { ok, median, lastError } = server.health
  const name = visibleLine(server.name)
  if (ok !== true) context.setExitCode(exitCodes.failure)
  const typical = median === null ? '' : ` It usually takes ${median.toFixed(1)} ms.`
  context.answer(
    server,
    ok === true
      ? [`“${name}” answers.${typical}`]
      : [
          `“${name}” does not answer. Its state: ${server.state}.`,
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
    context.terminal.err('Open this page in a browser on this computer:')
    context.terminal.err(visibleLine(url))
  }
  const over = (now: Server) => now.signIn.state !== 'waiting'
  const server = await settledServer(context, begun, over, signInWithin)
  if (server.signIn.state !== 'signed-in') {
    const { message, hint } = server.signIn.problem ?? {
      message: `Nobody signed in to “${server.name}”.`,
      hint: 'Begin again when you are ready.',
    }
    throw new HostError({ code: 'sign-in-failed', message, hint })
  }
  context.answer(server, [signInWord(server)])
}

const signInWord = (server: Server): string =>
  server.signIn.state === 'signed-in'
    ? `Drawbridge is signed in to ${quotedLine(server.name)}.`
    : `${quotedLine(server.name)}: sign-in ${server.signIn.state}.`

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
      message: `${quotedLine(server.name)} was added, but never looked at and started.`,
      hint: `If what stands above is what you want to run: drawbridge server start ${server.slug} --yes`,
    })
  if (await terminal.confirm('Start it? [y/N] ')) return server.fingerprint
  context.setExitCode(exitCodes.refused)
  context.answer(server, ['It was not started.'])
  return null
}
