import type { Command } from 'commander'
import { say } from '../../../locales/say.ts'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import { findingTitle } from '../../contract/agreed/words/finding-title.ts'
import type { Diagnosis, Finding } from '../../contract/doctor.ts'
import type { Act } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { facts, table } from '../table.ts'

const stateWord = (state: Finding['state']): string => say(`cli.doctor.state.${state}`)

/** "Check like ChatGPT would", for people and for scripts: exit code 1 when something failed. */
export function addDoctorCommand(program: Command, act: Act): void {
  act(
    program
      .command('doctor')
      .description(say('cli.doctor.help.doctor'))
      .option('--workspace <workspace>', say('cli.doctor.option.workspace'), 'default')
      .option('--local', say('cli.doctor.option.local')),
    async (context, { workspace, local }: { workspace: string; local?: boolean }) => {
      context.note(say('cli.doctor.checkingTakesHalfMinute'))
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
    stateWord(one.state),
    findingTitle(one),
    one.took > 0 ? `${one.took} ms` : '',
  ])
  return [
    ...facts([
      [say('cli.doctor.checked'), url],
      [
        say('cli.doctor.way'),
        through === 'public' ? say('cli.doctor.throughInternet') : say('cli.doctor.onComputer'),
      ],
    ]),
    '',
    ...table(['result', 'what', 'time'], rows, width),
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
          [`  ${say('cli.doctor.sent')}`, flat(sent)],
          [`  ${say('cli.doctor.cameBack')}`, flat(received)],
        ])
  return [
    '',
    `${stateWord(state)}: ${visibleLine(title)}`,
    ...[problem.message, problem.hint].filter(Boolean).map((text) => `  ${visibleLine(text)}`),
    ...said,
  ]
}
