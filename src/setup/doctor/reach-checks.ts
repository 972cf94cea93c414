import { say } from '../../../locales/say.ts'
import type { Finding } from '../../contract/doctor.ts'
import { isObject } from '../../kernel/is-object.ts'
import type { Answered, Exchange } from './exchange.ts'
import { about, type Facts, failed, ok, plain, type Verdict, warning } from './finding.ts'
import { troubleWith } from './trouble.ts'

/** Milliseconds by which the clocks may differ: a Date header has whole seconds, and answers take a while. */
const clockTolerance = 60_000

/** Whether somebody answers at all, and whether that is us. */
export function reachFindings(health: Exchange, facts: Facts, now: number): Finding[] {
  return [
    reached(health),
    ...(health.kind === 'silent'
      ? []
      : [
          ...secure(facts),
          about('ours', say('doctor.title.ours'), health, (answer) => ours(answer, facts)),
          clock(health, now),
        ]),
  ]
}

function reached(health: Exchange): Finding {
  const trouble = health.kind === 'silent' ? troubleWith(health) : null
  const { sent, received, took } = health
  return {
    id: 'reach',
    title: say('doctor.addressCanBeReached'),
    sent,
    received: health.kind === 'silent' ? received : say('doctor.answerCame', { status: health.status }),
    took,
    state: trouble === null ? 'ok' : 'failed',
    problem: trouble,
  }
}

function ours({ status, json }: Answered, { instance, through }: Facts): Verdict {
  if (status === 404 && through === 'public')
    return failed('tunnel-closed', say('doctor.tunnelClosed.message'), say('doctor.tunnelClosed.hint'))
  if (!isObject(json) || json.name !== 'drawbridge')
    return failed('not-ours', say('doctor.notOurs.message', { status }), say('doctor.notOurs.hint'))
  if (json.instance !== instance)
    return failed(
      'other-instance',
      say('doctor.otherInstance.message'),
      through === 'public' ? say('doctor.ifDrawbridgeAlsoRuns') : say('doctor.quitOtherDrawbridgeOn'),
    )
  return ok()
}

/** Cloud assistants call no address without encryption (RFC 9700 §2.6, MCP authorization, "Communication Security"). */
function secure({ url, through }: Facts): Finding[] {
  if (through === 'local') return []
  const { protocol, hostname } = new URL(url)
  const near = hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '127.0.0.1'
  const fine = protocol === 'https:' || near
  const verdict = fine
    ? ok(protocol === 'https:' ? 'https' : say('doctor.httpOnComputer'))
    : failed('not-encrypted', say('doctor.notEncrypted.message'), say('doctor.notEncrypted.hint'))
  const title =
    near && protocol === 'http:' ? say('doctor.addressDoesNotLeave') : say('doctor.addressEncrypted')
  return [plain('secure', title, url, verdict)]
}

function clock(health: Answered, now: number): Finding {
  const title = say('doctor.clockRight')
  const there = Date.parse(health.headers.get('date') ?? '')
  const sent = say('doctor.timeAnswerComparedWith')
  if (Number.isNaN(there)) return plain('clock', title, sent, ok(say('doctor.answerSaysNoTime')))
  const apart = Math.round(Math.abs(there - now) / 1_000)
  const received = say('doctor.apart', { seconds: apart })
  if (apart * 1_000 <= clockTolerance) return plain('clock', title, sent, ok(received))
  return plain('clock', title, sent, {
    ...warning(
      'clock-wrong',
      say('doctor.clockWrong.message', inUnits(apart)),
      say('doctor.clockWrong.hint'),
    ),
    received,
  })
}

const inUnits = (seconds: number) =>
  seconds < 7_200
    ? { unit: 'minutes', count: Math.round(seconds / 60) }
    : seconds < 172_800
      ? { unit: 'hours', count: Math.round(seconds / 3_600) }
      : { unit: 'days', count: Math.round(seconds / 86_400) }
