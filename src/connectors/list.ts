import { betterStack } from './better-stack.ts'
import { ga4 } from './ga4.ts'
import { github } from './github.ts'
import type { Connector } from './kit/connector.ts'
import { lemonSqueezy } from './lemon-squeezy.ts'
import { netlify } from './netlify.ts'
import { npm } from './npm.ts'
import { plausible } from './plausible.ts'
import { posthog } from './posthog.ts'
import { sentry } from './sentry.ts'
import { stripe } from './stripe.ts'
import { umami } from './umami.ts'
import { uptimerobot } from './uptimerobot.ts'
import { vercel } from './vercel.ts'

/** Every built-in connector, in the order they are shown. A new one is a file beside this and a line here. */
export const connectors: readonly Connector[] = [
  github,
  npm,
  stripe,
  lemonSqueezy,
  plausible,
  posthog,
  umami,
  ga4,
  sentry,
  betterStack,
  uptimerobot,
  vercel,
  netlify,
]
