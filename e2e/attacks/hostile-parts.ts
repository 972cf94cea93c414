import type { Hostile } from '../../src/oauth/testing/hostile-requests.ts'

/** What an attacker may know: names of things that exist, and credentials that are worth nothing any more. */
export interface Knowledge {
  origin: string
  /** '' for the default workspace, `/w/home` for another. */
  oauth: string
  /** Path of the MCP endpoint. */
  mcp: string
  clientId: string
  redirect: string
  /** A well-known client, whose redirect URIs an attacker cannot own. */
  pinned: { clientId: string; redirect: string }
  /** Registered by hand; its secret is not known. */
  confidential: string
  dead: { code: string; refresh: string; access: string; key: string; verifier: string }
}

/** Stands for a client that a stranger registered for himself and that nobody let in. */
export const stranger = 'A-STRANGER'

export const evil = 'https://evil.example/steal'

export type Form = [string, string][]
export type Named = Record<string, Hostile>

export const get = (path: string, form: Form = [], headers = {}): Hostile => ({
  method: 'GET',
  path,
  form,
  headers,
})
export const send = (path: string, form: Form = [], headers = {}): Hostile => ({
  method: 'POST',
  path,
  form,
  headers,
})
export const named = (prefix: string, list: Hostile[]): Named =>
  Object.fromEntries(list.map((one, n) => [`${prefix} ${n}`, one]))
