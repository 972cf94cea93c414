import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { say } from '../../../locales/say.ts'
import { quotedLine, visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Input, Output } from '../../contract/api.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Context } from '../context.ts'
import { typedIn } from '../typed-in.ts'

type Asked = Omit<Input<'activity.export'>, 'after'>

/** Part by part, so that neither host nor command line ever holds it whole. Ends early when nobody reads it any more. */
async function exportTo(
  { host }: Context,
  asked: Asked,
  write: (text: string) => Promise<boolean>,
): Promise<number> {
  let part: Output<'activity.export'> | undefined
  do {
    part = await host.call('activity.export', { ...asked, ...(part?.next && { after: part.next }) })
    if (!(await write(part.text))) break
  } while (part.next !== null)
  return part.rows
}

export async function exportActivity(
  context: Context,
  asked: Asked,
  file: string | undefined,
  force: boolean,
): Promise<void> {
  if (file === undefined) {
    await exportTo(context, asked, context.terminal.write!)
    return
  }
  const path = resolve(typedIn(context.terminal), file)
  const rows = await intoFile(path, force, (write) => exportTo(context, asked, write))
  context.answer({ rows, file: path }, [say('cli.activity.exported', { rows, file: visibleLine(path) })])
}

/** A file of that name is there whole, or as it was before. Only its owner can read it: it may hold anything. */
async function intoFile(
  path: string,
  force: boolean,
  fill: (write: (text: string) => Promise<boolean>) => Promise<number>,
): Promise<number> {
  const at = force ? `${path}.${randomBytes(6).toString('hex')}` : path
  const file = await opened(at, path)
  try {
    const rows = await fill((text) => file.appendFile(text).then(() => true))
    await file.close()
    if (force) await rename(at, path)
    return rows
  } catch (error) {
    await file.close().catch(() => {})
    await rm(at, { force: true })
    throw isSystemError(error) ? unwritable(path, error) : error
  }
}

async function opened(at: string, path: string): Promise<FileHandle> {
  try {
    return await open(at, 'wx', 0o600)
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST'
    throw isThere
      ? new HostError({ code: 'file-exists', params: { file: quotedLine(path) } })
      : unwritable(path, error)
  }
}

/** From the disk, not from the host. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error

const unwritable = (path: string, cause: unknown) =>
  new HostError({
    code: 'file-unwritable',
    params: { file: quotedLine(path), reason: String((cause as NodeJS.ErrnoException).code) },
    cause,
  })
