import { defaultWorkspace } from './resources.ts'

/** The paths of one authorization server. The default workspace's have no name in them. */
export interface Paths {
  authorization: string
  token: string
  registration: string
  revocation: string
  jwks: string
  /** The page at which a browser waits for the owner. */
  wait(uid: string): string
  /** Where oidc-provider takes up an authorization again. */
  resume(uid: string): string
}

/** Workspace names are plain, so what stands in a path is the name itself. */
export function pathsOf(workspace: string): Paths {
  const base = workspace === defaultWorkspace ? '/oauth' : `/oauth/w/${workspace}`
  return {
    authorization: `${base}/authorize`,
    token: `${base}/token`,
    registration: `${base}/register`,
    revocation: `${base}/revoke`,
    jwks: `${base}/jwks`,
    wait: (uid) => `${base}/wait/${uid}`,
    resume: (uid) => `${base}/authorize/${uid}`,
  }
}

export type Endpoint = 'authorize' | 'token' | 'register' | 'revoke' | 'jwks' | 'wait' | 'resume'

/** Takes a path under `/oauth` apart: whose authorization server, and which of its endpoints. Nothing is decoded. */
export function parseOauthPath(path: string): { workspace: string; endpoint: Endpoint; uid: string } | null {
  const match = /^\/oauth(?:\/w\/([A-Za-z0-9][A-Za-z0-9._-]{0,39}))?\/([a-z]+)(?:\/([\w-]{10,64}))?$/.exec(
    path,
  )
  if (match === null || match[1] === defaultWorkspace) return null
  const [, workspace = defaultWorkspace, name, uid] = match
  const endpoint = uid === undefined ? plain.find((one) => one === name) : withUid[name!]
  return endpoint === undefined ? null : { workspace, endpoint, uid: uid ?? '' }
}

const plain = ['authorize', 'token', 'register', 'revoke', 'jwks'] as const
const withUid: Record<string, Endpoint | undefined> = {
  __proto__: null,
  wait: 'wait',
  authorize: 'resume',
} as never

const wellKnown = ['oauth-protected-resource', 'oauth-authorization-server', 'openid-configuration'] as const
type WellKnown = (typeof wellKnown)[number]

/**
 * Takes a metadata path apart: which document, and the path of the resource it is about ('' at the root). Both forms
 * that clients try are understood: `/.well-known/<document>/mcp` (RFC 8414 §3.1, RFC 9728 §3.1) and
 * `/mcp/.well-known/<document>` (OpenID Discovery §4); `/sse` stands for the same as `/mcp`, and a slash at the
 * end for nothing: clients put one there that were given the address with one.
 */
export function parseWellKnown(path: string): { document: WellKnown; suffix: string } | null {
  const match = /^(\/(?:mcp|sse)(?:\/[^/]+)?)?\/\.well-known\/([a-z-]+)(\/(?:mcp|sse)(?:\/[^/]+)?)?\/?$/.exec(
    path,
  )
  if (match === null) return null
  const [, before, name, after] = match
  const document = wellKnown.find((one) => one === name)
  if (document === undefined || (before !== undefined && after !== undefined)) return null
  return { document, suffix: before ?? after ?? '' }
}
