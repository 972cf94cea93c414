import type { Clock } from '../clock.ts'
import type { Log, LogLevel } from './log.ts'
import { createSampler } from './sampler.ts'

/** Whoever is outside can make one of these lines with each request, so that they need no more than this a minute. */
const perMinute = 20

/** Events that strangers, clients and servers cause, as tunnel programs write a line for each visitor; what the host says by itself is written whole. */
const fromOutside = /^(?:(?:oauth|gateway|approvals|catalog)\.|tunnel\.helper$)/

/**
 * A log that nobody outside can fill, or wash away: of one kind of line some are written, the others counted, and one more
 * line says how many there were.
 */
export function createSampledLog(log: Log, clock: Clock): Log & { close(): void } {
  const sampler = createSampler<Line>({
    clock,
    perMinute,
    told: ({ level, event }, more) =>
      log[level](event, { more, said: `… and ${more.toLocaleString('en')} more like this` }),
  })
  const write =
    (level: LogLevel) =>
    (event: string, fields?: Record<string, unknown>): void => {
      if (!fromOutside.test(event) || sampler.take(`${level} ${event}`, { level, event }))
        log[level](event, fields)
    }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    close: sampler.close,
  }
}

interface Line {
  level: LogLevel
  event: string
}
