import type { Finding } from '../../contract/doctor.ts'
import type { Answered, Exchange } from './exchange.ts'
import { about, type Facts, failed, ok, plain, type Verdict, warning } from './finding.ts'
import { isRecord } from './json.ts'
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
          about('ours', 'This Drawbridge answers there', health, (answer) => ours(answer, facts)),
          clock(health, now),
        ]),
  ]
}

function reached(health: Exchange): Finding {
  const trouble = health.kind === 'silent' ? troubleWith(health) : null
  const { sent, received, took } = health
  return {
    id: 'reach',
    title: 'The address can be reached',
    sent,
    received: health.kind === 'silent' ? received : `An answer came (${health.status}).`,
    took,
    state: trouble === null ? 'ok' : 'failed',
    problem: trouble,
  }
}

function ours({ status, json }: Answered, { instance, through }: Facts): Verdict {
  if (status === 404 && through === 'public')
    return failed(
      'tunnel-closed',
      'The tunnel service answers, but it does not know this address at the moment (404).',
      'The tunnel is closed, or leads somewhere else. Raise and lower the bridge to open it anew; if that does not help, choose a new address.',
    )
  if (!isRecord(json) || json.name !== 'drawbridge')
    return failed(
      'not-ours',
      `Something else than Drawbridge answers at this address (${status}).`,
      'Check that the tunnel leads to Drawbridge, or choose a new address.',
    )
  if (json.instance !== instance)
    return failed(
      'other-instance',
      'Another Drawbridge answers at this address.',
      through === 'public'
        ? 'If Drawbridge also runs on another computer with the same data, quit it there. Or choose a new address.'
        : 'Quit the other Drawbridge on this computer, then start this one again.',
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
    ? ok(protocol === 'https:' ? 'https' : 'http, on this computer')
    : failed(
        'not-encrypted',
        'The public address is not encrypted (http).',
        'Assistants call only https addresses. Use a tunnel that gives one.',
      )
  const title =
    near && protocol === 'http:' ? 'The address does not leave this computer' : 'The address is encrypted'
  return [plain('secure', title, url, verdict)]
}

function clock(health: Answered, now: number): Finding {
  const title = 'The clock is right'
  const there = Date.parse(health.headers.get('date') ?? '')
  const sent = 'The time of the answer, compared with the time here'
  if (Number.isNaN(there)) return plain('clock', title, sent, ok('The answer says no time.'))
  const apart = Math.round(Math.abs(there - now) / 1_000)
  const received = `${apart} s apart`
  if (apart * 1_000 <= clockTolerance) return plain('clock', title, sent, ok(received))
  return plain('clock', title, sent, {
    ...warning(
      'clock-wrong',
      `The clock of this computer and that of the tunnel are ${inWords(apart)} apart.`,
      'Let this computer set its time by itself (in its settings, under date and time): permissions end by the clock.',
    ),
    received,
  })
}

const inWords = (seconds: number) =>
  seconds < 7_200
    ? `${Math.round(seconds / 60)} minutes`
    : seconds < 172_800
      ? `${Math.round(seconds / 3_600)} hours`
      : `${Math.round(seconds / 86_400)} days`
