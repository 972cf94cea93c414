/** The paths of the authorization server, as oidc-provider and the metadata know them. */
export const routes = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  registration: '/oauth/register',
  revocation: '/oauth/revoke',
  jwks: '/oauth/jwks',
} as const

/** The page at which a browser waits for the owner. */
export const waitPath = (uid: string): string => `/oauth/wait/${uid}`
/** Where oidc-provider takes up an authorization again. */
export const resumePath = (uid: string): string => `${routes.authorization}/${uid}`

export const wellKnown = [
  'oauth-protected-resource',
  'oauth-authorization-server',
  'openid-configuration',
] as const
export type WellKnown = (typeof wellKnown)[number]

/**
 * Takes a metadata path apart: which document, and the path of the resource it is about ('' at the root). Both forms
 * that clients try are understood: `/.well-known/<document>/mcp` (RFC 8414 §3.1, RFC 9728 §3.1) and
 * `/mcp/.well-known/<document>` (OpenID Discovery §4).
 */
export function parseWellKnown(path: string): { document: WellKnown; suffix: string } | null {
  const match = /^(\/mcp(?:\/[^/]+)?)?\/\.well-known\/([a-z-]+)(\/mcp(?:\/[^/]+)?)?$/.exec(path)
  if (match === null) return null
  const [, before, name, after] = match
  const document = wellKnown.find((one) => one === name)
  if (document === undefined || (before !== undefined && after !== undefined)) return null
  return { document, suffix: before ?? after ?? '' }
}
