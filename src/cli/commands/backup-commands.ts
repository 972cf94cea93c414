import { createReadStream, existsSync } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import { type BackupFacts, backupPart } from '../../contract/backup.ts'
import { HostError } from '../../kernel/errors.ts'
import { withBackups } from '../backup-host.ts'
import { type Act, type Context, usage } from '../context.ts'
import type { HostClient } from '../host-client.ts'
import { facts, when } from '../table.ts'
import { typedIn } from '../typed-in.ts'

interface PassphraseOptions {
  passphraseEnv?: string
  passphraseFile?: string
}

/** Everything in one encrypted file, and back. The passphrase is never part of a command: others can read those. */
export function addBackupCommands(program: Command, act: Act): void {
  const group = program.command('backup').description(say('cli.backup.help.backup'))
  const taking = (command: Command) =>
    command
      .option('--passphrase-env <VARIABLE>', say('cli.backup.option.passphraseEnv'))
      .option('--passphrase-file <FILE>', say('cli.backup.option.passphraseFile'))

  act(
    taking(
      group
        .command('create')
        .description(say('cli.backup.help.create'))
        .argument('<file>', say('cli.backup.argument.create')),
    )
      .option('--with-log', say('cli.backup.option.withLog'))
      .option('--force', say('cli.backup.option.force')),
    create,
  )
  act(
    taking(
      group
        .command('restore')
        .description(say('cli.backup.help.restore'))
        .argument('<file>', say('cli.backup.argument.restore')),
    ).option('--yes', say('cli.backup.option.yes')),
    restore,
  )
}

async function create(
  context: Context,
  options: PassphraseOptions & { withLog?: boolean; force?: boolean },
  file: string,
): Promise<void> {
  const path = resolve(typedIn(context.terminal), file)
  // Before anybody is asked for a passphrase.
  if (options.force !== true && existsSync(path))
    throw new HostError({ code: 'file-exists', params: { file: quotedLine(path) } })
  const passphrase = await passphraseOf(context, options, true)
  const bytes = await withBackups(context, async (host) => {
    const made = await host.call('backup.create', { passphrase, log: options.withLog === true })
    try {
      await fetchInto(host, made.id, path)
    } finally {
      await forget(host, made.id)
    }
    return made.bytes
  })
  context.answer({ file: path, bytes, log: options.withLog === true }, [
    say('cli.backup.made', { file: visibleLine(path), megabytes: Math.max(1, Math.round(bytes / 1e6)) }),
    say('cli.backup.keepPassphrase'),
  ])
}

/** A file of that name is there whole, or as it was before. */
async function fetchInto(host: Pick<HostClient, 'call'>, id: string, path: string): Promise<void> {
  const unfinished = `${path}.${id.slice(-8)}.tmp`
  try {
    const file = await open(unfinished, 'wx', 0o600)
    try {
      for (let from: number | null = 0; from !== null; ) {
        const part: { data: string; next: number | null } = await host.call('backup.read', { id, from })
        await file.writeFile(Buffer.from(part.data, 'base64'))
        from = part.next
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw fileProblem(error, path)
  }
}

const fileProblem = (error: unknown, path: string): unknown => {
  const { code } = error as NodeJS.ErrnoException
  if (error instanceof HostError || !code) return error
  return new HostError({
    code: 'file-unwritable',
    params: { file: quotedLine(path), reason: code },
    cause: error,
  })
}

async function restore(
  context: Context,
  options: PassphraseOptions & { yes?: boolean },
  file: string,
): Promise<void> {
  const path = resolve(typedIn(context.terminal), file)
  if (!existsSync(path)) throw new HostError({ code: 'file-missing', params: { file: quotedLine(path) } })
  const passphrase = await passphraseOf(context, options, false)
  await withBackups(context, async (host) => {
    const id = await handOver(host, path)
    try {
      const found = await host.call('backup.look', { id, passphrase })
      for (const line of linesOf(found)) context.note(line)
      context.note(say('cli.backup.replaces'))
      if (options.yes !== true) await agreed(context)
      const done = await host.call('backup.restore', { id, passphrase })
      context.answer({ ...done, file: path }, [
        say(done.restarts ? 'cli.backup.restartsNow' : 'cli.backup.startNow'),
        say('cli.backup.aside', { file: visibleLine(done.aside) }),
        ...(found.publicOrigin !== null && found.computer !== hostname()
          ? [say('cli.backup.address', { computer: visibleLine(found.computer) })]
          : []),
      ])
    } finally {
      await forget(host, id)
    }
  })
}

/** Whoever has it may have started again, or be gone: the next start forgets it too. */
const forget = (host: Pick<HostClient, 'call'>, id: string) =>
  host.call('backup.discard', { id }).catch(() => {})

async function agreed({ terminal }: Context): Promise<void> {
  if (terminal.confirm === undefined) throw usage({ says: 'usage.restoreNeedsYes' })
  if (!(await terminal.confirm(say('cli.backup.question')))) throw new HostError({ code: 'restore-declined' })
}

/** All of it, or nothing of it stays with the host. */
async function handOver(host: Pick<HostClient, 'call'>, path: string): Promise<string> {
  let id: string | null = null
  try {
    for await (const part of createReadStream(path, { highWaterMark: backupPart }))
      ({ id } = await host.call('backup.put', { id, data: (part as Buffer).toString('base64') }))
  } catch (error) {
    if (id !== null) await forget(host, id)
    throw error
  }
  if (id === null) throw new HostError({ code: 'backup-not-one' })
  return id
}

const linesOf = (found: BackupFacts): string[] => [
  ...facts([
    [say('cli.backup.madeAt'), when(found.madeAt)],
    [say('cli.backup.computer'), found.computer],
    [say('cli.backup.publicAddress'), found.publicOrigin],
    [say('cli.backup.holds'), say('backup.holds', { grants: found.grants, servers: found.servers })],
  ]),
  ...(found.log ? [] : [say('backup.noLog')]),
]

/** From a variable, from a file, or typed by a person who does not see it. */
async function passphraseOf(
  { terminal }: Context,
  { passphraseEnv, passphraseFile }: PassphraseOptions,
  isNew: boolean,
): Promise<string> {
  if (passphraseEnv !== undefined) {
    const given = terminal.env[passphraseEnv]
    if (!given) throw usage({ says: 'usage.variableEmpty', params: { name: passphraseEnv } })
    return given
  }
  if (passphraseFile !== undefined) return firstLine(terminal, passphraseFile)
  if (terminal.secret === undefined) throw usage({ says: 'usage.passphraseNeeded' })
  const typed = await terminal.secret(say('cli.backup.passphrase'))
  const again = isNew ? await terminal.secret(say('cli.backup.passphraseAgain')) : typed
  if (again !== typed) throw usage({ says: 'usage.passphrasesDiffer' })
  return typed
}

async function firstLine(terminal: Context['terminal'], file: string): Promise<string> {
  const path = resolve(typedIn(terminal), file)
  const text =
    file === '-'
      ? ((await terminal.input?.()) ?? '')
      : await readFile(path, 'utf8').catch(() => {
          throw new HostError({ code: 'file-missing', params: { file: quotedLine(path) } })
        })
  return text.replace(/\r?\n$/, '')
}
