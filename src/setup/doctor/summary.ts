import { say } from '../../../locales/say.ts'
import type { Diagnosis, Finding } from '../../contract/doctor.ts'

/** The whole diagnosis in a sentence or two. Warnings and what could not be tried do not spoil it. */
export function summarize(
  findings: readonly Finding[],
  through: Diagnosis['through'],
): Pick<Diagnosis, 'ok' | 'summary'> {
  const failed = findings.filter(({ state }) => state === 'failed')
  const warned = findings.filter(({ state }) => state === 'warning')
  if (failed.length > 0) {
    const first = failed[0]!.problem!
    const others = failed.length === 1 ? '' : ` ${say('doctor.moreDidNotWork', { count: failed.length - 1 })}`
    return { ok: false, summary: `${first.message} ${first.hint}${others}` }
  }
  const works =
    through === 'public' ? say('doctor.assistantsCanFindAddress') : say('doctor.programsOnComputerCan')
  const more =
    warned.length === 0
      ? ''
      : warned.length === 1
        ? ` ${say('doctor.oneThingCouldBe', { message: warned[0]!.problem!.message })}`
        : ` ${say('doctor.thingsCouldBeBetter', { count: warned.length })}`
  return { ok: true, summary: works + more }
}
