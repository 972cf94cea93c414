import type { Connector } from './kit/connector.ts'

/**
 * Every built-in connector, in the order they are shown. A new one is a file beside this and a line here; then
 * `node scripts/listed-connectors.ts`. Their files are read when there is an account, or somebody looks: what all of them
 * describe is megabytes of shapes.
 */
export const connectorFiles: Readonly<Record<string, () => Promise<Connector>>> = {
  github: async () => (await import('./github.ts')).github,
  npm: async () => (await import('./npm.ts')).npm,
  stripe: async () => (await import('./stripe.ts')).stripe,
  'lemon-squeezy': async () => (await import('./lemon-squeezy.ts')).lemonSqueezy,
  plausible: async () => (await import('./plausible.ts')).plausible,
  posthog: async () => (await import('./posthog.ts')).posthog,
  umami: async () => (await import('./umami.ts')).umami,
  ga4: async () => (await import('./ga4.ts')).ga4,
  sentry: async () => (await import('./sentry.ts')).sentry,
  'better-stack': async () => (await import('./better-stack.ts')).betterStack,
  uptimerobot: async () => (await import('./uptimerobot.ts')).uptimerobot,
  vercel: async () => (await import('./vercel.ts')).vercel,
  netlify: async () => (await import('./netlify.ts')).netlify,
  caldav: async () => (await import('./caldav.ts')).caldav,
  'calendar-link': async () => (await import('./calendar-link.ts')).calendarLink,
  'own-mail': async () => (await import('./mail.ts')).mail,
}
