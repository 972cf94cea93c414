import { github } from './github.ts'
import type { Connector } from './kit/connector.ts'
import { npm } from './npm.ts'
import { stripe } from './stripe.ts'

/** Every built-in connector, in the order they are shown. A new one is a file beside this and a line here. */
export const connectors: readonly Connector[] = [github, npm, stripe]
