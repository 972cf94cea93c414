import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { visibleLine, visibleText } from '../../contract/agreed/visible-text.ts'
import type { Undone } from '../../contract/changes.ts'
import { type Act, type Context, usage } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { grantIdOf } from './activity-commands.ts'

interface UndoOptions {
  client?: string
  today?: boolean
  putBack?: boolean
}

/** Takes back what assistants changed in the user's folders. */
export function addUndoCommand(program: Command, act: Act): void {
  act(
    program
      .command('undo')
      .description(say('cli.undo.help'))
      .argument('[call]', say('cli.undo.argument.call'))
      .option('--client <name>', say('cli.undo.option.client'))
      .option('--today', say('cli.undo.option.today'))
      .option('--put-back', say('cli.undo.option.putBack')),
    undo,
  )
}

async function undo(context: Context, options: UndoOptions, call: string | undefined): Promise<void> {
  const { client, today = false, putBack = false } = options
  if ((call === undefined) === (client === undefined) || (client !== undefined) !== today)
    throw usage({ says: 'usage.undoWhat' })
  const all = call === undefined ? await undoToday(context, client!) : [await undoOne(context, call, putBack)]
  if (all.some(({ state }) => state !== 'undone')) context.setExitCode(exitCodes.refused)
  const lines = all.flatMap((one) => linesOf(one, call !== undefined))
  context.answer(call === undefined ? all : all[0], lines.length > 0 ? lines : [say('cli.undo.none')])
}

/** What is written over is the version that was told. */
async function undoOne({ host }: Context, call: string, putBack: boolean): Promise<Undone> {
  const told = await host.call('changes.undo', { call })
  if (!putBack || told.state !== 'changed' || told.seen === null) return told
  return host.call('changes.undo', { call, over: told.seen })
}

async function undoToday(context: Context, client: string): Promise<Undone[]> {
  const grantId = await grantIdOf(context, client)
  const since = new Date().setHours(0, 0, 0, 0)
  return context.host.call('changes.undoAll', { grantId, since, until: since + 48 * 3_600_000 })
}

/** `isWhole`: with both versions, where there are two. */
function linesOf(one: Undone, isWhole: boolean): string[] {
  const call = visibleLine(one.call)
  if (one.state === 'failed') return [say('cli.undo.failed', { call, error: one.error })]
  const path = visibleLine(`${one.folder}/${one.path}`)
  if (one.state === 'undone') return [say('cli.undo.done', { path })]
  if (one.seen === null) return [say('cli.undo.gone', { path })]
  const versions = isWhole
    ? [say('cli.undo.now'), shown(one.now), say('cli.undo.before'), shown(one.before)]
    : []
  return [...versions, say('cli.undo.changed', { path, call })]
}

const shown = (text: string | null): string =>
  text === null ? say('activity.undo.noFile') : text === '' ? say('activity.undo.empty') : visibleText(text)
