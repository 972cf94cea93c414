import * as z from 'zod'
import { sayInEnglish } from '../../../locales/say.ts'
import { claimedName } from './claimed-name.ts'
import { isListedRedirect } from './redirect-domains.ts'
import { applicationType, checkRedirectUri, type RedirectKind } from './redirects.ts'

/** Bytes of a registration request; real ones have less than 2 kB. */
export const maxRegistrationBytes = 16 * 1024

/** Registrations per hour while nobody is expected, over all callers: behind a tunnel every caller has the same address. */
export const registrationsPerHour = 20

/** Registrations in one open window, and as many more of whom the owner expects: fewer than are kept unapproved. */
export const registrationsPerWindow = 20

/** Client metadata as we keep it (RFC 7591 §2): what we act on and nothing else a stranger declared. */
interface ClientMetadata {
  client_name: string
  redirect_uris: string[]
  application_type: 'native' | 'web'
  grant_types: ['authorization_code', 'refresh_token']
  response_types: ['code']
  token_endpoint_auth_method: 'none'
}

type RegistrationCheck =
  | { ok: true; metadata: ClientMetadata }
  /** RFC 7591 §3.2.2. */
  | { ok: false; error: 'invalid_redirect_uri' | 'invalid_client_metadata'; error_description: string }

const Declared = z.object({
  client_name: z.unknown().optional(),
  redirect_uris: z.array(z.string()).min(1).max(20),
  grant_types: z.array(z.string()).optional(),
  response_types: z.array(z.string()).optional(),
})

/**
 * Checks what a client declares about itself, by dynamic registration or in a metadata document. Declared scopes, keys,
 * secrets, logos and addresses to fetch are dropped: none of them may raise what a client can do.
 * Whoever registers itself is a public client, whatever method it asked for (RFC 7591 §3.2.1 lets the server replace
 * values); secrets are for clients that the owner registers. `redirectDomains` is the owner's list of hosts.
 */
export function checkClientMetadata(
  declared: unknown,
  redirectDomains: readonly string[] | null = null,
): RegistrationCheck {
  const parsed = Declared.safeParse(declared)
  if (!parsed.success) {
    const field = String(parsed.error.issues[0]?.path[0] ?? '')
    return field === 'redirect_uris'
      ? refuse('invalid_redirect_uri', 'redirect_uris must be a list of 1 to 20 addresses')
      : refuse('invalid_client_metadata', 'the client metadata must be a JSON object')
  }
  const { client_name, redirect_uris, grant_types, response_types } = parsed.data
  if (grant_types !== undefined && !grant_types.includes('authorization_code'))
    return refuse('invalid_client_metadata', 'grant_types must include authorization_code')
  if (response_types !== undefined && !response_types.includes('code'))
    return refuse('invalid_client_metadata', 'response_types must include code')
  const kinds: RedirectKind[] = []
  for (const uri of redirect_uris) {
    const check = checkRedirectUri(uri)
    if (!check.ok) return refuse('invalid_redirect_uri', `a redirect URI ${sayInEnglish(check.reason)}`)
    if (!isListedRedirect(uri, redirectDomains))
      return refuse('invalid_redirect_uri', 'a redirect URI leads to a host that the owner does not allow')
    kinds.push(check.kind)
  }
  return {
    ok: true,
    metadata: {
      client_name: claimedName(client_name),
      redirect_uris: [...new Set(redirect_uris)],
      application_type: applicationType(kinds),
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
  }
}

const refuse = (
  error: 'invalid_redirect_uri' | 'invalid_client_metadata',
  error_description: string,
): RegistrationCheck => ({ ok: false, error, error_description })

export interface Cap {
  /** Whether one more is allowed; counts it. */
  take(): boolean
}

/** Counts events in a sliding span of time. */
export function createCap(limit: number, spanMs: number, now: () => number): Cap {
  let times: number[] = []
  return {
    take() {
      times = times.filter((at) => at > now() - spanMs && at <= now())
      if (times.length >= limit) return false
      times.push(now())
      return true
    },
  }
}
