import type { Command } from 'commander'
import { findingTitle } from '../../contract/agreed/finding-title.ts'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import type { Diagnosis, Finding } from '../../contract/doctor.ts'
import type { Act } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { facts, table } from '../table.ts'

const stateWords: Record<Finding['state'], string> = {
  ok: 'ok',
  warning: 'WARNING',
  failed: 'FAILED',
  skipped: 'not tried',
}

/** "Check like ChatGPT would", for people and for scripts: exit code 1 when something failed. */
export function addDoctorCommand(program: Command, act: Act): void {
  act(
    program
      .command('doctor')
      .description('check the address like an assistant would, and say what to do about what is wrong')
      .option('--workspace <workspace>', 'which workspace', 'default')
      .option('--local', 'the address on this computer, though there is a public one'),
    async (context, { workspace, local }: { workspace: string; local?: boolean }) => {
      context.note('Checking … this takes half a minute at most.')
      const diagnosis = await context.host.call('doctor.run', {
        workspace,
        ...(local === true ? { through: 'local' as const } : {}),
      })
      if (!diagnosis.ok) context.setExitCode(exitCodes.failure)
      context.answer(diagnosis, lines(diagnosis, context.terminal.width))
    },
  )
}

function lines({ url, through, findings, summary }: Diagnosis, width: number | undefined): string[] {
  const rows = findings.map((one) => [
    stateWords[one.state],
    findingTitle(one),
    one.took > 0 ? `${one.took} ms` : '',
  ])
  return [
    ...facts([
      ['Checked', url],
      ['Way', through === 'public' ? 'through the internet' : 'on this computer'],
    ]),
    '',
    ...table(['RESULT', 'WHAT', 'TIME'], rows, width),
    ...findings.flatMap(explained),
    '',
    visibleLine(summary),
  ]
}

/** Whole answers are quoted, in as many lines as they have. */
const flat = (text: string) => text.replace(/\s+/g, ' ')

/** What is wrong and what to do; for real trouble also what was said and answered. */
function explained({ state, title, problem, sent, received }: Finding): string[] {
  if (problem === null || state === 'ok') return []
  const said =
    state === 'skipped'
      ? []
      : facts([
          ['  Sent', flat(sent)],
          ['  Came back', flat(received)],
        ])
  return [
    '',
    `${stateWords[state]}: ${visibleLine(title)}`,
    ...[problem.message, problem.hint].filter(Boolean).map((text) => `  ${visibleLine(text)}`),
    ...said,
  ]
}
