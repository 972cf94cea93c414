import * as z from 'zod'
import { say } from '../../locales/say.ts'
import { command, event, nothing, query } from './definition.ts'
import { HelperId } from './helpers.ts'
import { Status } from './status.ts'

/** The ways to a public address. */
export const TunnelId = z.enum([
  'localtunnel',
  'cloudflare-quick',
  'cloudflare',
  'ngrok',
  'openai',
  'tailscale',
  'ssh',
  'own-address',
])
export type TunnelId = z.infer<typeof TunnelId>

/** Something a way has to be told. */
export const TunnelField = z.object({
  name: z.string(),
  /** `secret`: kept in the vault, and never shown again. */
  kind: z.enum(['text', 'secret']),
  label: z.string(),
  hint: z.string(),
  placeholder: z.string(),
  required: z.boolean(),
})
export type TunnelField = z.infer<typeof TunnelField>

/** One way to a public address, with what somebody who chooses wants to know of it. */
export const TunnelWay = z.object({
  id: TunnelId,
  title: z.string(),
  about: z.string(),
  price: z.string(),
  account: z.string(),
  /** Who can read what passes. */
  reads: z.string(),
  /** What becomes of the address when Drawbridge is started again. */
  restart: z.string(),
  /** What a browser sees that comes for the first time. */
  browser: z.string(),
  /** The address stays the same for as long as the user keeps what it belongs to. */
  lasts: z.boolean(),
  /** The one that is used. */
  chosen: z.boolean(),
  fields: z.array(TunnelField),
  /** By field; without secrets. */
  values: z.record(z.string(), z.string()),
  /** The names of the secret fields that have a value. */
  secrets: z.array(z.string()),
  /** The program it needs, where people get it, whether it is on this computer, and what Drawbridge could fetch of it. */
  helper: z
    .object({
      title: z.string(),
      from: z.string(),
      found: z.boolean(),
      fetch: z.object({ id: HelperId, version: z.string(), bytes: z.number().int() }).nullable(),
    })
    .nullable(),
  /** Where the user has to lead the address to; null: Drawbridge does that. */
  leadsTo: z.string().nullable(),
})
export type TunnelWay = z.infer<typeof TunnelWay>

/** A domain of the user's at Cloudflare. */
export const CloudflareDomain = z.object({ name: z.string() })
export type CloudflareDomain = z.infer<typeof CloudflareDomain>

/** Made on Cloudflare's page; used for what is asked with it, and kept nowhere. */
const CloudflareToken = z
  .string()
  .trim()
  .regex(/^[\w-]{30,250}$/, { error: () => say('tunnel.cloudflare.tokenShape') })
/** One label: Cloudflare's own certificate covers no deeper name. */
const CloudflareLabel = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: () => say('tunnel.cloudflare.labelShape') })

/** Signing in at Cloudflare in the browser, by Cloudflare's own program, for as long as that takes. */
export const CloudflareSignIn = z.object({
  /** `waiting`: for the user, who has to open `url`. `ready`: signed in, until the name is set up or a quarter of an hour has passed. */
  state: z.enum(['starting', 'waiting', 'ready', 'failed']),
  /** Whoever has it while it waits may learn what the sign-in gives: for the owner only. */
  url: z.url().nullable(),
  failure: z.object({ message: z.string(), hint: z.string() }).nullable(),
})
export type CloudflareSignIn = z.infer<typeof CloudflareSignIn>

export const tunnelApi = {
  'tunnel.cloudflareSignIn': query(nothing, CloudflareSignIn.nullable()),
  /** Begins, or goes on with the one that is under way. The rest is told. */
  'tunnel.cloudflareSignInBegin': command(nothing, CloudflareSignIn),
  /** Ends it, and forgets what it gave. */
  'tunnel.cloudflareSignInCancel': command(nothing, z.null()),
  /**
   * Once signed in: makes a tunnel that leads `label` here, under the domain that was chosen at Cloudflare, and uses it from now on. `replace`:
   * as in `cloudflareSetUp`.
   */
  'tunnel.cloudflareSignInSetUp': command(
    z.object({ label: CloudflareLabel, replace: z.boolean().default(false) }),
    Status,
  ),
  'tunnel.cloudflareSignInChanged': event(CloudflareSignIn.nullable()),
  'tunnel.cloudflareDomains': command(z.object({ token: CloudflareToken }), z.array(CloudflareDomain)),
  /**
   * Makes a tunnel at Cloudflare that leads `label.domain` here, and uses it from now on. `replace`: also when the name leads elsewhere, or
   * is open on another computer.
   */
  'tunnel.cloudflareSetUp': command(
    z.object({
      token: CloudflareToken,
      domain: z.string().max(253),
      label: CloudflareLabel,
      replace: z.boolean().default(false),
    }),
    Status,
  ),
  'tunnel.list': query(nothing, z.array(TunnelWay)),
  /**
   * Uses this way from now on, and opens the address unless the bridge is raised. Values that are left out stay as they are; null, or
   * a text without anything in it, removes one. Secrets go to the vault.
   */
  'tunnel.use': command(
    z.object({
      id: TunnelId,
      values: z.record(z.string().max(100), z.string().max(4_000).nullable()).default({}),
    }),
    Status,
  ),
  /** Has the address here, though a Drawbridge with the same data on another computer has it now. */
  'tunnel.takeOver': command(nothing, Status),
}
