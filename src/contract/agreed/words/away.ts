import { say } from '../../../../locales/say.ts'
import type { Away } from '../../status.ts'
import { timeOf } from './local-time.ts'

/** “Asleep 10:02–11:40.” Days other than today's are said. */
export function awaySentence({ why, from, until }: Away, now: number): string {
  if (until === null) return say('away.since', { why, from: clock(from, now) })
  return say('away.was', { why, from: clock(from, now), until: clock(until, now) })
}

const today = (at: number, now: number) => new Date(at).toDateString() === new Date(now).toDateString()

function clock(at: number, now: number): string {
  const date = new Date(at)
  const time = timeOf(at)
  return today(at, now)
    ? time
    : say('away.otherDay', { day: date.getDate(), month: date.getMonth() + 1, time })
}
