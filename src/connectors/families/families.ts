import { saidLater } from '../../../locales/say.ts'
import type { Family } from '../kit/connector.ts'

/** By slug. Known from the start: what their services answer is in the files beside this, and read when it is needed. */
export const families = {
  revenue: { slug: 'revenue', name: saidLater('connector.revenue.name') },
  analytics: { slug: 'analytics', name: saidLater('connector.analytics.name') },
  'health-checks': { slug: 'health-checks', name: saidLater('connector.health-checks.name') },
  'own-calendars': { slug: 'own-calendars', name: saidLater('connector.calendar.name') },
  // alone, for its name's sake
  'own-mail': { slug: 'own-mail', name: saidLater('connector.mail.name') },
  deployments: { slug: 'deployments', name: saidLater('connector.deployments.name') },
} satisfies Record<string, Family>
