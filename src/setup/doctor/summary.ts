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
    const others = failed.length === 1 ? '' : ` ${failed.length - 1} more did not work; begin with this one.`
    return { ok: false, summary: `${first.message} ${first.hint}${others}` }
  }
  const works =
    through === 'public'
      ? 'Assistants can find this address and sign in.'
      : 'Programs on this computer can find this address and sign in. The way through the internet was not checked.'
  const more =
    warned.length === 0
      ? ''
      : warned.length === 1
        ? ` One thing could be better: ${warned[0]!.problem!.message}`
        : ` ${warned.length} things could be better.`
  return { ok: true, summary: works + more }
}
