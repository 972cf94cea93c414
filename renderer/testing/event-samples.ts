/** Events to show: ordinary ones and awkward ones. */

import { sampleOf } from '../../src/contract/testing/sample.ts'
import { TimelineEvent } from '../../src/contract/timeline.ts'

const MINUTE = 60_000

const event = (now: number, n: number, more: Partial<TimelineEvent>): TimelineEvent => {
  const at = now - n * 37 * MINUTE
  return sampleOf(TimelineEvent, {
    ...{ id: `evt_${100 - n}`, at, receivedAt: at, eventId: `run-${4_000 - n}`, severity: null },
    ...{ source: 'https://ci.example/shop', type: 'com.example.event', environment: 'production' },
    ...more,
  })
}

export const exampleEvent = (now: number): TimelineEvent =>
  event(now, 0, {
    ...{ source: 'drawbridge', eventId: 'example', type: 'drawbridge.example.deployment', isExample: true },
    ...{ kind: 'deployment', title: 'Example: version 1.0.0 was deployed', environment: 'example' },
    ...{ version: '1.0.0', severity: 'info' },
    data: '{"note":"Drawbridge made this event to show what one looks like."}',
  })

export const events = (now: number): TimelineEvent[] => [
  event(now, 1, {
    ...{ kind: 'incident', severity: 'critical', subject: 'service/checkout' },
    title: 'Checkout answers with errors: more than one in ten orders fails since the last deployment',
    data: '{"title":"Checkout answers with errors","orders":{"failed":214,"all":1730},"runbook":"https://wiki.example/checkout"}',
  }),
  event(now, 2, { kind: 'deployment', version: '1.42.0', title: 'Shop was deployed', severity: 'info' }),
  event(now, 3, { kind: 'alert', severity: 'major', title: 'Queue of mails is longer than 10,000' }),
  event(now, 4, { kind: 'config_change', severity: 'minor', title: 'New limit for uploads: 50 MB' }),
  event(now, 30, {
    ...{
      kind: 'rollback',
      version: '1.40.3',
      environment: 'a-preview-environment-with-a-long-name-of-its-own',
    },
    title: 'Anunbreakablenamethatisfarlongerthananythingthatfitsonalineofanarrowscreen rolled back',
  }),
  event(now, 40, { kind: 'metric', metric: 'error_rate', value: 0.25, title: 'error_rate = 0.25' }),
  ...Array.from({ length: 55 }, (_, n) =>
    event(now, 50 + n, {
      kind: 'deployment',
      environment: 'staging',
      title: `Nightly build ${n}`,
      version: `0.${n}.0`,
    }),
  ),
]
